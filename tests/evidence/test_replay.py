"""One recorded case is sent again: old and new answers side by side, verdicts then and now."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pixelproof import loading
from pixelproof.deviation import Tier
from pixelproof.record.recording import read_record
from pixelproof.settings import MockSettings
from pixelproof.verification.embedded import running

from .conftest import Said
from .records import recorded

Call = Callable[..., Said]
CASE = "money/dall-e-2/two"


@pytest.fixture(scope="module")
def honest() -> Iterator[str]:
    """A provider that mended what the record holds against it."""
    with running(loading.shipped("aivene"), MockSettings()) as url:
        yield url


@pytest.fixture
def command_made(twice: Path, tmp_path: Path) -> Path:
    """A record as ``verify`` writes it of an embedded mock: with what it takes to start that again."""
    text = (twice / "run.jsonl").read_text("utf-8")
    mock = '"mock":{"seed":0,"liar":"aivene-charged-twice"},"profile"'
    (tmp_path / "run.jsonl").write_text(text.replace('"profile"', mock, 1), "utf-8")
    return tmp_path


def test_the_mock_of_a_record_is_started_again(pixelproof: Call, command_made: Path) -> None:
    said = pixelproof("replay", command_made, CASE)
    assert said.code == 1
    for part in (f"{CASE}: 1 request, 0.032 USD", "200 with ", "AIV-28  charged: fail then, fail now"):
        assert part in said.out
    assert said.out.splitlines()[3].split() == ["then", "now"]


def test_a_mended_server_passes_now(pixelproof: Call, twice: Path, honest: str, tmp_path: Path) -> None:
    said = pixelproof("replay", twice, CASE, "--url", honest, "-o", tmp_path / "new")
    assert (said.code, "AIV-28  charged: fail then, pass now" in said.out) == (0, True)
    assert {line.case for line in read_record(tmp_path / "new").verdicts} == {CASE}


def test_both_sides_are_printed_as_json(pixelproof: Call, twice: Path, honest: str) -> None:
    found = pixelproof("replay", twice, CASE, "--url", honest, "--json").json()
    assert [row["step"] for row in found["answers"]] == ["before", "main", "after"]
    assert [row["then"]["status"] for row in found["answers"]] == [row["now"]["status"] for row in found["answers"]]
    (verdict,) = [row for row in found["verdicts"] if row["rule"] == "charged"]
    assert (verdict["then"]["verdict"], verdict["now"]["verdict"], found["exit_code"]) == ("fail", "pass", 0)
    assert found["price"] == {"amount": "0.032000", "currency": "USD"}


def test_a_task_is_walked_again(pixelproof: Call, tmp_path: Path) -> None:
    record = recorded(tmp_path, "stratizon", tier=Tier.SMOKE, select=("tasks/life",))
    with running(loading.shipped("stratizon"), MockSettings()) as url:
        said = pixelproof("replay", record.path, "tasks/life", "--url", url)
    assert (said.code, "task_succeeds: pass then, pass now" in said.out) == (0, True)


def test_off_this_machine_a_cap_is_needed_and_the_price_is_said(
    pixelproof: Call, twice: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIXELPROOF_KEY", "sk-aivene-mine")
    said = pixelproof("replay", twice, CASE, "--url", "https://vendor.invalid/v1")
    assert (said.code, "0.032 USD" in said.err, "--max-cost" in said.err) == (2, True, True)


def test_off_this_machine_a_key_is_needed(pixelproof: Call, twice: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PIXELPROOF_KEY", raising=False)
    said = pixelproof("replay", twice, CASE, "--url", "https://vendor.invalid/v1", "--max-cost", "1 USD")
    assert (said.code, "export PIXELPROOF_KEY" in said.err) == (2, True)


def test_keys_come_from_the_environment_by_their_role(
    pixelproof: Call, honest: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = recorded(tmp_path / "old", "aivene", tier=Tier.SMOKE, select=("errors/insufficient_funds",))
    monkeypatch.setenv("PIXELPROOF_KEY", "sk-aivene-of-somebody-rich")
    monkeypatch.setenv("PIXELPROOF_KEY_BROKE", "sk-aivene-of-somebody-rich-too")
    found = pixelproof("replay", record.path, "errors/insufficient_funds", "--url", honest, "--json").json()
    (answer,) = [row for row in found["answers"] if row["step"] == "main"]
    assert (answer["then"]["status"], answer["now"]["status"]) == (402, 200)


def test_a_header_that_was_secret_is_asked_for(
    pixelproof: Call, twice: Path, honest: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (twice / "run.jsonl").read_text("utf-8")
    headers = '"headers":{"x-acme-token":"[redacted]","content-type"'
    (tmp_path / "run.jsonl").write_text(text.replace('"headers":{"content-type"', headers), "utf-8")
    monkeypatch.delenv("X_ACME_TOKEN", raising=False)
    said = pixelproof("replay", tmp_path, CASE, "--url", honest)
    assert (said.code, "export X_ACME_TOKEN" in said.err) == (2, True)
    monkeypatch.setenv("X_ACME_TOKEN", "tok-1234567890")
    said = pixelproof("replay", tmp_path, CASE, "--url", honest, "-o", tmp_path / "new")
    assert "[redacted]" in (tmp_path / "new/run.jsonl").read_text("utf-8")
    assert "tok-1234567890" not in (tmp_path / "new/run.jsonl").read_text("utf-8")


@pytest.mark.parametrize(
    ("case", "told"),
    [("money/dall-e-2/tow", "did you mean 'money/dall-e-2/two'?"), ("nonsense", "holds no case 'nonsense'")],
)
def test_a_case_that_is_not_there_is_said(pixelproof: Call, twice: Path, case: str, told: str) -> None:
    said = pixelproof("replay", twice, case)
    assert (said.code, told in said.err) == (2, True)


def test_a_server_that_is_gone_is_unreachable(pixelproof: Call, twice: Path) -> None:
    assert pixelproof("replay", twice, CASE, "--url", "http://127.0.0.1:1/v1").code == 3
