"""One operation of one provider, as a porter sees it; and the same operation on both sides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pixelproof.contract import About, Ambiguity, Cell, Contract, Domain, Json, Model, Operation, Parameter, Support
from pixelproof.matrix import Fault, Matrix, Violation, compile_domain, parameters_of

#: The reading of a disputed value under which the request is refused.
REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """An operation that makes images, with its parameters and its compiled matrix."""

    contract: Contract
    operation: Operation
    matrix: Matrix
    parameters: Mapping[str, Parameter]

    def parameter(self, name: str) -> Parameter | None:
        """Return a parameter by its name or an alias, None when this operation has no such one."""
        found = self.parameters.get(name)
        return found or next((p for p in self.parameters.values() if name in p.aliases), None)

    def cell(self, model: Model, name: str) -> Cell | None:
        """Return what a model does with a parameter, None when this operation has no such one."""
        parameter = self.parameter(name)
        return model.cells.get(parameter.name) if parameter is not None else None

    def offered(self, model: Model, name: str) -> Domain | None:
        """Return what may be sent to a model as a parameter, None when nothing may.

        What a model ignores may still be sent, with any value that the parameter has.
        """
        cell = self.cell(model, name)
        if cell is None or cell.support is Support.REFUSED:
            return None
        return cell.domain if cell.support is Support.TAKEN else self.parameters[cell.parameter].domain

    def wrong(self, model: Model, name: str, value: Json) -> tuple[Fault, str] | None:
        """Return why a model that takes a parameter refuses a value of it, None when it does not."""
        cell = self.cell(model, name)
        return compile_domain(cell.domain, self.contract.media)(value) if cell is not None else None

    def violations(self, body: Mapping[str, Json]) -> tuple[Violation, ...]:
        """Return everything wrong with a request; disputed values count where the strict reading is taken."""
        strict = [_disputed(point) for point in self.disputes(body) if point.mock == REFUSED]
        return (*self.matrix.violations(body), *self._features(body), *strict)

    def disputes(self, body: Mapping[str, Json]) -> tuple[Ambiguity, ...]:
        """Return the points on which the documents leave open whether a request is served."""
        points = [point for point in self.contract.ambiguities if point.about is About.REQUEST]
        values = self.matrix.effective(body) if points else {}
        return tuple(point for point in points if point.covers(values))

    def meaning(self, body: Mapping[str, Json]) -> dict[str, Json]:
        """Return the values that have an effect: the request's own and the defaults, of what the model takes."""
        values = self.matrix.effective(body)
        model = self.contract.models.get(str(values.get("model")))
        if model is None:
            return {}
        taken = {name for name, cell in model.cells.items() if cell.support is Support.TAKEN}
        return {name: value for name, value in values.items() if name in taken and name in self.parameters}

    def model_of(self, body: Mapping[str, Json]) -> Model | None:
        """Return the model that serves a request: the named one, else the default."""
        return self.contract.models.get(str(self.matrix.effective(body).get("model", self.default_model)))

    @property
    def default_model(self) -> str | None:
        """The model of requests that name none, None where a model must be named."""
        parameter = self.parameters.get("model")
        default = parameter.default if parameter is not None and not parameter.required else None
        return default if isinstance(default, str) else None

    def _features(self, body: Mapping[str, Json]) -> Iterator[Violation]:
        # A server may refuse an optional feature as a whole, so nobody can rely on it.
        for name, parameter in self.parameters.items():
            if parameter.optional_feature and body.get(name):
                yield Violation(
                    parameter=name,
                    fault=Fault.UNSUPPORTED,
                    message=f"'{name}' may be refused",
                    error="invalid_request",
                    claim=parameter.claimed("values"),
                )


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One operation of the first provider, and the one of the second that does the same."""

    before: Side
    #: None: the second provider has nothing of this capability.
    after: Side | None


def routes(before: Contract, after: Contract) -> tuple[Route, ...]:
    """Return every operation of ``before`` that makes images, with its counterpart by capability."""
    there = {operation.capability: _side(after, operation) for operation in reversed(after.creating())}
    return tuple(
        Route(before=_side(before, operation), after=there.get(operation.capability)) for operation in before.creating()
    )


def holds(domain: Domain, text: str) -> bool:
    """Tell whether a domain has a value, numbers as text too."""
    if domain.type in {"integer", "number"}:
        return text.isdecimal() and compile_domain(domain)(int(text)) is None
    return compile_domain(domain)(text) is None


def _side(contract: Contract, operation: Operation) -> Side:
    capability = operation.capability or ""
    return Side(
        contract=contract,
        operation=operation,
        matrix=Matrix(contract, capability),
        parameters=parameters_of(contract, capability),
    )


def _disputed(point: Ambiguity) -> Violation:
    parameter = [name for name in point.subject if name != "model"][-1]
    message = f"'{parameter}' is disputed by the documents, and the strict reading refuses it"
    return Violation(
        parameter=parameter, fault=Fault.ENUM, message=message, error="invalid_request", claim=(point.claim,)
    )
