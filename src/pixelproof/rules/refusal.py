"""Rules about requests that the document does not allow."""

from __future__ import annotations

from collections.abc import Mapping

from pixelproof.contract import ErrorRow, Json
from pixelproof.exchange import Exchange
from pixelproof.planning.case import KeyRole
from pixelproof.rules.balance import spent
from pixelproof.rules.evidence import Evidence
from pixelproof.rules.registry import failed, moot, names, passed, rule, text, unseen, warned
from pixelproof.verdict import Outcome

#: A refusal with one of these is about something else: key, money, scope, time, pace.
_OTHER_REASONS = frozenset({401, 402, 403, 408, 429})
_NOT_FOUND, _TOO_MANY = 404, 429


@rule
def refused(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """A request that the document rules out is refused with a 4xx."""
    step = text(args, "step")
    exchange = evidence.of(step)
    why = text(args, "why", "the request is invalid")
    if exchange.ok and exchange.task():
        return _failed_and_paid_back(evidence, args, why)
    if exchange.ok:
        got = f"served: {exchange.brief()}"
        return failed(f"a refusal: {why}", got, step) if args.get("must") else warned(f"a refusal: {why}", got, step)
    if exchange.response is None or exchange.status >= 500:  # noqa: PLR2004 - the 5xx class
        return failed(f"a 4xx: {why}", exchange.brief(), step)
    if exchange.status in _OTHER_REASONS:
        return unseen(f"answered for another reason: {exchange.brief()}")
    if exchange.status == _NOT_FOUND and not args.get("not_found_is_refusal"):
        return failed(f"a 4xx other than 404: {why}", exchange.brief(), step)
    return passed() if exchange.status in range(400, 500) else failed(f"a 4xx: {why}", exchange.brief(), step)


@rule
def error_row(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """An error has the status and the keys of its row in the documented table."""
    step = text(args, "step")
    exchange = evidence.of(step)
    row = evidence.contract.error(text(args, "row", "invalid_request"), _model(args))
    beside_the_row = _beside(evidence, exchange, row, args)
    if beside_the_row is not None:
        return beside_the_row
    judges_status = "status" not in row.assumed
    if judges_status and exchange.status not in row.statuses:
        return failed(f"{_statuses(row.statuses)} ({row.name})", exchange.brief(), step)
    if not judges_status and exchange.status not in range(400, 600):
        return failed(f"an error ({row.name})", exchange.brief(), step)
    inner = exchange.error_object() or {}
    shielded = names(args, "shielded")
    for key, wanted in row.judged_keys.items():
        if wanted is not None and inner.get(key) != wanted and key not in shielded:
            return failed(f"{key} {wanted!r}", f"{key} {inner.get(key)!r}: {exchange.brief()}", step)
    if row.names_parameter and inner.get("param") != args.get("parameter"):
        return failed(f"param {args.get('parameter')!r}", f"param {inner.get('param')!r}", step)
    return passed()


@rule
def error_reached(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """A provoked error comes back with a status of its row."""
    step = text(args, "step")
    exchange = evidence.of(step)
    wanted = evidence.contract.error(text(args, "row"), _model(args)).statuses
    if exchange.status in wanted:
        return passed()
    if exchange.status == _TOO_MANY and _may_be_paced(evidence, exchange):
        return unseen(f"turned away for its pace: {exchange.brief()}")
    return failed(_statuses(wanted), exchange.brief(), step)


@rule
def turned_away(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """A request that may not be served is answered with a 4xx, whichever."""
    step = text(args, "step")
    exchange = evidence.of(step)
    if exchange.status in range(400, 500):
        return passed()
    return failed(f"a 4xx: {text(args, 'why', 'it may not be served')}", exchange.brief(), step)


@rule
def other_media_type_refused(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """A body of another media type is refused; accepting it is only worth a warning."""
    step = text(args, "step")
    exchange = evidence.of(step)
    if exchange.ok:
        return warned("a refusal: the body is not application/json", f"served: {exchange.brief()}", step)
    if exchange.response is None or exchange.status >= 500:  # noqa: PLR2004 - the 5xx class
        return failed("a 4xx: the body is not application/json", exchange.brief(), step)
    return passed()


def _may_be_paced(evidence: Evidence, exchange: Exchange) -> bool:
    """Tell whether a 429 may be about the pace of a key that many cases use; one without credit is hardly used."""
    planned = next((send for send in evidence.case.sends() if send.name == exchange.step), None)
    return planned is None or planned.key.role not in {KeyRole.BROKE, KeyRole.BUDGET}


def _beside(evidence: Evidence, exchange: Exchange, row: ErrorRow, args: Mapping[str, Json]) -> Outcome | None:
    """Return what is said of an answer that the row is not about, None when it is about it."""
    if exchange.ok and args.get("unless_served"):
        return moot("the request was served")
    # a table without a row for models that do not exist leaves 404 open
    if args.get("not_found_is_refusal") and exchange.status == _NOT_FOUND and row.name != args.get("row"):
        return moot("404, as good a refusal where no row is about it")
    if exchange.status == _TOO_MANY and _TOO_MANY not in row.statuses and _may_be_paced(evidence, exchange):
        return unseen(f"turned away for its pace: {exchange.brief()}")
    return None


def _failed_and_paid_back(evidence: Evidence, args: Mapping[str, Json], why: str) -> Outcome:
    """Judge an accepted task: failing with the money back is as good as a refusal."""
    exchange = evidence.of("done" if _was_read(evidence, "done") else text(args, "step"))
    state = exchange.task().get("state")
    if state == "failed":
        amount = spent(evidence, "before", "after") if _was_read(evidence, "after") else 0
        if not amount:
            return passed()
        show = evidence.contract.billing.currency.show
        return failed(f"a refusal, or a failed task with the money back: {why}", f"failed, {show(amount)} kept", "done")
    got = f"accepted: {exchange.brief()}"
    return failed(f"a refusal: {why}", got) if args.get("must") else warned(f"a refusal: {why}", got)


def _was_read(evidence: Evidence, step: str) -> bool:
    return any(exchange.step == step for exchange in evidence.exchanges)


def _model(args: Mapping[str, Json]) -> str | None:
    model = args.get("model")
    return model if isinstance(model, str) else None


def _statuses(statuses: tuple[int, ...]) -> str:
    return " or ".join(str(status) for status in statuses)
