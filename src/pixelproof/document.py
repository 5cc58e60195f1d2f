"""YAML read for people: values with the line each one stands on, and limits on size."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import yaml

from pixelproof.contract import Json
from pixelproof.problems import BadDocument

#: A contract or target file is read by people; anything longer is a mistake or an attack.
MAX_BYTES = 1_000_000
#: Nodes after aliases are expanded: an alias bomb ends here.
MAX_NODES = 50_000

JsonPath = tuple[str | int, ...]

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A parsed YAML file: its value, and the line (from 1) of every path in it."""

    file: str
    value: Mapping[str, Json]
    lines: Mapping[JsonPath, int]

    def line(self, path: Iterable[str | int]) -> int:
        """Return the line of a path, or of the nearest parent that stands in the file."""
        where = tuple(path)
        while where and where not in self.lines:
            where = where[:-1]
        return self.lines.get(where, 1)

    def broken(self, path: Iterable[str | int], problem: str, hint: str) -> BadDocument:
        """Build the error that names file, line and path of something wrong."""
        where = tuple(path)
        return BadDocument(
            file=self.file, line=self.line(where), path=dotted(where), problem=problem, hint=hint
        )


def dotted(path: Iterable[str | int]) -> str:
    """Write a path the way people point into YAML: ``models.dall-e-3.size[0]``."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text or "(whole file)"


def read(path: Path) -> Document:
    """Read a YAML file whose top is a map. Raises BadDocument with the line."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        raise BadDocument(
            file=str(path), line=0, path="", problem=f"cannot be read: {reason}", hint="check the path"
        ) from None
    return parse(raw, str(path))


def parse(raw: bytes, name: str) -> Document:
    """Parse YAML bytes whose top is a map. Raises BadDocument with the line."""
    if len(raw) > MAX_BYTES:
        raise _whole(name, f"has {len(raw)} bytes, more than {MAX_BYTES}", "split or shorten the file")
    try:
        node = yaml.compose(raw.decode("utf-8"), Loader=_Loader)
    except UnicodeDecodeError as error:
        raise _whole(name, f"is not UTF-8 (byte {error.start})", "save it as UTF-8") from None
    except RecursionError:
        raise _whole(name, "is nested too deeply", "flatten it") from None
    except yaml.YAMLError as error:
        raise _syntax(name, error) from None
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
        for key_node, value_node in node.value:
            if key_node.tag == "tag:yaml.org,2002:merge":
                inherited = self.build(value_node, path)
                merged.update(inherited if isinstance(inherited, dict) else {})
                continue
            key = str(key_node.value)
            if key in own:
                raise self._broken(key_node, (*path, key), f"the key '{key}' stands twice", "keep one of them")
            self.lines[(*path, key)] = key_node.start_mark.line + 1
            own[key] = self.build(value_node, (*path, key))
        return {**merged, **own}

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
            return int(node.value) if kind == "int" else float(node.value)
        except ValueError:
            raise self._broken(node, path, f"'{node.value}' is no plain number", "write digits only") from None

    def _count(self, node: yaml.Node) -> None:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise self._broken(node, (), f"expands to more than {MAX_NODES} values", "remove nested aliases")

    def _broken(self, node: yaml.Node, path: JsonPath, problem: str, hint: str) -> BadDocument:
        line = node.start_mark.line + 1
        return BadDocument(file=self._name, line=line, path=dotted(path), problem=problem, hint=hint)


def _whole(name: str, problem: str, hint: str) -> BadDocument:
    return BadDocument(file=name, line=1, path=dotted(()), problem=problem, hint=hint)


def _syntax(name: str, error: yaml.YAMLError) -> BadDocument:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or "is no valid YAML"
    line = mark.line + 1 if mark is not None else 1
    return BadDocument(file=name, line=line, path=dotted(()), problem=str(problem), hint="mend the YAML syntax here")
