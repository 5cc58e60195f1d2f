"""The terms of business: limits, when money moves, what a failure costs."""

from __future__ import annotations

from collections.abc import Iterator

from pixelproof.contract import ClaimIds, Contract, Limit, Moment, Overdraft, wording
from pixelproof.porting.change import Change, Effect, Topic

_MOMENTS = {
    Moment.AT_CREATION: "prepaid: charged when the task is created",
    Moment.HOLD_THEN_CHARGE: "held first, charged at the end",
    Moment.AFTER_RESPONSE: "charged for what was answered",
}
_OVERDRAFTS = {
    Overdraft.NEVER: "never below zero",
    Overdraft.ONE_REQUEST: "one request may go below zero",
    Overdraft.UNSPECIFIED: "not documented",
}
#: what is promised → the facets of the billing claims that promise it
_PROMISES = {
    "a refused request costs nothing": ("refused_is_free",),
    "a failed request costs nothing": ("failed_is_free", "failed_refund"),
    "images that were not delivered are refunded": ("partial_refund",),
    "a request is charged once": ("charged_once",),
}


def term_changes(before: Contract, after: Contract) -> Iterator[Change]:
    """Yield what differs in limits and in how money moves."""
    for name in dict.fromkeys((*before.limits, *after.limits)):
        yield from _limit(name, before.limits.get(name), after.limits.get(name))
    own, there = before.billing, after.billing
    moments = _MOMENTS[own.moment], _MOMENTS[there.moment]
    claims = own.claimed("charged_at_creation"), there.claimed("charged_at_creation")
    yield from _pair("moment of payment", *moments, *claims)
    yield from _pair("currency", own.currency.code, there.currency.code)
    yield from _pair("overdraft", _OVERDRAFTS[own.overdraft], _OVERDRAFTS[there.overdraft])
    yield from _forex(before, after)
    for promise, facets in _PROMISES.items():
        kept, known = _promised(before, facets), _promised(after, facets)
        if kept and not known:
            yield _change(Effect.COSTS, promise, "promised", "not promised", "", kept, ())
        elif known and not kept:
            yield _change(Effect.WORKS, promise, "not promised", "promised", "", (), known)


def _promised(contract: Contract, facets: tuple[str, ...]) -> ClaimIds:
    """Return the claims that promise something; what we assumed ourselves promises nothing."""
    claims = tuple(claim for facet in facets for claim in contract.billing.claimed(facet))
    return () if wording.is_assumed(contract, claims) else claims


def _limit(name: str, own: Limit | None, there: Limit | None) -> Iterator[Change]:
    before, after = _limit_says(own), _limit_says(there)
    if before == after:
        return
    tighter = there is not None and _tightest(there) < (_tightest(own) if own is not None else float("inf"))
    yield Change(
        effect=Effect.DIFFERS if tighter else Effect.WORKS,
        topic=Topic.LIMIT,
        subject=name.replace("_", " "),
        before=before,
        after=after,
        do="slow down, or wait as Retry-After says" if tighter else "",
        claims_before=own.claim if own is not None else (),
        claims_after=there.claim if there is not None else (),
    )


def _limit_says(limit: Limit | None) -> str:
    if limit is None or (limit.value is None and not limit.tiers):
        return "no figure documented"
    tiers = ", ".join(f"{value} ({tier})" for tier, value in limit.tiers.items())
    return f"{tiers or limit.value} per {limit.per}"


def _tightest(limit: Limit) -> float:
    known = [*limit.tiers.values(), *([limit.value] if limit.value is not None else [])]
    return min(known, default=float("inf"))


def _forex(before: Contract, after: Contract) -> Iterator[Change]:
    forex = after.billing.forex
    if forex is not None and before.billing.forex is None:
        code = after.billing.currency.code
        what = f"made of {forex.base} prices at the day's rate; those here hold at {forex.rate.normalize():f} {code}"
        yield _change(Effect.COSTS, "prices", "fixed", what, "expect them to move", (), forex.claim)


def _pair(
    subject: str, before: str, after: str, own: tuple[str, ...] = (), there: tuple[str, ...] = ()
) -> Iterator[Change]:
    if before != after:
        yield _change(Effect.COSTS, subject, before, after, "", own, there)


def _change(  # noqa: PLR0913, PLR0917 - one column of the table each
    effect: Effect, subject: str, before: str, after: str, do: str, own: tuple[str, ...], there: tuple[str, ...]
) -> Change:
    return Change(
        effect=effect,
        topic=Topic.BILLING,
        subject=subject,
        before=before,
        after=after,
        do=do,
        claims_before=own,
        claims_after=there,
    )
