"""JUnit XML, as GitHub, GitLab and Jenkins read it: one test case for each check."""

from __future__ import annotations

import re
from collections import Counter
from xml.etree import ElementTree as ET

from pixelproof.record.recording import Record
from pixelproof.verdict import CaseVerdict, Verdict

from .legible import legible
from .spending import spending

#: Characters that XML 1.0 does not allow.
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
#: What of the first line stands in the properties.
_TOLD = ("profile", "target", "tier", "level", "seed", "tool_version", "rules_version", "contract_sha256")


def render(record: Record) -> str:
    """Return the record as one ``testsuites`` document."""
    shown = legible(record)
    lines = shown.verdicts
    cut = shown.end is None
    counts = {
        "tests": str(len(lines) + cut),
        "failures": str(_count(lines, Verdict.FAIL)),
        "errors": str(_count(lines, Verdict.ERROR) + cut),
        "time": _seconds((shown.end or {}).get("duration_s", 0)),
    }
    root = ET.Element("testsuites", {"name": "pixelproof", **counts})
    suite = ET.SubElement(root, "testsuite", {"name": _clean(f"pixelproof.{shown.header.get('profile')}"), **counts})
    suite.set("skipped", str(sum(not line.verdict.judged for line in lines)))
    suite.set("timestamp", _clean(str(shown.header.get("started", "")))[:19])
    _properties(suite, shown)
    for case in _cases(shown):
        suite.append(case)
    if cut:
        broken = ET.SubElement(suite, "testcase", classname="pixelproof", name="the run was cut", time="0")
        ET.SubElement(broken, "error", message="the record has no last line")
    ET.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _properties(suite: ET.Element, record: Record) -> None:
    told = {name: record.header[name] for name in _TOLD if name in record.header}
    ended = {} if record.end is None else {"spending": spending(record), "requests": record.end.get("requests", "")}
    group = ET.SubElement(suite, "properties")
    for name, value in {**told, **ended}.items():
        ET.SubElement(group, "property", name=name, value=_clean(str(value)))


def _cases(record: Record) -> list[ET.Element]:
    """Return a test case for each check; the time of a case stands at the first of its checks."""
    spent: Counter[str] = Counter()
    for exchange in record.exchanges:
        spent[exchange.case] += exchange.elapsed_s  # type: ignore[assignment]  # a Counter adds floats as well
    seen: Counter[tuple[str, str]] = Counter()
    found = []
    for line in record.verdicts:
        name = f"{line.case} [{line.rule}]"
        seen[line.claim, name] += 1
        # one name twice would be one test to GitLab, and the other result lost
        unique = name if seen[line.claim, name] == 1 else f"{name} #{seen[line.claim, name]}"
        found.append(_case(line, unique, _seconds(spent.pop(line.case, 0))))
    return found


def _case(line: CaseVerdict, name: str, time: str) -> ET.Element:
    case = ET.Element("testcase", classname=_clean(line.claim), name=_clean(name), time=time)
    if line.verdict in {Verdict.FAIL, Verdict.ERROR}:
        kind = "failure" if line.verdict is Verdict.FAIL else "error"
        message = _clean(f"wanted {line.wanted}; got {line.got}")
        ET.SubElement(case, kind, message=message, type=_clean(line.rule)).text = _clean(line.curl)
    elif not line.verdict.judged:
        ET.SubElement(case, "skipped", message=_clean(f"{line.verdict.value}: {line.got} {line.hint}".strip()))
    elif line.verdict is not Verdict.PASS:
        said = f"{line.verdict.value}: {line.wanted} {line.got} {line.waiver}".strip()
        ET.SubElement(case, "system-out").text = _clean(said)
    return case


def _seconds(value: object) -> str:
    return f"{value:.3f}" if isinstance(value, int | float) else "0"


def _count(lines: tuple[CaseVerdict, ...], verdict: Verdict) -> int:
    return sum(line.verdict is verdict for line in lines)


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("�", text)
