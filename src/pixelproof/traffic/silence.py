"""Recognises a target that stopped answering, so that a run ends instead of waiting for every case."""

from __future__ import annotations

from dataclasses import dataclass

#: Requests in a row without an answer after which nothing more is sent: three cases, each tried twice.
MOST_SILENT = 6
#: Beginnings of errors after which nobody may be there any more; a cut or undecodable answer is one.
_SILENT = ("timeout", "cannot connect")


@dataclass(slots=True)
class Silence:
    """How many requests in a row went unanswered."""

    #: What the last of them said.
    said: str = ""
    _count: int = 0

    def heard(self, error: str) -> None:
        """Take note of an exchange; ``error`` is empty when it was answered."""
        self.said = error
        self._count = self._count + 1 if error.startswith(_SILENT) else 0

    @property
    def lasting(self) -> bool:
        """Tell whether to give up."""
        return self._count >= MOST_SILENT
