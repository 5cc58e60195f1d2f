"""Valid requests: each documented value alone, then the pairs of values together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from math import inf

from pixelproof.contract import Cell, ClaimIds, Json, Model, Presence, ResponseField, Support
from pixelproof.deviation import Tier
from pixelproof.planning import covering
from pixelproof.planning.case import Case, Check, Fetch, Key, KeyRole, ReadBalance, Send
from pixelproof.strategies import corpus
from pixelproof.strategies.bodies import Bodies
from pixelproof.strategies.money import charge_checks
from pixelproof.strategies.served import watched

_DEFAULT_N, _PAIR, _THREE = 1, 2, 3
_FRESH = Key(role=KeyRole.FRESH)
#: What clients of other providers send along: OpenAI's own, and one that nobody has.
_FURTHER: Mapping[str, Json] = {"user": "user-1234", "pixelproof_probe": "x"}


def cases(bodies: Bodies) -> Iterator[Case]:
    """Yield every valid request that the matrix documents; whatever is served must be whole."""
    return (watched(bodies, _whole(bodies, case)) for case in _planned(bodies))


def _whole(bodies: Bodies, case: Case) -> Case:
    """Return a case that also judges the keys of its success body, which no parameter excuses."""
    step = next((step for step in case.sends() if step.name == "main"), None)
    model = bodies.contract.models.get(case.model or "")
    served = any(check.rule == "served" for check in case.checks)
    if model is None or not served or step is None:
        return case
    named = [name for name in step.body or {} if name in model.cells]
    more = [
        *(check for field in bodies.contract.response.fields for check in _field_checks(bodies, model, field, ())),
        *bodies.scope.checks("items_hold_an_image", bodies.contract.response.claimed("items")),
        *(check for name in ("model", *named) for check in _echo_checks(bodies, model, name)),
        *revised_checks(bodies, model),
    ]
    known = {(check.rule, check.claim, repr(check.args)) for check in case.checks}
    fresh = [check for check in more if (check.rule, check.claim, repr(check.args)) not in known]
    return replace(case, checks=(*case.checks, *fresh))


def _planned(bodies: Bodies) -> Iterator[Case]:
    yield from _default_model(bodies)
    for index, model in enumerate(bodies.tested()):
        yield minimal(bodies, model, tier=Tier.SMOKE if index < _SMOKE_MODELS else Tier.CORE)
        yield from _values(bodies, model)
        yield from _counts(bodies, model)
        yield from _numbers(bodies, model)
        yield from _lengths(bodies, model)
        yield from _pairs(bodies, model)
        yield from _custom_sizes(bodies, model)
        yield from _not_its_own(bodies, model)
    yield from _look_alikes(bodies)
    yield from _aliases(bodies)
    yield from _optional_features(bodies)
    yield from _nulls(bodies)
    yield from _model_list(bodies)
    yield from _other_prompt(bodies)


#: How many models the smoke tier tries.
_SMOKE_MODELS = 3


def minimal(bodies: Bodies, model: Model, *, tier: Tier) -> Case:
    """Return the request with nothing optional in it: what comes back are the defaults."""
    case_id = f"images/{model.id}/minimal"
    body = bodies.body(case_id, model)
    serves = bodies.contract.operations["generate"].claimed("serves")
    checks = [
        *_served(bodies, _unique(serves + model.claim)),
        *shape_checks(bodies, model),
        *_default_checks(bodies, model),
        *_echo_checks(bodies, model, "model"),
        *(check for name in _with_defaults(bodies, model) for check in _echo_checks(bodies, model, name)),
        *revised_checks(bodies, model),
        *bodies.scope.checks("said_to_be_json", serves),
    ]
    return Case(
        id=case_id,
        steps=(bodies.positive("main", body, fetch=Fetch.ALL),),
        checks=tuple(checks),
        tier=tier,
        model=model.id,
    )


def _with_defaults(bodies: Bodies, model: Model) -> tuple[str, ...]:
    """Return the parameters whose documented default must show where an answer repeats what was used."""
    cells = (cell for cell in bodies.taken(model) if cell.default is not None)
    return tuple(cell.parameter for cell in cells if bodies.scope.any_decides(cell.default_claim))


def shape_checks(bodies: Bodies, model: Model) -> list[Check]:
    """Return the checks that every success body of a model must pass."""
    scope, response = bodies.scope, bodies.contract.response
    return [
        *(check for field in response.fields for check in _field_checks(bodies, model, field, ())),
        *scope.checks("items_hold_an_image", response.claimed("items")),
        *scope.checks("image_decodes", response.claimed("items")),
        *scope.checks("url_reachable", _unique(_url_claims(bodies) + _life_claims(bodies, model))),
    ]


def revised_checks(bodies: Bodies, model: Model) -> list[Check]:
    """Return the check on ``revised_prompt`` where the model's row says something about it."""
    if model.revised_prompt is Presence.OPTIONAL:
        return []
    return bodies.scope.checks("revised_prompt", model.revised_prompt_claim, presence=model.revised_prompt.value)


def _field_checks(bodies: Bodies, model: Model, field: ResponseField, parent: tuple[str, ...]) -> Iterator[Check]:
    if field.models is not None and model.id not in field.models:
        return
    path = (*parent, field.name)
    yield from bodies.scope.checks("response_field", field.claim, field=".".join(path))
    for inner in field.fields:
        yield from _field_checks(bodies, model, inner, path)


def _default_checks(bodies: Bodies, model: Model) -> list[Check]:
    scope, parameters = bodies.scope, bodies.contract.parameters
    checks: list[Check] = []
    if "n" in parameters:
        claims = _unique(parameters["n"].claimed("default") + bodies.contract.response.claimed("count"))
        checks += scope.checks("image_count", claims, n=_DEFAULT_N)
    size = model.cells.get("size")
    if size is not None and size.default is not None:
        checks += scope.checks("image_size", _unique(size.default_claim), size=size.default)
    return checks + _format_checks(bodies, model)


def _format_checks(bodies: Bodies, model: Model) -> list[Check]:
    if model.delivers is not None:
        return bodies.scope.checks("format_delivered", model.delivers_claim, format=model.delivers)
    cell = model.cells.get("response_format")
    if cell is None or cell.support is not Support.TAKEN:
        return []
    return bodies.scope.checks("format_delivered", cell.default_claim, format=cell.default)


def _values(bodies: Bodies, model: Model) -> Iterator[Case]:
    defaults = _named_together(bodies, model)
    if defaults:
        yield _named_defaults(bodies, model, defaults)
    for cell in bodies.taken(model):
        if bodies.scope.any_decides(cell.claim):
            for value in bodies.open_values(model, cell):
                if defaults.get(cell.parameter) != value:
                    yield _one_value(bodies, model, cell, value)


def _named_together(bodies: Bodies, model: Model) -> dict[str, Json]:
    """Return the defaults that one request names together: which of them is refused, the first model shows alone."""
    if model is bodies.tested()[0] or bodies.scope.full:
        return {}
    named: dict[str, Json] = {
        cell.parameter: cell.default
        for cell in bodies.taken(model)
        if bodies.scope.any_decides(cell.claim) and cell.default in bodies.open_values(model, cell)
    }
    alone = any(bodies.parameters[name].companions for name in named)
    return {} if alone or len(named) == 1 else named


def _named_defaults(bodies: Bodies, model: Model, named: Mapping[str, Json]) -> Case:
    case_id = f"images/{model.id}/{','.join(f'{name}={value}' for name, value in named.items())}"
    checks: list[Check] = []
    for name, value in named.items():
        cell = model.cells[name]
        checks += [*_served(bodies, cell.claim), *_value_checks(bodies, model, cell, str(value))]
    step = bodies.positive("main", bodies.body(case_id, model, named), fetch=Fetch.ALL)
    distinct = {repr(check): check for check in (*checks, *revised_checks(bodies, model))}
    return Case(id=case_id, steps=(step,), checks=tuple(distinct.values()), model=model.id)


def _one_value(bodies: Bodies, model: Model, cell: Cell, value: str) -> Case:
    name = cell.parameter
    case_id = f"images/{model.id}/{name}={value}"
    body = bodies.body(case_id, model, {**_companions(bodies, name), **bodies.cheap_params(model), name: value})
    checks = [*_served(bodies, cell.claim), *_value_checks(bodies, model, cell, value)]
    if name != "size":
        checks += [*revised_checks(bodies, model), *_size_checks(bodies, model, body)]
    smoke = name == "response_format" and value == "b64_json"
    return Case(
        id=case_id,
        steps=(bodies.positive("main", body, fetch=Fetch.ALL),),
        checks=tuple(checks),
        tier=Tier.SMOKE if smoke and model is bodies.tested()[0] else Tier.CORE,
        model=model.id,
    )


def _size_checks(bodies: Bodies, model: Model, body: Mapping[str, Json]) -> list[Check]:
    """Return the checks that an image has the size of its body, whatever else stands there."""
    cell, size = model.cells.get("size"), body.get("size")
    return bodies.scope.checks("image_size", cell.claim, size=size) if cell is not None and size is not None else []


def _value_checks(bodies: Bodies, model: Model, cell: Cell, value: str) -> list[Check]:
    scope, name = bodies.scope, cell.parameter
    checks: list[Check] = []
    if name == "size":
        checks += scope.checks("image_size", cell.claim, size=value)
    if name == "response_format":
        checks += scope.checks("format_delivered", _unique(cell.claim + _url_claims(bodies)), format=value)
        checks += scope.checks("image_decodes", _unique(cell.claim + bodies.contract.response.claimed("items")))
    if name == "output_format":
        checks += scope.checks("image_type", cell.claim, type=value)
    if value in bodies.contract.images.alpha_when.get(name, ()):
        checks += scope.checks("image_transparent", bodies.contract.images.alpha_claim)
    return checks + _echo_checks(bodies, model, name)


def _echo_checks(bodies: Bodies, model: Model, name: str, claims: ClaimIds = ()) -> list[Check]:
    """Return the checks on keys that repeat a parameter, by their own claims or by ``claims``."""
    return [
        check
        for path, field in _echoes(bodies.contract.response.fields, ())
        if (field.echoes or field.name) == name and (field.models is None or model.id in field.models)
        for check in bodies.scope.checks("echo", claims or field.claim, field=".".join(path), parameter=name)
    ]


def _echoes(
    fields: tuple[ResponseField, ...], parent: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], ResponseField]]:
    """Yield the keys that repeat a parameter: by name at the top, by ``echoes`` anywhere."""
    for field in fields:
        if field.echoes is not None or not parent:
            yield (*parent, field.name), field
        yield from _echoes(field.fields, (*parent, field.name))


def _counts(bodies: Bodies, model: Model) -> Iterator[Case]:
    parameter, cell = bodies.contract.parameters.get("n"), model.cells.get("n")
    if parameter is None or cell is None:
        return
    counted, exact = parameter.claimed("count"), _exact_counts(bodies, model, cell)
    # where one image alone is documented, several are a refusal, which stands elsewhere
    if bodies.scope.any_decides(counted) and exact != (1,):
        several = _several(bodies, model)
        if several not in exact:
            yield _count_case(bodies, model, several, counted, or_refused=True)
        # who only looks for none at all takes a negative number; one model shows that
        for n in (0, -1) if model is bodies.tested()[0] else (0,):
            yield _none_at_all(bodies, model, counted, n)
    for n in exact:
        case = _count_case(bodies, model, n, cell.claim, or_refused=False)
        yield replace(case, checks=(*case.checks, *bodies.scope.checks("image_count", counted, n=n, or_refused=True)))


def _exact_counts(bodies: Bodies, model: Model, cell: Cell) -> tuple[int, ...]:
    """Return the numbers of images that a model is held to: what is documented for it alone decides."""
    if not bodies.scope.any_decides(cell.claim):
        return ()
    most = cell.domain.maximum or 1
    # beside the most, two say nothing more for a model that is not the first
    least = min(_PAIR, most) if model is bodies.tested()[0] or bodies.scope.full else most
    return tuple(sorted({least, most}))


def _several(bodies: Bodies, model: Model) -> int:
    """Return how many images a model that is held to no number is asked for: two, and three of the last one."""
    able = [one for one in bodies.tested() if _most(one) > _PAIR]
    return _THREE if len(able) > 1 and model is able[-1] else _PAIR


def _none_at_all(bodies: Bodies, model: Model, claims: ClaimIds, n: int) -> Case:
    """Return a request for no image, or fewer: where no least number is documented, it is refused or gets none."""
    case_id = f"images/{model.id}/n={n}"
    step = bodies.negative("main", bodies.body(case_id, model, {**bodies.cheap_params(model), "n": n}), model)
    checks = bodies.scope.checks("image_count", claims, n=0, or_refused=True)
    return Case(id=case_id, steps=(step,), checks=tuple(checks), model=model.id)


def _count_case(bodies: Bodies, model: Model, n: int, claims: ClaimIds, *, or_refused: bool) -> Case:
    case_id = f"images/{model.id}/n={n}"
    by_url = _by_url(bodies, model, n, is_alone=or_refused)
    way = {} if by_url else bodies.inline(model)
    cheap = _size_of_many(bodies, model)
    clear = _transparent(bodies, model) if n > 1 else {}
    body = bodies.body(case_id, model, {**way, **cheap, **clear, "n": n})
    checks = bodies.scope.checks("image_count", claims, n=n, or_refused=or_refused)
    if not or_refused:
        checks = [*_served(bodies, claims), *checks]
    if n > 1:
        items = bodies.contract.response.claimed("items")
        checks += bodies.scope.checks("items_hold_an_image", items, or_refused=or_refused)
        checks += bodies.scope.checks("image_decodes", items, or_refused=or_refused)
        checks += _each_as_asked(bodies, model, body, or_refused=or_refused)
    if by_url:
        reach = _unique(_url_claims(bodies) + _life_claims(bodies, model))
        checks += bodies.scope.checks("url_reachable", reach, or_refused=or_refused)
    step = bodies.positive("main", body, fetch=Fetch.ALL)
    return Case(id=case_id, steps=(step,), checks=tuple(checks), tier=_early(n, bodies, model), model=model.id)


def _size_of_many(bodies: Bodies, model: Model) -> dict[str, Json]:
    """Return the size of several images: the cheapest; look-alikes show theirs here, if they take any size."""
    cell = model.cells.get("size")
    custom = cell.domain.custom if cell is not None and model.like is not None else None
    free = [size for size in _CUSTOM_SIZES if custom is not None and custom.covers(size)]
    decides = custom is not None and bodies.scope.any_decides(custom.claim)
    return {"size": free[0]} if free and decides else bodies.cheap_params(model)


def _transparent(bodies: Bodies, model: Model) -> dict[str, Json]:
    """Return the parameter that asks a model for a transparent background, where it takes one without others."""
    return {
        name: values[0]
        for name, values in bodies.contract.images.alpha_when.items()
        if (cell := model.cells.get(name)) is not None and cell.support is Support.TAKEN
        if not _companions(bodies, name)
    }


def _each_as_asked(bodies: Bodies, model: Model, asked: Mapping[str, Json], *, or_refused: bool) -> list[Check]:
    """Return the checks that of several images each one has the size, the format and the background asked for."""
    scope, checks = bodies.scope, list[Check]()
    if "size" in asked:
        claims = model.cells["size"].claim
        checks += scope.checks("image_size", claims, size=asked["size"], or_refused=or_refused)
    cell = model.cells.get("response_format")
    if cell is not None and cell.support is Support.TAKEN and model.delivers is None:
        wanted = asked.get("response_format", cell.default)
        checks += scope.checks("format_delivered", _url_claims(bodies), format=wanted, or_refused=or_refused)
    if any(name in asked for name in bodies.contract.images.alpha_when):
        checks += scope.checks("image_transparent", bodies.contract.images.alpha_claim, or_refused=or_refused)
    return checks


def _by_url(bodies: Bodies, model: Model, n: int, *, is_alone: bool) -> bool:
    """Tell whether several images are asked for by URL, so that the second one's is tried too; most come inline."""
    several = [one for one in bodies.tested() if bodies.inline(one) and _most(one) > 1]
    if model not in several:
        return False
    return (n == _PAIR < _most(model) and not is_alone) or (len(several) > 1 and model is several[-1])


def _most(model: Model) -> float:
    cell = model.cells.get("n")
    most = cell.domain.maximum if cell is not None else 1
    return inf if most is None else most


def _early(n: int, bodies: Bodies, model: Model) -> Tier:
    return Tier.SMOKE if n == _PAIR and model is bodies.tested()[0] else Tier.CORE


def _numbers(bodies: Bodies, model: Model) -> Iterator[Case]:
    for cell in bodies.taken(model):
        if cell.parameter == "n" or cell.domain.type != "integer" or not bodies.scope.any_decides(cell.claim):
            continue
        for value in (cell.domain.minimum, cell.domain.maximum):
            if value is not None:
                yield _number_case(bodies, model, cell, value)


def _number_case(bodies: Bodies, model: Model, cell: Cell, value: int) -> Case:
    case_id = f"images/{model.id}/{cell.parameter}={value}"
    params = {**_companions(bodies, cell.parameter), **bodies.cheap_params(model), cell.parameter: value}
    step = bodies.positive("main", bodies.body(case_id, model, params))
    return Case(id=case_id, steps=(step,), checks=tuple(_served(bodies, cell.claim)), model=model.id)


def _lengths(bodies: Bodies, model: Model) -> Iterator[Case]:
    cell = model.cells.get("prompt")
    most = cell.domain.max_length if cell else None
    if cell is None or most is None or not bodies.scope.any_decides(cell.claim):
        return
    # the second kind alone shows what both do, as long as it is served
    labels = (("", ""), ("-astral", corpus.ASTRAL))
    for label, filler in labels if model is bodies.tested()[0] or bodies.scope.full else labels[1:]:
        case_id = f"images/{model.id}/prompt-of-{most}{label}"
        params = {**bodies.inline(model), **bodies.cheap_params(model)}
        body = {**bodies.body(case_id, model, params), "prompt": corpus.padded(case_id, most, filler)}
        step = bodies.positive("main", body)
        yield Case(id=case_id, steps=(step,), checks=tuple(_served(bodies, cell.claim)), model=model.id)


def _pairs(bodies: Bodies, model: Model) -> Iterator[Case]:
    columns = {
        cell.parameter: bodies.open_values(model, cell)
        for cell in bodies.taken(model)
        if cell.domain.enum and not bodies.contract.parameters[cell.parameter].companions
    }
    single = [{**_defaults(model, columns), name: value} for name, values in columns.items() for value in values]
    rows = covering.every(columns) if bodies.scope.full else covering.pairwise(columns, single)
    for row in rows:
        yield _combination(bodies, model, row)


def _combination(bodies: Bodies, model: Model, row: Mapping[str, str]) -> Case:
    case_id = f"images/{model.id}/" + ",".join(row.values())
    scope, claims = bodies.scope, model.claim
    checks = [*_served(bodies, claims), *revised_checks(bodies, model)]
    if "size" in row:
        checks += scope.checks("image_size", claims, size=row["size"])
    if "response_format" in row:
        checks += scope.checks("format_delivered", claims, format=row["response_format"])
    if any(row.get(name) in values for name, values in bodies.contract.images.alpha_when.items()):
        if row.get("output_format") != "jpeg":
            checks += scope.checks("image_transparent", bodies.contract.images.alpha_claim)
        else:
            row = {**row, "background": "opaque"}
            case_id = f"images/{model.id}/" + ",".join(row.values())
    if "output_format" in row:
        checks += scope.checks("image_type", claims, type=row["output_format"])
    checks += scope.checks("image_decodes", bodies.contract.response.claimed("items"))
    body = bodies.body(case_id, model, dict(row))
    return _paid(bodies, Case(id=case_id, steps=(), checks=tuple(checks), model=model.id), body)


def _paid(bodies: Bodies, case: Case, body: Mapping[str, Json]) -> Case:
    """Return a case that sends a body and, where a wallet can be read, looks at what it takes."""
    before, after = (ReadBalance(name=name, key=_FRESH, optional=True) for name in ("before", "after"))
    paid = charge_checks(bodies, body)
    step = bodies.positive("main", body, key=_FRESH if paid else None, fetch=Fetch.ALL)
    return replace(case, steps=(before, step, after) if paid else (step,), checks=(*case.checks, *paid))


#: Sizes that no provider lists, tall and wide, of about a megapixel and in steps of 64: where the document gives
#: custom sizes no bounds, a server may have these.
_CUSTOM_SIZES = ("768x1344", "1344x768")
#: One that is a step of eight only: it may be refused, but what is served has it.
_ODD_SIZE = "1280x720"


def _custom_sizes(bodies: Bodies, model: Model) -> Iterator[Case]:
    cell = model.cells.get("size")
    custom = cell.domain.custom if cell is not None else None
    if custom is None or not bodies.scope.any_decides(custom.claim):
        return
    for size in (size for size in _CUSTOM_SIZES if custom.covers(size)):
        case_id = f"images/{model.id}/size={size}"
        step = bodies.positive("main", bodies.body(case_id, model, {"size": size}), fetch=Fetch.ALL)
        checks = [*_served(bodies, custom.claim), *bodies.scope.checks("image_size", custom.claim, size=size)]
        yield Case(id=case_id, steps=(step,), checks=tuple(checks), model=model.id)
    case_id = f"images/{model.id}/size={_ODD_SIZE}"
    if custom.covers(_ODD_SIZE):
        step = bodies.positive("main", bodies.body(case_id, model, {"size": _ODD_SIZE}), fetch=Fetch.ALL)
        checks = bodies.scope.checks("image_size", custom.claim, size=_ODD_SIZE, or_refused=True)
        yield Case(id=case_id, steps=(step,), checks=tuple(checks), model=model.id)


def _not_its_own(bodies: Bodies, model: Model) -> Iterator[Case]:
    """Yield the parameters that belong to other models, all at once: ignored or refused, but never a breakdown."""
    foreign: dict[str, Json] = {}
    claims: ClaimIds = ()
    for parameter in bodies.parameters.values():
        cell = model.cells.get(parameter.name)
        exclusive = parameter.claimed("exclusive")
        if cell is not None and cell.support is not Support.TAKEN and bodies.scope.any_decides(exclusive):
            foreign[parameter.name] = (parameter.domain.enum or ("x",))[-1]
            claims += exclusive
    if foreign:
        case_id = f"images/{model.id}/{','.join(f'{name}={value}' for name, value in foreign.items())}"
        yield _answered(bodies, model, case_id, {**bodies.cheap_params(model), **foreign}, _unique(claims))


def _answered(bodies: Bodies, model: Model, case_id: str, params: Mapping[str, Json], claims: ClaimIds) -> Case:
    """Return a request that may be served or refused, but never breaks the server down."""
    body = bodies.body(case_id, model, params)
    price = bodies.price({name: value for name, value in body.items() if value is not None})
    step = Send(name="main", operation=bodies.operation.name, body=body, price=price, worst=price)
    return Case(id=case_id, steps=(step,), checks=tuple(bodies.scope.checks("answered", claims)), model=model.id)


def _other_prompt(bodies: Bodies) -> Iterator[Case]:
    """Yield requests for two different things, and the first once more where answers have a key of their own.

    The second prompt says its own in other scripts than ours, in quotes and on two lines.
    """
    items, said = bodies.contract.response.claimed("items"), bodies.parameters["prompt"].claimed("values")
    serves = bodies.contract.operations["generate"]
    for model in bodies.tested()[:1]:
        case_id = f"images/{model.id}/another-prompt"
        first = bodies.body(case_id, model, {**bodies.inline(model), **bodies.cheap_params(model)})
        sent = {"first": first, "other": {**first, "prompt": corpus.in_other_scripts(case_id)}}
        named: list[Json] = [*sent]
        own = _own_keys(bodies, named)
        if own:
            sent["again"] = first
            own = _own_keys(bodies, [*named, "again"])
        checks = [
            *bodies.scope.checks(
                "served", _unique(said + serves.claimed("serves")), step="other", status=serves.success
            ),
            *bodies.scope.checks("pictures_differ", _unique(items + said), steps=named),
            *bodies.scope.checks("revised_apart", _revised_claims(model), steps=named),
            *own,
        ]
        steps = tuple(bodies.positive(name, body, fetch=Fetch.ALL) for name, body in sent.items())
        yield Case(id=case_id, steps=steps, checks=tuple(checks), model=model.id)


def _own_keys(bodies: Bodies, steps: list[Json]) -> list[Check]:
    """Return the checks on keys that have another value in every answer."""
    return [
        check
        for path, field in _every(bodies.contract.response.fields, ())
        if field.unique
        for check in bodies.scope.checks("unique_values", field.claim, field=".".join(path), steps=steps)
    ]


def _revised_claims(model: Model) -> ClaimIds:
    return model.revised_prompt_claim if model.revised_prompt is Presence.ALWAYS else ()


def _every(
    fields: tuple[ResponseField, ...], parent: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], ResponseField]]:
    for field in fields:
        yield (*parent, field.name), field
        yield from _every(field.fields, (*parent, field.name))


def _nulls(bodies: Bodies) -> Iterator[Case]:
    """Yield what some clients send: every optional parameter as null, and some that no page names."""
    claims = bodies.contract.operations["generate"].claimed("serves")
    for model in bodies.tested()[:1]:
        optional = [cell.parameter for cell in bodies.taken(model) if not bodies.parameters[cell.parameter].required]
        if optional:
            yield _answered(bodies, model, f"images/{model.id}/nulls", dict.fromkeys(optional), claims)
        if bodies.contract.unknown_policy is not Support.REFUSED:
            yield _answered(bodies, model, f"images/{model.id}/further-parameters", _FURTHER, claims)


def _look_alikes(bodies: Bodies) -> Iterator[Case]:
    for model in bodies.models():
        if model.like is not None:
            yield minimal(bodies, model, tier=Tier.CORE)
            yield from _counts(bodies, model)


def _aliases(bodies: Bodies) -> Iterator[Case]:
    models = bodies.tested()
    for parameter in bodies.contract.parameters.values():
        for name in (parameter.name, *parameter.aliases) if parameter.claimed("aliases") else ():
            if not models:
                return
            for model in models:
                case_id = f"images/{model.id}/{name}"
                body = bodies.body(case_id, model, {**bodies.cheap_params(model), name: "user-1234"})
                checks = _served(bodies, parameter.claimed("aliases"))
                yield Case(id=case_id, steps=(bodies.positive("main", body),), checks=tuple(checks), model=model.id)


def _optional_features(bodies: Bodies) -> Iterator[Case]:
    for parameter in bodies.contract.parameters.values():
        if not parameter.optional_feature or parameter.domain.type != "boolean":
            continue
        for model in bodies.tested()[-1:]:
            case_id = f"images/{model.id}/{parameter.name}"
            body = bodies.body(case_id, model, {**bodies.cheap_params(model), parameter.name: True})
            price = bodies.price(body)
            step = Send(name="main", operation="generate", body=body, price=price, worst=price)
            checks = bodies.scope.checks("answered", parameter.claimed("values"))
            yield Case(id=case_id, steps=(step,), checks=tuple(checks), model=model.id)


def _default_model(bodies: Bodies) -> Iterator[Case]:
    parameter = bodies.contract.parameters.get("model")
    if parameter is None or parameter.required or not bodies.scope.any_decides(parameter.claimed("default")):
        return
    body: dict[str, Json] = {"prompt": corpus.prompt("images/default-model")}
    checks = _served(bodies, parameter.claimed("default"))
    model = bodies.contract.models.get(str(parameter.default))
    if model is not None:
        checks += _echo_checks(bodies, model, "model", parameter.claimed("default"))
    yield Case(
        id="images/default-model",
        steps=(bodies.positive("main", body, fetch=Fetch.ALL),),
        checks=tuple(checks),
        model=str(parameter.default),
    )


def _model_list(bodies: Bodies) -> Iterator[Case]:
    operation = bodies.contract.operations.get("models")
    if operation is not None:
        checks = bodies.scope.checks("model_listed", operation.claimed("serves"))
        step = Send(name="main", operation="models", positive=True)
        yield Case(id="models/list", steps=(step,), checks=tuple(checks), tier=Tier.SMOKE)


def _served(bodies: Bodies, claims: ClaimIds) -> list[Check]:
    return bodies.scope.checks("served", claims, status=bodies.contract.operations["generate"].success)


def _defaults(model: Model, columns: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    # A parameter without a documented default is simply absent from the other requests.
    named = {name: model.cells[name].default for name in columns}
    return {name: str(default) for name, default in named.items() if default is not None}


def _companions(bodies: Bodies, name: str) -> dict[str, Json]:
    return dict(bodies.contract.parameters[name].companions)


def _url_claims(bodies: Bodies) -> ClaimIds:
    parameter = bodies.contract.parameters.get("response_format")
    return parameter.claimed("values") if parameter else ()


def _life_claims(bodies: Bodies, model: Model) -> ClaimIds:
    """Return who says how long URLs work: that one works at once needs no clock."""
    life = bodies.contract.images.url
    return life.claim if life is not None and model.delivers is None else ()


def _unique(claims: ClaimIds) -> ClaimIds:
    return tuple(dict.fromkeys(claims))
