"""Rules about the wallets that a gateway keeps for its callers."""

from __future__ import annotations

from collections.abc import Mapping

from pixelproof.contract import Json
from pixelproof.rules.balance import spent
from pixelproof.rules.crossing import crossed, retold
from pixelproof.rules.evidence import Evidence
from pixelproof.rules.money import reported_cost
from pixelproof.rules.registry import failed, moot, passed, rule, unseen
from pixelproof.verdict import Outcome


@rule
def caller_spared(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """A failed request costs the caller nothing, a partial one what was delivered."""
    step, exchange, _, _ = crossed(evidence, args)
    if args.get("auth") != "own":
        return moot("the caller's wallet is the upstream's")
    amount = spent(evidence, "before", "after")
    if amount is None:
        return unseen("the balance could not be read")
    unit = args.get("unit")
    due = len(evidence.images(step)) * unit if exchange.ok and isinstance(unit, int) else 0
    if amount <= due + evidence.resolution:
        return passed()
    show = evidence.contract.billing.currency.show
    return failed(f"a charge of {show(due)}", f"{show(amount)} taken; {retold(evidence, args)}", step)


@rule
def cost_agrees(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """What the caller is told it cost is what left the wallet and is the price."""
    step, exchange, _, lines = crossed(evidence, args)
    if not exchange.ok:
        return unseen(f"not served: {retold(evidence, args)}")
    theirs = sum(line.charged for line in lines)
    price = theirs if args.get("basis") == "upstream" else args.get("price")
    witnesses = {"the wallet": spent(evidence, "before", "after"), "the answer": reported_cost(evidence, step)}
    known = {name: amount for name, amount in witnesses.items() if amount is not None}
    if not known or not isinstance(price, int):
        return unseen("neither a wallet nor the answer tells the cost")
    show = evidence.contract.billing.currency.show
    for name, amount in known.items():
        if abs(amount - price) > evidence.resolution:
            return failed(show(price), f"{show(amount)} by {name}; the upstream took {show(theirs)}", step)
    return passed()
