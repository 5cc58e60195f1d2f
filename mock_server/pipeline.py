"""Runs the steps of one request to its answer, whatever happens on the way."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from .call import Answer, Call, Refusal
from .redaction import redacted
from .state.journal import Line, keepable
from .state.losses import StateLost
from .steps.admission import leave
from .steps.errors import render
from .steps.injection import Dropped

if TYPE_CHECKING:
    from .seams import Steps

logger = logging.getLogger(__name__)


def run_steps(call: Call, steps: Steps) -> Answer:
    """Return the answer of a request; it is in the journal by then, and what it did in the store."""
    try:
        with call.provider.world.sitting():
            return _run(call, steps)
    except StateLost as lost:
        return _unavailable(call, lost)


def _run(call: Call, steps: Steps) -> Answer:
    try:
        answer = _walk(call, steps)
    except StateLost:
        raise
    except Exception as error:  # noqa: BLE001 - the WSGI edge: an error of ours is a 500 in the envelope
        answer = _broken(call, error)
    finally:
        leave(call)
    _finish(call, answer)
    return answer


def _unavailable(call: Call, lost: StateLost) -> Answer:
    """Answer that nothing can be done now: nothing of the request has happened."""
    logger.warning("%s in %s", lost, call.request_id)
    answer = render(call.provider.contract, Refusal("unavailable", "the service is temporarily unavailable"))
    answer.headers.append(("x-request-id", call.request_id))
    return answer


def _walk(call: Call, steps: Steps) -> Answer:
    try:
        for name, step in steps:
            call.step = name
            step(call)
        call.step = "respond" if call.fault is None else call.step
    except Refusal as refusal:
        call.refusal = refusal.with_traceback(None)  # its frames would hold the call, in a circle
        return _refuse(call, refusal)
    return call.answer or Answer(status=500, body=b"")


def _refuse(call: Call, refusal: Refusal) -> Answer:
    _let_go(call)
    if isinstance(refusal, Dropped):
        return refusal.answer()
    return call.seams.shape_error(call, refusal)


def _broken(call: Call, error: Exception) -> Answer:
    call.provider.world.note_unexpected(error, call.request_id)
    _let_go(call)
    return render(call.provider.contract, Refusal("server_error", "an unexpected error of the mock"))


def _let_go(call: Call) -> None:
    if call.cost or call.image_windows:
        call.seams.release(call)


def _finish(call: Call, answer: Answer) -> None:
    answer.headers.append(("x-request-id", call.request_id))
    answer.headers += call.seams.show_rate(call)
    world = call.provider.world
    if world.settings.debug_headers:
        answer.headers += _debug_headers(call)
    account = getattr(call, "account", None)
    world.journal.write(
        Line(
            seq=0,
            id=call.request_id,
            at=call.now or world.clock.now(),
            account=account.id if account is not None else None,
            trace=call.trace,
            method=call.environ["REQUEST_METHOD"],
            path=redacted(call.environ["PATH_INFO"], call.secret),
            status=answer.status,
            step=call.step,
            claim=claims(call),
            fault=call.fault.effect.value if call.fault is not None else None,
            request=keepable(call.raw or b"", call.secret),
            response=keepable(answer.body, call.secret),
        )
    )
    world.gallery.hang(call)


def claims(call: Call) -> tuple[str, ...]:
    """Return the claims that decided this answer: of the refusal, its row, or the operation."""
    if call.refusal is None:
        return call.operation.claimed("serves")
    return call.refusal.claim or call.provider.contract.error(call.refusal.row).claim


def _debug_headers(call: Call) -> list[tuple[str, str]]:
    account = getattr(call, "account", None)
    named = {
        "x-mock-step": call.step,
        "x-mock-claim": ",".join(claims(call)),
        "x-mock-account": account.id if account is not None else "",
        "x-mock-fault": call.fault.effect.value if call.fault is not None else "",
    }
    return [(name, value) for name, value in named.items() if value]
