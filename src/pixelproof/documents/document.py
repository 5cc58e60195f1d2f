"""YAML read for people: values with the line each one stands on, and limits on size."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import yaml

from pixelproof.contract import Json
from pixelproof.problems import BadDocument

#: A contract or target file is read by people; anything longer is a mistake or an attack.
#: The largest shipped contract has 12 kB and 900 values.
MAX_BYTES = 256 * 1024
#: Values, counted as written and again with aliases expanded: an alias bomb ends here.
MAX_NODES = 10_000
#: Maps and lists inside one another, aliases expanded; the YAML parser itself recurses without a guard.
MAX_DEPTH = 40

JsonPath = tuple[str | int, ...]

_TOO_MANY = f"expands to more than {MAX_NODES} values"
_TOO_DEEP = f"is nested more than {MAX_DEPTH} levels deep"

_MERGE = "tag:yaml.org,2002:merge"

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """Parsed YAML: its value, and the line (from 1) of every path in it."""

    file: str
    value: Mapping[str, Json]
    lines: Mapping[JsonPath, int]
    #: Paths that were inherited from another file, and which one; all else stands in ``file``.
    files: Mapping[JsonPath, str] = field(default_factory=dict)

    def place(self, path: Iterable[str | int]) -> tuple[str, int]:
        """Return file and line of a path, or of the nearest parent that is written down."""
        where = tuple(path)
        while where and where not in self.lines:
            where = where[:-1]
        return self.files.get(where, self.file), self.lines.get(where, 1)

    def line(self, path: Iterable[str | int]) -> int:
        """Return the line of a path, or of the nearest parent that is written down."""
        return self.place(path)[1]

    def broken(self, path: Iterable[str | int], problem: str, hint: str) -> BadDocument:
        """Build the error that names file, line and path of something wrong."""
        where = tuple(path)
        file, line = self.place(where)
        return BadDocument(file=file, line=line, path=dotted(where), problem=problem, hint=hint)


def dotted(path: Iterable[str | int]) -> str:
    """Write a path the way people point into YAML: ``models.dall-e-3.size[0]``."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text or "(whole file)"


def read(path: Path) -> Document:
    """Read a YAML file whose top is a map. Raises BadDocument with the line."""
    return parse(fetch(path), str(path))


def fetch(path: Path) -> bytes:
    """Return the bytes of a file, and never more than parse takes by one. Raises BadDocument."""
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        reason = error.strerror or str(error)
        raise BadDocument(
            file=str(path), line=0, path="", problem=f"cannot be read: {reason}", hint="check the path"
        ) from None


def parse(raw: bytes, name: str) -> Document:
    """Parse YAML bytes whose top is a map. Raises BadDocument with the line."""
    if len(raw) > MAX_BYTES:
        raise _whole(name, f"has more than {MAX_BYTES} bytes", "split or shorten the file")
    text = _text(raw, name)
    try:
        _guard(text, name)
        node = yaml.compose(text, Loader=_Loader)
    except yaml.YAMLError as error:
        raise _syntax(name, text, error) from None
    builder = _Builder(name)
    value = builder.build(node, ()) if node is not None else None
    if not isinstance(value, dict):
        raise _whole(name, "must be a map at the top", "start with 'key: value' lines")
    return Document(file=name, value=value, lines=builder.lines)


def nearest(word: str, known: Iterable[str]) -> str:
    """Return a hint that offers the closest known names."""
    names = sorted(known)
    close = difflib.get_close_matches(word, names, n=1)
    return f"did you mean '{close[0]}'?" if close else f"known: {', '.join(names)}"


def _text(raw: bytes, name: str) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        problem = f"is not UTF-8 (byte {error.start})"
        raise BadDocument(file=name, line=line, path=dotted(()), problem=problem, hint="save it as UTF-8") from None


def _guard(text: str, name: str) -> None:
    # Composing recurses in C and ends the process on deep input; the event stream does not.
    depth = values = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.NodeEvent):
            values += 1
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            raise _at(event, name, _TOO_DEEP, "flatten it")
        # keys are values here: a map of the most values that are possible has twice as many
        if values > 2 * MAX_NODES:
            raise _at(event, name, _TOO_MANY, "split or shorten the file")


def _at(event: yaml.Event, name: str, problem: str, hint: str) -> BadDocument:
    line = event.start_mark.line + 1 if event.start_mark else 1
    return BadDocument(file=name, line=line, path=dotted(()), problem=problem, hint=hint)


class _Builder:
    """Turns YAML nodes into plain values, noting lines and refusing duplicate keys."""

    def __init__(self, name: str) -> None:
        self._name = name
        self.lines: dict[JsonPath, int] = {}
        self._nodes = 0
        self._open: set[int] = set()

    def build(self, node: yaml.Node, path: JsonPath) -> Json:
        self._count(node)
        self.lines.setdefault(path, node.start_mark.line + 1)
        if id(node) in self._open:
            raise self._broken(node, path, "refers to itself", "remove the alias")
        if len(self._open) > MAX_DEPTH:
            raise self._broken(node, path, _TOO_DEEP, "flatten it, or remove nested aliases")
        self._open.add(id(node))
        try:
            return self._value(node, path)
        finally:
            self._open.discard(id(node))

    def _value(self, node: yaml.Node, path: JsonPath) -> Json:
        if isinstance(node, yaml.MappingNode):
            return self._map(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.build(item, (*path, index)) for index, item in enumerate(node.value)]
        return self._scalar(cast("yaml.ScalarNode", node), path)

    def _map(self, node: yaml.MappingNode, path: JsonPath) -> dict[str, Json]:
        merged: dict[str, Json] = {}
        own: dict[str, Json] = {}
        # Merges first, wherever they stand: own keys then keep their own lines.
        for key_node, value_node in sorted(node.value, key=lambda pair: pair[0].tag != _MERGE):
            if key_node.tag == _MERGE:
                merged.update(self._inherited(value_node, path))
                continue
            if not isinstance(key_node, yaml.ScalarNode):
                raise self._broken(key_node, path, "has a key that is no plain word", "write 'key: value'")
            key = str(key_node.value)
            if key in own:
                del self.lines[(*path, key)]
                raise self._broken(key_node, (*path, key), f"the key '{key}' stands twice", "keep one of them")
            self.lines[(*path, key)] = key_node.start_mark.line + 1
            own[key] = self.build(value_node, (*path, key))
        return {**merged, **own}

    def _inherited(self, node: yaml.Node, path: JsonPath) -> dict[str, Json]:
        value = self.build(node, path)
        # In a list of maps the first one wins, as YAML's merge type has it.
        maps = list(reversed(value)) if isinstance(value, list) else [value]
        merged: dict[str, Json] = {}
        for item in maps:
            if not isinstance(item, dict):
                raise self._broken(node, path, "'<<' merges something that is no map", "merge maps only")
            merged.update(item)
        return merged

    def _scalar(self, node: yaml.ScalarNode, path: JsonPath) -> Json:
        kind = node.tag.rpartition(":")[2]
        if kind == "null":
            return None
        if kind == "bool":
            return str(node.value).lower() in {"true", "yes", "on"}
        if kind in {"int", "float"}:
            return self._number(node, path, kind)
        if kind in {"str", "timestamp"}:
            return str(node.value)
        raise self._broken(node, path, f"has the tag {node.tag}", "use plain YAML values only")

    def _number(self, node: yaml.ScalarNode, path: JsonPath, kind: str) -> Json:
        try:
            number = int(node.value) if kind == "int" else float(node.value)
        except ValueError:
            number = math.nan
        if isinstance(number, float) and not math.isfinite(number):
            problem = f"'{node.value[:40]}' is no plain number"
            raise self._broken(node, path, problem, "write digits only, or quotes around text")
        return number

    def _count(self, node: yaml.Node) -> None:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise self._broken(node, (), _TOO_MANY, "remove nested aliases")

    def _broken(self, node: yaml.Node, path: JsonPath, problem: str, hint: str) -> BadDocument:
        # A key's own line, where there is one: behind an alias the node stands elsewhere.
        line = self.lines.get(path, node.start_mark.line + 1) if path else node.start_mark.line + 1
        return BadDocument(file=self._name, line=line, path=dotted(path), problem=problem, hint=hint)


def _whole(name: str, problem: str, hint: str) -> BadDocument:
    return BadDocument(file=name, line=1, path=dotted(()), problem=problem, hint=hint)


def _syntax(name: str, text: str, error: yaml.YAMLError) -> BadDocument:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or "is no valid YAML"
    line = mark.line + 1 if mark is not None else 1
    if isinstance(error, yaml.reader.ReaderError):
        problem = str(error.reason)
        line = text.count("\n", 0, error.position) + 1
    return BadDocument(file=name, line=line, path=dotted(()), problem=str(problem), hint="mend the YAML syntax here")
