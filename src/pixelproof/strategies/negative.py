"""Invalid requests: the nearest neighbours of valid ones, each with exactly one violation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from pixelproof.case import Case, Poll, ReadBalance, Step, reference
from pixelproof.contract import MEDIA_LIST, Cell, ClaimIds, Json, Model, Parameter, Support
from pixelproof.deviation import Tier
from pixelproof.matrix import ERROR_ROWS, Fault
from pixelproof.strategies import corpus
from pixelproof.strategies.bodies import Bodies

#: Values of other models tried on each cell at core; all of them at full.
_NEIGHBOURS = 3
#: A value of another type, by JSON type.
_WRONG_TYPES: Mapping[str, Json] = {"string": 7, "integer": "two", "boolean": "maybe"}
#: What follows the name of a model that exists: whoever compares beginnings takes it for that one.
_NO_SUCH_MODEL = "-pixelproof"
_NO_SUCH_PARAMETER = "pixelproof_probe"
_NO_SUCH_VALUE = "pixelproof"


@dataclass(frozen=True, slots=True, kw_only=True)
class Flaw:
    """The one thing wrong with a request, and who forbids it."""

    parameter: str
    fault: Fault
    why: str
    claims: ClaimIds
    #: Row of the error table that should answer; the fault's own when empty.
    row: str = ""

    @property
    def error(self) -> str:
        """Return the row of the error table that should answer."""
        return self.row or ERROR_ROWS.get(self.fault, "invalid_request")

    def must(self, *, refusals_documented: bool) -> bool:
        """Tell whether serving it is a failure, not only a warning.

        It is where the document says only, must or at most, and where it lists the allowed
        values and documents refusals at all.
        """
        if self.fault in {Fault.ENUM, Fault.UNKNOWN_MODEL, Fault.UNKNOWN_PARAMETER}:
            return refusals_documented
        return self.fault is not Fault.TYPE


def cases(bodies: Bodies) -> Iterator[Case]:
    """Yield every request with one violation of the matrix."""
    models = bodies.tested()
    if not models:
        return
    yield from _missing(bodies, models[0])
    yield from _unknown_model(bodies, models[0])
    yield from _unknown_parameter(bodies, models)
    yield from _wrong_types(bodies, models)
    for model in models:
        for cell in bodies.taken(model):
            yield from _foreign(bodies, model, cell)
            yield from _out_of_bounds(bodies, model, cell)
            yield from _too_long(bodies, model, cell)
            yield from _too_many(bodies, model, cell)
        yield from _unsupported(bodies, model)
        yield from _excluded(bodies, model)
    yield from _invented(bodies, models)


def has_refusal_row(bodies: Bodies) -> bool:
    """Tell whether the document has a 400 row at all, so that serving nonsense is a failure."""
    return any(
        400 in row.statuses and bodies.scope.any_decides(row.claim)  # noqa: PLR2004 - the status
        for row in bodies.contract.errors.rows.values()
    )


def flawed(bodies: Bodies, case_id: str, model: Model, body: Mapping[str, Json], flaw: Flaw) -> Iterator[Case]:
    """Yield the case that sends a flawed body made elsewhere, when a deciding claim forbids the flaw."""
    yield from _refusal(bodies, case_id, model, body, flaw)


def _refusal(bodies: Bodies, case_id: str, model: Model, body: Mapping[str, Json], flaw: Flaw) -> Iterator[Case]:
    """Yield the case that sends a flawed body, when a deciding claim forbids the flaw."""
    scope, errors = bodies.scope, bodies.contract.errors
    if not scope.any_decides(flaw.claims):
        return
    must = flaw.must(refusals_documented=has_refusal_row(bodies))
    not_found = flaw.fault is Fault.UNKNOWN_MODEL
    keys: list[Json] = [*bodies.disputed_keys()]
    row: dict[str, Json] = {"row": flaw.error, "parameter": flaw.parameter, "model": model.id, "shielded": keys}
    row |= {"unless_served": True, "not_found_is_refusal": not_found}
    checks = [
        *scope.checks("refused", flaw.claims, why=flaw.why, must=must, not_found_is_refusal=not_found),
        *scope.checks("error_row", errors.row(flaw.error).claim, **row),
        *scope.checks("error_envelope", errors.envelope.claim, shielded=keys),
    ]
    yield Case(id=case_id, steps=_sent(bodies, model, body), checks=tuple(checks), model=model.id)


def _sent(bodies: Bodies, model: Model, body: Mapping[str, Json]) -> tuple[Step, ...]:
    """Return the steps of a refusal; an accepted task is watched, for it may fail with the money back."""
    if not bodies.operation.creates_task:
        return (bodies.negative("main", body, model),)
    return (
        ReadBalance(name="before", optional=True),
        bodies.negative("main", body, model),
        Poll(name="done", of="main"),
        ReadBalance(name="after", optional=True),
    )


def _early(cases: Iterator[Case], *, when: bool = True) -> Iterator[Case]:
    return (replace(case, tier=Tier.SMOKE) if when else case for case in cases)


def _missing(bodies: Bodies, model: Model) -> Iterator[Case]:
    for parameter in bodies.parameters.values():
        if not parameter.required:
            continue
        flaw = Flaw(
            parameter=parameter.name,
            fault=Fault.MISSING,
            why=f"'{parameter.name}' is required",
            claims=parameter.claimed("required"),
        )
        absent = bodies.case_id("refusals", f"{parameter.name}-missing")
        null = bodies.case_id("refusals", f"{parameter.name}-null")
        body = {name: value for name, value in bodies.body(absent, model).items() if name != parameter.name}
        yield from _early(_refusal(bodies, absent, model, body, flaw))
        yield from _refusal(bodies, null, model, {**body, parameter.name: None}, flaw)


def _unknown_model(bodies: Bodies, model: Model) -> Iterator[Case]:
    if bodies.status_disputed("unknown_model"):
        return
    case_id = bodies.case_id("refusals", "unknown-model")
    claims = bodies.parameters["model"].claimed("values")
    flaw = Flaw(parameter="model", fault=Fault.UNKNOWN_MODEL, why="no such model exists", claims=claims)
    body = {**bodies.body(case_id, model), "model": f"{model.id}{_NO_SUCH_MODEL}"}
    yield from _early(_refusal(bodies, case_id, model, body, flaw))


def _unknown_parameter(bodies: Bodies, models: tuple[Model, ...]) -> Iterator[Case]:
    if bodies.contract.unknown_policy is not Support.REFUSED:
        return
    flaw = Flaw(
        parameter=_NO_SUCH_PARAMETER,
        fault=Fault.UNKNOWN_PARAMETER,
        why=f"'{_NO_SUCH_PARAMETER}' is no parameter",
        claims=bodies.contract.unknown_claim,
    )
    for model in models:
        case_id = bodies.case_id("refusals", f"{model.id}/unknown-parameter")
        body = bodies.body(case_id, model, {**bodies.cheap_params(model), _NO_SUCH_PARAMETER: "x"})
        yield from _early(_refusal(bodies, case_id, model, body, flaw), when=model is models[0])


def _wrong_types(bodies: Bodies, models: tuple[Model, ...]) -> Iterator[Case]:
    for parameter in bodies.own_parameters():
        model = _first_taker(models, parameter)
        wrong = _WRONG_TYPES.get(parameter.domain.type)
        # a model that is no text does not exist either: its status is disputed with theirs
        disputed = parameter.name == "model" and bodies.status_disputed("unknown_model")
        if model is None or wrong is None or disputed:
            continue
        flaw = Flaw(
            parameter=parameter.name,
            fault=Fault.TYPE,
            why=f"'{parameter.name}' must be of type {parameter.domain.type}",
            claims=_values_claim(bodies, model, parameter),
        )
        case_id = bodies.case_id("refusals", f"{parameter.name}-of-wrong-type")
        params = {**parameter.companions, **bodies.cheap_params(model), parameter.name: wrong}
        yield from _refusal(bodies, case_id, model, bodies.body(case_id, model, params), flaw)


def _foreign(bodies: Bodies, model: Model, cell: Cell) -> Iterator[Case]:
    values = bodies.foreign_values(model, cell) if cell.domain.enum else ()
    for index, value in enumerate(values if bodies.scope.full else values[:_NEIGHBOURS]):
        found = _value(bodies, model, cell, value, Fault.ENUM)
        yield from _early(found, when=index == 0 and cell.parameter == "size")


def _invented(bodies: Bodies, models: tuple[Model, ...]) -> Iterator[Case]:
    for parameter in bodies.own_parameters():
        model = _first_taker(models, parameter)
        if model is not None and parameter.domain.enum and parameter.name in model.cells:
            cell = model.cells[parameter.name]
            claims = tuple(dict.fromkeys(parameter.claimed("values") + cell.claim))
            yield from _value(bodies, model, replace(cell, claim=claims), _invention(bodies, model, cell), Fault.ENUM)


def _invention(bodies: Bodies, model: Model, cell: Cell) -> str:
    """Return a value that no model takes: a tempting one, where the document leaves one over."""
    parameter, custom = bodies.parameters[cell.parameter], cell.domain.custom
    free = (
        value
        for value in corpus.TEMPTING.get(parameter.name, ())
        if value not in (parameter.domain.enum or ())
        and value not in (cell.domain.enum or ())
        and not (custom is not None and custom.covers(value))
        and not bodies.disputed(model, parameter.name, value)
    )
    return next(free, _NO_SUCH_VALUE)


def _out_of_bounds(bodies: Bodies, model: Model, cell: Cell) -> Iterator[Case]:
    if cell.domain.type != "integer":
        return
    bounds = [(cell.domain.maximum, 1, Fault.MAXIMUM), (cell.domain.minimum, -1, Fault.MINIMUM)]
    if cell.domain.minimum == 1 and model is bodies.tested()[0] and cell.parameter in _names(bodies.own_parameters()):
        # who only looks for none at all takes this one
        bounds.append((cell.domain.minimum, -2, Fault.MINIMUM))
    for bound, beyond, fault in bounds:
        if bound is not None and not bodies.disputed(model, cell.parameter, str(bound + beyond)):
            yield from _value(bodies, model, cell, bound + beyond, fault)


def _names(parameters: Iterable[Parameter]) -> set[str]:
    return {parameter.name for parameter in parameters}


def _too_long(bodies: Bodies, model: Model, cell: Cell) -> Iterator[Case]:
    most = cell.domain.max_length
    if most is None:
        return
    flaw = Flaw(
        parameter=cell.parameter,
        fault=Fault.TOO_LONG,
        why=f"'{cell.parameter}' has more than {most} characters",
        claims=cell.claim,
    )
    # who counts something else counts it for every model: the first one shows it
    labels = (("", ""), ("-two-byte", corpus.TWO_BYTES))
    for label, filler in labels if model is bodies.tested()[0] or bodies.scope.full else labels[:1]:
        case_id = bodies.case_id("refusals", f"{model.id}/{cell.parameter}-of-{most + 1}{label}")
        text = corpus.padded(case_id, most + 1, filler)
        body = {**bodies.body(case_id, model, bodies.cheap_params(model)), cell.parameter: text}
        yield from _refusal(bodies, case_id, model, body, flaw)


def _too_many(bodies: Bodies, model: Model, cell: Cell) -> Iterator[Case]:
    most = cell.domain.maximum
    if cell.domain.type != MEDIA_LIST or most is None:
        return
    case_id = bodies.case_id("refusals", f"{model.id}/{cell.parameter}-of-{most + 1}")
    body = bodies.body(case_id, model, {cell.parameter: [reference("data_uri")] * (most + 1)})
    why = f"'{cell.parameter}' has more than {most} reference images"
    flaw = Flaw(parameter=cell.parameter, fault=Fault.TOO_MANY, why=why, claims=cell.claim)
    yield from _refusal(bodies, case_id, model, body, flaw)


def _excluded(bodies: Bodies, model: Model) -> Iterator[Case]:
    for exclusion in bodies.contract.exclusions:
        params: dict[str, Json] = {name: values[0] for name, values in exclusion.when.items()}
        if not set(params) <= set(bodies.parameters):
            continue
        together = ",".join(f"{name}={value}" for name, value in params.items())
        case_id = bodies.case_id("refusals", f"{model.id}/{together}")
        flaw = Flaw(
            parameter=exclusion.parameter,
            fault=Fault.EXCLUDED,
            why=f"{together} is ruled out",
            claims=exclusion.claim,
        )
        yield from _refusal(bodies, case_id, model, bodies.body(case_id, model, params), flaw)


def _unsupported(bodies: Bodies, model: Model) -> Iterator[Case]:
    for cell in model.cells.values():
        if cell.support is Support.REFUSED and cell.parameter in bodies.parameters:
            for value in (bodies.parameters[cell.parameter].domain.enum or ("x",))[:2]:
                yield from _value(bodies, model, cell, value, Fault.UNSUPPORTED)


def _value(bodies: Bodies, model: Model, cell: Cell, value: str | int, fault: Fault) -> Iterator[Case]:
    """Yield the case of one value that a model does not take."""
    name = cell.parameter
    case_id = bodies.case_id("refusals", f"{model.id}/{name}={value}")
    companions = bodies.parameters[name].companions
    body = bodies.body(case_id, model, {**companions, **bodies.cheap_params(model), name: value})
    row = cell.error if fault is Fault.UNSUPPORTED else ""
    why = f"{model.id} has no {name} {value}"
    flaw = Flaw(parameter=name, fault=fault, why=why, claims=cell.claim, row=row)
    yield from _refusal(bodies, case_id, model, body, flaw)


def _first_taker(models: tuple[Model, ...], parameter: Parameter) -> Model | None:
    takers = (m for m in models if parameter.name == "model" or m.cells[parameter.name].support is Support.TAKEN)
    return next(takers, None)


def _values_claim(bodies: Bodies, model: Model, parameter: Parameter) -> ClaimIds:
    if parameter.name == "model" or not bodies.scope.any_decides(model.cells[parameter.name].claim):
        return parameter.claimed("values")
    return model.cells[parameter.name].claim
