"""What it costs: prices, how money moves, limits."""

from __future__ import annotations

from collections.abc import Iterator

from pixelproof.contract import Contract, Limit, PriceExample, RefundExample, wording
from pixelproof.documents.markdown.text import code, codes, plain, table


def prices(contract: Contract) -> Iterator[str]:
    """Yield the price table, worked examples and the documented order of prices."""
    billing = contract.billing
    show = billing.currency.show
    yield from ("## Prices", "", f"Per image, in {plain(billing.currency.code)}; the first row that fits counts.", "")
    rows = (
        (plain(wording.condition(row.when)), show(row.price), _documented(contract, row.claim), codes(row.claim))
        for row in billing.prices
    )
    yield from table(("when", "price", "documented", "claims"), rows)
    examples = (_example(contract, example) for example in billing.examples)
    yield from table(("worked example", "charge", "how"), examples)
    if billing.forex is not None:
        rate = f"{billing.forex.rate.normalize():f} {plain(billing.currency.code)}"
        yield from (f"Rows hold at {rate} for one {plain(billing.forex.base)}, and move with the rate.", "")


def money(contract: Contract) -> Iterator[str]:
    """Yield when money moves and what is given back."""
    billing = contract.billing
    yield from ("## Billing and refunds", "")
    yield from (f"Money moves {billing.moment.value.replace('_', ' ')}; overdraft: {billing.overdraft.value}.", "")
    yield from table(("rule", "claims"), ((plain(name), codes(ids)) for name, ids in billing.claims.items()))
    yield from table(
        ("worked refund", "delivered", "refund", "how"), (_refund(contract, each) for each in billing.refund_examples)
    )


def limits(contract: Contract) -> Iterator[str]:
    """Yield the limits, nothing where none are documented."""
    if not contract.limits:
        return
    yield from ("## Limits", "")
    yield from table(("limit", "value", "per", "claims"), (_limit(limit) for limit in contract.limits.values()))
    headers = contract.rate_headers
    if headers is not None:
        names = codes((headers.limit, headers.remaining, headers.reset))
        yield from (f"Every answer says how much is left: {names} ({codes(headers.claim)}).", "")


def _documented(contract: Contract, claims: tuple[str, ...]) -> str:
    return "assumed" if wording.is_assumed(contract, claims) else "yes"


def _example(contract: Contract, example: PriceExample) -> tuple[str, ...]:
    asked = code(f"{example.operation}: {wording.request(example.request)}")
    return asked, contract.billing.currency.show(example.charge), plain(example.worked)


def _refund(contract: Contract, example: RefundExample) -> tuple[str, ...]:
    asked = code(f"{example.operation}: {wording.request(example.request)}")
    back = contract.billing.currency.show(example.refund)
    return asked, str(example.delivered), back, plain(example.worked)


def _limit(limit: Limit) -> tuple[str, ...]:
    tiers = ", ".join(f"{value} ({plain(tier)})" for tier, value in limit.tiers.items())
    value = tiers or (str(limit.value) if limit.value is not None else "no figure")
    return plain(limit.name.replace("_", " ")), value, plain(limit.per), codes(limit.claim)
