"""JUnit: valid by the schema of Jenkins, and as GitLab tells tests apart."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import xmlschema
from tests.harness.builders import line

from pixelproof import edges
from pixelproof.record.recording import Record
from pixelproof.verdict import Verdict

from .records import FOUND, exchange, hostile, large, record, with_keys

SCHEMA = xmlschema.XMLSchema(Path(__file__).parent / "schemas/junit-10.xsd")
EVERY_KIND = tuple(line(kind, case=f"a/{kind.value}", got="x", wanted="y") for kind in Verdict)


def text(shown: Record) -> str:
    return edges.renderer("junit").render(shown)


@pytest.mark.parametrize(
    "made",
    [record, lambda: record(*EVERY_KIND), lambda: record(FOUND, end=None), with_keys, hostile, lambda: large(300)],
    ids=["empty", "every kind", "cut", "keys", "hostile", "large"],
)
def test_a_report_is_valid_by_the_schema_of_jenkins(made: Callable[[], Record]) -> None:
    SCHEMA.validate(text(made()))


def test_the_schema_would_object() -> None:
    broken = text(record(FOUND)).replace("<testcase ", "<testcase surprise='1' ", 1)
    with pytest.raises(xmlschema.XMLSchemaValidationError):
        SCHEMA.validate(broken)


def test_no_two_tests_of_a_report_have_one_name() -> None:
    suite = ET.fromstring(text(record(FOUND, FOUND, line(Verdict.PASS), FOUND)))
    names = [(case.get("classname"), case.get("name")) for case in suite.iter("testcase")]
    assert len(names) == len(set(names)) == 4


def test_the_time_of_a_case_stands_once() -> None:
    calls = (exchange(1), exchange(2), exchange(3, "another/case"))
    suite = ET.fromstring(text(record(line(), line(rule="served"), exchanges=calls)))
    assert [case.get("time") for case in suite.iter("testcase")] == ["0.500", "0.000"]


def test_what_was_run_stands_in_the_properties() -> None:
    suite = ET.fromstring(text(record(FOUND)))
    told = {item.get("name"): item.get("value") for item in suite.iter("property")}
    assert told["target"] == "http://127.0.0.1:9/v1"
    assert told["spending"] == "0.064000 USD spent"


def test_a_waiver_is_told_with_its_reason() -> None:
    suite = ET.fromstring(text(record(line(Verdict.WAIVED, waiver="the vendor knows"))))
    assert "the vendor knows" in (suite.findtext(".//system-out") or "")
