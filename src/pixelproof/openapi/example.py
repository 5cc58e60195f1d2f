"""Examples of answers: what a tool that plays the provider says, and what a reader sees first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pixelproof.contract import Contract, Envelope, ErrorRow, Json, ResponseField

Schema = dict[str, Any]

#: When every example happened, in Unix seconds.
_CREATED = 1_767_225_600
#: source of a response field → what stands there in an example, whatever the contract
_SAMPLES: Mapping[str, Json] = {
    "created": _CREATED,
    "request_id": "req_0001",
    "task_id": "task_0001",
    "latency_ms": 1200,
}
#: JSON type → a value of it, for what has no sample
_BY_TYPE: Mapping[str, Json] = {"string": "x", "integer": 1, "number": 1, "amount": 1, "array": [], "boolean": True}
_URL = "https://example.com/image.png"


def success_example(contract: Contract, state: str = "", capability: str = "") -> Json:
    """Return the body of a success: of a plain request, or of a task in a canonical ``state``."""
    return _body(contract, contract.response.fields, state, capability)


def error_examples(envelope: Envelope, rows: Iterable[ErrorRow]) -> Schema:
    """Return one example for each row that answers with a status."""
    return {row.name: {"value": {"error": _error(envelope, row)}} for row in rows}


def _error(envelope: Envelope, row: ErrorRow) -> dict[str, Json]:
    message = row.name.replace("_", " ").capitalize()
    return {key: message if key == "message" else row.keys.get(key) for key in envelope.keys}


def _body(contract: Contract, fields: Iterable[ResponseField], state: str, capability: str) -> dict[str, Json]:
    # What only some models add is left out, and so is what only a broken task has.
    shown = [field for field in fields if field.models is None and field.source != "task_error"]
    return {field.name: _value(contract, field, state, capability) for field in shown}


def _value(contract: Contract, field: ResponseField, state: str, capability: str) -> Json:
    if field.fields:
        return _body(contract, field.fields, state, capability)
    if field.source == "images":
        return _images(contract, state)
    named = {**_SAMPLES, **_of_contract(contract, state, capability)}
    return named.get(field.source, _BY_TYPE.get(field.type, {}))


def _of_contract(contract: Contract, state: str, capability: str) -> dict[str, Json]:
    """Return what the contract itself knows of a request that names nothing: source → value."""
    model = next(iter(contract.models.values()))
    defaults: dict[str, Json] = {cell.parameter: cell.default for cell in model.cells.values() if cell.default}
    amount = _amount(contract, capability)
    task: dict[str, Json] = {"task_status": contract.tasks.states[state][0]} if contract.tasks and state else {}
    return {
        **defaults,
        **task,
        "model": model.routes_to or model.id,
        "capability": capability,
        "currency": contract.billing.currency.code,
        "cost": amount,
        "charged": amount,
        "refunded": amount if state == "canceled" else 0,
    }


def _amount(contract: Contract, capability: str) -> float:
    """Return what one image of the first worked charge costs, 0 where nothing is charged."""
    operations = contract.operations
    of_kind = [each for each in contract.billing.examples if operations[each.operation].capability == capability]
    for example in of_kind[:1]:
        n = example.request.get("n", 1)
        return float(contract.billing.currency.format(example.charge // (n if isinstance(n, int) else 1)))
    return 0


def _images(contract: Contract, state: str) -> list[Json]:
    if contract.tasks is None:
        return [{"url": _URL}]
    return [{"url": _URL, "artifact_id": "art_0001"}] if state == "succeeded" else []
