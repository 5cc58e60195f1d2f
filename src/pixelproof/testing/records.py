"""What a test reads of the mock: lines of the journal, and entries and totals of a ledger."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Self

from pixelproof.contract import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalLine:
    """One answered request. ``step`` and ``claim`` say what decided the answer, ``fault`` what was injected."""

    seq: int
    id: str
    at: datetime
    account: str | None
    trace: str | None
    method: str
    path: str
    status: int
    step: str
    claim: tuple[str, ...]
    fault: str | None
    #: Body of the request: JSON, text where it is none, None where it is empty; long texts are cut.
    request: Json
    #: Body of the answer, likewise.
    response: Json

    @classmethod
    def read(cls, row: Mapping[str, Json]) -> Self:
        """Return the line that a row of ``GET /__admin/requests`` tells."""
        claim = row["claim"]
        return cls(
            seq=int(str(row["seq"])),
            id=str(row["id"]),
            at=instant(row["at"]),
            account=_text(row["account"]),
            trace=_text(row["trace"]),
            method=str(row["method"]),
            path=str(row["path"]),
            status=int(str(row["status"])),
            step=str(row["step"]),
            claim=tuple(str(item) for item in claim) if isinstance(claim, list) else (),
            fault=_text(row["fault"]),
            request=row["request"],
            response=row["response"],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerEntry:
    """One movement of money; ``amount`` is its signed effect on the balance, in the contract's currency."""

    seq: int
    at: datetime
    kind: str
    amount: Decimal
    balance_after: Decimal
    request_id: str | None
    task_id: str | None
    #: Number of the entry that this one undoes: the charge of a refund, the hold of a release.
    refers_to: int | None

    @classmethod
    def read(cls, row: Mapping[str, Json]) -> Self:
        """Return the entry that a row of ``GET …/ledger`` tells."""
        refers_to = row["refers_to"]
        return cls(
            seq=int(str(row["seq"])),
            at=instant(row["at"]),
            kind=str(row["kind"]),
            amount=Decimal(str(row["amount"])),
            balance_after=Decimal(str(row["balance_after"])),
            request_id=_text(row["request_id"]),
            task_id=_text(row["task_id"]),
            refers_to=None if refers_to is None else int(str(refers_to)),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """The sums of a ledger; opening + top-ups + adjustments = balance + held + charged - refunded."""

    balanced: bool
    opening: Decimal
    top_ups: Decimal
    adjustments: Decimal
    charged: Decimal
    refunded: Decimal
    held: Decimal
    balance: Decimal

    @classmethod
    def read(cls, row: Mapping[str, Json]) -> Self:
        """Return the sums that ``GET …/ledger/check`` tells."""
        sums = {name: Decimal(str(row[name])) for name in _SUMS}
        return cls(balanced=row["balanced"] is True, **sums)


_SUMS = ("opening", "top_ups", "adjustments", "charged", "refunded", "held", "balance")


def instant(value: Json) -> datetime:
    """Return an aware instant from the control plane's ISO 8601."""
    return datetime.fromisoformat(str(value))


def _text(value: Json) -> str | None:
    return None if value is None else str(value)
