"""What changes for the calls of an operation as a whole: path, tasks, required and unknown parameters."""

from __future__ import annotations

from collections.abc import Iterator

from pixelproof.contract import About, Contract, Exclusion, Operation, Parameter, Support, wording
from pixelproof.porting.change import Change, Effect, Topic
from pixelproof.porting.pairing import ModelPair
from pixelproof.porting.side import REFUSED, Route, Side, holds


def call_changes(route: Route, pairs: tuple[ModelPair, ...]) -> Iterator[Change]:
    """Yield what a caller of one operation must do differently, whatever the model."""
    before, after = route.before, route.after
    if after is None:
        yield _missing(before.operation)
        return
    yield from _request_line(before.operation, after.operation)
    yield from _delivery(before, after)
    yield from _required(before, after)
    yield from _default_model(before, after)
    yield from _unknown(before, after)
    yield from _exclusions(before, after)
    yield from _companions(before, after)
    yield from _news(before, after)
    yield from _disputes(before, after, {pair.target.id for pair in pairs if pair.target is not None})


def other_operations(before: Contract, after: Contract) -> Iterator[Change]:
    """Yield what becomes of the operations that make no images, by method and path."""
    there = {(operation.method, operation.path): operation for operation in after.operations.values()}
    for operation in before.operations.values():
        if operation.capability is not None:
            continue
        same = there.get((operation.method, operation.path))
        yield Change(
            effect=Effect.WORKS if same is not None else Effect.BREAKS,
            topic=Topic.OPERATION,
            subject=_line(operation),
            before=f"answers {operation.success}",
            after=f"answers {same.success}" if same is not None else "not documented",
            do="" if same is not None else "do without it",
            claims_before=operation.claimed("serves"),
            claims_after=same.claimed("serves") if same is not None else (),
        )


def _missing(operation: Operation) -> Change:
    return Change(
        effect=Effect.BREAKS,
        topic=Topic.OPERATION,
        subject=_line(operation),
        before=f"serves {operation.capability}",
        after=f"nothing serves {operation.capability}",
        do="do without it, or keep the first provider for it",
        claims_before=operation.claimed("serves"),
    )


def _request_line(own: Operation, there: Operation) -> Iterator[Change]:
    if (own.method, own.path) != (there.method, there.path):
        yield _operation(Effect.BREAKS, own, there, _line(own), _line(there), f"call {_line(there)}")
    if own.media_type != there.media_type:
        before, after = str(own.media_type or "no body"), str(there.media_type or "no body")
        yield _operation(Effect.BREAKS, own, there, before, after, f"send {after}")


def _delivery(before: Side, after: Side) -> Iterator[Change]:
    own, there = before.operation, after.operation
    if own.creates_task == there.creates_task:
        said = "answers with a task" if own.creates_task else "answers with the images"
        effect = Effect.WORKS if own.success == there.success else Effect.DIFFERS
        yield _operation(effect, own, there, f"{own.success}, {said}", f"{there.success}, {said}", "")
        return
    poll = f"poll {_poll(after.contract)} until it is final, and read {_pointer(after.contract)}"
    do = poll if there.creates_task else "read the images from the answer itself; nothing is to be polled"
    words = {True: "answers with a task that delivers later", False: "answers with the images"}
    yield _operation(
        Effect.BREAKS,
        own,
        there,
        f"{own.success}, {words[own.creates_task]}",
        f"{there.success}, {words[there.creates_task]}",
        do,
    )


def _required(before: Side, after: Side) -> Iterator[Change]:
    for name, parameter in after.parameters.items():
        own = before.parameter(name)
        if not parameter.required or (own is not None and own.required):
            continue
        yield _parameter(
            Effect.BREAKS,
            name,
            "optional" if own is not None else "no such parameter",
            f"required: {wording.allowed(parameter.domain)}",
            "always name a model" if name == "model" else f"send {name} with every request",
            own,
            parameter,
            facet="required",
        )


def _default_model(before: Side, after: Side) -> Iterator[Change]:
    own, there = before.default_model, after.default_model
    if own is None or there is None or own == there:
        return
    do = f"name {own}" if own in after.contract.models else "name the model you want"
    parameters = before.parameters.get("model"), after.parameters.get("model")
    yield _parameter(
        Effect.DIFFERS, "model", f"{own} when left out", f"{there} when left out", do, *parameters, facet="default"
    )


def _unknown(before: Side, after: Side) -> Iterator[Change]:
    own, there = before.contract, after.contract
    if own.unknown_policy is there.unknown_policy:
        return
    stricter = there.unknown_policy is Support.REFUSED
    yield Change(
        effect=Effect.BREAKS if stricter else Effect.DIFFERS,
        topic=Topic.PARAMETER,
        subject="unknown parameters",
        before=own.unknown_policy.value,
        after=there.unknown_policy.value,
        do="send nothing that is not documented" if stricter else "a misspelt parameter is no longer told",
        claims_before=own.unknown_claim,
        claims_after=there.unknown_claim,
    )


def _exclusions(before: Side, after: Side) -> Iterator[Change]:
    own = {_key(exclusion) for exclusion in before.contract.exclusions}
    for exclusion in after.contract.exclusions:
        reachable = all(before.parameter(name) is not None for name in exclusion.when)
        if reachable and _key(exclusion) not in own:
            yield Change(
                effect=Effect.BREAKS,
                topic=Topic.PARAMETER,
                subject=exclusion.parameter,
                before="no such exclusion",
                after=f"refused: {wording.condition(exclusion.when)}",
                do="send one or the other",
                claims_after=exclusion.claim,
            )


def _companions(before: Side, after: Side) -> Iterator[Change]:
    for name, parameter in after.parameters.items():
        own = before.parameters.get(name)
        if own is not None and parameter.companions and own.companions != parameter.companions:
            needs = ", ".join(f"{other}={value}" for other, value in parameter.companions.items())
            yield _parameter(
                Effect.DIFFERS, name, "stands alone", f"means something with {needs}", f"send {needs}", own, parameter
            )


def _news(before: Side, after: Side) -> Iterator[Change]:
    new = [parameter for name, parameter in after.parameters.items() if before.parameter(name) is None]
    said = [
        f"{parameter.name} ({wording.shown(parameter.default)} when left out)"
        if parameter.default is not None
        else parameter.name
        for parameter in new
        if not parameter.required
    ]
    if said:
        yield Change(
            effect=Effect.WORKS,
            topic=Topic.PARAMETER,
            subject="new parameters",
            before="not documented",
            after=", ".join(said),
            claims_after=tuple(sorted({claim for parameter in new for claim in parameter.claimed("values")})),
        )


def _disputes(before: Side, after: Side, targets: set[str]) -> Iterator[Change]:
    """Yield the values that the first provider takes and on which the second one's pages disagree."""
    for point in after.contract.ambiguities:
        offered = {name: values for name, values in point.subject.items() if name != "model"}
        named = point.subject.get("model", ())
        models = tuple(name for name in named if name in targets)
        reached = point.about is About.REQUEST and bool(models or not named)
        reached = reached and all(
            (known := before.parameter(name)) is not None and any(holds(known.domain, value) for value in values)
            for name, values in offered.items()
        )
        if reached:
            refuses = point.mock == REFUSED
            yield Change(
                effect=Effect.BREAKS if refuses else Effect.DIFFERS,
                topic=Topic.PARAMETER,
                subject=f"disputed {', '.join(offered)}",
                models=models,
                before=wording.condition(offered),
                after="; ".join(f"{reading} by the {source}" for reading, source in point.readings.items()),
                do="do not rely on it" if refuses else "try it first: it may be refused",
                claims_after=(point.claim,),
            )


def _operation(  # noqa: PLR0913, PLR0917 - one column of the table each
    effect: Effect, own: Operation, there: Operation, before: str, after: str, do: str
) -> Change:
    return Change(
        effect=effect,
        topic=Topic.OPERATION,
        subject=_line(own),
        before=before,
        after=after,
        do=do,
        claims_before=own.claimed("serves"),
        claims_after=there.claimed("serves"),
    )


def _parameter(  # noqa: PLR0913, PLR0917 - one column of the table each
    effect: Effect,
    name: str,
    before: str,
    after: str,
    do: str,
    own: Parameter | None,
    there: Parameter | None,
    *,
    facet: str = "values",
) -> Change:
    return Change(
        effect=effect,
        topic=Topic.PARAMETER,
        subject=name,
        before=before,
        after=after,
        do=do,
        claims_before=own.claimed(facet) if own is not None else (),
        claims_after=there.claimed(facet) if there is not None else (),
    )


def _line(operation: Operation) -> str:
    return f"{operation.method} {operation.path}"


def _key(exclusion: Exclusion) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple(sorted(exclusion.when.items()))


def _poll(contract: Contract) -> str:
    looked = [op for op in contract.operations.values() if op.method == "GET" and "{" in op.path]
    return _line(looked[0]) if looked else "the task"


def _pointer(contract: Contract) -> str:
    return contract.tasks.pointers.get("images", "its images") if contract.tasks is not None else "its images"
