"""Reads a contract document into the typed model, naming file and line of what is wrong."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from pixelproof.contract import (
    About,
    Ambiguity,
    Auth,
    Billing,
    Cell,
    Claim,
    ClaimIds,
    Contract,
    Domain,
    Envelope,
    ErrorRow,
    ErrorTable,
    Exclusion,
    Images,
    Json,
    Limit,
    Media,
    Model,
    Moment,
    Operation,
    Overdraft,
    Parameter,
    Presence,
    PriceExample,
    PriceOrder,
    PriceRow,
    RefundExample,
    Response,
    ResponseField,
    Support,
    Tasks,
    Upload,
    UrlLife,
)
from pixelproof.document import Document, JsonPath, nearest
from pixelproof.money import Currency, MoneyError, Units

_E = TypeVar("_E", bound=StrEnum)
_T = TypeVar("_T")

#: Keys of an error row that are not keys of the envelope.
_ROW_KEYS = frozenset({"status", "claim", "assumed", "retry_after", "names_parameter"})

#: ``policy:`` words of unknown parameters.
_POLICY = {"refuse": Support.REFUSED, "ignore": Support.IGNORED}


def read_contract(document: Document, claims: Mapping[str, Claim], sha256: str) -> Contract:
    """Build the typed contract. Raises BadDocument with file, line, path and hint."""
    top = _Node(document, claims, document.value, ())
    parameters = top.map_of("parameters", _parameter)
    reader = _Models(top, parameters)
    unknown = top.child("unknown_parameters")
    policy = unknown.text("policy")
    if policy not in _POLICY:
        raise unknown.broken("policy", f"'{policy}' is no policy", nearest(policy, _POLICY))
    billing = _billing(top.child("billing"))
    return Contract(
        profile=top.text("profile"),
        title=top.text("title"),
        servers=top.texts("servers"),
        auth=_auth(top.child("auth")),
        operations=top.map_of("operations", _operation),
        parameters=parameters,
        unknown_policy=_POLICY[policy],
        unknown_claim=unknown.claim(),
        models=reader.read(),
        response=_response(top.child("response")),
        images=_images(top.child("images")),
        errors=_errors(top.child("errors")),
        limits=top.map_of("limits", _limit),
        billing=billing,
        ambiguities=tuple(_ambiguity(node) for node in top.children("ambiguities")),
        contradicted=frozenset(top.child("reference").texts("contradicted") if top.has("reference") else ()),
        claims=claims,
        sha256=sha256,
        exclusions=tuple(_exclusion(node) for node in top.children("exclusions")),
        tasks=_tasks(top.child("tasks")) if top.has("tasks") else None,
        media=_media(top.child("media")) if top.has("media") else None,
    )


@dataclass(frozen=True, slots=True)
class _Node:
    """A map inside the document that knows where it stands."""

    document: Document
    known_claims: Mapping[str, Claim]
    value: Mapping[str, Json]
    path: JsonPath

    def broken(self, key: str, problem: str, hint: str) -> Exception:
        return self.document.broken((*self.path, key) if key else self.path, problem, hint)

    def has(self, key: str) -> bool:
        return self.value.get(key) is not None

    def child(self, key: str) -> _Node:
        return self._node(self.value.get(key, {}), (*self.path, key))

    def children(self, key: str) -> Iterable[_Node]:
        items = self.value.get(key) or []
        if not isinstance(items, list):
            raise self.broken(key, "must be a list", "start each entry with '- '")
        return [self._node(item, (*self.path, key, index)) for index, item in enumerate(items)]

    def map_of(self, key: str, build: Callable[[str, _Node], _T]) -> dict[str, _T]:
        holder = self.child(key)
        return {name: build(name, holder.child(name)) for name in holder.value}

    def text(self, key: str, default: str | None = None) -> str:
        value = self.value.get(key, default)
        if not isinstance(value, str):
            raise self.broken(key, "must be text" if key in self.value else f"'{key}' is missing", "write a string")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        value = self.value.get(key)
        if value is None:
            return ()
        return tuple(_scalar(item) for item in (value if isinstance(value, list) else [value]))

    def number(self, key: str) -> int | None:
        value = self.value.get(key)
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.broken(key, f"{value!r} is no whole number", "write an integer")
        return value

    def required_number(self, key: str) -> int:
        value = self.number(key)
        if value is None:
            raise self.broken(key, f"'{key}' is missing", "write an integer")
        return value

    def flag(self, key: str) -> bool:
        return self.value.get(key) is True

    def choice(self, key: str, kind: type[_E], default: _E) -> _E:
        word = self.value.get(key, default.value)
        try:
            return kind(str(word))
        except ValueError:
            raise self.broken(key, f"'{word}' is not possible here", nearest(str(word), list(kind))) from None

    def money(self, key: str, currency: Currency) -> Units:
        try:
            return currency.parse(self.value.get(key))
        except MoneyError as error:
            raise self.broken(key, str(error), f'write an amount such as "{currency.format(1)}"') from None

    def claim(self, key: str = "claim") -> ClaimIds:
        names = self.texts(key)
        for name in names:
            if self.known_claims and name not in self.known_claims:
                raise self.broken(key, f"'{name}' is no claim of claims.yaml", nearest(name, self.known_claims))
        return names

    def claims(self) -> dict[str, ClaimIds]:
        holder = self.child("claims")
        return {facet: holder.claim(facet) for facet in holder.value}

    def values(self, key: str) -> dict[str, tuple[str, ...]]:
        holder = self.child(key)
        return {name: holder.texts(name) for name in holder.value}

    def _node(self, value: Json, path: JsonPath) -> _Node:
        if value is None:
            value = {}
        if not isinstance(value, dict):
            raise self.document.broken(path, "must be a map", "write 'key: value' pairs")
        return _Node(self.document, self.known_claims, value, path)


def _scalar(value: Json) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _auth(node: _Node) -> Auth:
    pattern = node.text("key")
    try:
        re.compile(pattern)
    except re.error as error:
        raise node.broken("key", f"is no regular expression: {error}", "correct the pattern") from None
    return Auth(
        scheme=node.text("scheme"),
        key_pattern=pattern,
        mint=node.text("mint"),
        scopes=node.texts("scopes"),
        claims=node.claims(),
    )


def _operation(name: str, node: _Node) -> Operation:
    method, _, path = node.text("request").partition(" ")
    if not path.startswith("/"):
        raise node.broken("request", "must read 'METHOD /path'", "for example POST /images/generations")
    return Operation(
        name=name,
        method=method,
        path=path,
        success=node.required_number("success"),
        capability=node.text("capability") if node.has("capability") else None,
        media_type=node.text("media_type") if node.has("media_type") else None,
        scope=node.text("scope") if node.has("scope") else None,
        creates_task=node.has("creates") and node.text("creates") == "task",
        claims=node.claims(),
    )


def _exclusion(node: _Node) -> Exclusion:
    return Exclusion(when=node.values("when"), parameter=node.text("parameter"), claim=node.claim())


#: Keys of ``tasks`` that are no JSON pointers.
_TASK_KEYS = frozenset({"states", "duration", "claims"})


def _tasks(node: _Node) -> Tasks:
    duration = node.child("duration")
    return Tasks(
        pointers={name: node.text(name) for name in node.value if name not in _TASK_KEYS},
        states=node.values("states"),
        queued_s=duration.required_number("queued_s"),
        running_s=duration.required_number("running_s"),
        claims=node.claims(),
    )


def _media(node: _Node) -> Media:
    kinds = node.child("kinds")
    return Media(
        kinds={name: dict(kinds.child(name).value) for name in kinds.value},
        upload=_upload(node.child("upload")) if node.has("upload") else None,
        claims=node.claims(),
    )


def _upload(node: _Node) -> Upload:
    return Upload(
        field=node.text("field"),
        artifact_id=node.text("artifact_id"),
        types=node.texts("types"),
        max_bytes=node.required_number("max_bytes"),
        claims=node.claims(),
    )


def _domain(node: _Node, base: Domain | None = None) -> Domain:
    return Domain(
        type=node.text("type", base.type if base else None),
        enum=node.texts("enum") or (base.enum if base else None),
        minimum=_either(node.number("minimum"), base.minimum if base else None),
        maximum=_either(node.number("maximum"), base.maximum if base else None),
        min_length=_either(node.number("minLength"), base.min_length if base else None),
        max_length=_either(node.number("maxLength"), base.max_length if base else None),
    )


def _either(own: int | None, inherited: int | None) -> int | None:
    return own if own is not None else inherited


def _default(node: _Node) -> str | int | bool | None:
    value = node.value.get("default")
    return value if isinstance(value, str | int | bool) else None


def _parameter(name: str, node: _Node) -> Parameter:
    return Parameter(
        name=name,
        domain=_domain(node.child("schema")),
        required=node.flag("required"),
        default=_default(node),
        aliases=node.texts("aliases"),
        optional_feature=node.flag("optional_feature"),
        capabilities=node.texts("capabilities") or None,
        companions={name: texts[0] for name, texts in node.values("companions").items()},
        claims=node.claims(),
    )


class _Models:
    """Reads the matrix: each model's cells narrow the parameters, ``like`` copies a model."""

    def __init__(self, top: _Node, parameters: Mapping[str, Parameter]) -> None:
        self._node = top.child("models")
        self._parameters = parameters

    def read(self) -> dict[str, Model]:
        return {name: self._model(name, self._node.child(name)) for name in self._node.value}

    def _model(self, name: str, node: _Node) -> Model:
        like = node.text("like") if node.has("like") else None
        source = self._like(node, like) if like else node
        delivers = source.child("delivers") if source.has("delivers") else None
        revised = source.child("revised_prompt")
        errors = source.child("errors")
        return Model(
            id=name,
            claim=source.claim(),
            cells=self._cells(source),
            like=like,
            routes_to=source.text("routes_to") if source.has("routes_to") else None,
            revised_prompt=revised.choice("presence", Presence, Presence.OPTIONAL),
            revised_prompt_claim=revised.claim(),
            delivers=delivers.text("format") if delivers else None,
            delivers_claim=delivers.claim() if delivers else (),
            errors={row: dict(errors.child(row).value) for row in errors.value},
        )

    def _like(self, node: _Node, like: str) -> _Node:
        if like not in self._node.value or self._node.child(like).has("like"):
            raise node.broken("like", f"'{like}' is no model written out here", nearest(like, self._node.value))
        return self._node.child(like)

    def _cells(self, node: _Node) -> dict[str, Cell]:
        own = node.child("parameters")
        for name in own.value:
            if name not in self._parameters:
                raise own.broken(name, f"'{name}' is no parameter", nearest(name, self._parameters))
        return {name: self._cell(base, own.child(name)) for name, base in self._parameters.items() if name != "model"}

    def _cell(self, base: Parameter, node: _Node) -> Cell:
        domain = _domain(node, base.domain)
        default = _default(node) if node.has("default") else base.default
        if domain.enum is not None and default is not None and str(default) not in domain.enum:
            default = None
        return Cell(
            parameter=base.name,
            support=node.choice("support", Support, Support.TAKEN),
            domain=domain,
            default=default,
            claim=node.claim() or base.claimed("values"),
            default_claim=node.claim("default_claim") or base.claimed("default"),
            error=node.text("error", "unknown_parameter"),
        )


def _field(name: str, node: _Node) -> ResponseField:
    return ResponseField(
        name=name,
        source=node.text("is"),
        type=node.text("type"),
        required=node.flag("required"),
        claim=node.claim(),
        models=node.texts("models") or None,
        fields=tuple(node.map_of("fields", _field).values()),
    )


def _response(node: _Node) -> Response:
    return Response(fields=tuple(node.map_of("fields", _field).values()), claims=node.claims())


def _images(node: _Node) -> Images:
    alpha, ratio = node.child("alpha"), node.child("ratio")
    sizes = node.child("sizes")
    return Images(
        types=node.texts("types"),
        alpha_when=alpha.values("when"),
        alpha_claim=alpha.claim(),
        url=_url_life(node.child("url")) if node.has("url") else None,
        sizes={name: sizes.text(name) for name in sizes.value},
        ratio_parameter=ratio.text("parameter") if ratio.value else None,
        ratio_tolerance_percent=ratio.number("tolerance_percent") or 0,
        ratio_claim=ratio.claim(),
    )


def _url_life(node: _Node) -> UrlLife:
    return UrlLife(
        life_s=node.required_number("life_s"),
        alive_at_s=node.required_number("alive_at_s"),
        dead_by_s=node.required_number("dead_by_s"),
        claim=node.claim(),
    )


def _errors(node: _Node) -> ErrorTable:
    envelope = node.child("envelope")
    known = {*envelope.child("keys").value, *envelope.texts("extra")}
    rows = node.child("rows")
    for name in rows.value:
        _check_envelope_keys(rows.child(name), known | _ROW_KEYS)
    return ErrorTable(
        envelope=Envelope(keys=envelope.values("keys"), extra=envelope.texts("extra"), claim=envelope.claim()),
        rows=node.map_of("rows", _error_row),
    )


def _check_envelope_keys(row: _Node, known: set[str]) -> None:
    for key in row.value:
        if key not in known:
            raise row.broken(key, f"'{key}' is no key of the envelope", nearest(key, known))


def _error_row(name: str, node: _Node) -> ErrorRow:
    statuses = tuple(int(status) for status in node.texts("status") if status.isdigit())
    if not statuses:
        raise node.broken("status", f"the error '{name}' has no status", "give an HTTP status, or a list of them")
    return ErrorRow(
        name=name,
        statuses=statuses,
        keys={key: value for key, value in node.value.items() if key not in _ROW_KEYS},
        claim=node.claim(),
        assumed=frozenset(node.texts("assumed")),
        retry_after=node.flag("retry_after"),
        names_parameter=node.flag("names_parameter"),
    )


def _limit(name: str, node: _Node) -> Limit:
    return Limit(name=name, value=node.number("value"), per=node.text("per", "key"), claim=node.claim())


def _billing(node: _Node) -> Billing:
    currency = Currency(code=node.text("currency"), scale=node.required_number("scale"))
    return Billing(
        currency=currency,
        moment=node.choice("moment", Moment, Moment.AFTER_RESPONSE),
        overdraft=node.choice("overdraft", Overdraft, Overdraft.UNSPECIFIED),
        opening=node.money("opening", currency),
        prices=tuple(
            PriceRow(when=row.values("when"), price=row.money("price", currency), claim=row.claim())
            for row in node.children("prices")
        ),
        order=tuple(_order(row) for row in node.children("order")),
        examples=tuple(
            PriceExample(
                request=dict(row.child("request").value),
                charge=row.money("charge", currency),
                worked=row.text("worked"),
                operation=row.text("operation", "generate"),
            )
            for row in node.children("examples")
        ),
        claims=node.claims(),
        refund_examples=tuple(
            RefundExample(
                request=dict(row.child("request").value),
                delivered=row.required_number("delivered"),
                refund=row.money("refund", currency),
                worked=row.text("worked"),
                operation=row.text("operation", "generate"),
            )
            for row in node.children("refund_examples")
        ),
    )


def _order(node: _Node) -> PriceOrder:
    cheaper, dearer = node.child("cheaper"), node.child("dearer")
    return PriceOrder(
        cheaper={name: cheaper.text(name) for name in cheaper.value},
        dearer={name: dearer.text(name) for name in dearer.value},
        claim=node.claim(),
    )


def _ambiguity(node: _Node) -> Ambiguity:
    readings = node.child("readings")
    mock = node.text("mock")
    if mock not in readings.value:
        raise node.broken("mock", f"'{mock}' is none of the readings", nearest(mock, readings.value))
    return Ambiguity(
        claim="".join(node.claim()),
        about=node.choice("about", About, About.REQUEST),
        readings={name: readings.text(name) for name in readings.value},
        mock=mock,
        subject=node.values("subject"),
        row=node.text("row") if node.has("row") else None,
    )
