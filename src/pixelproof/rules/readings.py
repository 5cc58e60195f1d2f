"""Rules about what the documents leave open: every reading passes, and is named."""

from __future__ import annotations

from collections.abc import Mapping

from pixelproof.contract import About, Ambiguity, Json
from pixelproof.exchange import Exchange
from pixelproof.money import Currency, MoneyError
from pixelproof.rules import images, money, success
from pixelproof.rules.evidence import Evidence
from pixelproof.rules.registry import failed, moot, passed, rule, text, unseen
from pixelproof.verdict import Outcome, Verdict

_TOO_MANY = 429


@rule
def served_or_refused(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """A disputed request is served as asked, or refused; nothing else is either reading."""
    step = text(args, "step")
    exchange = evidence.of(step)
    point = _point(evidence, args)
    if exchange.ok:
        size = images.image_size(evidence, {"step": step})
        decodes = images.image_decodes(evidence, {"step": step})
        count = success.image_count(evidence, {"step": step, "n": evidence.sent(step).get("n", 1)})
        broken = next((found for found in (count, decodes, size) if found.verdict is Verdict.FAIL), None)
        return broken or _reading(point, "served")
    if exchange.status in {400, 422}:
        return _reading(point, "refused")
    if exchange.status == _TOO_MANY:
        return unseen(f"turned away for its pace: {exchange.brief()}")
    return failed("served as asked, or refused with 400", exchange.brief(), step)


@rule
def type_of_either_page(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """A disputed error type is one of those the documents name."""
    step = text(args, "step")
    exchange = evidence.of(step)
    point = _point(evidence, args)
    if exchange.status not in evidence.contract.error(point.row or "").statuses:
        return unseen("the error did not come")
    found = (exchange.error_object() or {}).get("type")
    if isinstance(found, str) and found in point.readings:
        return _reading(point, found)
    return failed(f"type {' or '.join(point.readings)}", repr(found), step)


@rule
def overdraft(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """A balance below the price refuses at once, or lets exactly one request through."""
    point = _point(evidence, args)
    first, second = evidence.of("first"), evidence.of("second")
    start, end = evidence.balance("before"), evidence.balance("after")
    if start is None or end is None:
        return unseen("the balance could not be read")
    refusals = evidence.contract.error("insufficient_funds").statuses
    show = evidence.contract.billing.currency.show
    if first.status in refusals and end == start:
        return _reading(point, "never")
    if first.ok and second.status in refusals and end < 0:
        return _reading(point, "one_request")
    got = f"first {_word(first)}, second {_word(second)}, balance {show(start)} → {show(end)}"
    return failed("a refusal, or one request below zero and then a refusal", got, "first")


@rule
def charged_amount(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """After a partial delivery the charge shown is gross, or net of the refund."""
    step = text(args, "step", "done")
    looked = any(exchange.step == step for exchange in evidence.exchanges)
    task = evidence.of(step).task() if looked else {}
    n, unit, images = args.get("n"), args.get("unit"), task.get("images")
    charged = task.get("charged")
    if task.get("state") != "succeeded" or not isinstance(n, int) or not isinstance(unit, int):
        return unseen("the task did not succeed")
    delivered = len(images) if isinstance(images, list) else 0
    if charged == n * unit:
        return _reading(_point(evidence, args), "gross")
    if charged == delivered * unit:
        return _reading(_point(evidence, args), "net")
    show = evidence.contract.billing.currency.show
    got = show(charged) if isinstance(charged, int) else "no such amount"
    return failed(f"{show(n * unit)} gross or {show(delivered * unit)} net", got, "done")


@rule
def status_of_either(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """A disputed status is one of those the documents name."""
    step = text(args, "step")
    exchange, point = evidence.of(step), _point(evidence, args)
    if str(exchange.status) in point.readings:
        return _reading(point, str(exchange.status))
    if exchange.status == _TOO_MANY:
        return unseen(f"turned away for its pace: {exchange.brief()}")
    return failed(" or ".join(point.readings), exchange.brief(), step)


@rule
def envelope_of_either(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """A disputed error object has a numeric code, or OpenAI's textual one beside param."""
    step = text(args, "step")
    exchange, point = evidence.of(step), _point(evidence, args)
    if exchange.ok:
        return unseen("the request was served")
    inner = exchange.error_object() or {}
    code = inner.get("code")
    if isinstance(code, int) and not isinstance(code, bool):
        wanted = failed(f"code {exchange.status}, the status as a number", repr(code), step)
        return _reading(point, "number") if code == exchange.status else wanted
    if "code" in inner and (code is None or isinstance(code, str)):
        return _reading(point, "text")
    return failed("a code: the status as a number, or a text or null", repr(dict(inner))[:160], step)


@rule
def cost_of_either(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """A disputed cost is that of the whole request, or that of one image."""
    step = text(args, "step")
    point = _point(evidence, args)
    reported, n, unit = money.reported_cost(evidence, step), args.get("n"), args.get("unit")
    if not evidence.of(step).ok or not isinstance(n, int) or not isinstance(unit, int):
        return unseen("the request was not served")
    show = evidence.contract.billing.currency.show
    if reported == n * unit:
        return _reading(point, "request")
    if reported == unit:
        return _reading(point, "image")
    got = show(reported) if reported is not None else "no cost in the response"
    return failed(f"{show(n * unit)} for the request or {show(unit)} for one image", got, step)


@rule
def cost_shown(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """A cost in an answer is the price of its images, or of one of them where that is left open."""
    step = text(args, "step")
    reported = money.reported_cost(evidence, step)
    if not evidence.of(step).ok or reported is None:
        return moot("no cost is shown")
    n, least, most = args.get("n"), args.get("least"), args.get("most")
    if not isinstance(n, int) or not isinstance(least, int) or not isinstance(most, int):
        return unseen("no price is documented")
    is_open = any(point.about is About.COST for point in evidence.contract.ambiguities)
    ranges = [(least, most), (least // n, -(-most // n))] if is_open and n > 1 else [(least, most)]
    if any(low <= reported <= high for low, high in ranges):
        return passed()
    show = evidence.contract.billing.currency.show
    named = (show(low) if low == high else f"{show(low)} to {show(high)}" for low, high in ranges)
    return failed(" or ".join(named), f"{show(reported)} for n = {n}", step)


@rule
def price_of_either(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """A disputed price is one of those the documents name, as far as they name figures."""
    step = text(args, "step")
    point = _point(evidence, args)
    witnesses = money.price_witnesses(evidence, step)
    if not evidence.of(step).ok or not witnesses:
        return unseen("the cost cannot be seen")
    currency = evidence.contract.billing.currency
    figures = {name: _figure(currency, name) for name in point.readings}
    stated = {name: amount for name, amount in figures.items() if amount is not None}
    if not stated:
        return _about_the_table(evidence, args, point, witnesses)
    for witness, amount in witnesses.items():
        if not any(abs(amount - figure) <= evidence.resolution for figure in stated.values()):
            wanted = " or ".join(currency.show(figure) for figure in stated.values())
            return failed(wanted, f"{currency.show(amount)} by {witness}", step)
    amount = next(iter(witnesses.values()))
    return _reading(point, min(stated, key=lambda name: abs(stated[name] - amount)))


def _about_the_table(
    evidence: Evidence, args: Mapping[str, Json], point: Ambiguity, witnesses: Mapping[str, int]
) -> Outcome:
    table = args.get("table")
    if evidence.rate is None or not isinstance(table, int) or evidence.contract.billing.forex is None:
        return unseen("the rate is not known; the target file can state it")
    expected = table * float(evidence.rate / evidence.contract.billing.forex.rate)
    amount = next(iter(witnesses.values()))
    show = evidence.contract.billing.currency.show
    if abs(amount - expected) <= expected * money.ROUGHLY:
        return _reading(point, next(iter(point.readings)))
    return failed(f"{show(round(expected))} within {money.ROUGHLY:.0%}", show(amount), "main")


def _figure(currency: Currency, text_of_reading: str) -> int | None:
    try:
        return currency.parse(text_of_reading)
    except MoneyError:
        return None


def _point(evidence: Evidence, args: Mapping[str, Json]) -> Ambiguity:
    claim = text(args, "claim", "")
    return next(point for point in evidence.contract.ambiguities if point.claim == claim)


def _reading(point: Ambiguity, name: str) -> Outcome:
    where = point.readings.get(name, name)
    return Outcome(verdict=Verdict.AMBIGUOUS, wanted="either reading", got=f"reads as '{name}' ({where})")


def _word(exchange: Exchange) -> str:
    return str(exchange.status or exchange.error)
