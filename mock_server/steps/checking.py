"""What is wrong with a parsed request: its shape, then what its model takes, then its content."""

from __future__ import annotations

import re
from collections.abc import Iterator
from hashlib import blake2b
from typing import TYPE_CHECKING

import orjson

from pixelproof.contract import About, Ambiguity
from pixelproof.matrix import Fault, Violation

from ..call import Call, Refusal
from ..faults import Effect

if TYPE_CHECKING:
    from pixelproof.contract import ClaimIds, Contract

#: ``[pp-xxxxxx] `` at the start of a prompt: the harness's correlation token.
_TOKEN = re.compile(r"\[pp-([a-z0-9]{6,})\] ?")
_REFUSING_ROW = "invalid_request"
#: The reading of a disputed value under which the mock refuses it.
_REFUSED = "refused"


def check_shape(call: Call) -> None:
    """Strip the correlation token, then refuse the first thing wrong whatever the model."""
    prompt = call.body.get("prompt")
    if isinstance(prompt, str) and prompt.startswith("[pp-"):
        found = _TOKEN.match(prompt)
        if found is not None:
            call.trace = found[1]
            call.body["prompt"] = prompt[found.end() :]
    for violation in call.seams.shape_violations(call):
        raise refused(violation)


def shape_violations(call: Call) -> Iterator[Violation]:
    """Yield what the parameters themselves forbid, a blank prompt among it."""
    yield from call.matrix.shape_violations(call.body)
    for name, claim in call.provider.optional_features:
        if call.body.get(name):
            message = f"'{name}' is not supported here"
            yield Violation(parameter=name, fault=Fault.UNSUPPORTED, message=message, error=_REFUSING_ROW, claim=claim)
    prompt = call.body.get("prompt")
    if isinstance(prompt, str) and prompt and not prompt.strip():
        claim = call.provider.contract.parameters["prompt"].claimed("required")
        message = "'prompt' must not be blank"
        yield Violation(
            parameter="prompt", fault=Fault.TOO_SHORT, message=message, error="invalid_request", claim=claim
        )


def check_matrix(call: Call) -> None:
    """Refuse the first thing the model does not take; complete the values with its defaults."""
    for violation in call.seams.matrix_violations(call):
        raise refused(violation)
    call.values = values = call.matrix.effective(call.body)
    text = orjson.dumps(values, option=orjson.OPT_SORT_KEYS)
    call.fingerprint = fingerprint = blake2b(text, digest_size=12).digest()
    with call.account.lock:
        call.ordinal = call.account.ordinal(fingerprint)


def matrix_violations(call: Call) -> Iterator[Violation]:
    """Yield what the model forbids, and disputed values where the mock takes the strict reading."""
    yield from call.matrix.model_violations(call.body)
    for ambiguity in call.provider.strict_readings:
        if ambiguity.covers(call.matrix.effective(call.body)):
            yield disputed(ambiguity)


def disputed(ambiguity: Ambiguity) -> Violation:
    """Return the violation of a value that one reading of the documents refuses."""
    parameter = [name for name in ambiguity.subject if name != "model"][-1]
    message = f"'{parameter}' is not supported by this model"
    return Violation(
        parameter=parameter, fault=Fault.ENUM, message=message, error="invalid_request", claim=(ambiguity.claim,)
    )


def check_policy(call: Call) -> None:
    """Refuse content on demand: the mock has no taste of its own."""
    if call.fault is not None and call.fault.effect is Effect.CONTENT_POLICY:
        message = call.fault.message or "the prompt was rejected by the content policy"
        raise Refusal("content_policy", message, parameter="prompt")


def refused(violation: Violation) -> Refusal:
    """Return the refusal of a violation."""
    return Refusal(violation.error, violation.message, parameter=violation.parameter, claim=violation.claim)


def optional_features(contract: Contract) -> tuple[tuple[str, ClaimIds], ...]:
    """Return the parameters that switch on what this server refuses as a whole, and their claims."""
    return tuple(
        (parameter.name, parameter.claimed("values"))
        for parameter in contract.parameters.values()
        if parameter.optional_feature
    )


def strict_readings(ambiguities: tuple[Ambiguity, ...]) -> tuple[Ambiguity, ...]:
    """Return the disputes about requests that the mock settles by refusing."""
    return tuple(item for item in ambiguities if item.about is About.REQUEST and item.mock == _REFUSED)
