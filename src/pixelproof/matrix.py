"""The model matrix compiled to closures: what is wrong with a request, in order.

The mock asks :meth:`Matrix.first`, the harness plans with :meth:`Matrix.violations`;
both walk the same compiled checks, so neither pays for a schema library per request.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from pixelproof.contract import (
    MEDIA,
    MEDIA_LIST,
    Contract,
    Domain,
    Exclusion,
    Json,
    Media,
    Model,
    Parameter,
    Support,
    holds,
)
from pixelproof.contract.media import read_reference


class Fault(StrEnum):
    """Why a value is refused."""

    MISSING = "missing"
    TYPE = "type"
    ENUM = "enum"
    MINIMUM = "minimum"
    MAXIMUM = "maximum"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    TOO_MANY = "too_many"
    EXCLUDED = "excluded"
    UNSUPPORTED = "unsupported"
    UNKNOWN_PARAMETER = "unknown_parameter"
    UNKNOWN_MODEL = "unknown_model"


#: fault → row of the error table
ERROR_ROWS: Mapping[Fault, str] = {
    Fault.MISSING: "missing_parameter",
    Fault.UNSUPPORTED: "unknown_parameter",
    Fault.UNKNOWN_PARAMETER: "unknown_parameter",
    Fault.UNKNOWN_MODEL: "unknown_model",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """One thing wrong with a request."""

    parameter: str
    fault: Fault
    message: str
    #: Row of the error table that answers.
    error: str
    claim: tuple[str, ...]


Check = Callable[[Json], tuple[Fault, str] | None]
Checks = tuple[tuple[str, Check, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelChecks:
    """The compiled checks of one model."""

    taken: Checks
    refused: Mapping[str, tuple[str, tuple[str, ...]]]
    ignored: frozenset[str]
    defaults: Mapping[str, Json]


class Matrix:
    """The parameters and the model matrix of one capability as plain closures."""

    __slots__ = (
        "_aliases",
        "_capability",
        "_contract",
        "_default_model",
        "_excluding",
        "_exclusions",
        "_models",
        "_required",
        "_shapes",
    )

    def __init__(self, contract: Contract, capability: str = "text_to_image") -> None:
        """Compile ``contract`` once; every later call is dictionary look-ups and comparisons."""
        self._contract = contract
        self._capability = capability
        parameters = parameters_of(contract, capability)
        self._required = tuple(name for name, parameter in parameters.items() if parameter.required)
        self._aliases = {alias: name for name, parameter in parameters.items() for alias in parameter.aliases}
        self._shapes: dict[str, tuple[Check, tuple[str, ...]]] = {
            name: (compile_domain(_shape_only(parameter.domain), contract.media), parameter.claimed("values"))
            for name, parameter in parameters.items()
        }
        self._exclusions = tuple(e for e in contract.exclusions if all(name in parameters for name in e.when))
        self._excluding = frozenset(name for exclusion in self._exclusions for name in exclusion.when)
        default = parameters["model"].default if "model" in parameters else None
        self._default_model = default if isinstance(default, str) else None
        self._models = {
            model.id: _compile_model(model, frozenset(parameters), contract.media) for model in contract.models.values()
        }

    def canonical(self, body: Mapping[str, Json]) -> Mapping[str, Json]:
        """Return the body with aliases renamed, the first spelling wins; without any it is the body itself."""
        if not self._aliases:
            return body
        named: dict[str, Json] = {}
        for key, value in body.items():
            named.setdefault(self._aliases.get(key, key), value)
        return named

    def effective(self, body: Mapping[str, Json]) -> dict[str, Json]:
        """Return the values a request runs with: its own, completed by the model's defaults."""
        named = self.canonical(body)
        model = self._named_model(named)
        checks = self._models.get(model) if isinstance(model, str) else None
        if checks is None:
            return dict(named)
        given = {key: value for key, value in named.items() if value is not None and key not in checks.ignored}
        return {"capability": self._capability, **checks.defaults, **given}

    def shape_violations(self, body: Mapping[str, Json]) -> Iterator[Violation]:
        """Yield what is wrong whatever the model is: missing, wrong type, unknown name."""
        named = self.canonical(body)
        for name in self._required:
            if named.get(name) is None:
                yield self._violation(name, Fault.MISSING, f"'{name}' is required", self._required_claim(name))
        # Over the body as sent: a second spelling of a parameter has no effect, but must be well-formed too.
        for key, value in body.items():
            name = self._aliases.get(key, key)
            shape = self._shapes.get(name)
            if shape is None:
                yield from self._unknown(name)
            elif value is not None and (wrong := shape[0](value)) is not None:
                yield self._violation(name, wrong[0], f"'{name}' {wrong[1]}", shape[1])

    def model_violations(self, body: Mapping[str, Json]) -> Iterator[Violation]:
        """Yield what the model of this request does not take."""
        named = self.canonical(body)
        model = self._named_model(named)
        checks = self._models.get(model) if isinstance(model, str) else None
        if checks is None:
            claim = self._contract.parameters["model"].claimed("values")
            yield self._violation("model", Fault.UNKNOWN_MODEL, f"the model {_quoted(model)} does not exist", claim)
            return
        for name, check, claim in checks.taken:
            value = named.get(name)
            if value is not None and (wrong := check(value)) is not None:
                yield self._violation(name, wrong[0], f"'{name}' {wrong[1]} for {model}", claim)
        for name, (error, claim) in checks.refused.items():
            if named.get(name) is not None:
                message = f"'{name}' is not supported by {model}"
                yield Violation(parameter=name, fault=Fault.UNSUPPORTED, message=message, error=error, claim=claim)
        # Defaults exclude nothing among themselves: a request that names none of these values is safe.
        if not self._excluding.isdisjoint(named):
            yield from self._excluded({**checks.defaults, **{k: v for k, v in named.items() if v is not None}})

    def violations(self, body: Mapping[str, Json]) -> tuple[Violation, ...]:
        """Return everything wrong with a request, shape first."""
        return (*self.shape_violations(body), *self.model_violations(body))

    def _excluded(self, values: Mapping[str, Json]) -> Iterator[Violation]:
        for exclusion in self._exclusions:
            if excludes(exclusion, values):
                both = " with ".join(f"{name} {values.get(name)}" for name in exclusion.when)
                yield self._violation(exclusion.parameter, Fault.EXCLUDED, f"{both} is not possible", exclusion.claim)

    def _named_model(self, named: Mapping[str, Json]) -> Json:
        # Only null and absence stand for the default; an empty name names no model.
        model = named.get("model")
        return self._default_model if model is None else model

    def _unknown(self, name: str) -> Iterator[Violation]:
        if self._contract.unknown_policy is Support.REFUSED:
            message = f"unknown parameter: {_quoted(name)}"
            yield self._violation(name, Fault.UNKNOWN_PARAMETER, message, self._contract.unknown_claim)

    def _required_claim(self, name: str) -> tuple[str, ...]:
        return self._contract.parameters[name].claimed("required")

    @staticmethod
    def _violation(name: str, fault: Fault, message: str, claim: tuple[str, ...]) -> Violation:
        error = ERROR_ROWS.get(fault, "invalid_request")
        return Violation(parameter=name, fault=fault, message=message, error=error, claim=claim)


#: (identity of a contract, capability) → that contract, kept so that the identity stays its own, and its matrix.
_COMPILED: dict[tuple[int, str], tuple[Contract, Matrix]] = {}
#: How many are remembered: many times what one run has.
_MOST_COMPILED = 64


def matrix_of(contract: Contract, capability: str = "text_to_image") -> Matrix:
    """Return the matrix of a contract and a capability, compiled when it is first asked for."""
    known = _COMPILED.get((id(contract), capability))
    if known is not None:
        return known[1]
    if len(_COMPILED) >= _MOST_COMPILED:
        _COMPILED.clear()
    matrix = Matrix(contract, capability)
    _COMPILED[id(contract), capability] = contract, matrix
    return matrix


def parameters_of(contract: Contract, capability: str) -> dict[str, Parameter]:
    """Return the parameters that requests of a capability have."""
    return {
        name: parameter
        for name, parameter in contract.parameters.items()
        if parameter.capabilities is None or capability in parameter.capabilities
    }


def excludes(exclusion: Exclusion, values: Mapping[str, Json]) -> bool:
    """Tell whether effective values meet in a combination that the document rules out."""
    return holds(exclusion.when, values)


def compile_domain(domain: Domain, media: Media | None = None) -> Check:
    """Return a closure that says why a value lies outside ``domain``, or None."""
    if domain.type in {MEDIA, MEDIA_LIST}:
        return _compile_media(domain, media)
    of_type = _TYPES[domain.type]
    plainly_right = _plainly_right(domain)

    def check(value: Json) -> tuple[Fault, str] | None:
        if plainly_right(value):
            return None
        if not of_type(value):
            return Fault.TYPE, f"must be of type {domain.type}"
        if isinstance(value, str):
            return _text_fault(domain, value)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return _number_fault(domain, value)
        return None

    return check


def _plainly_right(domain: Domain) -> Callable[[Json], bool]:
    """Return the cheapest test that says yes to ordinary values only; a no is looked into."""
    if domain.type == "string" and domain.enum is not None:
        listed = frozenset(text for text in domain.enum if _text_fault(domain, text) is None)
        return lambda value: type(value) is str and value in listed
    if domain.type == "string":
        shortest, longest = domain.min_length or 0, sys.maxsize if domain.max_length is None else domain.max_length
        return lambda value: type(value) is str and shortest <= len(value) <= longest
    if domain.type in {"integer", "number"}:
        lowest = -math.inf if domain.minimum is None else domain.minimum
        highest = math.inf if domain.maximum is None else domain.maximum
        return lambda value: type(value) is int and lowest <= value <= highest
    return lambda value: False  # noqa: ARG005 - the form of the others


def _compile_media(domain: Domain, media: Media | None) -> Check:
    kinds = ", ".join(media.kinds) if media else ""
    wrong = Fault.TYPE, f"must be a reference image ({kinds})"

    def one(value: Json) -> tuple[Fault, str] | None:
        return None if media is not None and read_reference(media, value) is not None else wrong

    def several(value: Json) -> tuple[Fault, str] | None:
        if not isinstance(value, list):
            return Fault.TYPE, "must be a list of reference images"
        if domain.maximum is not None and len(value) > domain.maximum:
            return Fault.TOO_MANY, f"must have at most {domain.maximum} reference images"
        return next((found for item in value if (found := one(item)) is not None), None)

    return one if domain.type == MEDIA else several


def _text_fault(domain: Domain, value: str) -> tuple[Fault, str] | None:
    if domain.enum is not None and value not in domain.enum and not (domain.custom and domain.custom.covers(value)):
        return Fault.ENUM, f"must be one of {', '.join(domain.enum)}"
    if domain.min_length is not None and len(value) < domain.min_length:
        return Fault.TOO_SHORT, f"must have at least {domain.min_length} characters"
    if domain.max_length is not None and len(value) > domain.max_length:
        return Fault.TOO_LONG, f"must have at most {domain.max_length} characters"
    return None


def _number_fault(domain: Domain, value: float) -> tuple[Fault, str] | None:
    if domain.minimum is not None and value < domain.minimum:
        return Fault.MINIMUM, f"must be at least {domain.minimum}"
    if domain.maximum is not None and value > domain.maximum:
        return Fault.MAXIMUM, f"must be at most {domain.maximum}"
    return None


def _is_integer(value: Json) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


_TYPES: Mapping[str, Callable[[Json], bool]] = {
    "string": lambda value: isinstance(value, str),
    "integer": lambda value: _is_integer(value) or (isinstance(value, float) and value.is_integer()),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "boolean": lambda value: isinstance(value, bool),
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
    "null": lambda value: value is None,
}


def _shape_only(domain: Domain) -> Domain:
    # Bounds and lists belong to the model; the shape check keeps the type and the empty string.
    return Domain(type=domain.type, enum=domain.enum, min_length=domain.min_length, custom=domain.custom)


def _compile_model(model: Model, names: frozenset[str], media: Media | None) -> ModelChecks:
    cells = tuple(cell for cell in model.cells.values() if cell.parameter in names)
    taken = tuple(
        (cell.parameter, compile_domain(cell.domain, media), cell.claim)
        for cell in cells
        if cell.support is Support.TAKEN
    )
    refused = {c.parameter: (c.error, c.claim) for c in cells if c.support is Support.REFUSED}
    ignored = frozenset(c.parameter for c in cells if c.support is Support.IGNORED)
    defaults: dict[str, Json] = {
        cell.parameter: cell.default for cell in cells if cell.support is Support.TAKEN and cell.default is not None
    }
    defaults["model"] = model.id
    return ModelChecks(taken=taken, refused=refused, ignored=ignored, defaults=defaults)


def _quoted(value: Json) -> str:
    text = str(value)
    return f"'{text[:80]}…'" if len(text) > 80 else f"'{text}'"  # noqa: PLR2004 - a readable length
