"""Rules about what a gateway spends upstream for one request of a caller."""

from __future__ import annotations

from collections.abc import Mapping

from pixelproof.contract import Json
from pixelproof.rules.crossing import count_of, crossed, retold, upstream
from pixelproof.rules.evidence import Evidence
from pixelproof.rules.registry import failed, moot, passed, rule, text
from pixelproof.verdict import Outcome


@rule
def paid_once(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """One request of a caller is paid for once upstream."""
    step, _, asked, lines = crossed(evidence, args)
    paid = sum(line.n for line in lines if line.charged > 0)
    if not lines:
        return moot("the upstream was never asked")
    if paid > count_of(asked):
        return failed(f"at most {count_of(asked)} images paid for upstream", f"{paid}: {retold(evidence, args)}", step)
    return passed()


@rule
def same_request_once(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """A request repeated with its idempotency key is paid for once upstream and answered alike."""
    first, second = evidence.of("main"), evidence.of("again")
    lost = args.get("lost") is True
    if not second.ok or not (first.ok or lost):
        return failed("both served", f"{first.brief()}, then {second.brief()}", "again")
    calls = {line.id: line for line in (*upstream(first), *upstream(second))}
    paid = sum(line.charged > 0 for line in calls.values())
    if paid != 1:
        return failed("one paid upstream call for one request", f"{paid} were paid", "again")
    if lost:
        return passed()
    alike = [image.pixels for image in evidence.images("main")] == [image.pixels for image in evidence.images("again")]
    return passed() if alike else failed("the same images again", "others", "again")


@rule
def refused_unpaid(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """An invalid request is refused before money is spent upstream."""
    step, exchange, _, lines = crossed(evidence, args)
    paid = sum(line.charged for line in lines)
    why = text(args, "why", "the request is invalid")
    if paid:
        show = evidence.contract.billing.currency.show
        return failed(f"nothing paid upstream: {why}", f"{show(paid)} paid; {retold(evidence, args)}", step)
    if exchange.ok:
        return failed(f"a refusal: {why}", retold(evidence, args), step)
    return passed()
