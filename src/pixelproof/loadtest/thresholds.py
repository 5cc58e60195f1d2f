"""What a load must keep beside its money: from a file, from flags, or from both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path

from pixelproof.contract import Json
from pixelproof.documents import document
from pixelproof.documents.document import Document
from pixelproof.loadtest.tally import Tally

#: name of a threshold on the duration → share of the answers
_SHARES: Mapping[str, float] = {"p50_ms": 0.5, "p95_ms": 0.95, "p99_ms": 0.99}
#: The money is exact or it is not: a file may say so, and may not say otherwise.
_MONEY = "money_off"


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """Bounds that are kept or missed; None where none is set."""

    p50_ms: float | None = None
    p95_ms: float | None = None
    p99_ms: float | None = None
    #: From 0 to 1: requests that were not served, and that nothing provoked.
    error_share: float | None = None
    #: Least requests a second.
    throughput: float | None = None

    def missed(self, tally: Tally, throughput: float) -> tuple[str, ...]:
        """Return the thresholds that were not kept, as sentences."""
        return (*self._slow(tally), *self._refusing(tally), *self._few(throughput))

    def over(self, other: Thresholds) -> Thresholds:
        """Return these thresholds, and those of ``other`` where these say nothing."""
        own = {item.name: getattr(self, item.name) for item in fields(self)}
        return replace(other, **{name: value for name, value in own.items() if value is not None})

    def _slow(self, tally: Tally) -> list[str]:
        bounds = [(name, share, getattr(self, name)) for name, share in _SHARES.items()]
        found = [(name[:3], tally.percentile(share), most) for name, share, most in bounds if most is not None]
        return [f"{name} is {ms} ms, more than {most:g} ms" for name, ms, most in found if ms is None or ms > most]

    def _refusing(self, tally: Tally) -> list[str]:
        if self.error_share is None or tally.error_share <= self.error_share:
            return []
        return [f"{tally.error_share:.2%} were not served, more than {self.error_share:.2%}"]

    def _few(self, throughput: float) -> list[str]:
        if self.throughput is None or throughput >= self.throughput:
            return []
        return [f"{throughput:.1f} requests a second, fewer than {self.throughput:g}"]


def read_thresholds(path: Path) -> Thresholds:
    """Read a file of thresholds. Raises BadDocument with file and line."""
    read = document.read(path)
    known = [item.name for item in fields(Thresholds)]
    for name, value in read.value.items():
        if name not in {*known, _MONEY}:
            raise read.broken((name,), f"the key '{name}' is not possible here", document.nearest(name, known))
        _hold(read, name, value)
    return Thresholds(**{name: value for name, value in read.value.items() if name in known})  # type: ignore[arg-type]  # held to be numbers


def _hold(read: Document, name: str, value: Json) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise read.broken((name,), "must be a number from 0", f"for example '{name}: {0 if name == _MONEY else 1}'")
    if name == _MONEY and value:
        raise read.broken((name,), "money is exact, or it is not", f"'{_MONEY}: 0' is the only bound")
    if name == "error_share" and value > 1:
        raise read.broken((name,), "is a share, from 0 to 1", "0.01 is one in a hundred")
