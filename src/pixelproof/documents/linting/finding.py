"""What a lint rule says, and where it stands."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from pixelproof.documents.document import JsonPath


class Severity(StrEnum):
    """How sure it is that a contract must be mended."""

    #: The contract contradicts itself, or leads nowhere.
    ERROR = "error"
    #: It works, but a careful colleague would ask.
    WARNING = "warning"


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """What one rule says about one path of a contract, or of its claims."""

    path: JsonPath
    message: str
    hint: str
    #: True: the path is one of ``claims.yaml``.
    in_claims: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A remark with its rule, how grave it is, and the line (from 1) on which it stands."""

    rule: str
    severity: Severity
    message: str
    file: str
    line: int
    path: str
    hint: str

    @property
    def place(self) -> str:
        """Return ``file:line``, the file alone where there is no line."""
        return f"{self.file}:{self.line}" if self.line else self.file
