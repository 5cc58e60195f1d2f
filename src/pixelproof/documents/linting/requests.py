"""Every request that a contract admits, as far as prices and exclusions can tell them apart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice, product

from pixelproof.contract import MEDIA, MEDIA_LIST, Cell, Contract, CustomSizes, Json, Model, Operation, Support
from pixelproof.matrix import Fault, Matrix, parameters_of

#: More combinations than this are not counted out.
MOST = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request that a model's own table admits."""

    operation: Operation
    model: str
    #: What it names itself, without what every request must carry.
    named: Mapping[str, Json]
    #: What it runs with, defaults included.
    values: Mapping[str, Json]
    #: True: an exclusion forbids it.
    excluded: bool

    def __str__(self) -> str:
        """Write it the way a person would say it."""
        named = ", ".join(f"{name} {value}" for name, value in self.named.items() if name != "model")
        return f"{self.operation.name} with {self.model}" + (f", {named}" if named else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Requests:
    """The requests of a contract; ``whole`` is False where there are too many to count out."""

    admitted: tuple[Request, ...]
    whole: bool

    @property
    def valid(self) -> tuple[Request, ...]:
        """Return those that are served."""
        return tuple(request for request in self.admitted if not request.excluded)


def every_request(contract: Contract) -> Requests:
    """Return every request of every model and operation that differs in what the contract asks about."""
    found: list[Request] = []
    whole = True
    for operation in contract.creating():
        matrix = Matrix(contract, operation.capability or "")
        for model in contract.models.values():
            tried = list(islice(_combinations(contract, operation, model), MOST - len(found) + 1))
            whole = whole and len(tried) + len(found) <= MOST
            found += (request for named in tried if (request := _admitted(contract, matrix, operation, named)))
    return Requests(admitted=tuple(found), whole=whole)


def complete(contract: Contract, operation: Operation, named: Mapping[str, Json]) -> dict[str, Json]:
    """Return a request completed by what every request must carry and no price depends on."""
    model = contract.models.get(str(named.get("model", contract.parameters["model"].default)))
    needed = [p for p in parameters_of(contract, operation.capability or "").values() if p.required]
    filled = {p.name: _some(contract, model.cells.get(p.name) if model else None) for p in needed}
    return {**filled, **named}


def _combinations(contract: Contract, operation: Operation, model: Model) -> Iterator[dict[str, Json]]:
    columns: dict[str, tuple[Json, ...]] = {}
    parameters = parameters_of(contract, operation.capability or "")
    for name in _telling(contract):
        cell = model.cells.get(name)
        if cell is not None and name in parameters and cell.support is Support.TAKEN:
            columns[name] = _options(cell, required=parameters[name].required)
    for values in product(*columns.values()):
        chosen = zip(columns, values, strict=True)
        yield {"model": model.id, **{name: value for name, value in chosen if value is not None}}


def _telling(contract: Contract) -> tuple[str, ...]:
    """Return the parameters that prices, orders and exclusions ask about."""
    billing = contract.billing
    maps: list[Mapping[str, object]] = [
        *(row.when for row in billing.prices),
        *(side for order in billing.order for side in (order.cheaper, order.dearer)),
        *(exclusion.when for exclusion in contract.exclusions),
    ]
    return tuple(dict.fromkeys(name for names in maps for name in names if name not in {"model", "capability"}))


def _options(cell: Cell, *, required: bool) -> tuple[Json, ...]:
    domain = cell.domain
    values: tuple[Json, ...] = tuple(domain.enum or ())
    if domain.type == "boolean":
        values = (True, False)
    elif domain.type in {"integer", "number"}:
        values = tuple(dict.fromkeys(bound for bound in (domain.minimum, domain.maximum) if bound is not None))
    if domain.custom is not None:
        values += tuple(size for size in (_custom_size(domain.custom),) if size not in values)
    return values if required and values else (None, *values)


def _custom_size(custom: CustomSizes) -> str:
    side = -(-custom.minimum // custom.step) * custom.step
    return f"{side}x{side + custom.step if side + custom.step <= custom.maximum else side}"


def _admitted(contract: Contract, matrix: Matrix, operation: Operation, named: dict[str, Json]) -> Request | None:
    faults = {violation.fault for violation in matrix.violations(complete(contract, operation, named))}
    if faults - {Fault.EXCLUDED}:
        return None
    values = matrix.effective(named)
    model = str(named["model"])
    return Request(operation=operation, model=model, named=named, values=values, excluded=bool(faults))


def _some(contract: Contract, cell: Cell | None) -> Json:
    """Return a value that a parameter takes."""
    if cell is None:
        return "x"
    domain = cell.domain
    if domain.enum:
        return domain.enum[0]
    if domain.type in {MEDIA, MEDIA_LIST}:
        reference: Json = dict(next(iter(contract.media.kinds.values()), {})) if contract.media else None
        return [reference] if domain.type == MEDIA_LIST else reference
    plain: Mapping[str, Json] = {
        "integer": domain.minimum if domain.minimum is not None else min(1, domain.maximum or 1),
        "number": domain.minimum if domain.minimum is not None else min(1, domain.maximum or 1),
        "boolean": True,
        "array": [],
        "object": {},
    }
    return plain.get(domain.type, "x" * max(1, domain.min_length or 1))
