"""Requests that Schemathesis makes up, judged as ours: by the matrix, and by the rules of its claims."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from hashlib import sha256

from pixelproof.contract import MEDIA, MEDIA_LIST, About, Json, Model, Support
from pixelproof.deviation import Tier
from pixelproof.matrix import Fault, Violation
from pixelproof.planning.case import Case, Check, reference
from pixelproof.strategies import corpus, generating
from pixelproof.strategies.bodies import Bodies
from pixelproof.strategies.negative import Flaw, flawed
from pixelproof.strategies.positive import shape_checks

#: First part of the ids of these cases.
GROUP = "schema"
#: Most requests of an operation: wrong ones are free where they are refused, right ones cost.
MOST_WRONG, MOST_RIGHT = 60, 10
#: Wrong requests of one kind: the same parameters wrong in the same way, for one model.
_ALIKE = 2
_USER = "user-1234"
#: Checks on the shape of a success that need no download.
_SHAPES = frozenset({"response_field", "items_hold_an_image"})


def cases(bodies: Bodies, seed: int) -> Iterator[Case]:
    """Yield the cases of one operation; the same for the same seed."""
    alike: Counter[object] = Counter()
    wrong = right = 0
    for made in generating.bodies_of(bodies.contract, bodies.operation, seed):
        body = _civil(bodies, made)
        model, faults = _model(bodies, body), _faults(bodies, body)
        if model is None or _open(bodies, body, faults):
            continue
        kind = (model.id, *((fault.parameter, fault.fault) for fault in faults))
        alike[kind] += 1
        if faults and alike[kind] <= _ALIKE and wrong < MOST_WRONG:
            found = [*_wrong(bodies, model, body, faults)]
            wrong += len(found)
            yield from found
        elif not faults and right < MOST_RIGHT and _plain(bodies, model, body):
            right += 1
            yield from _right(bodies, model, body)


def _wrong(bodies: Bodies, model: Model, body: Mapping[str, Json], faults: tuple[Violation, ...]) -> Iterator[Case]:
    first, *others = faults
    # which of several errors answers is nobody's promise: then only the refusal is judged
    flaw = _flaw(first)
    if others:
        deciding = [fault for fault in faults if bodies.scope.any_decides(fault.claim)]
        flaw = replace(flaw, claims=deciding[0].claim) if deciding else flaw
    for case in flawed(bodies, _id(bodies, body), model, body, flaw):
        checks = tuple(check for check in case.checks if not others or check.rule != "error_row")
        yield replace(case, checks=checks, tier=Tier.FULL)


def _right(bodies: Bodies, model: Model, body: Mapping[str, Json]) -> Iterator[Case]:
    checks = _well_served(bodies, model, body)
    if checks and not bodies.operation.creates_task:
        step = bodies.positive("main", body)
        yield Case(id=_id(bodies, body), steps=(step,), checks=tuple(checks), tier=Tier.FULL, model=model.id)


def _well_served(bodies: Bodies, model: Model, body: Mapping[str, Json]) -> list[Check]:
    """Return the checks on a valid body: served, in shape, as many images as asked for. No file is downloaded."""
    scope = bodies.scope
    served = scope.checks("served", model.claim, status=bodies.operation.success)
    if not served:
        return []
    cell = model.cells.get("n")
    counted = dict.fromkeys((cell.claim if cell is not None else ()) + bodies.contract.response.claimed("count"))
    shaped = [check for check in shape_checks(bodies, model) if check.rule in _SHAPES]
    count = bodies.matrix.effective(body).get("n", 1)
    return [*served, *shaped, *scope.checks("image_count", tuple(counted), n=count)]


def _civil(bodies: Bodies, made: Mapping[str, Json]) -> dict[str, Json]:
    """Return a body with benign text and real images where its own would do: third parties read prompts.

    An optional null leaves a parameter out, and a whole number may be written with a point;
    whether a server follows there is not what is tried.
    """
    wrong = {fault.parameter for fault in bodies.matrix.violations(made)}
    civil: dict[str, Json] = {}
    for name, value in made.items():
        parameter = bodies.parameters.get(name)
        kind = parameter.domain.type if parameter is not None else ""
        if value is None and not (parameter and parameter.required):
            continue
        if name in wrong:
            civil[name] = value
        elif kind in {MEDIA, MEDIA_LIST}:
            civil[name] = reference("data_uri") if kind == MEDIA else [reference("data_uri")]
        elif kind == "string" and parameter is not None and not parameter.domain.enum and name != "model":
            civil[name] = corpus.prompt(GROUP) if name == "prompt" else _USER
        else:
            civil[name] = int(value) if isinstance(value, float) and value.is_integer() else value
    return civil


def _faults(bodies: Bodies, body: Mapping[str, Json]) -> tuple[Violation, ...]:
    """Return what is wrong with a body, the first fault of each parameter; our placeholders are images."""
    images = {name for name, parameter in bodies.parameters.items() if parameter.domain.type in {MEDIA, MEDIA_LIST}}
    first: dict[str, Violation] = {}
    for fault in bodies.matrix.violations(body):
        if not (fault.parameter in images and "$reference" in json.dumps(body.get(fault.parameter))):
            first.setdefault(fault.parameter, fault)
    return tuple(first.values())


def _flaw(fault: Violation) -> Flaw:
    # whatever stands for a model and is none names a model that does not exist
    kind = Fault.UNKNOWN_MODEL if fault.parameter == "model" and fault.fault is not Fault.MISSING else fault.fault
    row = fault.error if fault.fault is Fault.UNSUPPORTED else ""
    return Flaw(parameter=fault.parameter, fault=kind, why=fault.message, claims=fault.claim, row=row)


def _model(bodies: Bodies, body: Mapping[str, Json]) -> Model | None:
    """Return the model of a body, or one to reckon with where it names none that exists."""
    named = bodies.matrix.effective(body).get("model")
    known = {model.id: model for model in bodies.models()}
    if isinstance(named, str) and named in bodies.contract.models:
        return known.get(named)  # a model that only the reference describes is not ours to judge
    return next(iter(bodies.tested()), None)


def _open(bodies: Bodies, body: Mapping[str, Json], faults: tuple[Violation, ...]) -> bool:
    """Tell whether the documents leave open what becomes of a body."""
    contract, values = bodies.contract, bodies.matrix.effective(body)
    wrong = {fault.parameter for fault in faults}
    rows = {fault.error for fault in faults}
    for point in contract.ambiguities:
        if point.about is About.REQUEST and (wrong & (set(point.subject) - {"model"}) or point.covers(values)):
            return True
        if point.about is About.STATUS and (point.row in rows or (point.row == "unknown_model" and "model" in wrong)):
            return True
    features = {name for name, parameter in bodies.parameters.items() if parameter.optional_feature}
    unknown = set(body) - set(bodies.parameters) - _aliases(bodies)
    return bool(features & set(body)) or (bool(unknown) and contract.unknown_policy is not Support.REFUSED)


def _aliases(bodies: Bodies) -> set[str]:
    return {alias for parameter in bodies.parameters.values() for alias in parameter.aliases}


def _plain(bodies: Bodies, model: Model, body: Mapping[str, Json]) -> bool:
    """Tell whether each parameter of a valid body is one that its model documents, with what belongs beside it."""
    taken = {cell.parameter for cell in bodies.taken(model)}
    if not set(body) - {"model"} <= taken:
        return False
    for name in body:
        companions = bodies.parameters[name].companions
        if any(body.get(beside) != value for beside, value in companions.items()):
            return False
    transparent = any(body.get(name) in values for name, values in bodies.contract.images.alpha_when.items())
    return not (transparent and body.get("output_format") == "jpeg")


def _id(bodies: Bodies, body: Mapping[str, Json]) -> str:
    written = json.dumps(body, sort_keys=True)
    return bodies.case_id(GROUP, sha256(written.encode()).hexdigest()[:10])
