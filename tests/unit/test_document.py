"""YAML is read for people: every problem names its line, and no file can hurt the reader."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from pixelproof.documents import document
from pixelproof.problems import BadDocument

#: Nobody waits longer than this for a complaint about a file.
PATIENCE_S = 1.0


def complaint(raw: bytes) -> BadDocument:
    """Return the error that reading ``raw`` gives, which must come in time."""
    started = time.perf_counter()
    with pytest.raises(BadDocument) as caught:
        document.parse(raw, "contract.yaml")
    assert time.perf_counter() - started < PATIENCE_S
    return caught.value


def alias_bomb() -> bytes:
    rows = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    for letter, before in zip("bcdefghijk", "abcdefghij", strict=True):
        rows.append(f"{letter}: &{letter} [{', '.join([f'*{before}'] * 9)}]")
    return "\n".join(rows).encode()


def test_values_know_the_line_they_stand_on() -> None:
    read = document.parse(b"title: x\nmodels:\n  a:\n    size: [1, 2]\n", "c.yaml")
    assert read.line(("models", "a", "size")) == 4
    assert read.line(("models", "a", "size", 1)) == 4
    assert read.line(("models", "gone", "deeper")) == 2
    assert read.line(()) == 1


@pytest.mark.parametrize(
    ("raw", "line", "problem"),
    [
        (b"a: 1\nb:\n  c: 1\n  c: 2\n", 4, "'c' stands twice"),
        (b"a: &x\n  b: *x\n", 2, "refers to itself"),
        (b"a: &x [*x]\n", 1, "refers to itself"),
        (b"a: &x\n  <<: *x\n", 1, "refers to itself"),
        (b"- one\n- two\n", 1, "must be a map"),
        (b"", 1, "must be a map"),
        (b"a: 1\nb: \xff\n", 2, "not UTF-8"),
        (b"a: 1\nb: [1, 2\n", 3, ""),
        (b"a: 1\nb: *nowhere\n", 2, "undefined alias"),
        (b"a: 1\nb: 1:1\n", 2, "no plain number"),
        (b"a: 1\nb: .inf\n", 2, "no plain number"),
        (b"a: 1\nb: " + b"9" * 6000, 2, "no plain number"),
        (b"a: 1\nb: !!binary aGk=\n", 2, "has the tag"),
        (b"a: 1\n? [b, c]\n: 2\n", 2, "no plain word"),
        (b"a: 1\nb: {<<: 5}\n", 2, "merges something that is no map"),
        (b"a: 1\nb: " + b"[" * 100_000, 2, "levels deep"),
        (b"a: 1\nb: " + b"{c: " * 50_000, 2, "levels deep"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_its_line(raw: bytes, line: int, problem: str) -> None:
    error = complaint(raw)
    assert (error.line, error.file) == (line, "contract.yaml")
    assert problem in error.problem
    assert error.hint


def test_an_alias_bomb_is_defused() -> None:
    assert "expands to more than" in complaint(alias_bomb()).problem


def test_aliases_cannot_pile_up_depth() -> None:
    rows = ["a: &a0 [x]", *(f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, 100))]
    assert "levels deep" in complaint("\n".join(rows).encode()).problem


def test_a_file_of_two_megabytes_is_refused_unread() -> None:
    assert "more than 262144" in complaint(b"a: " + b"x" * 2_000_000).problem


def test_a_missing_file_is_named() -> None:
    with pytest.raises(BadDocument, match=r"nowhere\.yaml: cannot be read: No such file"):
        document.read(Path("/nowhere.yaml"))


def test_merges_keep_what_the_map_says_itself() -> None:
    raw = b"a: &a {x: 1, y: 1}\nb: &b {y: 2, z: 2}\nc:\n  x: 3\n  <<: [*a, *b]\n"
    read = document.parse(raw, "c.yaml")
    assert read.value["c"] == {"x": 3, "y": 1, "z": 2}
    assert read.line(("c", "x")) == 4


def test_scalars_become_plain_values() -> None:
    raw = b"\xef\xbb\xbfa: [1, 1.5, yes, ~, '1', 2026-11-01]\n"
    assert document.parse(raw, "c.yaml").value == {"a": [1, 1.5, True, None, "1", "2026-11-01"]}


def test_a_path_is_written_the_way_people_point() -> None:
    assert document.dotted(("models", "dall-e-3", "size", 0)) == "models.dall-e-3.size[0]"
    assert document.dotted(()) == "(whole file)"


def test_a_near_miss_is_offered() -> None:
    assert document.nearest("promt", ["prompt", "model"]) == "did you mean 'prompt'?"
    assert document.nearest("zzz", ["prompt", "model"]) == "known: model, prompt"
