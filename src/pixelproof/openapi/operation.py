"""One operation of the OpenAPI document: what it takes, what it answers, where that leads."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from pixelproof.contract import Contract, Json, Operation, PriceExample
from pixelproof.openapi.example import success_example
from pixelproof.openapi.links import links
from pixelproof.openapi.reference import takes_references, upload_answer, upload_form
from pixelproof.openapi.request import parameters_of, request_name, sample
from pixelproof.openapi.response import error_statuses, success_name

Schema = dict[str, Any]

#: Name of the security scheme.
SECURITY = "key"
#: The operation that stores a reference image bears this name in every contract that has one.
_UPLOAD = "upload"

#: operation → what it does; every contract calls the same thing by the same name
_SUMMARIES: Mapping[str, str] = {
    "models": "List the models",
    "wallet": "Read the balance of the key",
    "task": "Read a task",
    "cancel": "Cancel a task",
    _UPLOAD: "Store a reference image",
}

#: Error rows that answer requests which are no operation of the document.
_NO_OPERATION = frozenset({"not_found", "method_not_allowed"})
#: Error rows that any operation can answer with, whatever its body.
_ANY_OPERATION = (
    "unauthorized",
    "forbidden",
    "rate_limited",
    "server_error",
    "upstream_error",
    "unavailable",
    "timeout",
)
#: Further rows of an upload.
_UPLOAD_ROWS = ("invalid_request", "malformed", "too_large")


def operation_item(contract: Contract, operation: Operation) -> Schema:
    """Return the OpenAPI object of one operation."""
    made: Schema = {"operationId": operation.name, "summary": _summary(operation)}
    claims = [claim for name in operation.claims for claim in operation.claims[name]]
    if claims:
        made["x-claims"] = list(dict.fromkeys(claims))
    if operation.scope:
        made["security"] = [{SECURITY: [operation.scope]}]
    parameters = [_path_parameter(name) for name in _placeholders(operation)]
    if parameters:
        made["parameters"] = parameters
    body = _request_body(contract, operation)
    if body:
        made["requestBody"] = body
    made["responses"] = {
        str(operation.success): _success(contract, operation),
        **error_statuses(contract, _rows(contract, operation)),
    }
    return made


def _summary(operation: Operation) -> str:
    if operation.capability is not None:
        source = operation.capability.partition("_")[0]
        return f"{'Create a task that makes' if operation.creates_task else 'Make'} images from {_article(source)}"
    return _SUMMARIES.get(operation.name, f"{operation.method} {operation.path}")


def _article(source: str) -> str:
    return "a prompt" if source == "text" else f"an {source}" if source[:1] in "aeiou" else f"a {source}"


def _placeholders(operation: Operation) -> list[str]:
    return re.findall(r"\{(\w+)\}", operation.path)


def _path_parameter(name: str) -> Schema:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}


def _rows(contract: Contract, operation: Operation) -> Iterable[str]:
    wanted: set[str]
    if operation.capability is not None:
        # What is final already cannot conflict with something new, and only a reference can be missing.
        unreachable = _NO_OPERATION | {"conflict"}
        wanted = set(contract.errors.rows) - unreachable
        wanted |= {"not_found"} if takes_references(contract, operation) else set()
    else:
        wanted = {*_ANY_OPERATION, *(_UPLOAD_ROWS if operation.name == _UPLOAD else ())}
        wanted |= {"not_found"} if _placeholders(operation) else set()
        wanted |= {"conflict"} if _placeholders(operation) and operation.method != "GET" else set()
    return [name for name in contract.errors.rows if name in wanted]


def _request_body(contract: Contract, operation: Operation) -> Schema:
    if operation.media_type is None:
        return {}
    if operation.capability is None:
        form = upload_form(contract) if operation.name == _UPLOAD else None
        return {"required": True, "content": {operation.media_type: form or {"schema": {"type": "object"}}}}
    name = request_name(contract, operation.capability)
    content: Schema = {"schema": {"$ref": f"#/components/schemas/{name}"}}
    examples = [example for example in contract.billing.examples if example.operation == operation.name]
    if examples:
        content["examples"] = {
            f"charge-{number:02d}": _example(contract, operation.capability, example)
            for number, example in enumerate(examples, start=1)
        }
    return {"required": True, "content": {operation.media_type: content}}


def _example(contract: Contract, capability: str, example: PriceExample) -> Schema:
    charge = contract.billing.currency.show(example.charge)
    value = _completed(contract, capability, dict(example.request))
    return {"summary": f"{charge} = {example.worked}", "value": value}


def _completed(contract: Contract, capability: str, request: dict[str, Json]) -> dict[str, Json]:
    missing = {
        name: sample(contract, parameter)
        for name, parameter in parameters_of(contract, capability).items()
        if parameter.required and name not in request
    }
    return {**missing, **request}


def _success(contract: Contract, operation: Operation) -> Schema:
    description, schema = _answer(contract, operation)
    content = {"schema": schema, **_answered(contract, operation)}
    made: Schema = {"description": description, "content": {"application/json": content}}
    found = links(contract, operation)
    return {**made, "links": found} if found else made


def _answered(contract: Contract, operation: Operation) -> Schema:
    """Return the example of a success, none where the pages do not give its shape."""
    if operation.capability is not None:
        state = "queued" if operation.creates_task else ""
        return {"example": success_example(contract, state, operation.capability)}
    if contract.tasks is not None and _placeholders(operation):
        state = "succeeded" if operation.method == "GET" else "canceled"
        return {"example": success_example(contract, state, next(iter(contract.creating())).capability or "")}
    return {}


def _answer(contract: Contract, operation: Operation) -> tuple[str, Schema]:
    body = {"$ref": f"#/components/schemas/{success_name(contract)}"}
    if operation.capability is not None:
        return ("The task", body) if operation.creates_task else ("The images", body)
    if contract.tasks is not None and _placeholders(operation):
        return "The task", body
    if operation.name == _UPLOAD and contract.media is not None and contract.media.upload is not None:
        return "The stored image", upload_answer(contract.media.upload)
    # The pages name this endpoint but not its shape.
    return "Success", {"type": "object"}
