"""Rules about what the documents leave open: every reading passes, and is named."""

from __future__ import annotations

from collections.abc import Mapping

from pixelproof.contract import Ambiguity, Json
from pixelproof.exchange import Exchange
from pixelproof.rules import images
from pixelproof.rules.evidence import Evidence
from pixelproof.rules.registry import failed, rule, text, unseen
from pixelproof.verdict import Outcome, Verdict


@rule
def served_or_refused(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """A disputed request is served as asked, or refused; nothing else is either reading."""
    step = text(args, "step")
    exchange = evidence.of(step)
    point = _point(evidence, args)
    if exchange.ok:
        size = images.image_size(evidence, {"step": step})
        decodes = images.image_decodes(evidence, {"step": step})
        broken = next((found for found in (decodes, size) if found.verdict is Verdict.FAIL), None)
        return broken or _reading(point, "served")
    if exchange.status in {400, 422}:
        return _reading(point, "refused")
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
    task = evidence.of(text(args, "step", "done")).task()
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


def _point(evidence: Evidence, args: Mapping[str, Json]) -> Ambiguity:
    claim = text(args, "claim", "")
    return next(point for point in evidence.contract.ambiguities if point.claim == claim)


def _reading(point: Ambiguity, name: str) -> Outcome:
    where = point.readings.get(name, name)
    return Outcome(verdict=Verdict.AMBIGUOUS, wanted="either reading", got=f"reads as '{name}' ({where})")


def _word(exchange: Exchange) -> str:
    return str(exchange.status or exchange.error)
