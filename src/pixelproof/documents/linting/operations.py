"""Endpoints that nobody can call, or that no mock can serve."""

from __future__ import annotations

from collections.abc import Iterator

from pixelproof.contract import Contract
from pixelproof.documents.document import nearest
from pixelproof.documents.linting.finding import Remark
from pixelproof.documents.linting.given import Given
from pixelproof.documents.linting.registry import error, warning
from pixelproof.documents.linting.requests import MOST

#: The operations that make no image, by the names that every contract gives them.
SERVED = ("models", "wallet", "task", "cancel", "upload")
#: The operation that every case of errors and quotas is sent to.
_FIRST = "generate"


@error
def no_image_operation(contract: Contract, given: Given) -> Iterator[Remark]:
    """A contract without an operation 'generate' that makes images."""
    del given
    first = contract.operations.get(_FIRST)
    if first is None or first.capability is None:
        message = f"no operation '{_FIRST}' makes images"
        path = ("operations", _FIRST) if first else ("operations",)
        yield Remark(path=path, message=message, hint=f"give '{_FIRST}' a capability such as text_to_image")


@error
def unservable_operation(contract: Contract, given: Given) -> Iterator[Remark]:
    """An operation that makes no image and has a name that no mock knows."""
    del given
    for operation in contract.operations.values():
        if operation.capability is None and operation.name not in {*SERVED, _FIRST}:
            message = f"the mock cannot serve '{operation.name}': it has no capability and no known name"
            yield Remark(path=("operations", operation.name), message=message, hint=nearest(operation.name, SERVED))


@error
def duplicate_route(contract: Contract, given: Given) -> Iterator[Remark]:
    """Two operations behind one method and path."""
    del given
    seen: dict[tuple[str, str], str] = {}
    for operation in contract.operations.values():
        first = seen.setdefault((operation.method, operation.path), operation.name)
        if first != operation.name:
            message = f"'{operation.method} {operation.path}' is the operation '{first}' already"
            path = ("operations", operation.name, "request")
            yield Remark(path=path, message=message, hint="a route can lead to one operation only")


@error
def no_model(contract: Contract, given: Given) -> Iterator[Remark]:
    """A contract without a model."""
    del given
    if not contract.models:
        yield Remark(path=("models",), message="there is no model", hint="write at least one row: 'my-model: {}'")


@error
def uncallable_model(contract: Contract, given: Given) -> Iterator[Remark]:
    """A model that refuses every request."""
    if not contract.creating() or not given.requests.whole:
        return
    called = {request.model for request in given.requests.valid}
    for model in contract.models.values():
        if model.id not in called:
            hint = "look for a required parameter that it refuses, an empty range, or exclusions that leave nothing"
            yield Remark(path=("models", model.id), message=f"no request for '{model.id}' is valid", hint=hint)


@warning
def too_many_requests(contract: Contract, given: Given) -> Iterator[Remark]:
    """More combinations than can be counted out: prices and exclusions are not checked."""
    if not given.requests.whole:
        message = f"prices and exclusions tell more than {MOST} requests of {contract.title} apart; they are unchecked"
        yield Remark(path=("billing", "prices"), message=message, hint="let price rows name fewer parameters")
