"""Representative requests of a provider: every pair of values of two parameters meets at least once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pixelproof.contract import MEDIA, Cell, Domain, Json, Model, Support
from pixelproof.contract.media import write_reference
from pixelproof.planning.covering import pairwise
from pixelproof.porting.pairing import ModelPair
from pixelproof.porting.side import Route, Side

#: The prompt of every request that is not about prompts.
PROMPT = "a lighthouse at dawn"
#: Stands for a parameter that is left out.
_LEFT_OUT = ""
#: What stands behind each kind of reference image.
_REFERENCES: Mapping[str, str] = {
    "data_uri": "data:image/png;base64,"
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==",
    "url": "https://images.example/reference.png",
    "artifact": "artifact-of-an-earlier-request",
}


def samples(route: Route, pair: ModelPair) -> Iterator[dict[str, Json]]:
    """Yield requests for one model that the first provider serves, the plainest one first."""
    side = route.before
    base: dict[str, Json] = {"prompt": PROMPT, "model": pair.before.id, **references(side)}
    for row in ({}, *_combined(route, pair), *_singles(route, pair)):
        body = {**base, **row}
        if not side.violations(body):
            yield body


def unnamed(side: Side) -> Iterator[dict[str, Json]]:
    """Yield the request that names no model, where the provider has a default."""
    if side.default_model is not None:
        yield {"prompt": PROMPT, **references(side)}


def references(side: Side) -> dict[str, Json]:
    """Return the reference images without which an operation takes no request."""
    media = side.contract.media
    required = [name for name, p in side.parameters.items() if p.required and p.domain.type == MEDIA]
    if media is None or not required:
        return {}
    kind = next((kind for kind in _REFERENCES if kind in media.kinds), next(iter(media.kinds)))
    value = write_reference(media.kinds[kind], kind, _REFERENCES.get(kind, "reference"))
    return dict.fromkeys(required, value)


def _combined(route: Route, pair: ModelPair) -> Iterator[dict[str, Json]]:
    side = route.before
    columns = {
        name: values
        for name, cell in pair.before.cells.items()
        if name in side.parameters and (values := _values(route, pair, cell))
    }
    for row in pairwise(columns):
        body = {name: _typed(side, name, text) for name, text in row.items() if text != _LEFT_OUT}
        yield {**body, **_companions(side, body)}


def _values(route: Route, pair: ModelPair, cell: Cell) -> tuple[str, ...]:
    side = route.before
    domain = side.offered(pair.before, cell.parameter)
    if domain is None or side.parameters[cell.parameter].optional_feature:
        return ()
    if domain.enum is not None:
        custom = (f"{domain.custom.minimum + domain.custom.step}x{domain.custom.minimum}",) if domain.custom else ()
        return (_LEFT_OUT, *domain.enum, *custom)
    if domain.type == "integer":
        return (_LEFT_OUT, *_figures(domain, _counterpart(route, pair.target, cell.parameter)))
    return (_LEFT_OUT, "true", "false") if domain.type == "boolean" else ()


def _figures(own: Domain, there: Domain | None) -> tuple[str, ...]:
    """Return the bounds of a number, and those of the other side that lie between them."""
    bounds = [own.minimum, own.maximum]
    edges = [there.minimum, there.maximum] if there is not None else []
    inside = [
        edge
        for edge in edges
        if edge is not None
        and (own.minimum is None or edge >= own.minimum)
        and (own.maximum is None or edge <= own.maximum)
    ]
    return tuple(str(figure) for figure in sorted({figure for figure in (*bounds, *inside) if figure is not None}))


def _singles(route: Route, pair: ModelPair) -> Iterator[dict[str, Json]]:
    """Yield what needs no combining: the longest prompt, and each free text."""
    side = route.before
    prompt = side.offered(pair.before, "prompt")
    there = _counterpart(route, pair.target, "prompt")
    length = _longest(prompt, there) if prompt is not None else None
    if length is not None:
        yield {"prompt": "a" * length}
    for name in side.parameters:
        domain = side.offered(pair.before, name)
        free = domain is not None and domain.type == "string" and domain.enum is None
        if free and name not in {"prompt", "model"} and not side.parameters[name].optional_feature:
            yield {name: "someone"}


def _longest(own: Domain, there: Domain | None) -> int | None:
    """Return the most characters of the first side; where it has no limit, one more than the other takes."""
    if own.max_length is not None:
        return own.max_length
    return there.max_length + 1 if there is not None and there.max_length is not None else None


def _counterpart(route: Route, model: Model | None, name: str) -> Domain | None:
    cell = route.after.cell(model, name) if route.after is not None and model is not None else None
    return cell.domain if cell is not None and cell.support is Support.TAKEN else None


def _typed(side: Side, name: str, text: str) -> Json:
    kind = side.parameters[name].domain.type
    if kind == "integer":
        return int(text)
    return text == "true" if kind == "boolean" else text


def _companions(side: Side, body: Mapping[str, Json]) -> dict[str, Json]:
    needed: dict[str, Json] = {}
    for name in body:
        needed.update(side.parameters[name].companions)
    return needed
