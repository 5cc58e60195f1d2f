"""What the mock is started with; one frozen value, passed on and never read from globals."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

#: Deviations have a name in every place: the CLI, the catalogue, the report.
LiarName = str


@dataclass(frozen=True, slots=True, kw_only=True)
class MockSettings:
    """Everything that ``pixelproof serve`` can be told."""

    seed: int = 0
    #: "fast" (cached pixels) or "labelled" (draws the prompt for people).
    images: str = "fast"
    #: Base of image URLs when the Host header is not what clients can reach.
    public_url: str | None = None
    #: True: only keys that were made through the control plane are known.
    closed_keys: bool = False
    #: False: no control plane at all.
    admin: bool = True
    admin_token: str | None = None
    #: False: no fault can be injected through any door.
    faults: bool = True
    debug_headers: bool = False
    #: True when bound to a loopback address only.
    loopback: bool = True
    #: A planted defect or a legal variation by name (``pixelproof serve --liar NAME``).
    liar: LiarName | None = None
    #: Where accounts live: "memory", or the URL of a Redis or Valkey that several processes share.
    state: str = "memory"
    #: Keeps the ledger entries that memory folds (state in memory only).
    ledger_file: Path | None = None
    #: Seconds after which what a killed process had reserved is given back (shared state only).
    hold_lease_s: float = 30.0
