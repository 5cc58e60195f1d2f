"""Cases of asynchronous operations: a task from creation to its end, its images and its money."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from pixelproof import pricing
from pixelproof.contract import MEDIA, MEDIA_LIST, About, Cell, ClaimIds, Json, Model, Tasks
from pixelproof.deviation import Tier
from pixelproof.money import Units
from pixelproof.planning.case import (
    Advance,
    Cancel,
    Case,
    Check,
    Fetch,
    Key,
    KeyRole,
    Poll,
    ReadBalance,
    Send,
    Step,
    Upload,
    reference,
)
from pixelproof.strategies import corpus, money
from pixelproof.strategies.bodies import Bodies

_FRESH = Key(role=KeyRole.FRESH)
_OTHER = Key(role=KeyRole.OTHER)
#: Longer than any task of the mock runs, in seconds of its clock.
_LONG_S = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ground:
    """What every case of an asynchronous operation stands on."""

    bodies: Bodies
    tasks: Tasks
    model: Model

    def created(self, **more: Json) -> list[Check]:
        return self.checks("task_created", self.bodies.operation.claimed("serves"), **more)

    def checks(self, rule: str, claims: ClaimIds, **args: Json) -> list[Check]:
        if rule == "task_created":
            args = {"status": self.bodies.operation.success, **args}
        return self.bodies.scope.checks(rule, claims, **args)

    def ends(self) -> list[Check]:
        return self.checks("task_ends", self.tasks.claimed("final"))

    def unit(self, body: Mapping[str, Json]) -> int:
        values = self.bodies.matrix.effective(body)
        return Units(self.bodies.price(body) // pricing.image_count(values))

    def case(self, name: str, steps: tuple[Step, ...], checks: list[Check], tier: Tier = Tier.CORE) -> Case:
        return Case(id=name, steps=steps, checks=tuple(checks), tier=tier, model=self.model.id)


def cases(bodies: Bodies) -> Iterator[Case]:
    """Yield every case of one asynchronous operation."""
    models, tasks = bodies.models(), bodies.contract.tasks
    if not models or tasks is None:
        return
    ground = _Ground(bodies=bodies, tasks=tasks, model=models[0])
    yield from _life(ground)
    yield from _other_scripts(ground)
    yield from _canceled(ground)
    for model in models[1:]:
        yield _model(ground, model)
    yield from _values(ground)
    yield from _counts(ground)
    yield from _charges(ground)
    yield from _prepaid(ground)
    yield from _together(ground)
    yield from _losses(ground)
    yield from _references(ground)
    yield from _uploads(ground)


def _life(ground: _Ground) -> Iterator[Case]:
    """Yield the plain request, watched from creation to well after its end."""
    bodies, tasks = ground.bodies, ground.tasks
    case_id = bodies.case_id("tasks", "life")
    body = bodies.body(case_id, ground.model)
    steps: tuple[Step, ...] = (
        bodies.positive("main", body),
        Poll(name="done", of="main", fetch=Fetch.ALL),
        Poll(name="again", of="main", until_final=False),
    )
    checks = [
        *ground.created(),
        *ground.checks("task_created", ground.model.claim),
        *ground.ends(),
        *ground.checks("task_succeeds", bodies.operation.claimed("serves")),
        *ground.checks("stays_final", tasks.claimed("final")),
        *ground.checks("task_images", bodies.contract.response.claimed("items")),
        *ground.checks("image_files", bodies.contract.response.claimed("items")),
        *ground.checks("task_image_count", bodies.contract.response.claimed("count"), n=1),
        *ground.checks("charge_shown", tasks.claimed("billing"), price=bodies.certain_price(body)),
        *ground.checks("charge_shown", tasks.claimed("billing"), step="done", price=bodies.certain_price(body), n=1),
        *ground.checks("no_refund_shown", tasks.claimed("refunds"), n=1, unit=ground.unit(body)),
    ]
    yield ground.case(case_id, steps, checks, Tier.SMOKE)


def _is_first(ground: _Ground) -> bool:
    return ground.bodies.capability == ground.bodies.contract.creating()[0].capability


def _other_scripts(ground: _Ground) -> Iterator[Case]:
    """Yield a prompt in other scripts than ours; what all operations share is tried with the first."""
    bodies = ground.bodies
    case_id, claims = bodies.case_id("tasks", "prompt-in-other-scripts"), bodies.operation.claimed("serves")
    body = {**bodies.body(case_id, ground.model), "prompt": corpus.in_other_scripts(case_id)}
    if _is_first(ground):
        checks = [*ground.created(), *ground.checks("task_succeeds", claims), *_shown(ground, body)]
        yield ground.case(case_id, *_paid(ground, body, checks))


def _canceled(ground: _Ground) -> Iterator[Case]:
    """Yield a task that is canceled on its way: it ends too, and stays ended.

    Which route cancels is nobody's promise, and how fast neither: it may succeed before.
    """
    bodies, claims = ground.bodies, ground.tasks.claimed("final")
    case_id = bodies.case_id("tasks", "canceled")
    steps: tuple[Step, ...] = (
        bodies.positive("main", bodies.body(case_id, ground.model)),
        Cancel(name="cancel", of="main"),
        Poll(name="done", of="main"),
        Poll(name="again", of="main", until_final=False),
    )
    checks = [*ground.checks("task_ends", claims), *ground.checks("stays_final", claims)]
    if _is_first(ground):
        yield ground.case(case_id, steps, checks)


def _model(ground: _Ground, model: Model) -> Case:
    case_id = ground.bodies.case_id("tasks", f"model={model.id}")
    body = ground.bodies.body(case_id, model)
    checks = [*ground.checks("task_created", model.claim), *ground.checks("task_succeeds", model.claim)]
    return ground.case(case_id, *_paid(ground, body, [*checks, *_shown(ground, body)]))


def _shown(ground: _Ground, body: Mapping[str, Json]) -> list[Check]:
    """Return the checks that a finished task shows the price of its body, whatever the price has no column for."""
    prices = ground.bodies.contract.billing.claimed("prices")
    price, count = ground.bodies.certain_price(body), body.get("n", 1)
    return ground.checks("charge_shown", prices, step="done", price=price, n=count)


def _paid(
    ground: _Ground, body: Mapping[str, Json], checks: list[Check], fetch: Fetch = Fetch.NONE
) -> tuple[tuple[Step, ...], list[Check]]:
    """Return the steps of a task whose wallet is looked at, where it can be, and what then is judged."""
    bodies, billing = ground.bodies, ground.bodies.contract.billing
    steps: tuple[Step, ...] = (
        ReadBalance(name="before", key=_FRESH, optional=True),
        bodies.positive("main", body, key=_FRESH),
        ReadBalance(name="created", key=_FRESH, optional=True),
        Poll(name="done", of="main", key=_FRESH, fetch=fetch),
    )
    price = bodies.certain_price(body)
    return steps, [
        *checks,
        *ground.checks("charged_at_creation", billing.claimed("charged_at_creation"), price=price),
        *(ground.checks("image_files", bodies.contract.response.claimed("items")) if fetch is Fetch.ALL else []),
    ]


def _values(ground: _Ground) -> Iterator[Case]:
    for cell in ground.bodies.taken(ground.model):
        if cell.domain.enum and ground.bodies.scope.any_decides(cell.claim):
            # what a price row names is tried with the money
            for value in cell.domain.enum if cell.parameter not in _priced(ground) else ():
                yield _value(ground, cell, value)


def _priced(ground: _Ground) -> set[str]:
    """Return the parameters that price rows name and give every value a row of its own."""
    rows = [row.when for row in ground.bodies.contract.billing.prices]
    return {name for when in rows for name in when if all(name in row for row in rows)}


def _value(ground: _Ground, cell: Cell, value: str) -> Case:
    bodies, images = ground.bodies, ground.bodies.contract.images
    case_id = bodies.case_id("tasks", f"{cell.parameter}={value}")
    body = bodies.body(case_id, ground.model, {cell.parameter: value})
    checks = [*ground.checks("task_created", cell.claim), *ground.checks("task_succeeds", cell.claim)]
    checks += _shown(ground, body)
    fetch = Fetch.NONE
    if cell.parameter == images.ratio_parameter and ":" in value:
        fetch = Fetch.ALL
        checks += ground.checks("image_ratio", images.ratio_claim, ratio=value)
    return ground.case(case_id, *_paid(ground, body, checks, fetch))


def _counts(ground: _Ground) -> Iterator[Case]:
    cell = ground.model.cells["n"]
    most = cell.domain.maximum or 1
    # two of them are enough to see the second image: with the first operation
    for n in sorted({2, most} if _is_first(ground) else {most}):
        case_id = ground.bodies.case_id("tasks", f"n={n}")
        shape = _shape(ground, n)
        body = ground.bodies.body(case_id, ground.model, {"n": n, **shape})
        checks = [
            *ground.checks("task_created", cell.claim),
            *ground.checks("task_succeeds", cell.claim),
            *ground.checks("task_image_count", cell.claim, n=n),
            *ground.checks("task_images", ground.bodies.contract.response.claimed("items")),
            *_shaped(ground, shape),
            *_shown(ground, body),
        ]
        yield ground.case(case_id, *_paid(ground, body, checks, Fetch.ALL))


def _shape(ground: _Ground, turn: int) -> dict[str, Json]:
    """Return one of the aspect ratios, another for every turn and operation: it meets what else is asked for."""
    cell = ground.model.cells.get(ground.bodies.contract.images.ratio_parameter or "")
    ratios = [value for value in (cell.domain.enum or () if cell else ()) if ":" in value]
    turn += 0 if _is_first(ground) else len(ratios) // 2
    return {cell.parameter: ratios[turn % len(ratios)]} if cell is not None and ratios else {}


def _shaped(ground: _Ground, shape: Mapping[str, Json]) -> list[Check]:
    images = ground.bodies.contract.images
    return [
        check for ratio in shape.values() for check in ground.checks("image_ratio", images.ratio_claim, ratio=ratio)
    ]


def _charges(ground: _Ground) -> Iterator[Case]:
    """Yield one case for each price row of the capability, and one with several images."""
    bodies = ground.bodies
    for index, row in enumerate(bodies.contract.billing.prices):
        if bodies.capability not in row.when.get("capability", (bodies.capability,)):
            continue
        params: dict[str, Json] = {name: values[0] for name, values in row.when.items() if name != "capability"}
        for n in (1, 3):
            yield _charge(ground, {**params, "n": n}, n, turn=2 * index + n)


def _prepaid(ground: _Ground) -> Iterator[Case]:
    """Yield a request of an account without credit: what is paid in advance cannot be had for nothing."""
    bodies, claims = ground.bodies, ground.bodies.contract.billing.claimed("charged_at_creation")
    case_id = bodies.case_id("money", "without-credit")
    broke = Key(role=KeyRole.BROKE, balance=Units(0))
    main = bodies.negative("main", bodies.body(case_id, ground.model), ground.model, key=broke)
    yield ground.case(case_id, (main, Poll(name="done", of="main", key=broke)), ground.checks("prepaid", claims))


def _together(ground: _Ground) -> Iterator[Case]:
    """Yield tasks that are created at the same time."""
    claims = ground.bodies.contract.billing.claimed("charged_at_creation")
    return money.together(ground.bodies, ground.model, claims) if _is_first(ground) else iter(())


def _charge(ground: _Ground, params: Mapping[str, Json], n: int, *, turn: int) -> Case:
    bodies, billing, tasks = ground.bodies, ground.bodies.contract.billing, ground.tasks
    case_id = bodies.case_id("money", ",".join(f"{name}={value}" for name, value in params.items()))
    shape = _shape(ground, turn)
    # several images are asked of the model by its own name
    model = ground.model if n == 1 else bodies.models()[-1]
    body = bodies.body(case_id, model, {**params, **shape})
    price, unit = bodies.certain_price(body), ground.unit(body)
    claims = [claim for name in params if name != "n" for claim in ground.model.cells[name].claim]
    steps, checks = _paid(
        ground,
        body,
        [
            *ground.checks("task_created", tuple(claims)),
            *ground.checks("task_succeeds", tuple(claims)),
            *ground.checks("charged_at_creation", billing.claimed("prices"), price=price),
            *ground.checks("net_cost", billing.claimed("net"), unit=unit),
            *ground.checks("charge_shown", tasks.claimed("billing"), step="done", price=price, n=n),
            *ground.checks("no_refund_shown", tasks.claimed("refunds"), n=n, unit=unit),
            *ground.checks("task_images", bodies.contract.response.claimed("items")),
            *ground.checks("task_image_count", bodies.contract.response.claimed("count"), n=n),
            *_shown(ground, body),
            *_shaped(ground, shape),
        ],
        Fetch.ALL,
    )
    steps += (ReadBalance(name="after", key=_FRESH, optional=True, settled=True),)
    return ground.case(case_id, steps, checks, Tier.SMOKE if n == 1 else Tier.CORE)


def _losses(ground: _Ground) -> Iterator[Case]:
    """Yield tasks that deliver less than was asked for: partly, and not at all."""
    billing = ground.bodies.contract.billing
    partly = _Loss(effect="partial", claims=billing.claimed("partial_refund"))
    wholly = _Loss(effect="task_failure", claims=billing.claimed("failed_refund"))
    for loss in (partly, wholly):
        yield _lost(ground, loss, {"n": 3}, polled=True)
        yield _lost(ground, loss, {"n": 3}, polled=False)
        yield _lost(ground, loss, {"n": 4, "quality": "hd"}, polled=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Loss:
    """How a task comes to deliver less than was asked for, and who says that it is paid back."""

    effect: str
    claims: ClaimIds


def _lost(ground: _Ground, loss: _Loss, params: Mapping[str, Json], *, polled: bool) -> Case:
    """Return a task with a loss; unseen, the money must come back although nobody looks at the task."""
    bodies, tasks, effect, claims = ground.bodies, ground.tasks, loss.effect, loss.claims
    label = ",".join([effect, *(f"{name}={value}" for name, value in params.items()), *([] if polled else ["unseen"])])
    case_id = bodies.case_id("money", label)
    body = bodies.body(case_id, ground.model, params)
    unit, n = ground.unit(body), int(str(params["n"]))
    main = Send(
        name="main",
        operation=bodies.operation.name,
        body=body,
        key=_FRESH,
        provoke=effect,
        price=bodies.price(body),
        worst=bodies.price(body),
    )
    before, after = ReadBalance(name="before", key=_FRESH), ReadBalance(name="after", key=_FRESH, settled=True)
    done = Poll(name="done", of="main", key=_FRESH)
    again = Poll(name="again", of="main", key=_FRESH, until_final=False)
    steps: tuple[Step, ...] = (before, main, done, again, after)
    if not polled:
        # read before anybody looks; a task that then still runs was not given time enough to judge
        later = Advance(name="later", key=_FRESH, seconds=_LONG_S, unseen=True)
        steps = (before, main, later, after, replace(done, ended=True))
    checks = [
        *ground.checks("net_cost", claims, unit=unit),
        *ground.checks("net_cost", bodies.contract.billing.claimed("net"), unit=unit),
        *ground.checks("refund_shown", tasks.claimed("refunds"), n=n, unit=unit),
    ]
    checks += ground.ends() if effect == "partial" else ground.checks("task_fails", claims)
    if polled:
        checks += ground.checks("stays_final", tasks.claimed("final"))
    if effect == "partial":
        checks += _readings(ground, n, unit)
    return ground.case(case_id, steps, checks)


def _readings(ground: _Ground, n: int, unit: int) -> list[Check]:
    points = ground.bodies.contract.ambiguities
    return [
        check
        for point in points
        if point.about is About.CHARGED
        for check in ground.checks("charged_amount", (point.claim,), claim=point.claim, n=n, unit=unit)
    ]


def _references(ground: _Ground) -> Iterator[Case]:
    """Yield every kind of reference, as many as there may be, and what comes back used again."""
    bodies, media = ground.bodies, ground.bodies.contract.media
    single = next((cell for cell in bodies.taken(ground.model) if cell.domain.type == MEDIA), None)
    several = next((cell for cell in bodies.taken(ground.model) if cell.domain.type == MEDIA_LIST), None)
    if media is None or single is None:
        return
    for kind in ("data_uri", "url"):
        yield _ingested(ground, single, kind)
    yield _chained(ground, single)
    yield _chained_from_text(ground, single)
    if several is not None and several.domain.maximum:
        yield _full_house(ground, several, several.domain.maximum)
        yield _mixed(ground, several)


def _ingested(ground: _Ground, cell: Cell, kind: str) -> Case:
    """Return a reference of one kind, copied in, and its artifact used again."""
    bodies, tasks = ground.bodies, ground.tasks
    case_id = bodies.case_id("references", kind)
    body = bodies.body(case_id, ground.model, {cell.parameter: reference(kind)})
    steps: tuple[Step, ...] = (bodies.positive("main", body), Poll(name="done", of="main"))
    claims = bodies.parameters[cell.parameter].claimed("values")
    checks = [
        *ground.checks("task_created", claims),
        *ground.checks("task_succeeds", claims),
        *ground.checks("inputs_named", tasks.claimed("ingestion")),
    ]
    again = bodies.body(case_id + "/again", ground.model, {cell.parameter: reference("artifact", of="done/input")})
    steps += (bodies.positive("reuse", again), Poll(name="reused", of="reuse"))
    checks += ground.checks("task_created", tasks.claimed("ingestion"), step="reuse")
    checks += ground.checks("task_succeeds", tasks.claimed("ingestion"), step="reused")
    return ground.case(case_id, steps, checks)


def _chained(ground: _Ground, cell: Cell) -> Case:
    """Return an image made of a delivered one."""
    bodies = ground.bodies
    case_id = bodies.case_id("references", "chained")
    first = bodies.positive("main", bodies.body(case_id, ground.model))
    checks = ground.checks("task_succeeds", ground.tasks.claimed("chaining"), step="followed")
    return _followed(ground, case_id, first, {cell.parameter: reference("artifact", of="done")}, checks)


def _chained_from_text(ground: _Ground, cell: Cell) -> Case:
    """Return an image made of the second of two that a text gave: that it is taken is enough."""
    origin = Bodies(ground.bodies.scope, ground.bodies.contract.creating()[0])
    case_id = ground.bodies.case_id("references", "chained-from-text")
    first = origin.positive("main", origin.body(case_id, ground.model, {"n": 2}))
    return _followed(ground, case_id, first, {cell.parameter: reference("artifact", of="done", index=1)}, [])


def _followed(ground: _Ground, case_id: str, first: Send, params: Mapping[str, Json], checks: list[Check]) -> Case:
    """Return a task, one that uses what it delivered and, where its end is judged, that end."""
    follow = ground.bodies.positive("follow", ground.bodies.body(case_id + "/2", ground.model, params))
    steps: tuple[Step, ...] = (first, Poll(name="done", of="main"), follow)
    if checks:
        steps += (Poll(name="followed", of="follow"),)
    created = ground.checks("task_created", ground.tasks.claimed("chaining"), step="follow")
    return ground.case(case_id, steps, [*created, *checks])


def _full_house(ground: _Ground, cell: Cell, most: int) -> Case:
    bodies = ground.bodies
    case_id = bodies.case_id("references", f"{cell.parameter}-of-{most}")
    body = bodies.body(case_id, ground.model, {cell.parameter: [reference("data_uri")] * most})
    steps: tuple[Step, ...] = (bodies.positive("main", body), Poll(name="done", of="main"))
    prices, price = bodies.contract.billing.claimed("prices"), bodies.certain_price(body)
    checks = [
        *ground.checks("task_created", cell.claim),
        *ground.checks("task_succeeds", cell.claim),
        # the price has no column for references: many of them must not move it
        *ground.checks("charge_shown", prices, step="done", price=price, n=1),
    ]
    return ground.case(case_id, steps, checks)


def _mixed(ground: _Ground, cell: Cell) -> Case:
    """Return a request whose extra images are of every kind."""
    bodies = ground.bodies
    case_id = bodies.case_id("references", f"{cell.parameter}-of-every-kind")
    mixed: list[Json] = [reference("data_uri"), reference("artifact", of="upload"), reference("url")]
    body = bodies.body(case_id, ground.model, {cell.parameter: mixed})
    steps: tuple[Step, ...] = (
        Upload(name="upload"),
        bodies.positive("main", body),
        Poll(name="done", of="main"),
    )
    claims = bodies.parameters[cell.parameter].claimed("types")
    checks = [*ground.checks("task_created", claims), *ground.checks("task_succeeds", claims)]
    return ground.case(case_id, steps, checks)


def _uploads(ground: _Ground) -> Iterator[Case]:
    """Yield an upload, one that is used twice, and one that another account must not use."""
    bodies, media = ground.bodies, ground.bodies.contract.media
    single = next((cell for cell in bodies.taken(ground.model) if cell.domain.type == MEDIA), None)
    if media is None or media.upload is None or single is None:
        return
    stores = media.upload.claims.get("stores", ())
    yield _upload(ground, stores)
    yield _reused_upload(ground, single, stores)
    yield _foreign_upload(ground, single)


def _upload(ground: _Ground, claims: ClaimIds) -> Case:
    """Return an upload by itself: one without an artifact_id leaves nothing that a request could use."""
    case_id = ground.bodies.case_id("references", "upload-alone")
    return ground.case(case_id, (Upload(name="upload"),), ground.checks("artifact_stored", claims), Tier.SMOKE)


def _reused_upload(ground: _Ground, cell: Cell, claims: ClaimIds) -> Case:
    bodies = ground.bodies
    case_id = bodies.case_id("references", "upload")
    artifact = {cell.parameter: reference("artifact", of="upload")}
    steps: tuple[Step, ...] = (
        Upload(name="upload"),
        bodies.positive("main", bodies.body(case_id, ground.model, artifact)),
        Poll(name="done", of="main"),
        bodies.positive("second", bodies.body(case_id + "/2", ground.model, artifact)),
        Poll(name="again", of="second"),
    )
    checks = [
        *ground.checks("task_created", claims),
        *ground.checks("task_succeeds", claims),
        *ground.checks("task_created", claims, step="second"),
        *ground.checks("task_succeeds", claims, step="again"),
    ]
    return ground.case(case_id, steps, checks, Tier.SMOKE)


def _foreign_upload(ground: _Ground, cell: Cell) -> Case:
    """Return a request with another account's artifact: tenants' storage is their own."""
    bodies = ground.bodies
    case_id = bodies.case_id("references", "upload-of-another-account")
    body = bodies.body(case_id, ground.model, {cell.parameter: reference("artifact", of="upload")})
    steps: tuple[Step, ...] = (
        Upload(name="upload", key=_OTHER),
        bodies.negative("main", body, ground.model),
        Poll(name="done", of="main"),
    )
    claims = ground.tasks.claimed("ingestion")
    why = "the artifact belongs to another tenant"
    checks = ground.checks("refused", claims, why=why, must=True, not_found_is_refusal=True)
    return ground.case(case_id, steps, checks)
