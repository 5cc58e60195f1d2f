"""The file that keeps the ledger entries which memory does not: one JSON line each, in the order of folding."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import orjson

from pixelproof.problems import BadUsage

from .clock import iso

if TYPE_CHECKING:
    from pixelproof.contract import Contract, Json
    from pixelproof.ledger import Entry
    from pixelproof.money import Currency

Archive = Callable[[Sequence["Entry"]], None]


class LedgerFile:
    """Appends entries that leave memory: with what is still there they are an account's whole ledger."""

    def __init__(self, path: Path) -> None:
        """Begin to append to ``path``. Raises BadUsage when it cannot be written."""
        try:
            path.open("ab").close()
        except OSError as error:
            raise BadUsage(f"cannot write {path}: {error.strerror}", "name another --ledger-file") from None
        self._path = path
        self._lock = Lock()

    def archive(self, account_id: str, contract: Contract) -> Archive:
        """Return what keeps the entries of one account; amounts are decimal strings in its currency."""
        currency = contract.billing.currency

        def keep(entries: Sequence[Entry]) -> None:
            lines = [
                orjson.dumps({"account": account_id, **written(entry, currency)}, option=orjson.OPT_APPEND_NEWLINE)
                for entry in entries
            ]
            # folding is rare: half of what is kept goes at once
            with self._lock, self._path.open("ab") as file:
                file.writelines(lines)

        return keep


def written(entry: Entry, currency: Currency) -> dict[str, Json]:
    """Return an entry as the control plane shows it: amounts as decimal strings, the instant as ISO 8601 UTC."""
    return {
        "seq": entry.seq,
        "at": iso(entry.at),
        "kind": entry.kind.value,
        "amount": currency.format(entry.amount),
        "balance_after": currency.format(entry.balance_after),
        "request_id": entry.request_id,
        "task_id": entry.task_id,
        "refers_to": entry.refers_to,
    }
