"""What a load sends: the mix of requests that a contract allows, their prices, and who pays."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Self

from pixelproof import pricing
from pixelproof.contract import MEDIA, About, Contract, Json, Model, Operation, Support
from pixelproof.matrix import Matrix, matrix_of, parameters_of
from pixelproof.money import Units

#: How often the plainest request of a model is sent for each one with a parameter of its own.
_PLAIN = 6
#: What provokes a failure at a pixelproof mock, for images at once and for tasks.
_AT_ONCE = ("mock:lost_response ", "mock:server_error ")
_OF_TASKS = ("mock:fail ", "mock:partial=1 ", "mock:lost_response ")
#: Parameters whose values change what is delivered or what it costs.
_VARIED = ("size", "quality", "aspect_ratio", "response_format")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """One kind of request; the prompt is added when it is sent, unless it is ``bad``."""

    method: str
    path: str
    body: Mapping[str, Json]
    #: The documented charge, in smallest units.
    price: Units
    asked: int
    weight: int = 1
    creates_task: bool = False
    #: What the prompt begins with, to provoke a failure.
    prefix: str = ""
    #: True: it has to be refused, and costs nothing.
    bad: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Payer:
    """A wallet and the key that spends from it."""

    name: str
    key: str
    #: Its account at a pixelproof mock, else empty.
    account: str = ""
    #: True when it was opened with little: that it runs dry is part of the load.
    scarce: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadPlan:
    """Everything that the process which makes the load has to know."""

    base_url: str
    #: Name of a shipped contract, or the path of another one.
    contract: str
    shots: tuple[Shot, ...]
    payers: tuple[Payer, ...]
    #: Where the lines go.
    record: str
    users: int
    seed: int = 0
    rate: float | None = None
    requests: int | None = None
    duration_s: float | None = None
    shape: str = "steady"
    timeout_s: float = 60.0
    #: Most that may be spent, in smallest units.
    cap: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    #: ``map:`` of the target file.
    map: Mapping[str, Json] = field(default_factory=dict)
    insecure: bool = False

    def dump(self) -> str:
        """Return the plan as one line of JSON; it holds keys, so it never lies on a disk."""
        return json.dumps(asdict(self))

    @classmethod
    def load(cls, text: str) -> Self:
        """Return the plan of a :meth:`dump`."""
        value = json.loads(text)
        shots = tuple(Shot(**shot) for shot in value.pop("shots"))
        payers = tuple(Payer(**payer) for payer in value.pop("payers"))
        return cls(shots=shots, payers=payers, **value)


def mixture(contract: Contract, *, provoking: bool, stated: Mapping[str, Units] | None = None) -> tuple[Shot, ...]:
    """Return the requests that a contract allows, by weight, with some that it refuses.

    ``provoking`` is for a pixelproof mock: it adds failures on demand, and prices that the document
    disputes, for the mock keeps a known reading. ``stated`` are prices that a target file states.
    Operations that need a reference image are left out.
    """
    found: list[Shot] = []
    for operation in contract.creating():
        if operation.media_type not in {None, "application/json"} or _needs_media(contract, operation):
            continue
        mine = list(_of_operation(contract, operation, stated or {}, prices_hold=provoking))
        found += mine
        if mine:
            found += _beside(contract, operation, mine[0], provoking=provoking)
    return tuple(found)


def _beside(contract: Contract, operation: Operation, plain: Shot, *, provoking: bool) -> Iterator[Shot]:
    """Yield failures on demand, and requests that are wrong whatever the model."""
    several = next((n for n in (2, 1) if _fits(contract, operation, {**plain.body, "n": n})), 1)
    unit = plain.price // plain.asked
    body = {**plain.body, **({"n": several} if several > 1 else {})}
    prefixes = (_OF_TASKS if operation.creates_task else _AT_ONCE) if provoking else ()
    for prefix in prefixes:
        yield replace(plain, body=body, asked=several, price=Units(unit * several), prefix=prefix, weight=1)
    parameters = parameters_of(contract, operation.capability or "")
    if parameters["prompt"].required:
        yield replace(plain, weight=2, bad=True)
        yield replace(plain, body={**plain.body, "prompt": 5}, bad=True, weight=1)


def _of_operation(
    contract: Contract, operation: Operation, stated: Mapping[str, Units], *, prices_hold: bool
) -> Iterator[Shot]:
    matrix = matrix_of(contract, operation.capability or "")
    for model in sorted(contract.models.values(), key=lambda model: model.like is not None):
        for index, body in enumerate(_bodies(model)):
            price = _price(contract, matrix, body, stated)
            if price is None or not _fits(contract, operation, body):
                continue
            if not prices_hold and str(body["model"]) not in stated and _disputed(contract, matrix, body):
                continue
            asked = pricing.image_count(matrix.effective(body))
            weight = _PLAIN if index == 0 and model.like is None else 1
            yield Shot(
                method=operation.method,
                path=operation.path,
                body=body,
                price=price,
                asked=asked,
                weight=weight,
                creates_task=operation.creates_task,
            )


def _bodies(model: Model) -> Iterator[dict[str, Json]]:
    yield {"model": model.id}
    yield {"model": model.id, "n": 2}
    for name in _VARIED:
        cell = model.cells.get(name)
        if cell is not None and cell.support is Support.TAKEN and model.like is None:
            for value in cell.domain.enum or ():
                yield {"model": model.id, name: value}


def _price(contract: Contract, matrix: Matrix, body: Mapping[str, Json], stated: Mapping[str, Units]) -> Units | None:
    own = stated.get(str(body.get("model")))
    if own is not None:
        return Units(own * pricing.image_count(matrix.effective(body)))
    try:
        return pricing.charge(contract, matrix, body)
    except pricing.NoPrice:
        return None


def _fits(contract: Contract, operation: Operation, body: Mapping[str, Json]) -> bool:
    """Tell whether every reading of the document takes a body."""
    matrix = matrix_of(contract, operation.capability or "")
    values = matrix.effective({**body, "prompt": "a"})
    is_disputed = any(point.covers(values) for point in contract.ambiguities)
    return not is_disputed and not matrix.violations({**body, "prompt": "a"})


def _disputed(contract: Contract, matrix: Matrix, body: Mapping[str, Json]) -> bool:
    """Tell whether the document has several prices for a body."""
    row = pricing.unit_price(contract.billing, matrix.effective(body))
    disputed = {point.claim for point in contract.ambiguities if point.about is About.PRICE}
    return row.least is not None or bool(disputed & set(row.claim))


def _needs_media(contract: Contract, operation: Operation) -> bool:
    parameters = parameters_of(contract, operation.capability or "").values()
    return any(parameter.required and parameter.domain.type == MEDIA for parameter in parameters)
