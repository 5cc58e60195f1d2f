"""Lines and movements with defaults, and servers that differ in one thing for as long as a test runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from itertools import count
from pathlib import Path
from typing import Any

from pixelproof.mock_server.seams import Seams

from pixelproof import edges, loading
from pixelproof.loadtest.line import Closing, Ending, LoadLine, Movement
from pixelproof.loadtest.making.run import LoadOptions, run_load
from pixelproof.loadtest.reconciling import Reconciler, Reconciliation
from pixelproof.loadtest.result import LoadResult
from pixelproof.money import Units
from pixelproof.settings import MockSettings
from pixelproof.verification.embedded import listening

_NUMBERS = count()
#: The module: its package has a function of the same name.
_SHELF = import_module("pixelproof.mock_server.liars.catalogue")


def line(**given: Any) -> LoadLine:
    """Return a served request of payer-0 at 40 units, named r-1."""
    known: dict[str, Any] = {"number": next(_NUMBERS), "account": "payer-0", "ending": Ending.OK, "price": Units(40)}
    return LoadLine(**{**known, "status": 200, "request": "r-1", "images": 1, **given})


def charge(amount: int = 40, **given: Any) -> Movement:
    known: dict[str, Any] = {"account": "payer-0", "kind": "charge", "left": Units(1000), "request": "r-1"}
    return Movement(**{**known, "amount": Units(-amount), **given})


def refund(amount: int, task: str, **given: Any) -> Movement:
    return charge(-amount, kind="refund", request=None, task=task, **given)


def reconciled(*met: LoadLine | Movement | Closing, profile: str = "aivene") -> Reconciliation:
    """Take lines, movements and closings in this order, and the lines again where that is needed."""
    reconciler = Reconciler(loading.shipped(profile))
    for item in met:
        if isinstance(item, LoadLine):
            reconciler.line(item)
        elif isinstance(item, Movement):
            reconciler.movement(item)
        else:
            reconciler.closing(item)
    if reconciler.needs_again():
        for item in met:
            if isinstance(item, LoadLine):
                reconciler.again(item)
    return reconciler.by_entries()


def found(result: Reconciliation) -> dict[str, tuple[str, ...]]:
    """Return what is wrong, with the claims that it breaks."""
    return {offence.wrong.name: offence.claims for offence in result.offences}


@contextmanager
def planted(change: Callable[[Seams], Seams], claim: str) -> Iterator[str]:
    """Put a deviation on the shelf; yields its name."""
    name = f"planted-{next(_NUMBERS)}"
    _SHELF.liar(name, claim=claim, family="load", intent="stands in a test")(change)
    _SHELF._shelf()
    try:
        yield name
    finally:
        _SHELF._SHELF.pop(name)


def loaded(folder: Path, profile: str | None, **given: Any) -> LoadResult:
    """Load an embedded mock."""
    options: dict[str, Any] = {"requests": 600, "users": 10, "profile": profile, "report_dir": folder, **given}
    return run_load(LoadOptions(**options))


def loaded_here(
    folder: Path,
    profile: str,
    *,
    planted: str | None = None,
    wrap: Callable[[edges.WsgiApp], edges.WsgiApp] = lambda app: app,
    **given: Any,
) -> LoadResult:
    """Load a mock in this process, over a socket; the load has a process of its own."""
    app = wrap(edges.create_mock([loading.shipped(profile)], MockSettings(liar=planted)))
    with listening(app) as port:
        # the server of this process leaves a connection open whose answer it lost: wait for little
        return loaded(folder, profile, url=f"http://127.0.0.1:{port}/v1", timeout_s=3.0, **given)
