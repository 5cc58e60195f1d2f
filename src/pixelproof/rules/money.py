"""Rules about money: what left the wallet against what the document says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from pixelproof.contract import Contract, Json, ResponseField
from pixelproof.exchange import Exchange
from pixelproof.money import MoneyError
from pixelproof.rules.balance import spent
from pixelproof.rules.evidence import Evidence
from pixelproof.rules.registry import failed, moot, names, passed, rule, text, unseen
from pixelproof.verdict import Outcome

#: How far "about twice" may be from twice.
_ABOUT = 0.05
#: A wallet that shows differences of so many smallest units shows every charge.
_FINE = 1
#: Amounts of so many times what a wallet can show tell which one is larger by a hundredth.
_TELLING = 100
#: How far a charge may be from a table whose figures are only about right.
ROUGHLY = 0.15


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
    if isinstance(price, int) and abs(amount - price) > _allowed(evidence, args, price):
        return failed(f"a charge of {show(price)}", f"a charge of {show(amount)}", step)
    if amount > 0 or (isinstance(price, int) and price <= evidence.resolution):
        return passed()
    if amount == 0 and price is None and evidence.resolution > _FINE:
        return unseen("the wallet is too coarse to show a charge of which nobody knows the amount")
    return failed("a charge", f"the balance moved by {show(-amount)}", step)


@rule
def charged_each(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """Whatever is asked for, a served request takes the price of its images from the wallet, once."""
    step = text(args, "step")
    if not evidence.of(step).ok:
        return unseen("the request was not served")
    amount = spent(evidence, "before", "after")
    if amount is None:
        return moot("no wallet to look at")
    show = evidence.contract.billing.currency.show
    least, most = args.get("least"), args.get("most")
    if isinstance(least, int) and isinstance(most, int):
        if least - evidence.resolution <= amount <= most + evidence.resolution:
            return passed()
        wanted = show(least) if least == most else f"{show(least)} to {show(most)}"
        return failed(f"a charge of {wanted} for n = {args.get('n')}", f"a charge of {show(amount)}", step)
    if amount > 0 or evidence.resolution > _FINE:
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
    """One image costs less than another, and so many times less, as documented."""
    low, high = spent(evidence, "before", "between"), spent(evidence, "between", "after")
    if low is None or high is None or not (evidence.of("cheaper").ok and evidence.of("dearer").ok):
        return unseen("one of the two was not served")
    show = evidence.contract.billing.currency.show
    if abs(high - low) <= evidence.resolution and max(low, high) < _TELLING * evidence.resolution:
        return unseen("the wallet is too coarse to tell the two apart")
    if low >= high - evidence.resolution:
        return failed(f"less than {show(high)}: {text(args, 'says', '')}", show(low), "cheaper")
    times = args.get("times")
    rounding = (times + 1) * evidence.resolution if isinstance(times, int) else 0
    if isinstance(times, int) and abs(high - times * low) > max(rounding, times * low * _ABOUT):
        return failed(f"about {times} times {show(low)}: {text(args, 'says', '')}", show(high), "dearer")
    return passed()


@rule
def same_price(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """What the price does not depend on does not move it."""
    first, second = spent(evidence, "before", "between"), spent(evidence, "between", "after")
    if first is None or second is None or not (evidence.of("first").ok and evidence.of("second").ok):
        return unseen("one of the two was not served")
    if abs(first - second) <= evidence.resolution:
        return passed()
    show = evidence.contract.billing.currency.show
    return failed(f"{show(first)} again: {text(args, 'says', '')}", show(second), "second")


@rule
def priced_per_image(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """Every image costs the same, whatever else was asked for and however many came together."""
    images = args.get("images")
    amounts: dict[str, tuple[int, int]] = {}
    last = "before"
    for step, count in images.items() if isinstance(images, dict) else ():
        taken = spent(evidence, last, last := f"after-{step}")
        if taken is None or not isinstance(count, int) or not evidence.of(step).ok:
            return unseen("one of the requests was not served")
        amounts[step] = (taken, count)
    (first, one), *others = amounts.items()
    show = evidence.contract.billing.currency.show
    for step, (taken, count) in others:
        if abs(taken - count * one[0]) > evidence.resolution * (count + 1):
            return failed(f"{count} x {show(one[0])}, as in '{first}'", show(taken), step)
    return passed()


@rule
def charged_together(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """Requests at the same time cost what each of them costs alone: none is lost, none is taken twice."""
    steps = names(args, "steps")
    alone, total = spent(evidence, "before", "between"), spent(evidence, "between", "after")
    served = sum(exchange.ok for exchange in evidence.exchanges if exchange.step in steps)
    silent = any(exchange.response is None for exchange in evidence.exchanges if exchange.step in steps)
    if alone is None or total is None or not evidence.of("alone").ok or silent or served < 2:  # noqa: PLR2004 - plural
        return unseen("fewer than two of the requests were served at the same time")
    if abs(total - served * alone) <= evidence.resolution * (served + 1):
        return passed()
    show = evidence.contract.billing.currency.show
    return failed(f"{served} x {show(alone)} for {served} requests at the same time", show(total), str(steps[0]))


@rule
def moves_with_rate(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """The charge moves in proportion to the rate that the price is converted at."""
    first, second = spent(evidence, "before", "between"), spent(evidence, "between", "after")
    if first is None or second is None or not (evidence.of("first").ok and evidence.of("second").ok):
        return unseen("one of the two was not served")
    factor = Decimal(text(args, "factor", "1"))
    wanted = round(Decimal(first) * factor)
    if abs(second - wanted) <= max(1, evidence.resolution):
        return passed()
    show = evidence.contract.billing.currency.show
    return failed(f"{factor} times {show(first)}", show(second), "second")


@rule
def unbilled(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """A key that is not billed is served and leaves the wallet as it was."""
    step = text(args, "step")
    if not evidence.of(step).ok:
        return failed("served: a test key works", evidence.of(step).brief(), step)
    amount = spent(evidence, "before", "after")
    if amount is None:
        return unseen("the balance could not be read")
    show = evidence.contract.billing.currency.show
    return passed() if amount == 0 else failed("no charge", f"{show(amount)} taken", step)


@rule
def documented_price(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """One image costs what the price table says, by every witness there is."""
    step = text(args, "step")
    if not evidence.of(step).ok:
        return unseen("the request was not served")
    witnesses = price_witnesses(evidence, step)
    if not witnesses:
        return unseen("neither a wallet nor the response tells the cost")
    least, most = args.get("least"), args.get("most")
    if not isinstance(least, int) or not isinstance(most, int):
        return unseen("no price is documented")
    show = evidence.contract.billing.currency.show
    wanted = show(least) if least == most else f"{show(least)} to {show(most)}"
    for name, amount in witnesses.items():
        if not least - evidence.resolution <= amount <= most + evidence.resolution:
            return failed(wanted, f"{show(amount)} by {name}", step)
    return passed()


def price_witnesses(evidence: Evidence, step: str) -> dict[str, int]:
    """Return what each witness says a request cost, in smallest units: the wallet, the response."""
    found: dict[str, int] = {}
    amount = spent(evidence, "before", "after")
    if amount is not None:
        found["the wallet"] = amount
    reported = reported_cost(evidence, step)
    if reported is not None:
        found["the response"] = reported
    return found


def reported_cost(evidence: Evidence, step: str) -> int | None:
    """Return the cost that a response reports, None where it reports none."""
    return cost_said(evidence.contract, evidence.of(step))


def cost_said(contract: Contract, exchange: Exchange) -> int | None:
    """Return the cost in smallest units that the answer to a request states, None where it states none."""
    body = exchange.response.body if exchange.response else None
    for path in _cost_paths(contract.response.fields, ()):
        value: Json = body
        for key in path:
            value = value.get(key) if isinstance(value, dict) else None
        if isinstance(value, int | float | str) and not isinstance(value, bool):
            try:
                return contract.billing.currency.nearest(value)
            except MoneyError:
                return None
    return None


def _allowed(evidence: Evidence, args: Mapping[str, Json], price: int) -> int:
    """Return how far a charge may be from its price: more where the figures are only about right."""
    return max(evidence.resolution, round(price * ROUGHLY) if args.get("roughly") else 0)


def _cost_paths(fields: tuple[ResponseField, ...], parent: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for field in fields:
        if field.source == "cost":
            yield (*parent, field.name)
        yield from _cost_paths(field.fields, (*parent, field.name))
