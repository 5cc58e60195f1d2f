"""Every format of a report: its name, the module that renders it, and the file it is written to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

#: Printed where nothing else is asked for.
TERMINAL = "terminal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One format of a report."""

    name: str
    #: Module of ``reports`` with ``render(record) -> str``; imported when the format is asked for.
    module: str
    #: File in a folder of reports.
    file: str
    #: What it is for, in a few words.
    use: str


#: name → format, in the order in which they are listed.
FORMATS: Mapping[str, Format] = {
    known.name: known
    for known in (
        Format(name=TERMINAL, module="terminal", file="report.txt", use="people at a terminal, and logs of CI"),
        Format(name="html", module="html", file="report.html", use="one page for a browser, offline"),
        Format(
            name="junit", module="junit", file="junit.xml", use="test reports of GitLab, Jenkins and GitHub actions"
        ),
        Format(name="sarif", module="sarif", file="pixelproof.sarif", use="code scanning of GitHub"),
        Format(name="markdown", module="markdown", file="summary.md", use="$GITHUB_STEP_SUMMARY, comments, wikis"),
        Format(name="har", module="har", file="exchanges.har", use="the traffic, for browsers and proxies"),
        Format(name="badge", module="badge", file="badge.json", use="a badge of shields.io"),
        Format(name="json", module="digest", file="report.json", use="scripts: verdicts, causes and figures"),
    )
}
