"""A record that somebody names on the command line, read; what is none is refused with the reason."""

from __future__ import annotations

import json
from pathlib import Path

import click

from pixelproof.problems import Problem
from pixelproof.record.loadrecord import RESULT, read_load
from pixelproof.record.recording import SCHEMA, BadRecord, Record, read_record
from pixelproof.record.soundness import sound

#: Bytes looked at to say what a file is instead.
_LOOKED_AT = 4_096
_HINT = f"name a run.jsonl of schema {SCHEMA}, or its folder"


class Incomplete(Problem):
    """The record was cut: show it with --partial."""

    exit_code = 5


def opened(path: Path, *, partial: bool = True) -> Record:
    """Read the record at a path, a file or its folder; of a load, what it came to.

    Raises BadRecord for what is no record of this version, Incomplete for one that was cut unless ``partial``.
    """
    file = path / "run.jsonl" if path.is_dir() else path
    if path.is_dir() and not file.exists() and (path / RESULT).exists():
        return read_load(path)
    if not file.is_file():
        raise BadRecord(f"{path}: {_absent(path)}", _near(path))
    _refuse_foreign(file)
    record = sound(read_record(file))
    if record.end is not None and record.torn:
        click.echo(f"{file}: {record.torn} lines cannot be read and are left out", err=True)
    if record.end is None and not partial:
        raise Incomplete(f"{record.path}: the run was cut, the record has no last line", "add --partial to see it")
    return record


def _absent(path: Path) -> str:
    if path.is_dir():
        return "there is no run.jsonl in this folder"
    return "is no file" if path.exists() else "does not exist"


def _near(path: Path) -> str:
    if not path.is_dir():
        return _HINT
    inside = sorted(file.parent.name for file in path.glob("*/run.jsonl"))
    return f"name one of the records in it: {', '.join(f'{path / name}' for name in inside)}" if inside else _HINT


def _refuse_foreign(file: Path) -> None:
    """Say what a file is that is no record of ours. Raises BadRecord."""
    try:
        with file.open("rb") as opened_file:
            head = opened_file.read(_LOOKED_AT)
    except OSError as error:
        raise BadRecord(f"{file}: cannot be read: {error.strerror}", _HINT) from None
    if not head.strip():
        raise BadRecord(f"{file}: is empty", _HINT)
    if b"\0" in head:
        raise BadRecord(f"{file}: is no run record: it is binary", _HINT)
    if not head.lstrip().startswith(b"{"):
        raise BadRecord(f"{file}: is no run record: it does not begin with a line of JSON", _HINT)
    if b"\n" in head and not _is_object(head.partition(b"\n")[0]):
        raise BadRecord(f"{file}: is no run record: its first line is no JSON object", _HINT)


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False
