"""A record held against its schema before it is judged again: what is none of ours is refused, not guessed at."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from pixelproof.contract import Json
from pixelproof.documents.document import dotted
from pixelproof.loading import specs_folder
from pixelproof.record.recording import BadRecord, Record

_HINT = "it was changed by hand, or written by another version"


def scrutinised(record: Record) -> Record:
    """Return a record whose every line keeps the schema. Raises BadRecord with the line."""
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import best_match

    kinds = {kind: Draft202012Validator(schema) for kind, schema in _schemas().items()}
    for number, line in enumerate(_lines(record.path), start=1):
        validator = kinds.get(str(line.get("kind")))
        error = best_match(validator.iter_errors(line)) if validator is not None else None
        if error is not None:
            where = dotted(error.absolute_path)
            raise BadRecord(f"{record.path}:{number}: {where}: {error.message[:200]}", _HINT)
    if not record.cases and any(line.exchanges for line in record.verdicts):
        what = f"{record.path}: does not say what its cases check, so it cannot be judged again"
        raise BadRecord(what, "it was written by an older version: run verify once more")
    return record


def _schemas() -> Mapping[str, Mapping[str, object]]:
    text = (specs_folder() / "schema" / "run.schema.json").read_text("utf-8")
    return {branch["properties"]["kind"]["const"]: branch for branch in json.loads(text)["oneOf"]}


def _lines(path: Path) -> list[dict[str, Json]]:
    """Return the lines of a record, an empty one where it was cut in the middle."""
    return [_line(text) for text in path.read_text("utf-8", errors="replace").splitlines()]


def _line(text: str) -> dict[str, Json]:
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
