"""Markdown, badge and JSON: what stands first, what fits, and what a machine reads."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from tests.harness.builders import line

from pixelproof import edges
from pixelproof.record.recording import Record
from pixelproof.verdict import Verdict

from .records import END, FOUND, large, record

#: Bytes that GitHub takes of the summary of one step.
GITHUB_TAKES = 1024 * 1024


def markdown(shown: Record, **how: object) -> str:
    return edges.renderer("markdown").render(shown, **how)


def badge(**changes: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(edges.renderer("badge").render(record(*changes.pop("lines", ()), **changes)))
    return found


def page(text: str) -> str:
    return MarkdownIt("commonmark", {"html": True}).enable("table").render(text)


def test_the_summary_begins_with_what_is_broken() -> None:
    text = markdown(record(FOUND, line(Verdict.WARN, "AIV-06", got="served")))
    places = [
        text.index(part) for part in ("1 broken promise", "### Broken promises", "AIV-05", "### Warnings", "AIV-06")
    ]
    assert places == sorted(places)


def test_the_last_line_of_the_summary_says_requests_money_and_time() -> None:
    last = markdown(record(FOUND)).splitlines()[-1]
    for part in ("7 requests + 2 downloads", "0.064000 USD spent", "1.5 s", "1 of 1 obligations", "findings"):
        assert part in last


def test_a_finding_is_folded_with_its_curl() -> None:
    found = page(markdown(record(FOUND)))
    assert "<details><summary>" in found
    assert '<code class="language-sh">curl -sS' in found


@pytest.mark.parametrize("fence", ["```", "~~~", "`````"])
def test_no_line_of_a_curl_ends_its_block(fence: str) -> None:
    curl = f"curl x\n{fence}\n<img src=x>\n</details>\n{fence}\n"
    found = page(markdown(record(line(Verdict.FAIL, curl=curl))))
    assert "<img" not in found
    assert "&lt;img src=x&gt;" in found


def test_a_summary_that_is_too_long_is_cut_at_a_section_and_says_so() -> None:
    text = markdown(record(*(line(Verdict.FAIL, rule=f"rule{n}", curl="x" * 30_000) for n in range(60))))
    assert GITHUB_TAKES // 2 < len(text.encode()) <= GITHUB_TAKES
    assert "more sections had no room here" in text
    assert text.count("<details>") == text.count("</details>")
    assert text.splitlines()[-1].endswith("**findings**")


def test_a_summary_in_letters_of_several_bytes_fits_too() -> None:
    text = markdown(record(*(line(Verdict.FAIL, rule=f"rule{n}", curl="画" * 20_000) for n in range(60))))
    assert len(text.encode()) <= GITHUB_TAKES


def test_a_large_record_fits_whole() -> None:
    assert "had no room" not in markdown(large())


@settings(deadline=None)  # the first call reads the shipped contracts
@given(st.text(alphabet=st.sampled_from("ab |`\\<>&*_[]()!~#:@$\n\r{}\"'^=-.w1/"), max_size=60))
def test_whatever_a_server_says_the_table_keeps_its_cells_and_says_it(said: str) -> None:
    found = page(markdown(record(line(Verdict.FAIL, wanted="w", got=f"<{said}>"))))
    (row,) = re.findall(r"<tbody>\s*<tr>(.*?)</tr>", found.partition("</table>")[0], re.DOTALL)
    cells = re.findall(r"<td>(.*?)</td>", row, re.DOTALL)
    assert len(cells) == 5
    assert not re.search(r"<(?!/?td)", cells[4])


def test_a_waiver_that_rots_is_told() -> None:
    shown = record(line(), end={**END, "waivers": {"stale": ["AIV-05 * (x)"], "expired": [], "not_exercised": []}})
    assert "stale" in markdown(shown)


@pytest.mark.parametrize(
    ("outcome", "message", "colour"),
    [
        ("conformant", "conformant, 1 of 1 judged", "brightgreen"),
        ("partial", "partial, 1 of 1 judged", "yellowgreen"),
        ("unreachable", "unreachable, 1 of 1 judged", "lightgrey"),
    ],
)
def test_a_badge_says_what_came_of_a_run(outcome: str, message: str, colour: str) -> None:
    found = badge(lines=(line(),), end={**END, "outcome": outcome})
    assert (found["schemaVersion"], found["label"]) == (1, "pixelproof aivene")
    assert (found["message"], found["color"]) == (message, colour)


def test_a_badge_of_a_broken_promise_is_red_and_counts_claims() -> None:
    found = badge(lines=(FOUND, FOUND, line(Verdict.FAIL, "AIV-06")))
    assert (found["message"], found["color"], found["isError"]) == ("2 broken promises", "red", True)


def test_a_badge_has_only_what_shields_io_knows() -> None:
    assert set(badge()) <= {"schemaVersion", "label", "message", "color", "labelColor", "isError", "style"}


def test_the_json_report_groups_findings_by_cause() -> None:
    found = json.loads(edges.renderer("json").render(record(FOUND, line(), line(Verdict.NOT_RUN, reason="budget"))))
    (cause,) = found["causes"]
    assert (found["schema"], found["outcome"], found["complete"]) == ("pixelproof.report/1", "findings", True)
    assert (cause["verdict"], cause["claims"], cause["cases"][0]["got"]) == ("fail", ["AIV-05"], "200 with 1")
    assert found["claims"]["AIV-05"]["verdict"] == "fail"
    assert found["not_run"][0]["reason"] == "budget"
