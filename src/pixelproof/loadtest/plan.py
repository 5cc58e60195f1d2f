"""What a load sends: the mix of requests that a contract allows, their prices, and who pays."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Self

from pixelproof import pricing
from pixelproof.contract import MEDIA, About, Contract, Json, Model, Operation, Support
from pixelproof.contract.media import write_reference
from pixelproof.loadtest.thresholds import Thresholds
from pixelproof.matrix import Matrix, matrix_of, parameters_of
from pixelproof.money import Units

#: The shape that raises the rate until a threshold breaks.
FIND_LIMIT = "find-limit"
#: The shape that looks for what grows with time.
SOAK = "soak"
#: Where a reference image comes from: it stands in the request, it is uploaded before, or a task delivered it.
INLINE, UPLOAD, CHAIN = "data_uri", "upload", "chain"
#: Stands for a reference where only the other parameters matter.
_ANY_IMAGE = "data:image/png;base64,AAAA"
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
    #: The parameter that takes a reference image, and where it comes from; empty where none is needed.
    reference: str = ""
    source: str = ""


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
class Post:
    """Where a master and its workers meet."""

    host: str = "127.0.0.1"
    port: int = 5557
    #: The master waits for so many, and for so many seconds at most.
    workers: int = 1
    patience_s: float = 60.0


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
    #: What the steps of a search for the limit are held against, and how long each of them is.
    thresholds: Thresholds = field(default_factory=Thresholds)
    step_s: float = 5.0
    #: Seconds that a user waits between two requests: from half as long to half as long again.
    think_s: float = 0.0
    timeout_s: float = 60.0
    #: Most that may be spent, in smallest units.
    cap: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    #: ``map:`` of the target file.
    map: Mapping[str, Json] = field(default_factory=dict)
    insecure: bool = False
    #: Set for a master: workers send, not its own process.
    post: Post | None = None
    #: Port of Locust's page, None for none.
    web: int | None = None
    ca_bundle: str | None = None
    proxy: str | None = None

    def dump(self) -> str:
        """Return the plan as one line of JSON; it holds keys, so it never lies on a disk."""
        return json.dumps(asdict(self))

    @classmethod
    def load(cls, text: str) -> Self:
        """Return the plan of a :meth:`dump`."""
        value = json.loads(text)
        shots = tuple(Shot(**shot) for shot in value.pop("shots"))
        payers = tuple(Payer(**payer) for payer in value.pop("payers"))
        thresholds = Thresholds(**value.pop("thresholds"))
        post = value.pop("post")
        return cls(shots=shots, payers=payers, thresholds=thresholds, post=Post(**post) if post else None, **value)


def mixture(contract: Contract, *, provoking: bool, stated: Mapping[str, Units] | None = None) -> tuple[Shot, ...]:
    """Return the requests that a contract allows, by weight, with some that it refuses.

    ``provoking`` is for a pixelproof mock: it adds failures on demand, and prices that the document
    disputes, for the mock keeps a known reading. ``stated`` are prices that a target file states.
    Where a reference image is needed it stands in the request, is uploaded, or comes from an earlier task.
    """
    found: list[Shot] = []
    for operation in contract.creating():
        if operation.media_type not in {None, "application/json"}:
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
    needed = _reference(contract, operation)
    for model in sorted(contract.models.values(), key=lambda model: model.like is not None):
        for index, body in enumerate(_bodies(model)):
            price = _price(contract, matrix, body, stated)
            if price is None or not _fits(contract, operation, body):
                continue
            if not prices_hold and str(body["model"]) not in stated and _disputed(contract, matrix, body):
                continue
            asked = pricing.image_count(matrix.effective(body))
            weight = _PLAIN if index == 0 and model.like is None else 1
            shot = Shot(
                method=operation.method,
                path=operation.path,
                body=body,
                price=price,
                asked=asked,
                weight=weight,
                creates_task=operation.creates_task,
            )
            yield from (shot,) if needed is None else _by_source(contract, shot, needed)


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
    """Tell whether every reading of the document takes a body, with the reference image that it needs."""
    matrix = matrix_of(contract, operation.capability or "")
    whole: dict[str, Json] = {**body, "prompt": "a"}
    needed = _reference(contract, operation)
    if needed is not None:
        if contract.media is None or INLINE not in contract.media.kinds:
            return False
        whole[needed] = write_reference(contract.media.kinds[INLINE], INLINE, _ANY_IMAGE)
    is_disputed = any(point.covers(matrix.effective(whole)) for point in contract.ambiguities)
    return not is_disputed and not matrix.violations(whole)


def _by_source(contract: Contract, shot: Shot, needed: str) -> Iterator[Shot]:
    """Yield a request with its reference from every place that the contract knows."""
    media = contract.media
    has_store = media is not None and media.upload is not None and "artifact" in media.kinds
    for source in (INLINE, UPLOAD, CHAIN) if has_store else (INLINE,):
        yield replace(shot, reference=needed, source=source)


def _disputed(contract: Contract, matrix: Matrix, body: Mapping[str, Json]) -> bool:
    """Tell whether the document has several prices for a body."""
    row = pricing.unit_price(contract.billing, matrix.effective(body))
    disputed = {point.claim for point in contract.ambiguities if point.about is About.PRICE}
    return row.least is not None or bool(disputed & set(row.claim))


def _reference(contract: Contract, operation: Operation) -> str | None:
    """Return the parameter in which an operation needs a reference image."""
    parameters = parameters_of(contract, operation.capability or "").items()
    return next((name for name, one in parameters if one.required and one.domain.type == MEDIA), None)
