"""Request bodies: the smallest valid ones, and what they cost."""

from __future__ import annotations

from collections.abc import Mapping

from pixelproof import pricing
from pixelproof.contract import MEDIA, About, Cell, Contract, Json, Model, Operation, Parameter, Support, holds
from pixelproof.matrix import Matrix, parameters_of
from pixelproof.money import Units
from pixelproof.planning.case import Fetch, Key, Send, reference
from pixelproof.strategies.claims import Scope
from pixelproof.strategies.corpus import prompt


class Bodies:
    """Makes request bodies for one operation of a contract."""

    def __init__(self, scope: Scope, operation: Operation) -> None:
        self.scope = scope
        self.contract: Contract = scope.contract
        self.operation = operation
        self.capability = operation.capability or ""
        self.matrix = Matrix(scope.contract, self.capability)
        self.parameters = parameters_of(scope.contract, self.capability)

    def models(self) -> tuple[Model, ...]:
        """Return the models that deciding claims describe, look-alikes last."""
        described = [model for model in self.contract.models.values() if self.scope.any_decides(model.claim)]
        return tuple(sorted(described, key=lambda model: model.like is not None))

    def tested(self) -> tuple[Model, ...]:
        """Return one model of each family: look-alikes are only tried once, elsewhere."""
        return tuple(model for model in self.models() if model.like is None)

    def body(self, case_id: str, model: Model, params: Mapping[str, Json] | None = None) -> dict[str, Json]:
        """Return a valid body of a model with a prompt of the case's own."""
        media = {
            name: reference("data_uri")
            for name, parameter in self.parameters.items()
            if parameter.required and parameter.domain.type == MEDIA
        }
        return {"model": model.id, "prompt": prompt(case_id), **media, **(params or {})}

    def own_parameters(self) -> tuple[Parameter, ...]:
        """Return the parameters that no earlier operation has: what they share is tried there, or at full."""
        first = next(iter(self.contract.creating()))
        shared = parameters_of(self.contract, first.capability or "") if self.operation is not first else {}
        return tuple(p for name, p in self.parameters.items() if name not in shared or self.scope.full)

    def case_id(self, group: str, name: str) -> str:
        """Return the id of a case; those of the contract's first operation go without its name."""
        first = next(iter(self.contract.creating()))
        return f"{group}/{name}" if self.operation is first else f"{group}/{self.operation.name}/{name}"

    def price(self, body: Mapping[str, Json]) -> Units:
        """Return the charge of a body: the target's own price, else the contract's, 0 without either."""
        values = self.matrix.effective(body)
        own = self._own_price(values)
        if own is not None:
            return Units(own * pricing.image_count(values))
        try:
            return pricing.charge(self.contract, self.matrix, body)
        except pricing.NoPrice:
            return Units(0)

    def certain_price(self, body: Mapping[str, Json]) -> Units | None:
        """Return the charge of a body when it is known for this target, else None.

        Known is what a deciding claim documents, what the target file states, and every
        price of a pixelproof mock.
        """
        values = self.matrix.effective(body)
        if self.scope.prices_hold or self._own_price(values) is not None:
            return self.price(body)
        try:
            row = pricing.unit_price(self.contract.billing, values)
        except pricing.NoPrice:
            return None
        return self.price(body) if self.scope.any_decides(row.claim) else None

    def documented_charge(self, body: Mapping[str, Json]) -> tuple[Units, Units] | None:
        """Return the least and the most that a body is charged: by deciding claims, or by the target file.

        None where neither says it, or where the documents dispute it.
        """
        values = self.matrix.effective(body)
        n, own = pricing.image_count(values), self._own_price(values)
        if own is not None:
            return Units(own * n), Units(own * n)
        try:
            row = pricing.unit_price(self.contract.billing, values)
        except pricing.NoPrice:
            return None
        points = (point for point in self.contract.ambiguities if point.about is About.PRICE)
        if not self.scope.any_decides(row.claim) or any(holds(point.subject, values) for point in points):
            return None
        least = row.price if row.least is None else row.least
        most = row.price if row.most is None else row.most
        return Units(least * n), Units(most * n)

    def _own_price(self, values: Mapping[str, Json]) -> Units | None:
        """Return what the target file says that one image costs: it speaks of the model's defaults."""
        own = self.scope.prices.get(str(values.get("model")))
        model = self.contract.models.get(str(values.get("model")))
        if own is None or model is None:
            return own
        priced = {name for row in self.contract.billing.prices for name in row.when} - {"model"}
        cells = (cell for name, cell in model.cells.items() if name in priced)
        return own if all(values.get(cell.parameter) == cell.default for cell in cells) else None

    def roughly_priced(self, body: Mapping[str, Json]) -> bool:
        """Tell whether the documents dispute the price of a body without naming figures."""
        values = self.matrix.effective(body)
        return any(
            point.about is About.PRICE
            and holds(point.subject, values)
            and not any(reading[:1].isdigit() for reading in point.readings)
            for point in self.contract.ambiguities
        )

    def open_values(self, model: Model, cell: Cell) -> tuple[str, ...]:
        """Return the values of a cell that no ambiguity disputes, the default first."""
        values = [value for value in cell.domain.enum or () if not self.disputed(model, cell.parameter, value)]
        return tuple(sorted(values, key=lambda value: value != cell.default))

    def disputed(self, model: Model, parameter: str, value: str) -> bool:
        """Tell whether an ambiguity covers this one value of a model."""
        return any(
            parameter in point.subject and point.covers({"model": model.id, parameter: value})
            for point in self.contract.ambiguities
        )

    def disputed_keys(self) -> tuple[str, ...]:
        """Return the keys of error objects whose shape the documents dispute: only the dispute judges them."""
        points = self.contract.ambiguities
        return ("code",) if any(point.about is About.ENVELOPE for point in points) else ()

    def status_disputed(self, row: str) -> bool:
        """Tell whether the documents dispute the status of an error."""
        return any(point.about is About.STATUS and point.row == row for point in self.contract.ambiguities)

    def foreign_values(self, model: Model, cell: Cell) -> tuple[str, ...]:
        """Return values of the parameter that belong to other models only."""
        everything = self.contract.parameters[cell.parameter].domain.enum or ()
        return tuple(
            value
            for value in everything
            if value not in (cell.domain.enum or ())
            and not (cell.domain.custom and cell.domain.custom.covers(value))
            and not self.disputed(model, cell.parameter, value)
        )

    def positive(
        self, name: str, body: Mapping[str, Json], *, key: Key | None = None, fetch: Fetch = Fetch.NONE
    ) -> Send:
        """Return the step that sends a valid body."""
        price = self.price(body)
        return Send(
            name=name,
            operation=self.operation.name,
            body=body,
            key=key or Key(),
            fetch=fetch,
            positive=True,
            price=price,
            worst=price,
        )

    def negative(self, name: str, body: Mapping[str, Json], model: Model, *, key: Key | None = None) -> Send:
        """Return the step that sends a body which must be refused."""
        worst = self.price(self.body("", model))
        return Send(name=name, operation=self.operation.name, body=body, key=key or Key(), worst=worst)

    def taken(self, model: Model) -> tuple[Cell, ...]:
        """Return the cells of parameters the model takes and a plan varies."""
        return tuple(
            cell
            for cell in model.cells.values()
            if cell.parameter in self.parameters
            and cell.support is Support.TAKEN
            and not self.parameters[cell.parameter].optional_feature
        )

    def cheap_params(self, model: Model) -> dict[str, Json]:
        """Return the parameters of the model's cheapest valid request."""
        best: dict[str, Json] = {}
        for name in ("size", "quality"):
            cell = model.cells.get(name)
            if cell is None or cell.support is not Support.TAKEN or not cell.domain.enum:
                continue
            options = [{**best, name: value} for value in self.open_values(model, cell)]
            if options:
                best = min(options, key=lambda option: self.price(self.body("", model, option)))
        return best

    def inline(self, model: Model) -> dict[str, Json]:
        """Return the parameter that asks for base64, so that nothing has to be downloaded."""
        cell = model.cells.get("response_format")
        taken = cell is not None and cell.support is Support.TAKEN and "b64_json" in (cell.domain.enum or ())
        return {"response_format": "b64_json"} if taken else {}
