"""An account of the mock in the hands of a test: its key, its wallet, its clock, its faults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from pixelproof.contract import Json

from .audit import audit
from .plane import Plane, rows
from .records import JournalLine, LedgerEntry, Totals, instant

#: Rows of one page of the journal and of a ledger.
_PAGE = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class MockAccount:
    """One account with its key. It shares nothing with other accounts, so tests need no reset.

    Amounts are in ``currency``. What is asked wrongly raises :class:`~pixelproof.testing.MockRefused`.
    """

    id: str
    #: The API key to give to the client under test.
    key: str = field(repr=False)
    profile: str
    #: Where the client under test finds its provider, with ``/v1``.
    base_url: str
    currency: str
    _plane: Plane = field(repr=False)
    #: Errors of the mock that were there before this account.
    _before: frozenset[str] = field(repr=False)

    @property
    def headers(self) -> dict[str, str]:
        """Return the header that a plain HTTP client needs."""
        return {"Authorization": f"Bearer {self.key}"}

    @property
    def balance(self) -> Decimal:
        """Return the available money, once everything due has been settled."""
        return Decimal(str(self._plane.ask("GET", f"/accounts/{self.id}")["balance"]))

    def top_up(self, amount: str | Decimal) -> Decimal:
        """Put money into the wallet and return the new balance."""
        made = self._plane.ask("POST", f"/accounts/{self.id}/top-ups", {"amount": str(amount)})
        return Decimal(str(made["balance"]))

    def ledger(self) -> tuple[LedgerEntry, ...]:
        """Return every movement of money, oldest first."""
        found: list[LedgerEntry] = []
        after: Json = 0
        while after is not None:
            page = self._plane.ask(
                "GET", f"/accounts/{self.id}/ledger", query={"after": int(str(after)), "limit": _PAGE}
            )
            found += map(LedgerEntry.read, rows(page["entries"]))
            after = page["next"]
        return tuple(found)

    def totals(self) -> Totals:
        """Return the sums of the ledger, and whether they balance."""
        return Totals.read(self._plane.ask("GET", f"/accounts/{self.id}/ledger/check"))

    def requests(self) -> tuple[JournalLine, ...]:
        """Return what was asked with this account's keys and what answered, oldest first."""
        return read_journal(self._plane, {"account": self.id})

    def fault(
        self, effect: str, *, times: int | None = None, match: Mapping[str, Json] | None = None, **arguments: Json
    ) -> str:
        """Put up a fault that strikes this account only; return its id.

        ``effect`` and ``arguments`` are those of ``POST /__admin/faults``, for example
        ``fault("rate_limited", times=2, retry_after_s=1)``. Without ``times`` it stands until taken down, and it
        strikes requests for images unless ``match={"path": "/models"}`` names others.
        """
        limited: dict[str, Json] = {} if times is None else {"times": times}
        wanted: dict[str, Json] = {**(match or {}), "account": self.id}
        made = self._plane.ask("POST", "/faults", {"effect": effect, "match": wanted, **limited, **arguments})
        return str(made["id"])

    def fail_next(
        self,
        n: int = 1,
        effect: str = "server_error",
        *,
        match: Mapping[str, Json] | None = None,
        **arguments: Json,
    ) -> str:
        """Let this account's next ``n`` requests for images fail, and the ones after that succeed."""
        return self.fault(effect, times=n, match=match, **arguments)

    def clear_fault(self, fault_id: str) -> None:
        """Take one fault down."""
        self._plane.ask("DELETE", f"/faults/{fault_id}")

    def now(self) -> datetime:
        """Return the time on this account's clock."""
        return instant(self._plane.ask("GET", "/clock", query={"account": self.id})["now"])

    def advance(self, seconds: float) -> datetime:
        """Move this account's clock; returns its time when everything due has been settled."""
        return instant(self._plane.ask("POST", "/clock/advance", {"seconds": seconds, "account": self.id})["now"])

    def freeze(self) -> datetime:
        """Stop this account's clock and return its time."""
        return instant(self._plane.ask("POST", "/clock/freeze", {"account": self.id})["now"])

    def resume(self) -> datetime:
        """Let this account's clock run again."""
        return instant(self._plane.ask("POST", "/clock/resume", {"account": self.id})["now"])

    def problems(self) -> list[str]:
        """Return what is wrong with the money or with the mock itself since this account was opened."""
        broken = [error for error in unexpected_errors(self._plane) if error not in self._before]
        return [
            *audit(self.totals(), self.ledger(), self.requests()),
            *(f"the mock broke: {error}" for error in broken),
        ]


def read_journal(plane: Plane, query: Mapping[str, str | int]) -> tuple[JournalLine, ...]:
    """Return every line of the journal that fits, oldest first."""
    found: list[JournalLine] = []
    after: Json = query.get("after", 0)
    while after is not None:
        page = plane.ask("GET", "/requests", query={**query, "after": int(str(after)), "limit": _PAGE})
        found += map(JournalLine.read, rows(page["requests"]))
        after = page["next"]
    return tuple(found)


def unexpected_errors(plane: Plane) -> tuple[str, ...]:
    """Return the errors of the mock itself, each with the id of its request; the last hundred."""
    found = plane.ask("GET", "/unexpected")["errors"]
    return tuple(str(error) for error in found) if isinstance(found, list) else ()
