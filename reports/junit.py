"""JUnit XML, as GitHub, GitLab and Jenkins read it: one test case for each check."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from pixelproof.recording import Record
from pixelproof.verdict import CaseVerdict, Verdict

from .spending import spending

#: Characters that XML 1.0 does not allow.
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(record: Record) -> str:
    """Return the record as one ``testsuites`` document."""
    lines = record.verdicts
    cut = record.end is None
    root = ET.Element("testsuites", name="pixelproof")
    suite = ET.SubElement(
        root,
        "testsuite",
        name=f"pixelproof.{record.header.get('profile')}",
        tests=str(len(lines) + cut),
        failures=str(_count(lines, Verdict.FAIL)),
        errors=str(_count(lines, Verdict.ERROR) + cut),
        skipped=str(sum(not line.verdict.judged for line in lines)),
        time=str((record.end or {}).get("duration_s", 0)),
        timestamp=str(record.header.get("started", "")),
    )
    if not cut:
        told = ET.SubElement(suite, "properties")
        ET.SubElement(told, "property", name="spending", value=_clean(spending(record)))
        ET.SubElement(told, "property", name="requests", value=str((record.end or {}).get("requests", "")))
    for line in lines:
        suite.append(_case(line))
    if cut:
        broken = ET.SubElement(suite, "testcase", classname="pixelproof", name="the run was cut")
        ET.SubElement(broken, "error", message="the record has no last line")
    ET.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _case(line: CaseVerdict) -> ET.Element:
    case = ET.Element("testcase", classname=_clean(line.claim), name=_clean(f"{line.case} [{line.rule}]"))
    if line.verdict in {Verdict.FAIL, Verdict.ERROR}:
        kind = "failure" if line.verdict is Verdict.FAIL else "error"
        message = _clean(f"wanted {line.wanted}; got {line.got}")
        ET.SubElement(case, kind, message=message, type=line.rule).text = _clean(line.curl)
    elif not line.verdict.judged:
        ET.SubElement(case, "skipped", message=_clean(f"{line.verdict.value}: {line.got} {line.hint}".strip()))
    elif line.verdict is not Verdict.PASS:
        ET.SubElement(case, "system-out").text = _clean(f"{line.verdict.value}: {line.wanted} {line.got}")
    return case


def _count(lines: tuple[CaseVerdict, ...], verdict: Verdict) -> int:
    return sum(line.verdict is verdict for line in lines)


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("�", text)
