"""``pixelproof judge``: exit codes of verify, a new record on demand, and reasons where it cannot."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from pixelproof import loading
from pixelproof.record.recording import read_record

from .conftest import Said

Call = Callable[..., Said]


def first(**changes: object) -> str:
    """The first line of a record, changed."""
    known = {"tool_version": "0", "rules_version": "1", "contract_sha256": "0", "target": "http://127.0.0.1:9/v1"}
    known |= {"profile": "aivene", "tier": "core", "level": "page", "seed": 0, "started": "2026-11-21"}
    return json.dumps({"kind": "run", "schema": "pixelproof.run/1", **known, **changes}) + "\n"


def changed(kind: str, **changes: object) -> str:
    """A line of an exchange, changed."""
    request = {"method": "GET", "url": "http://127.0.0.1:9/v1/models"}
    known = {"seq": 1, "case": "a", "step": "main", "role": "api", "request": request, "response": None, "error": "x"}
    return json.dumps({"kind": kind, **known, "images": [], **changes}) + "\n"


def test_a_record_is_judged_again_and_says_that_nothing_changed(pixelproof: Call, twice: Path) -> None:
    said = pixelproof("judge", twice)
    assert said.code == 1
    for part in ("judged again", "by the same rules and the same contract", "no verdicts changed", "1 broken promise"):
        assert part in said.out


def test_a_new_record_is_whole_and_can_be_judged_and_reported_too(
    pixelproof: Call, twice: Path, tmp_path: Path
) -> None:
    assert pixelproof("judge", twice, "-o", tmp_path / "again").code == 1
    old, new = read_record(twice), read_record(tmp_path / "again")
    assert (new.verdicts, new.exchanges, new.cases, new.sent) == (old.verdicts, old.exchanges, old.cases, old.sent)
    assert {path.name for path in (tmp_path / "again/images").iterdir()} == {
        path.name for path in (twice / "images").iterdir()
    }
    assert pixelproof("report", tmp_path / "again").code == 0
    assert pixelproof("judge", tmp_path / "again").code == 1


def test_every_line_of_a_new_record_keeps_the_schema(pixelproof: Call, twice: Path, tmp_path: Path) -> None:
    pixelproof("judge", twice, "-o", tmp_path / "again")
    schema = json.loads((loading.specs_folder() / "schema/run.schema.json").read_text("utf-8"))
    for text in (tmp_path / "again/run.jsonl").read_text("utf-8").splitlines():
        Draft202012Validator(schema).validate(json.loads(text))


def test_the_result_is_printed_as_json(pixelproof: Call, twice: Path) -> None:
    found = pixelproof("judge", twice, "--json").json()
    assert (found["outcome"], found["exit_code"], found["judged_again"]["changes"]) == ("findings", 1, [])


def test_a_cut_record_ends_with_5_and_says_so(pixelproof: Call, twice: Path, tmp_path: Path) -> None:
    rows = (twice / "run.jsonl").read_text("utf-8").splitlines(keepends=True)
    first = next(index for index, row in enumerate(rows) if '"verdict":"pass"' in row)
    (tmp_path / "run.jsonl").write_text("".join(rows[: first + 1]), "utf-8")
    said = pixelproof("judge", tmp_path)
    assert said.code == 5
    assert "the record has no last line: it was judged as far as it goes" in said.out


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "is no run record"),
        ("nonsense\n", "is no run record"),
        ('{"kind":"run","schema":"pixelproof.run/9"}\n', "has schema pixelproof.run/9"),
        (first(profile="acme"), "made for 'acme', which is no shipped profile"),
        (first(level="x"), "1: level: 'x' is not one of"),
        (first(tier=None), "1: tier: None is not one of"),
        (first(planned={"prices": 7}), "1: planned.prices: 7 is not of type 'object'"),
        (first(contract="gone.yaml"), "made with the contract gone.yaml, which is not there"),
        (first() + '{"kind":"case","case":"a","tier":"core","steps":[{"step":"dance"}],"checks":[]}\n', "none of ours"),
        (first() + changed("exchange", images=3), "2: images: 3 is not of type 'array'"),
        (first() + changed("exchange", elapsed_s="long"), "2: elapsed_s: 'long' is not of type 'number'"),
        (
            first()
            + '{"kind":"verdict","claim":"A","rule":"b","case":"c","level":"D","verdict":"pass","exchanges":[1]}\n',
            "does not say what its cases check",
        ),
    ],
)
def test_a_foreign_record_is_refused_with_a_reason(pixelproof: Call, tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "run.jsonl").write_text(text, "utf-8")
    said = pixelproof("judge", tmp_path)
    assert said.code == 2
    assert told in said.err
    assert "Traceback" not in said.err


def test_a_record_is_not_overwritten_by_its_own_judgement(pixelproof: Call, twice: Path) -> None:
    before = (twice / "run.jsonl").read_bytes()
    assert pixelproof("judge", twice, "-o", twice).code == 2
    assert pixelproof("judge", twice, "-o", twice / "run.jsonl").code == 2
    assert (twice / "run.jsonl").read_bytes() == before


def test_a_record_can_be_held_against_a_contract_of_ones_own(pixelproof: Call, twice: Path, tmp_path: Path) -> None:
    source = loading.specs_folder() / "aivene"
    for name in ("contract.yaml", "claims.yaml"):
        text = (source / name).read_text("utf-8")
        (tmp_path / name).write_text(text.replace('price: "0.040"', 'price: "0.080"'), "utf-8")
    said = pixelproof("judge", twice, "--contract", tmp_path / "contract.yaml")
    assert "contract sha256:" in said.out
    assert "money/dall-e-3/one (charged): fail then, pass now" in said.out
