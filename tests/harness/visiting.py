"""Verifies a server of the zoo in this process, and keeps what came of it."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from jsonschema import Draft202012Validator

from pixelproof.client import WireOptions
from pixelproof.deviation import Tier
from pixelproof.problems import Problem
from pixelproof.record.recording import Record, read_record
from pixelproof.verdict import CaseVerdict, Verdict
from pixelproof.verification.verifying import VerifyOptions, contracts, prepared

#: Sent with every request; it must not be seen anywhere but at the target.
KEY = "sk-planted-0123456789abcdef"
#: Seconds for one exchange.
TIMEOUT_S = 1.0
#: The stated bound of a run against a server that does not answer: six silent requests and what
#: is asked before the first case, with room for a busy machine.
BOUND_S = 10 * TIMEOUT_S + 8
_SCHEMA = Path(__file__).resolve().parents[2] / "specs" / "schema" / "run.schema.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """How a run ended."""

    code: int
    #: The sentence on stderr, empty when the run came to its end.
    said: str
    seconds: float
    record: Record

    @property
    def findings(self) -> list[CaseVerdict]:
        return [line for line in self.record.verdicts if line.verdict is Verdict.FAIL]

    @property
    def got(self) -> str:
        """Return everything that was got, for a look at the words."""
        return "\n".join([self.said, *(line.got for line in self.record.verdicts)])


def visit(url: str, folder: Path, *, profile: str = "openai", max_cost: str | None = None, **wire: object) -> Visit:
    """Prove a server at the smoke tier, as ``verify URL`` does."""
    options = _options(url, folder, profile, max_cost, wire)
    started = time.monotonic()
    code, said = _proven(options)
    record = read_record(folder)
    hold_valid(record.path)
    return Visit(code=code, said=said, seconds=time.monotonic() - started, record=record)


def opened(url: str, folder: Path, **wire: object) -> None:
    """Begin a run without proving anything, for what is wrong before. Raises Problem."""
    options = _options(url, folder, "openai", None, wire)
    with prepared(options, *contracts(options), folder):
        pass


def hold_valid(path: Path) -> None:
    """Hold every line of a record against its schema, and look for the key in it."""
    text = path.read_text("utf-8")
    validator = Draft202012Validator(json.loads(_SCHEMA.read_text("utf-8")))
    for line in text.splitlines():
        validator.validate(json.loads(line))
    assert KEY not in text


def _options(url: str, folder: Path, profile: str, max_cost: str | None, wire: Mapping[str, object]) -> VerifyOptions:
    return VerifyOptions(
        url=url,
        profile=profile,
        key=KEY,
        tier=Tier.SMOKE,
        max_cost=max_cost,
        report_dir=folder,
        wire=WireOptions(**{"timeout_s": TIMEOUT_S, **wire}),  # type: ignore[arg-type]  # options by name
    )


def _proven(options: VerifyOptions) -> tuple[int, str]:
    (contract,) = contracts(options)
    try:
        with prepared(options, contract, options.report_dir) as run:
            for case in run.plan.cases:
                run.prove(case)
            return run.finish().exit_code, ""
    except Problem as problem:
        return problem.exit_code, str(problem)
