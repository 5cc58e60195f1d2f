"""A contract that cannot be used is refused in a second: exit code 2, file and line, no traceback."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

import pytest

from pixelproof.cli import main

USAGE = 2
#: Nobody waits longer than this for a complaint about a file; of our own time, whatever else the machine does.
PATIENCE_S = 1.0

#: A small contract, whose passages the tests replace by wrong ones.
CONTRACT = """\
format: pixelproof.contract/1
extends: openai
profile: acme
title: Acme
servers: [https://api.acme.example/v1]
auth:
  claims: {key: ACM-01}
models:
  acme-1: {claim: ACM-01}
errors:
  rows:
    content_policy: {status: 422}
    not_found: {status: 404}
billing:
  prices:
    - {when: {model: acme-1}, price: "0.25", claim: ACM-02}
"""
CLAIMS = """\
sources: {docs: {page: "Acme docs", read: "2026-11-01"}}
claims:
  ACM-01: {level: D, source: docs, statement: "One model"}
  ACM-02: {level: D, source: docs, statement: "A price"}
"""

Cli = Callable[..., str]


@pytest.fixture(scope="module", autouse=True)
def _imported() -> None:
    """Import what the commands import, so that what is timed is what the file costs."""
    for name in ("serve", "verify", "plan", "specs.showing"):
        import_module(f"pixelproof.cli.{name}")
    import_module("jsonschema")


@pytest.fixture
def cli(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Iterator[Cli]:
    """Offer the command line in an empty folder: what it said when it refused its arguments, in time."""
    monkeypatch.chdir(tmp_path)
    before = signal.getsignal(signal.SIGTERM)

    def refused(*arguments: str) -> str:
        monkeypatch.setattr(sys, "argv", ["pixelproof", *arguments])
        started = time.process_time()
        with pytest.raises(SystemExit) as ended:
            main()
        took = time.process_time() - started
        printed, said = capsys.readouterr()
        assert (ended.value.code, printed) == (USAGE, ""), printed + said
        assert "Traceback" not in said
        assert took < PATIENCE_S
        return said

    yield refused
    signal.signal(signal.SIGTERM, before)


COMMANDS = (("serve", "--contract"), ("verify", "--contract"), ("plan", "--contract"), ("specs", "show"))


def write(contract: bytes | str = CONTRACT, claims: bytes | str = CLAIMS, folder: str = "acme") -> str:
    """Write a contract and its claims; return the contract's path."""
    Path(folder).mkdir(exist_ok=True)
    for name, text in (("contract", contract), ("claims", claims)):
        Path(folder, f"{name}.yaml").write_bytes(text if isinstance(text, bytes) else text.encode())
    return f"{folder}/contract.yaml"


def everywhere(cli: Cli, path: str, sentence: str) -> None:
    """Every command that takes a contract says the same."""
    for command in COMMANDS:
        assert sentence in cli(*command, path), command


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("title: Acme", "titel: Acme", "acme/contract.yaml:4: titel: the key 'titel' is not possible here"),
        ('"0.25"', '"0.25 USD"', "acme/contract.yaml:16: billing.prices[0].price: '0.25 USD' does not match"),
        ('"0.25"', "0.25", "acme/contract.yaml:16: billing.prices[0].price: 0.25 is not of type 'string'"),
        ('"0.25"', '"0.0000025"', "acme/contract.yaml:16: billing.prices[0].price: 0.0000025 USD is finer than"),
        ("  prices:", "  currency: ₹\n  prices:", "acme/contract.yaml:15: billing.currency: '₹' does not match"),
        ("    not_found:", "    content_policy:", "acme/contract.yaml:13: errors.rows.content_policy: the key"),
        ("title: Acme", "title: Acme\ntitle: Acme", "acme/contract.yaml:5: title: the key 'title' stands twice"),
        ("extends: openai", "extends: .", "acme/contract.yaml:2: extends: the contracts extend each other in a circle"),
        ("extends: openai", "extends: opnai", "no profile and no file 'opnai'; did you mean 'openai'?"),
        ("key: ACM-01", "key: ACM-10", "acme/contract.yaml:7: auth.claims.key: 'ACM-10' is no claim of claims.yaml"),
        ("status: 422", "status: .nan", "acme/contract.yaml:12: errors.rows.content_policy.status: '.nan' is no plain"),
        ("status: 422", "status: [x]", "acme/contract.yaml:12: errors.rows.content_policy.status"),
        ("models:\n  acme-1: {claim: ACM-01}", "models: 5", "acme/contract.yaml:8: models: 5 is not of type"),
        ("  claims: {key", "\tclaims: {key", "acme/contract.yaml:7: (whole file): found character that cannot start"),
    ],
)
def test_a_slip_is_told_with_its_line(cli: Cli, old: str, new: str, sentence: str) -> None:
    assert old in CONTRACT
    everywhere(cli, write(CONTRACT.replace(old, new, 1)), sentence)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("ACM-02:", "ACM-01:", "acme/claims.yaml:4: claims.ACM-01: the key 'ACM-01' stands twice"),
        ("ACM-02:", "second:", "acme/claims.yaml:4: claims.second: 'second' is no name that can"),
        ('level: D, source: docs, statement: "One', 'level: Z, source: docs, statement: "One', "claims.ACM-01.level"),
        ('docs, statement: "One', 'dosc, statement: "One', "claims.ACM-01.source: names no source: dosc"),
    ],
)  # fmt: skip
def test_a_slip_in_the_claims_is_told_with_its_line(cli: Cli, old: str, new: str, sentence: str) -> None:
    assert old in CLAIMS
    everywhere(cli, write(claims=CLAIMS.replace(old, new, 1)), sentence)


def bomb() -> bytes:
    rows = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    for letter, before in zip("bcdefghijk", "abcdefghij", strict=True):
        rows.append(f"{letter}: &{letter} [{', '.join([f'*{before}'] * 9)}]")
    return "\n".join(rows).encode()


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (b"", "acme/contract.yaml:1: (whole file): must be a map at the top"),
        (b"# nothing\n", "acme/contract.yaml:1: (whole file): must be a map at the top"),
        (b"title: a\nprofile: \xe9\n", "acme/contract.yaml:2: (whole file): is not UTF-8"),
        ("title: a\n".encode("utf-16"), "acme/contract.yaml:1: (whole file): is not UTF-8"),
        (b"title: a\nprofile: \0\n", "acme/contract.yaml:2: (whole file): control characters are not allowed"),
        (b"title: a\nx: " + b"[" * 100_000, "acme/contract.yaml:2: (whole file): is nested more than 40 levels deep"),
        (bomb(), "expands to more than 10000 values; remove nested aliases"),
        (bomb() + b"\n#" + b" " * 1_000_000, "has more than 262144 bytes"),
        (b"a: &a x\nb: [" + b"*a, " * 250_000 + b"x]", "has more than 262144 bytes"),
        (b"a: &a x\nb: [" + b"*a, " * 60_000 + b"x]", "expands to more than 10000 values"),
        (b"a: [" + b"".join(b"&a%d x, " % each for each in range(22_000)) + b"x]", "expands to more than 10000 values"),
    ],
)
def test_what_is_no_contract_at_all_is_refused(cli: Cli, raw: bytes, sentence: str) -> None:
    everywhere(cli, write(raw), sentence)


def test_a_file_of_a_hundred_megabytes_is_not_read_to_its_end(cli: Cli) -> None:
    path = Path(write())
    with path.open("wb") as file:
        file.truncate(100_000_000)
    everywhere(cli, str(path), "has more than 262144 bytes")


def test_a_folder_is_no_contract(cli: Cli) -> None:
    Path("acme/contract.yaml").mkdir(parents=True)
    for command in COMMANDS[:3]:
        assert "is a directory" in cli(*command, "acme/contract.yaml")


def test_a_circle_of_contracts_is_spelled_out(cli: Cli) -> None:
    path = write(CONTRACT.replace("openai", "../two"), folder="one")
    write(CONTRACT.replace("openai", "../one"), folder="two")
    circle = "two/contract.yaml:2: extends: the contracts extend each other in a circle: "
    everywhere(cli, path, f"{circle}one/contract.yaml → two/contract.yaml → one/contract.yaml; cut it")


def test_a_row_of_a_thousand_contracts_is_not_followed(cli: Cli) -> None:
    for number in range(1000):
        write(CONTRACT.replace("openai", f"../c{number + 1}"), folder=f"c{number}")
    everywhere(cli, "c0/contract.yaml", "c7/contract.yaml:2: extends: is the 8th contract in a row")


def test_a_thousand_slips_are_one_sentence(cli: Cli) -> None:
    rows = "".join(f"    - {{price: {number}}}\n" for number in range(1500))
    said = cli("verify", "--contract", write(CONTRACT.replace("  prices:\n", f"  prices:\n{rows}")))
    assert "billing.prices[" in said
    assert len(said) < 500
