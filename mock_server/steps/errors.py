"""Error answers, rendered from the contract's table and envelope."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import orjson

from pixelproof.contract import About

from ..call import Answer
from ..redaction import redacted

if TYPE_CHECKING:
    from pixelproof.contract import Contract, ErrorRow, Json

    from ..call import Call, Headers, Refusal


def shape_error(call: Call, refusal: Refusal) -> Answer:
    """Return the answer of a refusal as the provider would write it."""
    refusal.message = redacted(refusal.message, call.secret)
    return render(call.provider.contract, refusal, call.model)


def render(contract: Contract, refusal: Refusal, model: str | None = None) -> Answer:
    """Return the answer of a refusal, for a request that may not have reached any step."""
    row = contract.error(refusal.row, model)
    headers: Headers = []
    if row.retry_after and refusal.retry_after_s is not None:
        headers.append(("Retry-After", str(refusal.retry_after_s)))
    status = _status(contract, row, refusal)
    body = orjson.dumps({"error": _envelope(contract, row, refusal, status)})
    return Answer(status=status, body=body, headers=headers)


def _status(contract: Contract, row: ErrorRow, refusal: Refusal) -> int:
    if refusal.status in row.statuses:
        return refusal.status
    settled = _settled(contract, row, About.STATUS)
    return int(settled) if settled is not None else row.statuses[0]


def _envelope(contract: Contract, row: ErrorRow, refusal: Refusal, status: int) -> dict[str, Json]:
    known: Mapping[str, Json] = {
        **row.keys,
        "type": _settled(contract, row, About.ERROR_TYPE) or row.keys.get("type"),
        "code": status if row.keys.get("code") in row.statuses else row.keys.get("code"),
        "message": redacted(refusal.message),
        "param": refusal.parameter and redacted(refusal.parameter),
    }
    envelope = contract.errors.envelope
    return {key: known.get(key) for key in (*envelope.keys, *envelope.extra)}


def _settled(contract: Contract, row: ErrorRow, about: About) -> str | None:
    # a dispute about an error is settled by the reading the contract gives the mock
    for ambiguity in contract.ambiguities:
        if ambiguity.about is about and ambiguity.row == row.name:
            return ambiguity.mock
    return None
