"""Random walks: the honest mock keeps its money, a liar is caught with a script that people can read."""

from __future__ import annotations

import pytest

from pixelproof import loading
from pixelproof.running.walking import BrokenWalk, Ground, script, walk_on
from pixelproof.selfproof.longwalk import ground_of
from pixelproof.settings import MockSettings


def ground(liar: str | None = None) -> Ground:
    contract = next(c for c in map(loading.shipped, loading.profiles()) if c.tasks is not None)
    return ground_of(contract, MockSettings(liar=liar))


def test_after_every_step_of_a_random_walk_the_money_adds_up() -> None:
    walk_on(ground(), walks=15, steps=40, seed=7)


def test_a_server_that_refunds_too_much_is_caught_with_a_short_script() -> None:
    with pytest.raises(BrokenWalk) as broken:
        walk_on(ground("stratizon-refunds-twice"), walks=40, steps=25, seed=7)

    told = script(broken.value)
    assert "state.create(" in told
    assert len(told.splitlines()) < 15
