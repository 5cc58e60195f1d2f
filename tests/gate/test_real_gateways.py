"""Real gateways before the mock: what is found in them is what was measured by hand, and no more.

nginx is Debian's. Portkey comes from npm: ``PIXELPROOF_PORTKEY`` names a folder with its ``node_modules``, which
`.ci/run` installs. Without the variable the tests about Portkey are left out, in CI they fail.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from pixelproof import loading
from pixelproof.record.recording import Record, read_record
from pixelproof.verdict import Verdict

from .agreement import FACTS, disagreements
from .processes import left_of

EXAMPLES = loading.specs_folder().parent / "docs" / "gateways"
VARIABLE = "PIXELPROOF_PORTKEY"


@dataclass(frozen=True)
class Ran:
    """A gate on a real gateway: its record, what it said, and what it cost."""

    done: subprocess.CompletedProcess[str]
    folder: Path
    #: Processor time of mock, gateway and harness together, which a busy machine does not stretch.
    cpu_s: float

    @property
    def record(self) -> Record:
        return read_record(self.folder / "out")


def portkey() -> Path:
    """Return the folder of Portkey's node_modules; without one the tests are left out, or fail in CI."""
    named = os.environ.get(VARIABLE)
    if named is None and "CI" not in os.environ:
        pytest.skip(f"{VARIABLE} names no folder with Portkey: npm install --prefix FOLDER @portkey-ai/gateway@1.15.2")
    modules = Path(named or "/nowhere") / "node_modules"
    if not (modules / "@portkey-ai" / "gateway").is_dir() or shutil.which("node") is None:
        pytest.fail(f"{VARIABLE}={named}: there is no Portkey, or no node; .ci/run installs both", pytrace=False)
    return modules


def ran(folder: Path, modules: Path) -> Ran:
    """Gate Portkey as its example says, the hang of three seconds included."""
    shutil.copytree(EXAMPLES / "portkey", folder, dirs_exist_ok=True)
    (folder / "node_modules").symlink_to(modules)
    command = [sys.executable, "-m", "pixelproof", "gate", str(folder / "gate.yaml")]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [*command, "--report-dir", str(folder / "out")], capture_output=True, text=True, check=False, timeout=180
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Ran(done=done, folder=folder, cpu_s=cpu_s)


@pytest.fixture(scope="module")
def gated(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    return ran(tmp_path_factory.mktemp("portkey"), portkey())


def test_portkey_is_judged_within_a_minute_and_its_findings_are_those_that_are_waived(gated: Ran) -> None:
    assert gated.done.returncode == 0, gated.done.stdout + gated.done.stderr
    assert gated.cpu_s < 30  # besides that it waits ten seconds: for hangs, and for Retry-After
    assert left_of(gated.folder) == []


def test_portkey_does_case_by_case_what_was_measured_by_hand(gated: Ran) -> None:
    assert disagreements("portkey", gated.record) == []


def test_portkey_breaks_these_claims_about_gateways_and_no_other(gated: Ran) -> None:
    waived = {line.claim for line in gated.record.verdicts if line.verdict is Verdict.WAIVED}
    assert {claim for claim in waived if claim.startswith("GWY")} == {"GWY-01", "GWY-07", "GWY-10"}


def test_what_is_known_of_a_gateway_names_cases_that_there_are(gated: Ran) -> None:
    sent = {exchange.case for exchange in gated.record.exchanges}
    assert {fact.case for facts in FACTS.values() for fact in facts} <= sent
