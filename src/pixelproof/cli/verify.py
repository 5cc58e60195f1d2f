"""``pixelproof verify``: one command, an exit code, and the sentence that was broken."""

from __future__ import annotations

import signal
from contextlib import suppress
from pathlib import Path
from typing import Any

import click

from pixelproof.cli.options import shared, verify_options
from pixelproof.cli.page import colour_option
from pixelproof.cli.progress import Progress
from pixelproof.cli.resume import as_begun
from pixelproof.cli.writing import format_option, show, write_reports
from pixelproof.contract import Contract
from pixelproof.engine import prove_all
from pixelproof.problems import KeyRefused, Unreachable
from pixelproof.record.recording import BadRecord, read_record
from pixelproof.verification import verifying
from pixelproof.verification.verifying import VerifyOptions

#: From harmless to grave: with several runs the gravest code is the command's.
_GRAVITY = (0, 5, 3, 1, 4, 2, 130)
_INTERRUPTED = 130


@click.command(
    epilog="""\b
Examples:
  pixelproof verify                                  every profile, against the embedded mock
  pixelproof verify --profile openai --tier smoke
  pixelproof verify http://127.0.0.1:9001/v1 --profile openai
  pixelproof verify --target vendor.yaml --max-cost "0.50 USD"
  pixelproof verify --resume pixelproof-out/2026-11-21T14-30-00 --target vendor.yaml
  pixelproof verify --profile aivene --liar aivene-charged-twice     see a finding"""
)
@shared
@click.option("--waivers", "waivers_file", type=click.Path(dir_okay=False, path_type=Path), help="Accepted findings.")
@click.option("--require-complete", is_flag=True, help="Exit 5 when an obligation could not be judged.")
@click.option("--strict", is_flag=True, help="Warnings count as findings.")
@click.option("--report-dir", type=click.Path(file_okay=False, path_type=Path), help="Default pixelproof-out/<time>.")
@format_option
@click.option("--no-images", is_flag=True, help="Keep no image files beside the record.")
@click.option(
    "--resume", type=click.Path(exists=True, path_type=Path), metavar="RUN", help="Go on with a run that was cut."
)
@click.option("--json", "as_json", is_flag=True, help="Print the last line of each record instead of the report.")
@click.option("-v", "--verbose", is_flag=True, help="Show every case, and the exchanges of findings.")
@colour_option
def command(**given: Any) -> int:
    """Prove a server against a contract, or the embedded mock when no URL is given.

    Writes DIR/run.jsonl (DIR/<profile>/run.jsonl for the embedded mocks) and prints the
    broken claims first: source, what was wanted, what came, and a curl that shows it.
    """
    given, begun = as_begun(given)
    options = verify_options(
        given,
        resume=begun,
        require_complete=given["require_complete"],
        strict=given["strict"],
        report_dir=given["report_dir"] or _fresh_folder(),
        keep_images=not given["no_images"],
        waivers_file=given["waivers_file"],
    )
    signal.signal(signal.SIGTERM, _as_interrupt)
    found = verifying.contracts(options)
    several = options.embedded and options.contract_file is None and begun is None
    codes = []
    for contract in found:
        folder = options.report_dir / contract.profile if several else options.report_dir
        codes.append(_verify(options, contract, folder, given))
        if codes[-1] == _INTERRUPTED:
            break
    if len(codes) > 1:
        click.echo(_together([contract.profile for contract in found], codes), err=True)
    return max(codes, key=_GRAVITY.index)


def _together(profiles: list[str], codes: list[int]) -> str:
    """Return one line about several profiles, for whoever sees only the end of it all."""
    others = [f"; exit code {code} of {profile}" for profile, code in zip(profiles, codes, strict=False) if code]
    return f"{codes.count(0)} of {len(profiles)} profiles kept{''.join(others)}"


def _verify(options: VerifyOptions, contract: Contract, folder: Path, given: dict[str, Any]) -> int:
    try:
        code = _prove(options, contract, folder)
    except (Unreachable, KeyRefused):
        if given["as_json"] or given["formats"]:
            with suppress(BadRecord):  # without a record there is nothing to show
                _report(folder, given)
        raise
    try:
        _report(folder, given)
    except BadRecord:
        if code != _INTERRUPTED:
            raise
        click.echo("interrupted before anything was sent: there is no record", err=True)
    return code


def _prove(options: VerifyOptions, contract: Contract, folder: Path) -> int:
    try:
        with verifying.prepared(options, contract, folder) as run, Progress(run):
            return prove_all(run).exit_code
    except KeyboardInterrupt:
        return _INTERRUPTED


def _report(folder: Path, given: dict[str, Any]) -> None:
    record = read_record(folder)
    write_reports(record, given["formats"], folder)
    if given["as_json"]:
        import json

        click.echo(json.dumps(record.end))
        return
    show(record, verbose=given["verbose"], color=given["color"])
    click.echo(f"record: {record.path}", err=True)


def _fresh_folder() -> Path:
    from datetime import datetime

    return Path("pixelproof-out") / datetime.now().astimezone().strftime("%Y-%m-%dT%H-%M-%S")


def _as_interrupt(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt
