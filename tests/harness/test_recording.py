"""run.jsonl: what was written is read back, and a cut or foreign file says so."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from pixelproof import loading
from pixelproof.deviation import Tier
from pixelproof.problems import Problem
from pixelproof.record.recording import SCHEMA, BadRecord, Recording, exchange_line, read_record, verdict_line
from pixelproof.selfproof.selftest import bench
from pixelproof.settings import MockSettings
from pixelproof.verdict import Verdict

from .builders import download, error, line, picture, silence, success, wallet

HEADER = {"kind": "run", "schema": SCHEMA, "profile": "aivene"}
END = {"kind": "end", "outcome": "conformant"}
EXCHANGES = (
    success(n=2, images=(picture(), picture())),
    error(402, type="billing_error"),
    silence(),
    download(),
    wallet("before", 20_000),
)
VERDICTS = (
    line(Verdict.FAIL, wanted="2 images", got="200 with 1", curl="curl", exchanges=(1, 2)),
    line(Verdict.NOT_RUN, reason="lever missing", hint="control:"),
    line(Verdict.WAIVED, waiver="AIV-05 * (known)"),
    line(),
)


def written(folder: Path, *lines: dict[str, Any]) -> Path:
    recording = Recording(folder)
    for value in lines:
        recording.line(value)
    recording.close()
    return recording.path


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    lines = [exchange_line(exchange) for exchange in EXCHANGES] + [verdict_line(verdict) for verdict in VERDICTS]
    return written(tmp_path, HEADER, *lines, END)


def test_what_was_written_is_read_back(whole: Path) -> None:
    record = read_record(whole)
    assert record.exchanges == EXCHANGES
    assert record.verdicts == VERDICTS
    assert (record.header, record.end, record.torn) == (HEADER, END, 0)


def test_the_folder_of_a_record_is_as_good_as_its_file(whole: Path) -> None:
    assert read_record(whole.parent) == read_record(whole)


@given(st.text())
def test_whatever_a_server_says_stays_on_one_line(text: str) -> None:
    written_line = json.dumps(verdict_line(line(Verdict.FAIL, got=text)), ensure_ascii=True)
    assert written_line.splitlines() == [written_line]
    assert json.loads(written_line).get("got", "") == text


def test_a_line_separator_in_an_answer_does_not_tear_the_record(tmp_path: Path) -> None:
    odd = line(Verdict.FAIL, got="a\u2028b\u0085c\ud800\x00")
    record = read_record(written(tmp_path, HEADER, verdict_line(odd), END))
    assert (record.verdicts, record.torn) == ((odd,), 0)


def test_a_torn_last_line_leaves_the_rest_and_an_incomplete_record(whole: Path) -> None:
    whole.write_bytes(whole.read_bytes()[:-12])
    record = read_record(whole)
    assert (record.end, record.torn) == (None, 1)
    assert record.verdicts == VERDICTS


def test_a_record_cut_at_any_byte_is_read_and_never_passes_for_a_whole_one(whole: Path) -> None:
    text = whole.read_bytes()
    start = text.index(b"\n") + 1
    for cut in range(start, len(text) - 2, 97):
        whole.write_bytes(text[:cut])
        assert read_record(whole).end is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is no run record"),
        ("hello\n", "is no run record"),
        ("[1, 2]\n", "is no run record"),
        ('{"kind": "end"}\n', "is no run record"),
        ('{"kind": "run", "schema": "pixelproof.run/9"}\n', "has schema pixelproof.run/9"),
        (f'{json.dumps(HEADER)}\n{{"kind": "exchange", "seq": 1}}\n', "a line that is none of ours"),
        (f'{json.dumps(HEADER)}\n{{"kind": "verdict", "verdict": "splendid"}}\n', "a line that is none of ours"),
        (f'{json.dumps(HEADER)}\n{{"kind": "verdict", "verdict": "pass", "mood": 1}}\n', "a line that is none of ours"),
    ],
)
def test_a_foreign_file_is_refused_in_words(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "run.jsonl"
    path.write_text(text, "utf-8")
    with pytest.raises(BadRecord, match=said) as caught:
        read_record(path)
    assert isinstance(caught.value, Problem)


def test_a_missing_file_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(BadRecord, match="cannot be read"):
        read_record(tmp_path / "nowhere.jsonl")


def test_an_image_is_kept_once_under_its_digest(tmp_path: Path) -> None:
    recording = Recording(tmp_path)
    recording.image("ab", b"one")
    recording.image("ab", b"two")
    recording.close()
    assert (tmp_path / "images" / "ab").read_bytes() == b"one"


def test_images_can_be_left_out(tmp_path: Path) -> None:
    recording = Recording(tmp_path, keep_images=False)
    recording.image("ab", b"one")
    recording.close()
    assert not (tmp_path / "images").exists()


def test_a_new_record_replaces_the_older_one(tmp_path: Path) -> None:
    written(tmp_path, HEADER, END)
    assert read_record(written(tmp_path, HEADER)).end is None


def validator() -> Draft202012Validator:
    schema = json.loads((loading.specs_folder() / "schema" / "run.schema.json").read_text("utf-8"))
    return Draft202012Validator(schema)


def test_every_line_of_a_record_keeps_its_schema(tmp_path: Path) -> None:
    for name, liar in (("honest", None), ("liar", "aivene-charged-twice")):
        recording = Recording(tmp_path / name)
        run = bench("aivene", MockSettings(liar=liar), tier=Tier.SMOKE, sink=recording)
        run.begin()
        for case in run.plan.cases:
            run.prove(case)
        run.finish()
        recording.close()
        lines = recording.path.read_text("utf-8").splitlines()
        kinds = {json.loads(text)["kind"] for text in lines}
        assert kinds == {"run", "sent", "exchange", "case", "verdict", "end"}
        for text in lines:
            validator().validate(json.loads(text))


def test_the_schema_refuses_a_line_that_we_never_write() -> None:
    assert not validator().is_valid({"kind": "verdict", "claim": "AIV-05", "verdict": "splendid"})
    assert not validator().is_valid({"kind": "gossip"})


def test_what_is_about_to_be_paid_reaches_the_disk_where_money_is_real(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    monkeypatch.setattr("os.fsync", synced.append)
    for durable, expected in ((False, 0), (True, 1)):
        recording = Recording(tmp_path / str(durable), durable=durable)
        for value in (HEADER, {"kind": "sent", "case": "a", "step": "b", "price": "1"}, END):
            recording.line(value)
        recording.close()
        assert len(synced) == expected
