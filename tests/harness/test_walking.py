"""Random walks: the honest mock keeps its money, a liar is caught with a script that people can read."""

from __future__ import annotations

import pytest

from pixelproof import loading
from pixelproof.client import Wire
from pixelproof.control import ControlPlane
from pixelproof.embedded import in_process
from pixelproof.settings import MockSettings
from pixelproof.target import Target
from pixelproof.walking import BrokenWalk, Ground, script, walk_on

HOST = "http://127.0.0.1"


def ground(liar: str | None = None) -> Ground:
    contract = next(c for c in map(loading.shipped, loading.profiles()) if c.tasks is not None)
    wire = Wire(transport=in_process(contract, MockSettings(liar=liar)))
    control = ControlPlane(wire, f"{HOST}/__admin", contract.profile)
    return Ground(contract=contract, target=Target(base_url=f"{HOST}/v1"), wire=wire, control=control)


def test_after_every_step_of_a_random_walk_the_money_adds_up() -> None:
    walk_on(ground(), walks=15, steps=40, seed=7)


def test_a_server_that_refunds_too_much_is_caught_with_a_short_script() -> None:
    with pytest.raises(BrokenWalk) as broken:
        walk_on(ground("stratizon-refunds-twice"), walks=40, steps=25, seed=7)

    told = script(broken.value)
    assert "state.create(" in told
    assert len(told.splitlines()) < 15
