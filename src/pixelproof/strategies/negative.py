"""Invalid requests: the nearest neighbours of valid ones, each with exactly one violation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pixelproof.case import Case, Send
from pixelproof.contract import Cell, ClaimIds, Json, Model, Parameter, Support
from pixelproof.deviation import Tier
from pixelproof.matrix import ERROR_ROWS, Fault
from pixelproof.strategies import corpus
from pixelproof.strategies.bodies import Bodies

#: Values of other models tried on each cell at core; all of them at full.
_NEIGHBOURS = 3
#: A value that no provider lists, by JSON type.
_WRONG_TYPES: Mapping[str, Json] = {"string": 7, "integer": "two", "boolean": "maybe"}
_NO_SUCH_MODEL = "pixelproof-no-such-model-1"


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
        yield from _unsupported(bodies, model)
    yield from _invented(bodies, models)


def has_refusal_row(bodies: Bodies) -> bool:
    """Tell whether the document has a 400 row at all, so that serving nonsense is a failure."""
    return any(
        400 in row.statuses and bodies.scope.any_decides(row.claim)  # noqa: PLR2004 - the status
        for row in bodies.contract.errors.rows.values()
    )


def _case(
    bodies: Bodies,
    case_id: str,
    step: Send,
    claims: ClaimIds,
    *,
    fault: Fault,
    why: str,
    must: bool,
    parameter: str,
    model: Model,
    row: str | None = None,
    tier: Tier = Tier.CORE,
) -> Case:
    scope = bodies.scope
    name = row or ERROR_ROWS.get(fault, "invalid_request")
    table_row = bodies.contract.errors.row(name)
    checks = [
        *scope.checks(
            "refused",
            claims,
            why=why,
            must=must and has_refusal_row(bodies),
            not_found_is_refusal=fault is Fault.UNKNOWN_MODEL,
        ),
        *scope.checks("error_row", table_row.claim, row=name, parameter=parameter, model=model.id, unless_served=True),
        *scope.checks("error_envelope", bodies.contract.errors.envelope.claim),
    ]
    return Case(id=case_id, steps=(step,), checks=tuple(checks), tier=tier, model=model.id)


def _missing(bodies: Bodies, model: Model) -> Iterator[Case]:
    for parameter in bodies.contract.parameters.values():
        if not parameter.required or not bodies.scope.any_decides(parameter.claimed("required")):
            continue
        for label, change in (("missing", None), ("null", {parameter.name: None})):
            case_id = f"refusals/{parameter.name}-{label}"
            body = {key: value for key, value in bodies.body(case_id, model).items() if key != parameter.name}
            yield _case(
                bodies,
                case_id,
                bodies.negative("main", {**body, **(change or {})}, model),
                parameter.claimed("required"),
                fault=Fault.MISSING,
                why=f"'{parameter.name}' is required",
                must=True,
                parameter=parameter.name,
                model=model,
                tier=Tier.SMOKE if label == "missing" else Tier.CORE,
            )


def _unknown_model(bodies: Bodies, model: Model) -> Iterator[Case]:
    case_id = "refusals/unknown-model"
    body = {**bodies.body(case_id, model), "model": _NO_SUCH_MODEL}
    claims = bodies.contract.parameters["model"].claimed("values")
    if bodies.scope.any_decides(claims):
        yield _case(
            bodies,
            case_id,
            bodies.negative("main", body, model),
            claims,
            fault=Fault.UNKNOWN_MODEL,
            why="no such model exists",
            must=True,
            parameter="model",
            model=model,
            tier=Tier.SMOKE,
        )


def _unknown_parameter(bodies: Bodies, models: tuple[Model, ...]) -> Iterator[Case]:
    claims = bodies.contract.unknown_claim
    if bodies.contract.unknown_policy is not Support.REFUSED or not bodies.scope.any_decides(claims):
        return
    for model in models:
        case_id = f"refusals/{model.id}/unknown-parameter"
        name = "pixelproof_probe"
        yield _case(
            bodies,
            case_id,
            bodies.negative("main", bodies.body(case_id, model, {**bodies.cheap_params(model), name: "x"}), model),
            claims,
            fault=Fault.UNKNOWN_PARAMETER,
            why=f"'{name}' is no parameter",
            must=True,
            parameter=name,
            model=model,
            tier=Tier.SMOKE if model is models[0] else Tier.CORE,
        )


def _wrong_types(bodies: Bodies, models: tuple[Model, ...]) -> Iterator[Case]:
    for parameter in bodies.contract.parameters.values():
        model = _first_taker(models, parameter)
        if model is None or parameter.domain.type not in _WRONG_TYPES:
            continue
        claims = _values_claim(bodies, model, parameter)
        if not bodies.scope.any_decides(claims):
            continue
        case_id = f"refusals/{parameter.name}-of-wrong-type"
        wrong = _WRONG_TYPES[parameter.domain.type]
        params = {**parameter.companions, **bodies.cheap_params(model), parameter.name: wrong}
        yield _case(
            bodies,
            case_id,
            bodies.negative("main", bodies.body(case_id, model, params), model),
            claims,
            fault=Fault.TYPE,
            why=f"'{parameter.name}' must be of type {parameter.domain.type}",
            must=False,
            parameter=parameter.name,
            model=model,
        )


def _foreign(bodies: Bodies, model: Model, cell: Cell) -> Iterator[Case]:
    if not cell.domain.enum or not bodies.scope.any_decides(cell.claim):
        return
    values = bodies.foreign_values(model, cell)
    for index, value in enumerate(values if bodies.scope.full else values[:_NEIGHBOURS]):
        first = index == 0 and cell.parameter == "size"
        yield _value_case(bodies, model, cell, value, Fault.ENUM, tier=Tier.SMOKE if first else Tier.CORE)


def _invented(bodies: Bodies, models: tuple[Model, ...]) -> Iterator[Case]:
    for parameter in bodies.contract.parameters.values():
        model = _first_taker(models, parameter)
        if model is None or not parameter.domain.enum:
            continue
        cell = model.cells[parameter.name]
        value = "1000x1000" if parameter.name == "size" else "pixelproof"
        claims = tuple(dict.fromkeys(parameter.claimed("values") + cell.claim))
        if bodies.scope.any_decides(claims):
            yield _value_case(bodies, model, cell, value, Fault.ENUM, claims=claims)


def _out_of_bounds(bodies: Bodies, model: Model, cell: Cell) -> Iterator[Case]:
    if cell.domain.type != "integer" or not bodies.scope.any_decides(cell.claim):
        return
    if cell.domain.maximum is not None:
        yield _value_case(bodies, model, cell, cell.domain.maximum + 1, Fault.MAXIMUM)
    if cell.domain.minimum is not None:
        yield _value_case(bodies, model, cell, cell.domain.minimum - 1, Fault.MINIMUM)


def _too_long(bodies: Bodies, model: Model, cell: Cell) -> Iterator[Case]:
    most = cell.domain.max_length
    if most is None or not bodies.scope.any_decides(cell.claim):
        return
    for label, filler in (("", ""), ("-two-byte", corpus.TWO_BYTES)):
        case_id = f"refusals/{model.id}/prompt-of-{most + 1}{label}"
        text = corpus.padded(case_id, most + 1, filler)
        body = {**bodies.body(case_id, model, bodies.cheap_params(model)), cell.parameter: text}
        yield _case(
            bodies,
            case_id,
            bodies.negative("main", body, model),
            cell.claim,
            fault=Fault.TOO_LONG,
            why=f"'{cell.parameter}' has more than {most} characters",
            must=True,
            parameter=cell.parameter,
            model=model,
        )


def _unsupported(bodies: Bodies, model: Model) -> Iterator[Case]:
    for cell in model.cells.values():
        if cell.support is not Support.REFUSED or not bodies.scope.any_decides(cell.claim):
            continue
        for value in (bodies.contract.parameters[cell.parameter].domain.enum or ("x",))[:2]:
            yield _value_case(bodies, model, cell, value, Fault.UNSUPPORTED, row=cell.error)


def _value_case(
    bodies: Bodies,
    model: Model,
    cell: Cell,
    value: str | int,
    fault: Fault,
    *,
    claims: ClaimIds = (),
    row: str | None = None,
    tier: Tier = Tier.CORE,
) -> Case:
    name = cell.parameter
    case_id = f"refusals/{model.id}/{name}={value}"
    companions = bodies.contract.parameters[name].companions
    body = bodies.body(case_id, model, {**companions, **bodies.cheap_params(model), name: value})
    return _case(
        bodies,
        case_id,
        bodies.negative("main", body, model),
        claims or cell.claim,
        fault=fault,
        why=f"{model.id} has no {name} {value}",
        must=True,
        parameter=name,
        model=model,
        row=row,
        tier=tier,
    )


def _first_taker(models: tuple[Model, ...], parameter: Parameter) -> Model | None:
    takers = (m for m in models if parameter.name == "model" or m.cells[parameter.name].support is Support.TAKEN)
    return next(takers, None)


def _values_claim(bodies: Bodies, model: Model, parameter: Parameter) -> ClaimIds:
    if parameter.name == "model" or not bodies.scope.any_decides(model.cells[parameter.name].claim):
        return parameter.claimed("values")
    return model.cells[parameter.name].claim


