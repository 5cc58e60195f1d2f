"""Servers whose errors and prices are as one reading of the documents has them, or as none has."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from ..seams import JsonObject, Seams
from .catalogue import liar, variation
from .edits import crashing, moved, repriced, worded

if TYPE_CHECKING:
    from ..call import Call

STATUS, SHAPE, PRICE = "disputed status", "disputed envelope", "disputed price"


@liar("aicredits-unknown-model-404", claim="AIC-28", family=STATUS, intent="a model nobody lists is 404")
def unknown_model_404(honest: Seams) -> Seams:
    """Answer as OpenAI does, and neither page."""
    return moved(honest, 404, "unknown_model")


@liar("aicredits-unknown-model-crashes", claim="AIC-28", family=STATUS, intent="breaks down on a model nobody lists")
def unknown_model_crashes(honest: Seams) -> Seams:
    """Answer 500 where 400 and 503 would both do."""
    return crashing(honest, lambda body: "no-such" in str(body.get("model")), "model")


@variation("aicredits-unknown-model-503", claim="AIC-28", family=STATUS, intent="a model nobody lists is 503")
def unknown_model_503(honest: Seams) -> Seams:
    """Follow the errors page."""
    return moved(honest, 503, "unknown_model")


@liar("aicredits-code-of-its-own", claim="AIC-34", family=SHAPE, intent="code is a number that is no status")
def code_of_its_own(honest: Seams) -> Seams:
    """Count errors instead of repeating the status."""
    return worded(honest, lambda error: error.update(code=1007))


@liar("aicredits-code-list", claim="AIC-34", family=SHAPE, intent="code is a list of codes")
def code_list(honest: Seams) -> Seams:
    """Wrap the code."""
    return worded(honest, lambda error: error.update(code=[error.get("code")]))


@liar("aicredits-no-code", claim="AIC-34", family=SHAPE, intent="errors have no code")
def no_code(honest: Seams) -> Seams:
    """Leave out what both pages have."""
    return worded(honest, lambda error: _drop(error, "code"))


@variation("aicredits-code-text", claim="AIC-34", family=SHAPE, intent="code is a text, and param is there too")
def code_text(honest: Seams) -> Seams:
    """Follow OpenAI's format."""
    return worded(honest, lambda error: error.update(code="invalid_value", param=None))


@variation("aicredits-code-null", claim="AIC-34", family=SHAPE, intent="code is null, and param is there too")
def code_null(honest: Seams) -> Seams:
    """Follow OpenAI's format, saying less."""
    return worded(honest, lambda error: error.update(code=None, param=None))


@variation("aicredits-formula", claim="AIC-31", family=PRICE, intent="everything costs a tenth more than the table")
def formula(honest: Seams) -> Seams:
    """Follow the formula of the pricing page."""
    return repriced(honest, lambda call: _times(call, "1.1"))


@variation(
    "aicredits-formula-below", claim="AIC-31", family=PRICE, intent="everything costs a tenth less than the table"
)
def formula_below(honest: Seams) -> Seams:
    """Follow the formula at a lower fee."""
    return repriced(honest, lambda call: _times(call, "0.9"))


def _times(call: Call, factor: str) -> int:
    return round(call.unit_price * Decimal(factor))


def _drop(error: JsonObject, key: str) -> None:
    error.pop(key, None)
