"""Reads parameters, operations and the model matrix."""

from __future__ import annotations

import re
from collections.abc import Mapping

from pixelproof.contract import (
    Auth,
    Cell,
    CustomSizes,
    Domain,
    Exclusion,
    Model,
    Operation,
    Parameter,
    Presence,
    Support,
    TestKeys,
)
from pixelproof.documents.document import nearest
from pixelproof.documents.reading.node import Node


def read_auth(node: Node) -> Auth:
    """Read how a key travels and looks."""
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
        test_keys=_test_keys(node.child("test_keys")) if node.has("test_keys") else None,
    )


def read_operation(name: str, node: Node) -> Operation:
    """Read one endpoint."""
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
        max_bytes=node.number("max_bytes"),
        claims=node.claims(),
    )


def read_exclusion(node: Node) -> Exclusion:
    """Read values that do not go together."""
    return Exclusion(when=node.values("when"), parameter=node.text("parameter"), claim=node.claim())


def read_domain(node: Node, base: Domain | None = None) -> Domain:
    """Read the values of a parameter, narrowing those of ``base``."""
    return Domain(
        type=node.text("type", base.type if base else None),
        enum=node.texts("enum") or (base.enum if base else None),
        minimum=_either(node.number("minimum"), base.minimum if base else None),
        maximum=_either(node.number("maximum"), base.maximum if base else None),
        min_length=_either(node.number("minLength"), base.min_length if base else None),
        max_length=_either(node.number("maxLength"), base.max_length if base else None),
        custom=_custom_or_inherited(node, base),
    )


def _custom_or_inherited(node: Node, base: Domain | None) -> CustomSizes | None:
    # A null takes custom sizes away from one model; silence leaves them.
    if node.has("custom"):
        return _custom(node.child("custom"))
    return base.custom if base is not None and "custom" not in node.value else None


def _custom(node: Node) -> CustomSizes:
    return CustomSizes(
        minimum=node.required_number("minimum"),
        maximum=node.required_number("maximum"),
        step=node.required_number("step"),
        claim=node.claim(),
        bounds_claim=node.claim("bounds_claim"),
    )


def _test_keys(node: Node) -> TestKeys:
    return TestKeys(key_pattern=node.text("key"), mint=node.text("mint"), claim=node.claim())


def _either(own: int | None, inherited: int | None) -> int | None:
    return own if own is not None else inherited


def _default(node: Node) -> str | int | bool | None:
    value = node.value.get("default")
    return value if isinstance(value, str | int | bool) else None


def read_parameter(name: str, node: Node) -> Parameter:
    """Read one parameter of the table."""
    return Parameter(
        name=name,
        domain=read_domain(node.child("schema")),
        required=node.flag("required"),
        default=_default(node),
        aliases=node.texts("aliases"),
        optional_feature=node.flag("optional_feature"),
        capabilities=node.texts("capabilities") or None,
        companions={name: texts[0] for name, texts in node.values("companions").items()},
        claims=node.claims(),
    )


class ModelReader:
    """Reads the matrix: each model's cells narrow the parameters, ``like`` copies a model."""

    def __init__(self, top: Node, parameters: Mapping[str, Parameter]) -> None:
        self._node = top.child("models")
        self._parameters = parameters

    def read(self) -> dict[str, Model]:
        """Return every model by its id."""
        return {name: self._model(name, self._node.child(name)) for name in self._node.value}

    def _model(self, name: str, node: Node) -> Model:
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

    def _like(self, node: Node, like: str) -> Node:
        if like not in self._node.value or self._node.child(like).has("like"):
            written = [name for name in self._node.value if not self._node.child(name).has("like")]
            raise node.broken("like", f"'{like}' is no model written out here", nearest(like, written))
        return self._node.child(like)

    def _cells(self, node: Node) -> dict[str, Cell]:
        own = node.child("parameters")
        for name in own.value:
            if name not in self._parameters:
                raise own.broken(name, f"'{name}' is no parameter", nearest(name, self._parameters))
        return {name: self._cell(base, own.child(name)) for name, base in self._parameters.items() if name != "model"}

    def _cell(self, base: Parameter, node: Node) -> Cell:
        domain = read_domain(node, base.domain)
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
