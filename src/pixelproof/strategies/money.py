"""Cases about money: what a request takes, what it must not take, and when a wallet says no."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from pixelproof.contract import About, Ambiguity, Cell, ClaimIds, Json, Model, PriceRow, Support
from pixelproof.deviation import Tier
from pixelproof.money import Units
from pixelproof.planning import covering
from pixelproof.planning.case import Case, Check, Key, KeyRole, ReadBalance, Step, Together
from pixelproof.strategies import corpus
from pixelproof.strategies.bodies import Bodies
from pixelproof.strategies.errors import row_checks

_FRESH = Key(role=KeyRole.FRESH)
#: Characters of a prompt that is long, and still short enough for every model.
_LONG_PROMPT = 900
_BEFORE, _AFTER = ReadBalance(name="before", key=_FRESH), ReadBalance(name="after", key=_FRESH)
#: How many images, or requests, are several: few enough for every documented limit.
_SEVERAL = 3
_BETWEEN = ReadBalance(name="between", key=_FRESH)


def cases(bodies: Bodies) -> Iterator[Case]:
    """Yield the cases whose evidence is the wallet."""
    models = bodies.tested()
    if not models:
        return
    yield from _charges(bodies)
    yield from _refusals_are_free(bodies, models[0])
    yield from _broke(bodies, models[0])
    yield from _budget(bodies, models[0])
    yield from _defaults(bodies)
    yield from _order(bodies)
    yield from _documented(bodies)
    yield from _whatever_the_prompt(bodies, models[0])
    yield from _overdraft(bodies, models[0])
    yield from together(bodies, models[0], bodies.contract.billing.claimed("charged_once"))
    for model in models:
        yield from _whatever_else(bodies, model)


def _charges(bodies: Bodies) -> Iterator[Case]:
    claims = bodies.contract.billing.claimed("charged_once")
    if not bodies.scope.any_decides(claims):
        return
    for model in bodies.tested():
        yield _charge(bodies, model, "one", {})
        if (model.cells["n"].domain.maximum or 1) > 1:
            yield _charge(bodies, model, "two", {**bodies.inline(model), **_priced_params(bodies, model), "n": 2})
        for row in bodies.contract.billing.prices:
            yield from _row_charge(bodies, model, row)


def _priced_params(bodies: Bodies, model: Model) -> dict[str, Json]:
    """Return the cheapest parameters, unless the target file has stated the price of the defaults alone."""
    cheap = bodies.cheap_params(model)
    known = bodies.certain_price(bodies.body("", model, cheap)) is not None
    return cheap if known or bodies.certain_price(bodies.body("", model)) is None else {}


def _row_charge(bodies: Bodies, model: Model, row: PriceRow) -> Iterator[Case]:
    """Yield the requests that a price row is about, unless the plain request already is one."""
    if model.id not in row.when.get("model", (model.id,)):
        return
    columns = {name: values[-1:] for name, values in row.when.items() if name not in {"model", "size"}}
    columns["size"] = row.when.get("size") or _sizes_left_over(bodies, model)
    plain = bodies.matrix.effective(bodies.body("", model))
    for values in covering.every(columns):
        asked = {name: value for name, value in values.items() if plain.get(name) != value}
        if asked and all(_is_open(bodies, model, name, value) for name, value in values.items()):
            yield _charge(bodies, model, ",".join(values.values()), dict(values))


def _sizes_left_over(bodies: Bodies, model: Model) -> tuple[str, ...]:
    """Return the sizes that no price row of the model names: a row without size is about these."""
    named = {
        size
        for row in bodies.contract.billing.prices
        if model.id in row.when.get("model", (model.id,))
        for size in row.when.get("size", ())
    }
    cell = model.cells.get("size")
    return tuple(size for size in (cell.domain.enum or () if cell else ()) if size not in named)


def _is_open(bodies: Bodies, model: Model, name: str, value: str) -> bool:
    cell = model.cells.get(name)
    return cell is not None and cell.support is Support.TAKEN and value in bodies.open_values(model, cell)


def _charge(bodies: Bodies, model: Model, label: str, params: dict[str, Json]) -> Case:
    case_id = f"money/{model.id}/{label}"
    body = bodies.body(case_id, model, params)
    checks = charge_checks(bodies, body)
    steps: tuple[Step, ...] = (_BEFORE, bodies.positive("main", body, key=_FRESH), _AFTER)
    smoke = label == "two" or (label == "one" and model is bodies.tested()[0])
    return Case(id=case_id, steps=steps, checks=tuple(checks), tier=Tier.SMOKE if smoke else Tier.CORE, model=model.id)


def charge_checks(bodies: Bodies, body: Mapping[str, Json]) -> list[Check]:
    """Return the checks on what a served body takes from the wallet, by its price where that is known."""
    claims = bodies.contract.billing.claimed("charged_once")
    rough: dict[str, Json] = {"roughly": True} if bodies.roughly_priced(body) else {}
    return bodies.scope.checks("charged", claims, price=bodies.certain_price(body), **rough)


def _refusals_are_free(bodies: Bodies, model: Model) -> Iterator[Case]:
    claims = bodies.contract.billing.claimed("refused_is_free")
    if not bodies.scope.any_decides(claims):
        return
    case_id = "money/refused-is-free"
    body = bodies.body(case_id, model, {"size": "1000x1000"})
    steps: tuple[Step, ...] = (_BEFORE, bodies.negative("main", body, model, key=_FRESH), _AFTER)
    checks = bodies.scope.checks("not_charged", claims)
    yield Case(id=case_id, steps=steps, checks=tuple(checks), model=model.id)


def _broke(bodies: Bodies, model: Model) -> Iterator[Case]:
    row = bodies.contract.errors.rows.get("insufficient_funds")
    if row is None or not bodies.scope.any_decides(row.claim):
        return
    case_id = "errors/insufficient_funds"
    key = Key(role=KeyRole.BROKE, balance=Units(0))
    disputed = _dispute(bodies, "insufficient_funds")
    step = bodies.negative("main", bodies.body(case_id, model), model, key=key)
    before = ReadBalance(name="before", key=key, optional=True)
    after = ReadBalance(name="after", key=key, optional=True)
    steps: tuple[Step, ...] = (before, step, after)
    checks = row_checks(bodies, "insufficient_funds", model, shielded="type" if disputed else "")
    free = bodies.scope.checks("not_charged", bodies.contract.billing.claimed("refused_is_free"))
    if disputed is not None:
        checks += bodies.scope.checks("type_of_either_page", (disputed.claim,), claim=disputed.claim)
    yield Case(
        id=case_id,
        steps=steps if free else (step,),
        checks=(*checks, *free),
        tier=Tier.SMOKE,
        model=model.id,
    )


def _budget(bodies: Bodies, model: Model) -> Iterator[Case]:
    claims = bodies.contract.billing.claimed("budget")
    if "budget_exceeded" not in bodies.contract.errors.rows or not bodies.scope.any_decides(claims):
        return
    case_id = "errors/budget_exceeded"
    body = bodies.body(case_id, model, bodies.cheap_params(model))
    key = Key(role=KeyRole.BUDGET, budget=Units(max(1, bodies.price(body) // 2)))
    step = bodies.negative("main", body, model, key=key)
    disputed = _dispute(bodies, "insufficient_funds")
    same_row = (
        bodies.contract.errors.row("budget_exceeded").statuses
        == bodies.contract.errors.row("insufficient_funds").statuses
    )
    shielded = "type" if disputed and same_row else ""
    checks = [
        *bodies.scope.checks("error_reached", claims, row="budget_exceeded"),
        *row_checks(bodies, "budget_exceeded", model, shielded=shielded),
    ]
    yield Case(id=case_id, steps=(step,), checks=tuple(checks), model=model.id)


def _defaults(bodies: Bodies) -> Iterator[Case]:
    priced = {name for row in bodies.contract.billing.prices for name in row.when} - {"model", "size"}
    yield from _default_model(bodies)
    for model in bodies.tested():
        for cell in model.cells.values():
            if cell.parameter in priced and _has_priced_default(bodies, cell):
                yield _default(bodies, model, cell)


def _default_model(bodies: Bodies) -> Iterator[Case]:
    """Yield a request without a model beside one that names the default: one model, one price."""
    parameter = bodies.contract.parameters.get("model")
    model = bodies.contract.models.get(str(parameter.default)) if parameter is not None else None
    if parameter is None or model is None or not bodies.scope.any_decides(parameter.claimed("default")):
        return
    case_id = "money/model-omitted"
    omitted: dict[str, Json] = {"prompt": corpus.prompt(case_id)}
    named = bodies.body(case_id + "/named", model)
    steps: tuple[Step, ...] = (
        _BEFORE,
        bodies.positive("omitted", omitted, key=_FRESH),
        _BETWEEN,
        bodies.positive("named", named, key=_FRESH),
        _AFTER,
    )
    args: dict[str, Json] = {"parameter": "model", "default": model.id}
    checks = bodies.scope.checks("priced_alike", parameter.claimed("default"), **args)
    yield Case(id=case_id, steps=steps, checks=tuple(checks), model=model.id)


def _has_priced_default(bodies: Bodies, cell: Cell) -> bool:
    documented = cell.default == bodies.contract.parameters[cell.parameter].default
    several = len(cell.domain.enum or ()) > 1
    # where a model does not take the parameter, naming it may be refused
    taken = cell.support is Support.TAKEN and cell.default is not None
    return taken and documented and several and bodies.scope.any_decides(cell.default_claim)


def _default(bodies: Bodies, model: Model, cell: Cell) -> Case:
    case_id = f"money/{model.id}/{cell.parameter}-omitted"
    omitted = bodies.body(case_id, model)
    named = bodies.body(case_id + "/named", model, {cell.parameter: cell.default})
    steps: tuple[Step, ...] = (
        _BEFORE,
        bodies.positive("omitted", omitted, key=_FRESH),
        _BETWEEN,
        bodies.positive("named", named, key=_FRESH),
        _AFTER,
    )
    args: dict[str, Json] = {"parameter": cell.parameter, "default": cell.default}
    checks = bodies.scope.checks("priced_alike", cell.default_claim, **args)
    return Case(id=case_id, steps=steps, checks=tuple(checks), model=model.id)


def _order(bodies: Bodies) -> Iterator[Case]:
    for order in bodies.contract.billing.order:
        if not bodies.scope.any_decides(order.claim):
            continue
        low, high = (bodies.contract.models[side["model"]] for side in (order.cheaper, order.dearer))
        lesser, greater = ",".join(order.cheaper.values()), ",".join(order.dearer.values())
        case_id = f"money/{lesser}-costs-less-than-{greater}"
        steps: tuple[Step, ...] = (
            _BEFORE,
            bodies.positive("cheaper", bodies.body(case_id, low, dict(order.cheaper)), key=_FRESH),
            _BETWEEN,
            bodies.positive("dearer", bodies.body(case_id, high, dict(order.dearer)), key=_FRESH),
            _AFTER,
        )
        says = f"{lesser} is documented as cheaper than {greater}"
        checks = bodies.scope.checks("cheaper", order.claim, says=says, times=order.times)
        yield Case(id=case_id, steps=steps, checks=tuple(checks), model=low.id)


def _documented(bodies: Bodies) -> Iterator[Case]:
    """Yield one image of each price row that the provider itself documents."""
    for row in bodies.contract.billing.prices:
        if not bodies.scope.any_decides(row.claim) or not row.when.get("model"):
            continue
        for name in row.when["model"]:
            params: dict[str, Json] = {key: values[0] for key, values in row.when.items() if key != "model"}
            case_id = f"money/price/{','.join((name, *map(str, params.values())))}"
            body = bodies.body(case_id, bodies.contract.models[name], params)
            steps: tuple[Step, ...] = (
                ReadBalance(name="before", key=_FRESH, optional=True),
                bodies.positive("main", body, key=_FRESH),
                ReadBalance(name="after", key=_FRESH, optional=True),
            )
            least, most = row.least or row.price, row.most or row.price
            checks = bodies.scope.checks("documented_price", row.claim, least=least, most=most)
            disputed = [point for point in bodies.contract.ambiguities if point.claim in row.claim]
            if not disputed:
                yield Case(id=case_id, steps=steps, checks=tuple(checks), model=name)


def _whatever_the_prompt(bodies: Bodies, model: Model) -> Iterator[Case]:
    """Yield two requests that differ in the length of their prompts alone."""
    claims = bodies.contract.billing.claimed("whatever_the_prompt")
    if not bodies.scope.any_decides(claims):
        return
    case_id = f"money/{model.id}/whatever-the-prompt"
    short = bodies.body(case_id, model, bodies.cheap_params(model))
    long = {**short, "prompt": corpus.padded(case_id, _LONG_PROMPT)}
    steps: tuple[Step, ...] = (
        _BEFORE,
        bodies.positive("first", short, key=_FRESH),
        _BETWEEN,
        bodies.positive("second", long, key=_FRESH),
        _AFTER,
    )
    checks = bodies.scope.checks("same_price", claims, says="the length of the prompt does not count")
    yield Case(id=case_id, steps=steps, checks=tuple(checks), model=model.id)


def _whatever_else(bodies: Bodies, model: Model) -> Iterator[Case]:
    """Yield a plain request, one that differs in everything that has no price, and several images at once."""
    billing = bodies.contract.billing
    claims = billing.claimed("whatever_the_prompt")
    if not bodies.scope.any_decides(claims):
        return
    case_id, cheap = f"money/{model.id}/whatever-else", bodies.cheap_params(model)
    plain = bodies.body(case_id, model, cheap)
    counts = {"plain": 1, "otherwise": 1}
    asked = {
        "plain": plain,
        "otherwise": {**plain, **_unpriced(bodies, model), "prompt": corpus.in_other_scripts(case_id)},
    }
    if (model.cells["n"].domain.maximum or 1) > 1:
        counts["several"], asked["several"] = _SEVERAL, {**plain, **bodies.inline(model), "n": _SEVERAL}
    steps: list[Step] = [_BEFORE]
    for name, body in asked.items():
        steps += [bodies.positive(name, body, key=_FRESH), ReadBalance(name=f"after-{name}", key=_FRESH)]
    serves = bodies.operation.claimed("serves")
    checks = [
        *bodies.scope.checks("priced_per_image", claims, images=dict(counts)),
        *bodies.scope.checks("served", serves, step="otherwise", status=bodies.operation.success),
    ]
    if "several" in counts:
        counted = bodies.contract.parameters["n"].claimed("count")
        checks += bodies.scope.checks("image_count", counted, step="several", n=_SEVERAL, or_refused=True)
        sized = model.cells["size"].claim if "size" in cheap else ()
        checks += bodies.scope.checks("image_size", sized, step="several", size=cheap.get("size"), or_refused=True)
    yield Case(id=case_id, steps=tuple(steps), checks=tuple(checks), model=model.id)


def _unpriced(bodies: Bodies, model: Model) -> dict[str, Json]:
    """Return another value than the default for every parameter that no price row names."""
    priced = {name for row in bodies.contract.billing.prices for name in row.when} | {"model", "n"}
    found: dict[str, Json] = {}
    for cell in bodies.taken(model):
        others = [value for value in bodies.open_values(model, cell) if value != cell.default]
        if cell.parameter not in priced and others:
            found[cell.parameter] = others[-1]
    return found


def together(bodies: Bodies, model: Model, claims: ClaimIds) -> Iterator[Case]:
    """Yield one request alone, then a few at the same time: each of them costs what the first one did."""
    if not bodies.scope.any_decides(claims):
        return
    case_id, cheap = bodies.case_id("money", "together"), bodies.cheap_params(model)
    alone = bodies.positive("alone", bodies.body(case_id, model, cheap), key=_FRESH)
    sends = tuple(
        replace(alone, name=f"beside-{number}", body=bodies.body(f"{case_id}/{number}", model, cheap))
        for number in range(1, _SEVERAL + 1)
    )
    after = ReadBalance(name="after", key=_FRESH, settled=True)
    steps: tuple[Step, ...] = (_BEFORE, alone, _BETWEEN, Together(name="together", sends=sends), after)
    checks = bodies.scope.checks("charged_together", claims, steps=[send.name for send in sends])
    yield Case(id=case_id, steps=steps, checks=tuple(checks), model=model.id)


def _overdraft(bodies: Bodies, model: Model) -> Iterator[Case]:
    for point in bodies.contract.ambiguities:
        if point.about is not About.OVERDRAFT:
            continue
        case_id = "money/overdraft"
        price = bodies.price(bodies.body(case_id, model))
        key = Key(role=KeyRole.FRESH, balance=Units(max(1, price // 2)))
        steps: tuple[Step, ...] = (
            ReadBalance(name="before", key=key),
            bodies.negative("first", bodies.body(case_id, model), model, key=key),
            bodies.negative("second", bodies.body(case_id + "/second", model), model, key=key),
            ReadBalance(name="after", key=key),
        )
        checks = bodies.scope.checks("overdraft", (point.claim,), claim=point.claim)
        yield Case(id=case_id, steps=steps, checks=tuple(checks), model=model.id)


def _dispute(bodies: Bodies, row: str) -> Ambiguity | None:
    points = (point for point in bodies.contract.ambiguities if point.about is About.ERROR_TYPE and point.row == row)
    return next(points, None)
