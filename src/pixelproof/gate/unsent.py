"""Cases of a gateway of which no request is planned one by one: its log, and a short load."""

from __future__ import annotations

from pixelproof.contract import Json
from pixelproof.gate.casebook import GATE
from pixelproof.planning.case import Case, Check

#: Looks through what the gateway wrote down, after everything else.
LOG_CASE = Case(id=f"{GATE}/log", steps=(), checks=(Check(rule="log_kept", claim="GWY-03", args={"step": "log"}),))
_OF_A_LOAD = (
    ("load_delivered", "GWY-02"),
    ("load_served", "GWY-07"),
    ("load_paid_once", "GWY-08"),
    ("load_wallets", "GWY-11"),
    ("load_unmixed", "GWY-12"),
)


def load_case(auth: str) -> Case:
    """Return the case that a load is judged by, for whose keys callers use."""
    args: dict[str, Json] = {"step": "load", "auth": auth}
    checks = tuple(Check(rule=rule, claim=claim, args=args) for rule, claim in _OF_A_LOAD)
    return Case(id=f"{GATE}/load", steps=(), checks=checks)
