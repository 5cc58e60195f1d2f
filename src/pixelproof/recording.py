"""``run.jsonl``: every exchange and verdict as it happens, flushed line by line.

A first line says what was run, a last line what came of it. Without the last line the
record is incomplete, and reads so.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Protocol

from pixelproof.contract import Json
from pixelproof.exchange import Exchange, ImageFacts, Request, Response, Role
from pixelproof.problems import Problem
from pixelproof.verdict import CaseVerdict, Verdict

SCHEMA = "pixelproof.run/1"
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


class Forgetful:
    """A sink that keeps nothing: for self-tests."""

    def line(self, value: Mapping[str, object]) -> None:
        """Drop the line."""

    def image(self, sha256: str, data: bytes) -> None:
        """Drop the image."""


class Recording:
    """A record in a folder: ``run.jsonl`` and ``images/<sha256>``."""

    def __init__(self, folder: Path, *, keep_images: bool = True) -> None:
        """Create the folder and start an empty record; an older one there is replaced."""
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / "run.jsonl"
        self._images = folder / "images"
        self._room = MAX_IMAGE_BYTES if keep_images else 0
        self._file: IO[str] = self.path.open("w", encoding="utf-8")

    def line(self, value: Mapping[str, object]) -> None:
        """Write one line and flush it, so that a killed run loses nothing it recorded."""
        self._file.write(json.dumps(value, ensure_ascii=True, separators=(",", ":")) + "\n")
        self._file.flush()

    def image(self, sha256: str, data: bytes) -> None:
        """Keep an image file once, while there is room."""
        path = self._images / sha256
        if len(data) > self._room or path.exists():
            return
        self._images.mkdir(exist_ok=True)
        path.write_bytes(data)
        self._room -= len(data)

    def close(self) -> None:
        """Close the file."""
        self._file.close()


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A run read back. ``end`` is None when the run was cut."""

    path: Path
    header: Mapping[str, Json]
    exchanges: tuple[Exchange, ...] = ()
    verdicts: tuple[CaseVerdict, ...] = ()
    sent: tuple[Mapping[str, Json], ...] = ()
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


def _record(file: Path, values: list[dict[str, Json]], torn: int) -> Record:
    return Record(
        path=file,
        header=values[0],
        exchanges=tuple(_exchange(value) for value in _of_kind(values, "exchange")),
        verdicts=tuple(_verdict(value) for value in _of_kind(values, "verdict")),
        sent=tuple(_of_kind(values, "sent")),
        end=next(iter(_of_kind(values, "end")), None),
        torn=torn,
    )


def _parsed(lines: Iterable[str]) -> tuple[list[dict[str, Json]], int]:
    values: list[dict[str, Json]] = []
    torn = 0
    for line in lines:
        try:
            value = json.loads(line)
        except ValueError:
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


def _verdict(value: dict[str, Json]) -> CaseVerdict:
    numbers = value.get("exchanges")
    return CaseVerdict(
        **{  # type: ignore[arg-type]  # the schema of the record fixes the types
            **{key: item for key, item in value.items() if key not in {"kind", "verdict", "exchanges"}},
            "verdict": Verdict(str(value["verdict"])),
            "exchanges": tuple(numbers) if isinstance(numbers, list) else (),
        }
    )
