"""Writes docs/control-plane.md: ``python -m pixelproof.mock_server.control.reference > docs/control-plane.md``."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from pixelproof import loading

from .meanings import meaning
from .recording import Recorded, Recorder, untold
from .scenario import CHAPTERS

if TYPE_CHECKING:
    from .asking import Asked
    from .recording import Exchange

#: Longest answer that is shown, in lines.
_LONGEST = 24
#: Above this a bound says nothing but "not too large".
_SAYS_NOTHING = 10**12
#: The names of limits all mean the same, and stand in the row of the object.
_NAMED_ABOVE = "limits."
_HEAD = """\
# The control plane

<!-- Written by python -m pixelproof.mock_server.control.reference; a test holds it against the code. -->

What a test, or a person, does to the mock from outside stands below `/__admin/`, beside the API that it serves. The
[page for people](admin-page.md) uses these routes and no others; [`pixelproof.testing`](testing-with-the-mock.md) is
the same for pytest. This page is written by the code itself: the fields are those that each route reads, the answers
were given by a mock with seed 0 that served one provider of tasks while its clock stood still. Ids of accounts, keys
and requests are random; here they are made up. Answers of many lines are cut at `…`.

- **Bodies** are JSON objects (`Content-Type: application/json`). An unknown field or query parameter is refused with
  the nearest known name. All fields may be left out unless the refusal says otherwise.
- **Amounts** are decimal texts (`"0.04"`), never JSON numbers. **Instants** are ISO 8601 in UTC, on the virtual clock.
- **Errors** are `{"error": {"message", "field", "suggestion"}}`: 400 for a request that is wrong, 404 for something
  that is not there, 409 for what cannot be any more, 413 for a body that is too long.
- **Who may**: on loopback everybody on this machine, but no web page of another origin (403). With `--admin-token`, and
  always beyond loopback, `Authorization: Bearer TOKEN` or `X-Admin-Token: TOKEN` is needed (401, 403 where no token was
  set). `--no-admin` takes the control plane away: 404.
"""


def page() -> str:
    """Return the whole page. Raises RuntimeError for a route that no chapter shows."""
    contract = next(c for c in map(loading.shipped, loading.profiles()) if c.tasks is not None)
    recorder = Recorder(contract)
    if missing := untold(recorder.app):
        raise RuntimeError(f"mock_server/control/scenario.py does not fit the routes: {', '.join(sorted(missing))}")
    told = [(chapter, [*recorder.chapter(chapter)]) for chapter in CHAPTERS]
    parts = [_HEAD, _contents(entry for _, entries in told for entry in entries)]
    for chapter, entries in told:
        parts.append(f"## {chapter.title}\n\n{chapter.about}\n")
        parts += map(_entry, entries)
    return "\n".join(parts)


def _contents(entries: Iterator[Recorded]) -> str:
    rows = (f"| [`{_title(entry)}`](#{_anchor(_title(entry))}) | {_first(entry.call.about)} |" for entry in entries)
    return "\n".join(["| route | |", "|---|---|", *rows, ""])


def _entry(entry: Recorded) -> str:
    parts = [f"### `{_title(entry)}`", "", entry.call.about, ""]
    if entry.asked:
        parts += ["| field | type | meaning |", "|---|---|---|"]
        parts += [_row(entry.call.route, asked) for asked in entry.asked if not asked.name.startswith(_NAMED_ABOVE)]
        parts.append("")
    parts += _shown(entry.call.route, entry.done)
    if entry.refused is not None:
        parts += ["Refused:", "", *_shown(entry.call.route, entry.refused)]
    return "\n".join(parts)


def _row(route: str, asked: Asked) -> str:
    return f"| `{asked.name}` | {_type(asked)} | {meaning(route, asked.name)} |"


def _type(asked: Asked) -> str:
    bounds = ""
    if asked.least is not None and asked.most is not None:
        large = asked.most > _SAYS_NOTHING
        bounds = f" from {asked.least:g}" if large else f", {_plain(asked.least)} to {_plain(asked.most)}"
    choices = f": {', '.join(f'`{choice}`' for choice in asked.choices)}" if asked.choices else ""
    return f"{asked.kind}{bounds}{choices}"


def _plain(number: float) -> str:
    return f"{number:,.0f}" if number == int(number) else f"{number:g}"


def _shown(route: str, exchange: Exchange) -> list[str]:
    body = [exchange.body] if exchange.body else []
    lines = exchange.answer.splitlines()
    if len(lines) > _LONGEST:
        lines = [*lines[:_LONGEST], "…"]
    kind = "json" if exchange.answer.startswith("{") else "text"
    asked = f"{route.partition(' ')[0]} {exchange.path}"
    return ["```http", asked, *body, "```", "", f"{exchange.status}:", "", f"```{kind}", *lines, "```", ""]


def _title(entry: Recorded) -> str:
    method, _, rule = entry.call.route.partition(" ")
    return f"{method} /__admin{rule.replace('<', '{').replace('>', '}')}"


def _anchor(title: str) -> str:
    return "".join(c for c in title.lower().replace(" ", "-") if c.isalnum() or c in "-_")


def _first(about: str) -> str:
    return about.replace("\n", " ").partition(". ")[0].rstrip(".")


if __name__ == "__main__":
    sys.stdout.write(page())
