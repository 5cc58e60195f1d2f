"""Rules about money: what left the wallet against what the document says."""

from __future__ import annotations

from collections.abc import Mapping

from pixelproof.contract import Json
from pixelproof.rules.balance import spent
from pixelproof.rules.evidence import Evidence
from pixelproof.rules.registry import failed, moot, passed, rule, text, unseen
from pixelproof.verdict import Outcome


@rule
def charged(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """A served request takes its price from the wallet, once."""
    step = text(args, "step")
    if not evidence.of(step).ok:
        return unseen("the request was not served")
    amount = spent(evidence, text(args, "before", "before"), text(args, "after", "after"))
    if amount is None:
        return unseen("the balance could not be read")
    show = evidence.contract.billing.currency.show
    price = args.get("price")
    if isinstance(price, int) and abs(amount - price) > evidence.resolution:
        return failed(f"a charge of {show(price)}", f"a charge of {show(amount)}", step)
    if amount > 0 or (isinstance(price, int) and price <= evidence.resolution):
        return passed()
    return failed("a charge", f"the balance moved by {show(-amount)}", step)


@rule
def not_charged(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """A request that made no image leaves the wallet as it was."""
    step = text(args, "step")
    if evidence.of(step).ok:
        return moot("the request was served")
    amount = spent(evidence, text(args, "before", "before"), text(args, "after", "after"))
    if amount is None:
        return unseen("the balance could not be read")
    if amount == 0:
        return passed()
    show = evidence.contract.billing.currency.show
    return failed("no charge for a failed request", f"{show(amount)} taken, {evidence.of(step).brief()}", step)


@rule
def priced_alike(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """Leaving a parameter out costs what its documented default costs."""
    omitted = spent(evidence, "before", "between")
    named = spent(evidence, "between", "after")
    if omitted is None or named is None or not (evidence.of("omitted").ok and evidence.of("named").ok):
        return unseen("one of the two was not served")
    if abs(omitted - named) <= evidence.resolution:
        return passed()
    show = evidence.contract.billing.currency.show
    wanted = f"{show(named)}, as with {text(args, 'parameter')} {text(args, 'default')}"
    return failed(wanted, show(omitted), "omitted")


@rule
def cheaper(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """One model's image costs less than another's, as documented."""
    low, high = spent(evidence, "before", "between"), spent(evidence, "between", "after")
    if low is None or high is None or not (evidence.of("cheaper").ok and evidence.of("dearer").ok):
        return unseen("one of the two was not served")
    if low < high:
        return passed()
    show = evidence.contract.billing.currency.show
    return failed(f"less than {show(high)}: {text(args, 'says', '')}", show(low), "cheaper")
