"""``pixelproof gate``: prove a gateway with both ends in hand."""

from __future__ import annotations

import json
import signal
import sys
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import click

from pixelproof import loading
from pixelproof.cli.page import colour_option
from pixelproof.cli.writing import format_option, show, write_reports
from pixelproof.gate.file import GateFile, load_gate
from pixelproof.problems import BadUsage
from pixelproof.record.recording import BadRecord, read_record

_INTERRUPTED = 130
#: The example that says nothing of a particular gateway.
_BLANK = "blank"


@click.command(
    epilog="""\b
Examples:
  pixelproof gate gate.yaml --init                 write a commented file to start from
  pixelproof gate gate.yaml --init --like nginx    the same for a gateway that is known
  pixelproof gate gate.yaml
  pixelproof gate gate.yaml --report-dir out --strict

Exit codes are those of verify: 0 kept, 1 findings, 2 usage, 3 the gateway does not start, 4 ours, 5 incomplete."""
)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--init", is_flag=True, help="Write FILE, and what it needs beside it, instead of running it.")
@click.option("--like", metavar="NAME", default=_BLANK, show_default=True, help="For --init: the gateway it is for.")
@click.option("--report-dir", type=click.Path(file_okay=False, path_type=Path), help="Default pixelproof-out/<time>.")
@format_option
@click.option("--strict", is_flag=True, help="Warnings count as findings.")
@click.option("--json", "as_json", is_flag=True, help="Print the last line of the record instead of the report.")
@click.option("-v", "--verbose", is_flag=True, help="Show every case, and the exchanges of findings.")
@colour_option
def command(  # noqa: PLR0913 - one parameter for each option of the command line
    *,
    file: Path,
    init: bool,
    like: str,
    report_dir: Path | None,
    formats: tuple[str, ...],
    strict: bool,
    as_json: bool,
    verbose: bool,
    color: str,
) -> int:
    """Start a mock as upstream and the gateway before it, prove the gateway from both sides, stop both.

    The profile's suites run through the gateway as `verify` runs them; then faults are put
    up behind it, and every answer is held against what the upstream saw. The record stands
    in DIR/run.jsonl, the logs of gateway and upstream beside it.
    """
    if init:
        return _begin(file, like)
    if not file.exists():
        raise BadUsage(f"there is no {file}", f"begin one with: pixelproof gate {file} --init")
    signal.signal(signal.SIGTERM, _as_interrupt)
    folder = report_dir or Path("pixelproof-out") / datetime.now().astimezone().strftime("%Y-%m-%dT%H-%M-%S")
    code = _prove(load_gate(file), folder.resolve(), strict=strict)
    with suppress(BadRecord):  # interrupted before anything was asked
        record = read_record(folder)
        write_reports(record, formats, folder)
        if as_json:
            click.echo(json.dumps(record.end))
        else:
            show(record, verbose=verbose, color=color)
        click.echo(f"record: {record.path}", err=True)
    return code


def _prove(gate: GateFile, folder: Path, *, strict: bool) -> int:
    from pixelproof.gate import gated  # loads what makes traffic

    try:
        with gated(gate, folder, strict=strict) as ready:
            return ready.prove(_shown).exit_code
    except KeyboardInterrupt:
        return _INTERRUPTED


def _shown(case: object) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r\x1b[K{case.case.id}", nl=False, err=True)  # type: ignore[attr-defined]  # a case of the gate


def _begin(file: Path, like: str) -> int:
    """Write a gate file to start from, and what it needs beside it; nothing is overwritten."""
    from pixelproof.documents.document import nearest

    shelf = loading.specs_folder() / "gateway"
    names = sorted(path.name for path in shelf.iterdir() if path.is_dir())
    if like not in names:
        raise BadUsage(f"there is no example for '{like}'", nearest(like, names))
    wanted = {
        (file if path.name == "gate.yaml" else file.parent / path.name): path for path in (shelf / like).iterdir()
    }
    there = next((path for path in wanted if path.exists()), None)
    if there is not None:
        raise BadUsage(f"{there} is there already", "move it away, or name another file")
    file.parent.mkdir(parents=True, exist_ok=True)
    for path, source in sorted(wanted.items()):
        path.write_bytes(source.read_bytes())
        click.echo(f"wrote {path}")
    return 0


def _as_interrupt(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt
