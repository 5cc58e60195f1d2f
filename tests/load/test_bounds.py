"""Thresholds, the course over time, and drift: arithmetic of values, without a load."""

from __future__ import annotations

from pathlib import Path

import pytest

from pixelproof.loadtest.drift import Memory, drifts
from pixelproof.loadtest.line import UNREPORTED, Ending, LoadLine
from pixelproof.loadtest.tally import Tally, Timeline
from pixelproof.loadtest.thresholds import Thresholds, read_thresholds
from pixelproof.problems import BadDocument

from .builders import line

ROOT = Path(__file__).parents[2]


def tally(*ms: float, refused: int = 0) -> Tally:
    found = Tally()
    for one in ms:
        found.take(line(ms=one))
    for _ in range(refused):
        found.take(line(ms=1.0, ending=Ending.REFUSED))
    return found


@pytest.mark.parametrize(
    ("bounds", "word"),
    [
        ({"p50_ms": 1.0}, "p50 is 2.0 ms"),
        ({"p95_ms": 8.0}, "p95 is 9.0 ms"),
        ({"p99_ms": 8.0}, "p99 is 9.0 ms"),
        ({"throughput": 11.0}, "10.0 requests a second"),
    ],
)
def test_a_bound_that_is_missed_is_a_sentence(bounds: dict[str, float], word: str) -> None:
    (sentence,) = Thresholds(**bounds).missed(tally(2.0, 2.0, 9.0), 10.0)
    assert sentence.startswith(word)


def test_bounds_that_are_kept_say_nothing() -> None:
    bounds = Thresholds(p50_ms=2.0, p95_ms=9.0, p99_ms=9.0, error_share=0.25, throughput=10.0)
    assert bounds.missed(tally(2.0, 2.0, 9.0, refused=1), 10.0) == ()


def test_the_shipped_file_of_thresholds_can_be_read() -> None:
    bounds = read_thresholds(ROOT / "load/thresholds.yaml")
    assert bounds == Thresholds(p50_ms=500, p95_ms=2000, p99_ms=5000, error_share=0.01, throughput=10)


def test_a_flag_goes_before_the_file() -> None:
    assert Thresholds(p95_ms=1.0).over(Thresholds(p95_ms=9.0, p50_ms=5.0)) == Thresholds(p95_ms=1.0, p50_ms=5.0)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("p95: 5", "p95_ms"),
        ("p95_ms: soon", "must be a number"),
        ("p95_ms: true", "must be a number"),
        ("error_share: 5", "from 0 to 1"),
        ("money_off: 1", "exact, or it is not"),
    ],
)
def test_a_slip_in_a_file_of_thresholds_names_its_line(text: str, sentence: str, tmp_path: Path) -> None:
    path = tmp_path / "bounds.yaml"
    path.write_text(f"# mine\n{text}\n", "utf-8")
    with pytest.raises(BadDocument, match=sentence) as caught:
        read_thresholds(path)
    assert "bounds.yaml:2" in str(caught.value)


def timeline(*seconds: float, ms: float = 5.0) -> Timeline:
    found = Timeline()
    for at_s in seconds:
        found.take(line(at_s=at_s, ms=ms))
    return found


def test_slots_grow_with_the_load_and_lose_nothing() -> None:
    found = timeline(*range(1_000))
    assert len(found.slots) <= 120
    assert sum(slot.requests for slot in found.slots) == 1_000
    assert found.slots[0].requests == found.slot_s


def test_each_slot_tells_its_own_throughput() -> None:
    rows = timeline(0.1, 0.2, 0.3, 2.5).figures()
    assert [row["throughput"] for row in rows if isinstance(row, dict)] == [3.0, 0.0, 1.0]


def test_what_a_lost_worker_did_not_report_has_no_duration() -> None:
    found = tally(5.0)
    found.take(line(ending=Ending.UNKNOWN, state=UNREPORTED))
    assert (found.requests, found.unreported, found.error_share, found.percentile(0.99)) == (1, 1, 0.0, 5.0)


def soaked(*, slower: float = 1.0, grown: float = 1.0) -> list[str]:
    """Return what drifts in a load of 100 seconds whose second half is slower, or takes more memory."""
    course, memory = Timeline(), Memory()
    for second in range(100):
        factor = slower if second >= 50 else 1.0
        course.take(line(at_s=second, ms=20.0 * factor))
        memory.take(second, {"the mock": 100.0 * (grown if second >= 50 else 1.0)})
    return [drift.name for drift in drifts(course, memory) if drift.is_drifting]


def test_a_load_that_stays_as_it_is_does_not_drift() -> None:
    assert soaked() == []
    assert soaked(slower=1.4, grown=1.2) == []


def test_memory_that_grows_is_drift() -> None:
    assert soaked(grown=1.4) == ["memory of the mock"]


def test_answers_that_get_slower_are_drift() -> None:
    assert soaked(slower=2.0) == ["p50", "p95"]


def test_samples_of_memory_do_not_grow_with_the_load() -> None:
    memory = Memory()
    for second in range(10_000):
        memory.take(second, {"the mock": float(second)})
    assert len(memory.samples["the mock"]) <= 400
    assert memory.between("the mock", 0.75, 1.0) == pytest.approx(8_750, abs=200)


def test_a_line_survives_its_row() -> None:
    told = line(at_s=1.5, misshapen="'code' is missing", shown=True, marks=("a",))
    assert LoadLine.read(told.row()) == told
