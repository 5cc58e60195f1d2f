"""Money as integers of a contract's smallest unit; floats never enter."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from typing import NewType

#: An amount in the smallest unit of its contract's currency (for example micro-dollars).
Units = NewType("Units", int)

#: More digits than any wallet holds; longer input is refused before arithmetic sees it.
_MAX_DIGITS = 30

#: Wide enough for the longest amount in the smallest unit, so that nothing is rounded on the way.
_WIDE = Context(prec=100)


class MoneyError(ValueError):
    """An amount that is not exact money: not a number, or finer than the smallest unit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Currency:
    """A currency and its scale: the number of decimal digits of its smallest unit."""

    code: str
    scale: int

    def parse(self, text: object) -> Units:
        """Turn ``"0.04"`` (or an integer, or a Decimal) into units, exactly.

        Raises MoneyError for floats, booleans, text that is no number, and amounts
        finer than the smallest unit.
        """
        return _exact_units(_decimal(text), self)

    def nearest(self, text: object) -> Units:
        """Turn a reported number (floats too) into units, rounding half up.

        Raises MoneyError for what is no number, and for NaN and infinities.
        """
        return self.rounded(text)[0]

    def rounded(self, text: object, worth: Decimal = Decimal(1)) -> tuple[Units, bool]:
        """Turn a reported number of things ``worth`` so much into units, and tell whether that took rounding.

        Raises MoneyError like ``nearest``.
        """
        reported = _decimal(repr(text) if isinstance(text, float) else text)
        scaled = _WIDE.multiply(reported, worth).scaleb(self.scale, _WIDE)
        whole = scaled.quantize(Decimal(1), rounding=ROUND_HALF_UP, context=_WIDE)
        return Units(int(whole)), whole != scaled

    def worth(self, unit: str) -> Decimal:
        """Return what a unit such as ``USD`` or ``0.01 USD`` is worth; 1 when none is named.

        Raises MoneyError for a unit of something else.
        """
        number, _, code = unit.strip().rpartition(" ")
        if code and code.casefold() != self.code.casefold():
            message = f"'{unit}' is no unit of {self.code}"
            raise MoneyError(message)
        return _decimal(number) if number else Decimal(1)

    def format(self, units: int) -> str:
        """Write units as a decimal string with all digits of the scale."""
        sign = "-" if units < 0 else ""
        whole, fraction = divmod(abs(units), 10**self.scale)
        return f"{sign}{whole}.{fraction:0{self.scale}d}" if self.scale else f"{sign}{whole}"

    def show(self, units: int) -> str:
        """Write units for a person, without needless zeros: ``0.04 USD``."""
        text = self.format(units)
        if "." in text:
            whole, fraction = text.split(".")
            text = f"{whole}.{fraction.rstrip('0').ljust(min(2, self.scale), '0')}"
        return f"{text} {self.code}"


def _decimal(text: object) -> Decimal:
    if isinstance(text, bool | float) or not isinstance(text, str | int | Decimal):
        message = f"{text!r} is not exact money; write it as a decimal string"
        raise MoneyError(message)
    if isinstance(text, str) and len(text) > _MAX_DIGITS:
        message = f"an amount of {len(text)} characters is longer than any wallet"
        raise MoneyError(message)
    try:
        amount = Decimal(text)
    except InvalidOperation:
        message = f"{text!r} is not a number"
        raise MoneyError(message) from None
    if not amount.is_finite() or abs(amount.adjusted()) > _MAX_DIGITS:
        message = f"{text!r} is not a finite amount"
        raise MoneyError(message)
    return amount


def _exact_units(amount: Decimal, currency: Currency) -> Units:
    scaled = amount.scaleb(currency.scale, _WIDE)
    if scaled != scaled.to_integral_value():
        message = f"{amount} {currency.code} is finer than {currency.scale} decimal digits"
        raise MoneyError(message)
    return Units(int(scaled))
