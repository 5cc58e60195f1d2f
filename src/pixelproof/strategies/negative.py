"""Invalid requests: the nearest neighbours of valid ones, each with exactly one violation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from pixelproof.contract import MEDIA_LIST, Cell, ClaimIds, Json, Model, Parameter, Support
from pixelproof.deviation import Tier
from pixelproof.matrix import ERROR_ROWS, Fault
from pixelproof.planning.case import Case, Poll, ReadBalance, Step, reference
from pixelproof.strategies import corpus
from pixelproof.strategies.bodies import Bodies
from pixelproof.strategies.served import unpaid

#: Values of other models tried on each cell at core; all of them at full.
_NEIGHBOURS = 3
#: Stands for a list with one right value.
_A_LIST: Json = []
#: Values of other types, by JSON type and by what they are called: the ones that careless servers convert come last.
_WRONG_TYPES: Mapping[str, Mapping[str, Json]] = {
    "string": {"of-wrong-type": 7, "as-a-list": _A_LIST},
    "integer": {"of-wrong-type": "two", "as-text": "1", "as-a-fraction": 1.5},
    "boolean": {"of-wrong-type": "maybe"},
}
#: Which of them nobody reads as a number, and as a word of a list.
_PLAIN_NUMBERS, _PLAIN_WORDS = frozenset({"of-wrong-type", "as-a-fraction", "in-a-list"}), frozenset({"as-a-list"})
#: Faults that who charges too early has charged for by then: everything that the price is made of was there.
_PRICED = frozenset({Fault.MAXIMUM, Fault.TOO_LONG, Fault.MISSING})
#: More of them, where there is room: what no converting makes right, and few look out for.
_STRANGE_TYPES: Mapping[str, Mapping[str, Json]] = {
    "string": {"as-an-object": {"text": "a red apple"}, "as-a-truth-value": True},
    "integer": {"in-a-list": [1], "as-a-truth-value": True},
}
#: What follows the name of a model that exists: whoever compares beginnings takes it for that one.
_NO_SUCH_MODEL = "-pixelproof"
_NO_SUCH_PARAMETER = "pixelproof_probe"
#: The parameters tried with values of every other type: a number and one of few words at core, free text where there
#: is room.
_NAMED, _FREE = frozenset({"n", "quality"}), frozenset({"prompt"})
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
    #: True for a value of another type that no server reads as a right one by converting it.
    is_plain: bool = False

    @property
    def error(self) -> str:
        """Return the row of the error table that should answer."""
        return self.row or ERROR_ROWS.get(self.fault, "invalid_request")

    def must(self, *, refusals_documented: bool) -> bool:
        """Tell whether serving it is a failure, not only a warning.

        It is where the document says only, must or at most, and where it lists the allowed
        values and documents refusals at all. A value of another type counts like one that is
        not listed where nothing makes it right; a server may convert the text 1 to a number.
        """
        if self.fault is Fault.TYPE:
            return refusals_documented and self.is_plain
        if self.fault in {Fault.ENUM, Fault.UNKNOWN_MODEL, Fault.UNKNOWN_PARAMETER}:
            return refusals_documented
        return True


def cases(bodies: Bodies) -> Iterator[Case]:
    """Yield every request with one violation of the matrix."""
    models = bodies.tested()
    if not models:
        return
    yield from _missing(bodies, models[0])
    yield from _unknown_model(bodies, models[0])
    yield from _unknown_parameter(bodies, models)
    yield from _wrong_types(bodies, models)
    yield from _empty_prompt(bodies, models[0])
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
    case = Case(id=case_id, steps=_sent(bodies, model, body), checks=tuple(checks), model=model.id)
    looked_at = flaw.fault in _PRICED and model is bodies.tested()[0] and not bodies.operation.creates_task
    yield unpaid(bodies, case) if looked_at else case


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


def _empty_prompt(bodies: Bodies, model: Model) -> Iterator[Case]:
    """Yield a prompt without a character: whether it is one is nowhere written, but nobody may break down on it."""
    prompt = bodies.parameters.get("prompt")
    if prompt is None or bodies.operation.creates_task:
        return
    case_id = bodies.case_id("refusals", "prompt-empty")
    body = {**bodies.body(case_id, model, bodies.cheap_params(model)), "prompt": ""}
    checks = bodies.scope.checks("answered", prompt.claimed("required"))
    yield Case(id=case_id, steps=(bodies.negative("main", body, model),), checks=tuple(checks), model=model.id)


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
        # a model that is no text does not exist either: its status is disputed with theirs
        disputed = parameter.name == "model" and bodies.status_disputed("unknown_model")
        if model is None or disputed:
            continue
        flaw = Flaw(
            parameter=parameter.name,
            fault=Fault.TYPE,
            why=f"'{parameter.name}' must be of type {parameter.domain.type}",
            claims=_values_claim(bodies, model, parameter),
        )
        for label, wrong in _of_wrong_type(bodies, model, parameter):
            case_id = bodies.case_id("refusals", f"{parameter.name}-{label}")
            params = {**parameter.companions, **bodies.cheap_params(model), parameter.name: wrong}
            plain = replace(flaw, is_plain=_is_plain(parameter, label))
            yield from _refusal(bodies, case_id, model, bodies.body(case_id, model, params), plain)


def _is_plain(parameter: Parameter, label: str) -> bool:
    """Tell whether no converting makes a value of another type a right one."""
    if parameter.domain.type == "integer":
        return label in _PLAIN_NUMBERS
    return label in _PLAIN_WORDS and bool(parameter.domain.enum)


def _of_wrong_type(bodies: Bodies, model: Model, parameter: Parameter) -> Iterator[tuple[str, Json]]:
    """Yield values of other types than a parameter's, each with its label.

    What is looked up, or joined, without a look at its type breaks down on a list or takes it.
    A task is watched to its end, so where tasks are made one value must do; where there is but
    one model to ask, there is room for every value of every parameter.
    """
    roomy = bodies.scope.full or (len(bodies.models()) == 1 and not bodies.operation.creates_task)
    named = roomy or (parameter.name in _NAMED and not bodies.operation.creates_task)
    known = dict(_WRONG_TYPES.get(parameter.domain.type, {}))
    if roomy and parameter.name in _NAMED | _FREE:
        known |= _STRANGE_TYPES.get(parameter.domain.type, {})
    for index, (label, value) in enumerate(known.items()):
        if named or not index:
            valid = bodies.body(label, model).get(parameter.name) or next(iter(parameter.domain.enum or ("x",)))
            yield label, [valid] if value is _A_LIST else value


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
    if cell.domain.type == "integer":
        for value, fault in (*_beyond_most(bodies, model, cell), *_below_least(bodies, model, cell)):
            yield from _value(bodies, model, cell, value, fault)


def _beyond_most(bodies: Bodies, model: Model, cell: Cell) -> Iterator[tuple[int, Fault]]:
    """Yield the least number beyond the most; where that is disputed, the least beyond every reading."""
    most = cell.domain.maximum, bodies.parameters[cell.parameter].domain.maximum
    beyond = (bound + 1 for bound in most if bound is not None)
    free = (value for value in beyond if not bodies.disputed(model, cell.parameter, str(value)))
    first = next(free, None)
    if first is not None:
        yield first, Fault.MAXIMUM


def _below_least(bodies: Bodies, model: Model, cell: Cell) -> Iterator[tuple[int, Fault]]:
    """Yield the greatest number below the least, and for one model a negative one: sizes of lists break on those."""
    least, tested = cell.domain.minimum, bodies.tested()
    if least is None:
        return
    values = [least - 1]
    if cell.parameter == "n" and least == 1:
        # who takes zero for one takes it for the second model, and for the second operation, too
        is_second = model in tested[1:2] or bodies.operation.name != "generate"
        values = [-1] if is_second else [*values, -1] if len(tested) == 1 else values
    for value in values:
        if not bodies.disputed(model, cell.parameter, str(value)):
            yield value, Fault.MINIMUM


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
