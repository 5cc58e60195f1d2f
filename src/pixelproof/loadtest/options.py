"""What somebody asks of a load, parsed but not yet looked up."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from pixelproof.loadtest.plan import Post
from pixelproof.loadtest.thresholds import Thresholds
from pixelproof.targets.file import Target


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadOptions:
    """What the user asked for, parsed but not yet looked up."""

    url: str | None = None
    profile: str | None = None
    contract_file: Path | None = None
    target: Target | None = None
    key: str | None = None
    users: int = 20
    rate: float | None = None
    requests: int | None = None
    duration_s: float | None = None
    shape: str = "steady"
    #: Seconds of each step of a search for the limit.
    step_s: float = 5.0
    #: Seconds that a user waits between two requests, on average.
    think_s: float = 0.0
    #: Set for a master: where its workers find it.
    post: Post | None = None
    #: Port of Locust's page, None for none.
    web: int | None = None
    thresholds: Thresholds = field(default_factory=Thresholds)
    seed: int = 0
    report_dir: Path = Path("pixelproof-out")
    max_cost: str | None = None
    timeout_s: float = 60.0
    ca_bundle: str | None = None
    insecure: bool = False
    proxy: str | None = None
    #: A liar for the embedded mock.
    liar: str | None = None
    #: The process of the embedded mock, once it runs.
    mock: int | None = None

    @property
    def embedded(self) -> bool:
        """Tell whether a mock of our own is loaded."""
        return self.url is None and self.target is None
