"""Error answers, rendered from the contract's table and envelope."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import orjson

from pixelproof.contract import About

from .call import Answer

if TYPE_CHECKING:
    from pixelproof.contract import Contract, ErrorRow, Json

    from .call import Call, Headers, Refusal


def shape_error(call: Call, refusal: Refusal) -> Answer:
    """Return the answer of a refusal as the provider would write it."""
    return render(call.provider.contract, refusal, call.model)


def render(contract: Contract, refusal: Refusal, model: str | None = None) -> Answer:
    """Return the answer of a refusal, for a request that may not have reached any step."""
    row = contract.error(refusal.row, model)
    headers: Headers = []
    if row.retry_after and refusal.retry_after_s is not None:
        headers.append(("Retry-After", str(refusal.retry_after_s)))
    body = orjson.dumps({"error": _envelope(contract, row, refusal)})
    return Answer(status=_status(row, refusal), body=body, headers=headers)


def _status(row: ErrorRow, refusal: Refusal) -> int:
    return refusal.status if refusal.status in row.statuses else row.statuses[0]


def _envelope(contract: Contract, row: ErrorRow, refusal: Refusal) -> dict[str, Json]:
    known: Mapping[str, Json] = {
        **row.keys,
        **_settled(contract, row),
        "message": refusal.message,
        "param": refusal.parameter,
    }
    envelope = contract.errors.envelope
    return {key: known.get(key) for key in (*envelope.keys, *envelope.extra)}


def _settled(contract: Contract, row: ErrorRow) -> dict[str, Json]:
    # a dispute about the type of an error is settled by the reading the contract gives the mock
    for ambiguity in contract.ambiguities:
        if ambiguity.about is About.ERROR_TYPE and ambiguity.row == row.name:
            return {"type": ambiguity.mock}
    return {}
