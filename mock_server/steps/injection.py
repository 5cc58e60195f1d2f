"""Faults on demand: found before the work, striking at the step where they belong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..call import Answer, Call, Refusal
from ..faults import (
    BREAKDOWNS,
    ERRORS,
    LONGEST_WAIT_S,
    REFUSALS,
    Effect,
    Fault,
    UnknownFault,
    When,
    from_header,
    from_prompt,
)
from .spoiling import spoil

if TYPE_CHECKING:
    from collections.abc import Iterator


def inject(call: Call) -> None:
    """Find the fault of this request and refuse where its effect is a refusal."""
    world = call.provider.world
    if not world.faults_open:
        return
    header = call.environ.get("HTTP_X_MOCK_FAULT")
    if header is None and not world.faults and not call.prompt.startswith("mock:"):
        return
    _take_aim(call, header)
    fault = call.fault
    if fault is not None and fault.effect in REFUSALS:
        parameter = "model" if fault.effect is Effect.MODEL_RETIRED else None
        raise _refusal(fault, parameter)


def run(call: Call) -> None:
    """Wait, and break down, as the fault says; an honest server does neither."""
    if call.delay_s:
        call.provider.world.wait(call, min(call.delay_s, LONGEST_WAIT_S))
        call.now = call.account.clock.now()
    fault = call.fault
    if fault is None:
        return
    if fault.effect in BREAKDOWNS:
        raise _refusal(fault, None)
    if fault.effect is Effect.TASK_FAILURE and call.operation.capability and not call.operation.creates_task:
        raise Refusal("server_error", fault.message or "the generation failed on demand")
    if fault.effect is Effect.RESET and fault.when is When.BEFORE:
        raise Dropped


def deliver(call: Call) -> None:
    """Spoil the answer where the fault is one of delivery."""
    if call.fault is not None and call.answer is not None:
        spoil(call, call.fault, call.answer)


class Dropped(Refusal):
    """The connection goes away without an answer."""

    def __init__(self) -> None:
        super().__init__("server_error", "connection dropped on demand")

    def answer(self) -> Answer:
        """Return an answer that never arrives."""
        return Answer(status=500, body=b" ", cut_at=0)


def _take_aim(call: Call, header: str | None) -> None:
    try:
        for fault in _candidates(call, header):
            if fault.effect is Effect.LATENCY:
                call.delay_s += fault.seconds
            elif call.fault is None:
                call.fault = fault
    except UnknownFault as error:
        raise Refusal("invalid_request", str(error)) from None


def _candidates(call: Call, header: str | None) -> Iterator[Fault]:
    for fault in (from_header(header) if header is not None else None, from_prompt(call.prompt)):
        if fault is not None and _still_fails(call, fault):
            yield fault
    if call.provider.world.faults:
        yield from call.provider.world.faults.strike(call, call.now)


def _still_fails(call: Call, fault: Fault) -> bool:
    if fault.effect not in ERRORS or fault.times is None:
        return True
    return call.account.fails_again(fault.effect, call.fingerprint, fault.times)


def _refusal(fault: Fault, parameter: str | None) -> Refusal:
    return Refusal(
        fault.effect.value,
        fault.message or f"{fault.effect.value.replace('_', ' ')} on demand",
        parameter=parameter,
        retry_after_s=fault.retry_after_s,
        status=fault.status,
    )
