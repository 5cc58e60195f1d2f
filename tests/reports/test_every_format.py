"""Every format: what a server said is inert and bounded, no key is in it, ten thousand verdicts are no burden."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from markdown_it import MarkdownIt
from tests.harness.builders import line

from pixelproof import edges
from pixelproof.record.formats import FORMATS
from pixelproof.record.recording import Record
from pixelproof.verdict import Verdict

from .records import COOKIE, FOUND, HOSTILE, NAMED, OPAQUE, SHAPED, hostile, large, record, with_keys

#: Bytes of a report about seven verdicts, however much the server said.
MOST_BYTES = 2 << 20
#: Processor seconds for ten thousand verdicts.
MOST_S = 3.0
NAMES = tuple(FORMATS)
#: What a report consists of beside text: a terminal or a browser obeys everything else.
_COMMANDS = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff\U000e0000-\U000e007f]"
)


@pytest.fixture(scope="module")
def hostile_record() -> Record:
    return hostile()


@pytest.fixture(scope="module")
def large_record() -> Record:
    return large()


def rendered(name: str, shown: Record, **how: object) -> str:
    return edges.renderer(name).render(shown, **how)


@pytest.mark.parametrize("name", NAMES)
def test_a_hostile_record_becomes_a_report_of_bounded_size(name: str, hostile_record: Record) -> None:
    assert 50 < len(rendered(name, hostile_record).encode()) < MOST_BYTES


@pytest.mark.parametrize("name", NAMES)
def test_no_character_of_a_report_commands_or_deceives_whoever_shows_it(name: str, hostile_record: Record) -> None:
    assert _COMMANDS.findall(rendered(name, hostile_record)) == []


def test_the_verbose_terminal_is_as_inert(hostile_record: Record) -> None:
    text = rendered("terminal", hostile_record, verbose=True)
    assert _COMMANDS.findall(text) == []
    assert len(text) < MOST_BYTES


class Tags(HTMLParser):
    """Collects the elements of a page, and its text outside of code."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.said: list[str] = []
        self.scripts: list[str] = []
        self._open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if "script" in self._open:
            self.scripts.append(data)
        elif not {"pre", "code", "style"} & set(self._open):
            self.said.append(data)


def inert_html(text: str) -> None:
    tags = Tags(text)
    assert not [name for name, attributes in tags.found if any(key.startswith("on") for key in attributes)]
    assert not any("alert(1)" in script for script in tags.scripts)
    places = [
        value or "" for _, attributes in tags.found for key, value in attributes.items() if key in {"src", "href"}
    ]
    assert not [place for place in places if place.startswith(("javascript:", "http:", "https:", "//"))]


def inert_xml(text: str) -> None:
    names = {element.tag for element in ET.fromstring(text).iter()}
    known = {
        "testsuites",
        "testsuite",
        "testcase",
        "properties",
        "property",
        "failure",
        "error",
        "skipped",
        "system-out",
    }
    assert names <= known


def inert_markdown(text: str) -> None:
    page = MarkdownIt("commonmark", {"html": True}).enable("table").render(text)
    tags = Tags(page)
    shape = {
        "h2",
        "h3",
        "p",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "details",
        "summary",
        "pre",
        "code",
        "strong",
    }
    assert {name for name, _ in tags.found} <= shape
    said = "".join(tags.said)
    assert "evil.example" in said
    # a mention, an issue or an address is one only where nothing stands between the sign and the word
    assert not re.search(r"@everyone|#1\b|www\.", said)


def inert_json(text: str) -> None:
    json.loads(text)
    assert text.isascii()


def inert_text(text: str) -> None:
    assert all(char.isprintable() or char == "\n" for char in text)


INERT: dict[str, Callable[[str], None]] = {
    "terminal": inert_text,
    "html": inert_html,
    "junit": inert_xml,
    "markdown": inert_markdown,
    "sarif": inert_json,
    "har": inert_json,
    "badge": inert_json,
    "json": inert_json,
}


@pytest.mark.parametrize("name", NAMES)
def test_markup_of_a_server_is_text_in_every_format(name: str, hostile_record: Record) -> None:
    INERT[name](rendered(name, hostile_record))


@pytest.mark.parametrize("secret", [SHAPED, OPAQUE, COOKIE, NAMED])
@pytest.mark.parametrize("name", NAMES)
def test_a_key_in_headers_bodies_addresses_and_errors_is_in_no_report(name: str, secret: str) -> None:
    text = rendered(name, with_keys())
    assert secret not in text
    assert secret not in json.dumps(text)


def test_the_verbose_terminal_shows_no_key_either() -> None:
    text = rendered("terminal", with_keys(), verbose=True)
    assert not [secret for secret in (SHAPED, OPAQUE, COOKIE, NAMED) if secret in text]


@pytest.mark.parametrize("name", NAMES)
def test_ten_thousand_verdicts_are_rendered_within_three_seconds(name: str, large_record: Record) -> None:
    begun = time.process_time()
    text = rendered(name, large_record)
    assert time.process_time() - begun < MOST_S
    assert text


#: What of a cut record says in each format that it is none of a whole run.
CUT: dict[str, str] = {
    "terminal": "INCOMPLETE",
    "html": "no last line",
    "junit": "the record has no last line",
    "markdown": "incomplete",
    "sarif": "no last line",
    "badge": "incomplete",
    "json": '"complete": false',
    "har": "incomplete",
}


@pytest.mark.parametrize("name", NAMES)
def test_a_cut_record_says_so_in_every_format(name: str) -> None:
    assert CUT[name] in rendered(name, record(FOUND, end=None))
    assert CUT[name] not in rendered(name, record(FOUND))


@pytest.mark.parametrize("name", NAMES)
def test_a_record_that_says_next_to_nothing_can_be_rendered(name: str) -> None:
    empty: dict[str, Any] = {"header": {"tool_version": None, "claims": 7, "mock": 3}, "end": {"kind": "end"}}
    assert rendered(name, record(**empty))
    assert rendered(name, record(FOUND, header={"mock": {"seed": 0, "liar": None}, "target": "http://[x"}))
    assert rendered(name, record(line(Verdict.FAIL), **empty))


def test_a_finding_says_the_same_in_every_format_that_tells_findings() -> None:
    shown = record(FOUND)
    for name in NAMES:
        text = rendered(name, shown)
        assert name in {"har", "badge"} or ("AIV-05" in text and "200 with 1" in text), name


def test_hostile_text_is_still_there_to_be_read() -> None:
    shown = record(line(Verdict.FAIL, wanted="x", got=HOSTILE))
    for name in ("terminal", "markdown", "junit", "html"):
        assert "right to left" in " ".join(rendered(name, shown).split())
