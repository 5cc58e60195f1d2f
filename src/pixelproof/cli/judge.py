"""``pixelproof judge``: an old record judged by today's rules and contract, for nothing."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import click

from pixelproof import loading
from pixelproof.cli.page import colour_option
from pixelproof.cli.writing import show
from pixelproof.contract import Contract
from pixelproof.findings.waivers import load_waivers
from pixelproof.problems import BadUsage
from pixelproof.record.recording import BESIDE, BadRecord, Record, Recording, read_record, traffic, verdict_line
from pixelproof.record.scrutiny import scrutinised
from pixelproof.strategies.claims import JudgeLevel
from pixelproof.verification.rejudging import Terms, rejudged
from pixelproof.verification.verifying import REFERENCE_PROFILE

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command(
    epilog="""\b
Examples:
  pixelproof judge pixelproof-out/2026-11-20T18-00-00/aivene
  pixelproof judge run.jsonl --level page
  pixelproof judge run.jsonl --contract my/contract.yaml -o judged-again
  pixelproof judge run.jsonl --waivers waivers.yaml --json"""
)
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--profile", metavar="P", help="Contract to judge by, by name; default: the record's own.")
@click.option("--contract", "contract_file", type=_FILE, help="Contract of your own instead.")
@click.option("--level", type=click.Choice([level.value for level in JudgeLevel]), help="Default: the record's own.")
@click.option("--waivers", "waivers_file", type=_FILE, help="Accepted findings.")
@click.option("--require-complete", is_flag=True, help="Exit 5 when an obligation could not be judged.")
@click.option("--strict", is_flag=True, help="Warnings count as findings.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Folder of the new record; default: none.")
@click.option("--json", "as_json", is_flag=True, help="Print the last line and what changed, instead of the report.")
@click.option("-v", "--verbose", is_flag=True, help="Show every case, and the exchanges of findings.")
@colour_option
def command(  # noqa: PLR0913, PLR0917 - one parameter for each option of the command line
    run: Path,
    profile: str | None,
    contract_file: Path | None,
    level: str | None,
    waivers_file: Path | None,
    output: Path | None,
    *,
    require_complete: bool,
    strict: bool,
    as_json: bool,
    verbose: bool,
    color: str,
) -> int:
    """Judge a recorded run again, by today's rules and contract; send nothing, pay nothing.

    Exit codes are those of verify. A record that was cut is judged as far as it goes.
    """
    record = scrutinised(read_record(run))
    chosen = _level(record, level)
    terms = Terms(
        contract=_with_gateways(record, contract_of(record, profile, contract_file)),
        level=chosen,
        reference=loading.shipped(REFERENCE_PROFILE) if chosen is JudgeLevel.OPENAI else None,
        today=datetime.now(UTC).date(),
        waivers=load_waivers(waivers_file) if waivers_file is not None else (),
        strict=strict,
        require_complete=require_complete,
        image=Kept(record.path.parent / "images"),
    )
    found = rejudged(record, terms)
    if output is not None:
        found = _written(found, output)
    end = found.end or {}
    if as_json:
        click.echo(json.dumps({**end, "judged_again": found.header["judged_again"]}))
    else:
        show(found, verbose=verbose, color=color)
    return int(str(end["exit_code"]))


def contract_of(record: Record, profile: str | None, contract_file: Path | None) -> Contract:
    """Return the contract to hold a record against: the one named, else the one it was made with. Raises BadUsage."""
    if contract_file is not None:
        return loading.outside(contract_file)
    own = record.header.get("contract")
    if profile is None and isinstance(own, str):
        if not Path(own).exists():
            raise BadUsage(
                f"{record.path}: was made with the contract {own}, which is not there", "name it: --contract"
            )
        return loading.outside(Path(own))
    name = profile or str(record.header.get("profile"))
    if profile is None and name not in loading.profiles():
        raise BadUsage(f"{record.path}: was made for '{name}', which is no shipped profile", "name it: --contract")
    return loading.shipped(name)


def _with_gateways(record: Record, contract: Contract) -> Contract:
    """Return the contract with the claims about gateways where the record is one of `gate`."""
    known = record.header.get("claims")
    is_gate = isinstance(known, dict) and not loading.gateway_claims().keys().isdisjoint(known)
    return loading.behind_gateways(contract) if is_gate else contract


class Kept:
    """The images beside a record, by their SHA-256."""

    def __init__(self, folder: Path) -> None:
        """Look into ``folder``; it need not be there."""
        self._folder = folder

    def __call__(self, sha256: str) -> bytes | None:
        """Return the bytes of an image, None when it was not kept."""
        path = self._folder / sha256
        return path.read_bytes() if sha256.isalnum() and path.is_file() else None


def _level(record: Record, level: str | None) -> JudgeLevel:
    try:
        return JudgeLevel(level or str(record.header.get("level")))
    except ValueError:
        what = f"{record.path}: was judged at a level '{record.header.get('level')}' that is unknown here"
        raise BadRecord(what, "name one: --level") from None


def _written(found: Record, folder: Path) -> Record:
    if folder.suffix == ".jsonl" or folder.is_file():
        raise BadUsage(f"-o {folder}: is a file", "name a folder: images and files of the record go beside it")
    if folder.resolve() == found.path.parent.resolve():
        raise BadUsage(f"-o {folder}: is the folder of the old record", "name another: a record is not overwritten")
    lines = [found.header, *traffic(found), *map(verdict_line, found.verdicts), found.end or {}]
    recording = Recording(folder, kept=lines)
    recording.close()
    for name in BESIDE:
        if (found.path.parent / name).is_dir():
            shutil.copytree(found.path.parent / name, folder / name, dirs_exist_ok=True)
    click.echo(f"record: {recording.path}", err=True)
    return read_record(recording.path)
