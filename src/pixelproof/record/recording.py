"""``run.jsonl``: every exchange and verdict as it happens, flushed line by line.

A first line says what was run, a last line what came of it. Without the last line the
record is incomplete, and reads so.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Protocol

from pixelproof.contract import Json
from pixelproof.exchange import Exchange, ImageFacts, Request, Response, Role
from pixelproof.findings.curl import FILES
from pixelproof.planning.case import Case
from pixelproof.planning.caseline import read_case
from pixelproof.problems import Problem
from pixelproof.verdict import CaseVerdict, Verdict

SCHEMA = "pixelproof.run/1"
#: What stands beside a record and belongs to it.
BESIDE = ("images", FILES)
#: Bytes of images kept beside one record.
MAX_IMAGE_BYTES = 64 << 20


class BadRecord(Problem):
    """A run record that cannot be used: it is foreign, of another version, or empty."""


class Sink(Protocol):
    """Where a run's lines go."""

    def line(self, value: Mapping[str, object]) -> None:
        """Write one line and flush it."""

    def image(self, sha256: str, data: bytes) -> None:
        """Keep an image file, once."""

    def file(self, name: str, data: bytes) -> None:
        """Keep what a request carried and no command line can, once."""


class Forgetful:
    """A sink that keeps nothing: for self-tests."""

    def line(self, value: Mapping[str, object]) -> None:
        """Drop the line."""

    def image(self, sha256: str, data: bytes) -> None:
        """Drop the image."""

    def file(self, name: str, data: bytes) -> None:
        """Drop the file."""


class Recording:
    """A record in a folder: ``run.jsonl``, ``images/<sha256>``, and ``files/`` that its curls send."""

    def __init__(
        self,
        folder: Path,
        *,
        keep_images: bool = True,
        kept: Iterable[Mapping[str, object]] = (),
        durable: bool = False,
    ) -> None:
        """Create the folder and start a record with the lines ``kept``; an older one there is replaced.

        ``durable``: what is about to be paid for reaches the disk first, not only the system.
        """
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / "run.jsonl"
        self._images = folder / "images"
        self._files = folder / FILES
        self._room = MAX_IMAGE_BYTES if keep_images else 0
        self._durable = durable
        #: Workers share a record: a line is written whole.
        self._lock = threading.Lock()
        self._file: IO[str] = _begun(self.path, kept)

    def line(self, value: Mapping[str, object]) -> None:
        """Write one line and flush it, so that a killed run loses nothing it recorded."""
        with self._lock:
            self._file.write(_text(value))
            self._file.flush()
            if self._durable and value.get("kind") == "sent":
                os.fsync(self._file.fileno())

    def image(self, sha256: str, data: bytes) -> None:
        """Keep an image file once, while there is room."""
        path = self._images / sha256
        if len(data) > self._room or path.exists():
            return
        self._images.mkdir(exist_ok=True)
        path.write_bytes(data)
        self._room -= len(data)

    def file(self, name: str, data: bytes) -> None:
        """Keep a file once; its name says what is in it."""
        path = self._files / name
        if not path.exists():
            self._files.mkdir(exist_ok=True)
            path.write_bytes(data)

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def _text(value: Mapping[str, object]) -> str:
    return json.dumps(value, ensure_ascii=True, separators=(",", ":")) + "\n"


def _begun(path: Path, kept: Iterable[Mapping[str, object]]) -> IO[str]:
    """Open a record that begins with these lines; until all of them are written the older one stays."""
    lines = [_text(value) for value in kept]
    if not lines:
        return path.open("w", encoding="utf-8")
    fresh = path.with_suffix(".new")
    with fresh.open("w", encoding="utf-8") as file:
        file.writelines(lines)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    return path.open("a", encoding="utf-8")


def exchange_line(exchange: Exchange) -> dict[str, object]:
    """Return the line of an exchange."""
    value = asdict(exchange)
    value["role"] = exchange.role.value
    return {"kind": "exchange", **value}


def verdict_line(verdict: CaseVerdict) -> dict[str, object]:
    """Return the line of a verdict; empty fields are left out."""
    value = asdict(verdict)
    value["verdict"] = verdict.verdict.value
    required = {"claim", "rule", "case", "level", "verdict"}
    return {"kind": "verdict", **{key: item for key, item in value.items() if item or key in required}}


def read_verdict(value: Mapping[str, Json]) -> CaseVerdict:
    """Return the verdict of a line. Raises KeyError, TypeError or ValueError for a line that is none of ours."""
    numbers = value.get("exchanges")
    return CaseVerdict(
        **{  # type: ignore[arg-type]  # the schema of the record fixes the types
            **{key: item for key, item in value.items() if key not in {"kind", "verdict", "exchanges"}},
            "verdict": Verdict(str(value["verdict"])),
            "exchanges": tuple(numbers) if isinstance(numbers, list) else (),
        }
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Conducted:
    """A case whose every step was taken, and the finest difference that its wallet showed."""

    case: Case
    resolution: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A run read back. ``end`` is None when the run was cut."""

    path: Path
    header: Mapping[str, Json]
    exchanges: tuple[Exchange, ...] = ()
    verdicts: tuple[CaseVerdict, ...] = ()
    sent: tuple[Mapping[str, Json], ...] = ()
    #: What was conducted, by case id.
    cases: Mapping[str, Conducted] = field(default_factory=dict)
    end: Mapping[str, Json] | None = None
    #: Lines that were cut in the middle.
    torn: int = field(default=0)


def read_record(path: Path) -> Record:
    """Read ``run.jsonl`` (or the folder it stands in). Raises BadRecord."""
    file = path / "run.jsonl" if path.is_dir() else path
    try:
        lines = file.read_text("utf-8", errors="replace").splitlines()
    except OSError as error:
        raise BadRecord(f"{file}: cannot be read: {error.strerror}", "name a run.jsonl or its folder") from None
    values, torn = _parsed(lines)
    if not values or values[0].get("kind") != "run":
        raise BadRecord(f"{file}: is no run record", "its first line must be of kind 'run'")
    if values[0].get("schema") != SCHEMA:
        raise BadRecord(f"{file}: has schema {values[0].get('schema')}", f"this version reads {SCHEMA}")
    try:
        return _record(file, values, torn)
    except (KeyError, TypeError, ValueError) as error:
        hint = "it was changed by hand, or written by another version"
        raise BadRecord(f"{file}: has a line that is none of ours ({error!r})", hint) from None


def traffic(record: Record) -> list[dict[str, Json]]:
    """Return the lines of a record that say what happened, not what was thought of it."""
    values, _ = _parsed(record.path.read_text("utf-8", errors="replace").splitlines())
    return [value for value in values if value.get("kind") in {"sent", "exchange", "case"}]


def _record(file: Path, values: list[dict[str, Json]], torn: int) -> Record:
    return Record(
        path=file,
        header=values[0],
        exchanges=tuple(_exchange(value) for value in _of_kind(values, "exchange")),
        verdicts=tuple(read_verdict(value) for value in _of_kind(values, "verdict")),
        sent=tuple(_of_kind(values, "sent")),
        cases={found.case.id: found for found in map(_conducted, _of_kind(values, "case"))},
        end=next(iter(_of_kind(values, "end")), None),
        torn=torn,
    )


def _parsed(lines: Iterable[str]) -> tuple[list[dict[str, Json]], int]:
    values: list[dict[str, Json]] = []
    torn = 0
    for line in lines:
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            torn += 1
            continue
        if isinstance(value, dict):
            values.append(value)
    return values, torn


def _of_kind(values: Iterable[dict[str, Json]], kind: str) -> Iterator[dict[str, Json]]:
    return (value for value in values if value.get("kind") == kind)


def _exchange(value: dict[str, Json]) -> Exchange:
    fields = {key: item for key, item in value.items() if key != "kind"}
    request, response, images = fields.pop("request"), fields.pop("response"), fields.pop("images")
    return Exchange(
        **{  # type: ignore[arg-type]  # the schema of the record fixes the types
            **fields,
            "role": Role(str(value["role"])),
            "request": Request(**request) if isinstance(request, dict) else Request(method="", url=""),  # type: ignore[arg-type]  # as above
            "response": Response(**response) if isinstance(response, dict) else None,  # type: ignore[arg-type]  # as above
            "images": tuple(ImageFacts(**item) for item in images if isinstance(item, dict))  # type: ignore[arg-type]  # as above
            if isinstance(images, list)
            else (),
        }
    )


def _conducted(value: dict[str, Json]) -> Conducted:
    resolution = value.get("resolution", 0)
    return Conducted(case=read_case(value), resolution=resolution if isinstance(resolution, int) else 0)
