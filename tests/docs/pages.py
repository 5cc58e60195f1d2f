"""The pages for people as blocks, and the one session that types them: commands, programs and files, in their order."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import yaml

ROOT = Path(__file__).parents[2]
#: Languages of blocks that somebody could type or copy.
LANGUAGES = frozenset({"sh", "console", "python", "yaml"})
#: Seconds that one command may take.
PATIENCE_S = 120

_FENCE = re.compile(
    r"(?:^<!-- (?P<mark>[^\n]+?) -->\n)?^```(?P<language>[\w-]+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)
#: What a program prints stands right below it.
_PRINTED = re.compile(r"\n\n```text\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_WHOLE_PAGE = re.compile(r"\A# [^\n]+\n\n<!-- (?P<mark>tested by [^\n]+?) -->\n")
_NAMED = re.compile(r"# (?P<name>[\w./-]+\.\w+)\n")
_PORT = re.compile(r"--port (\d+)")
_DEFAULT_PORT = "8765"


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One fenced block of a page."""

    page: str
    line: int
    language: str
    text: str
    #: What the page says of it in a comment: ``not run: …``, ``tested by tests/…``; empty for what is typed.
    mark: str
    #: What a program prints, where the page shows it.
    printed: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Name page and line, as an editor opens it."""
        return f"{self.page}:{self.line}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """One command of a page: what it must print, line by line, and its exit code."""

    command: str
    lines: tuple[str, ...]
    code: int


def pages() -> list[str]:
    """Return every page for people, by its path in the checkout."""
    found = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    return sorted(path.relative_to(ROOT).as_posix() for path in found)


def text_of(page: str) -> str:
    return (ROOT / page).read_text("utf-8")


def blocks(page: str) -> list[Block]:
    """Return the blocks of a page that somebody could type or copy, in their order."""
    text = text_of(page)
    whole = _WHOLE_PAGE.match(text)
    return [
        Block(
            page=page,
            line=text.count("\n", 0, found.start("text")),
            language=found["language"],
            text=found["text"],
            mark=found["mark"] or (whole["mark"] if whole else ""),
            printed=tuple(printed["text"].splitlines()) if (printed := _PRINTED.match(text, found.end())) else (),
        )
        for found in _FENCE.finditer(text)
        if found["language"] in LANGUAGES
    ]


def typed(block: str) -> Iterator[Typed]:
    """Yield the commands of a console block; ``…`` on a line of its own stands for any lines."""
    rows = block.splitlines()
    assert "$ " in block, f"no command in a console block:\n{block}"
    starts = [index for index, row in enumerate(rows) if row.startswith("$ ")]
    for start, end in zip(starts, [*starts[1:], len(rows)], strict=True):
        said_rows = [row for row in rows[start + 1 : end] if row != "…"]
        code = 0
        if said_rows and said_rows[-1].startswith("exit code "):
            code = int(said_rows.pop().rpartition(" ")[2])
        yield Typed(command=rows[start][2:], lines=tuple(said_rows), code=code)


def said(line: str, output: str) -> bool:
    """Tell whether a line of a page stands in the output; ``…`` stands for anything on its line."""
    pattern = ".*".join(re.escape(part) for part in line.split("…"))
    return re.search(f"^{pattern}$" if "…" not in line else f"^{pattern}", output, re.MULTILINE) is not None


@dataclass(slots=True, kw_only=True)
class Session:
    """A person in a folder who types a page from top to bottom; mocks stay up until the end."""

    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    #: Port on the page → the mock that is served in its place, and its port.
    mocks: dict[str, tuple[subprocess.Popen[str], str]] = field(default_factory=dict)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for port in [*self.mocks]:
            self._stop(port)

    def type(self, block: Block) -> None:
        """Do what a block says. Raises AssertionError with place and output where the page is wrong."""
        if block.language == "console":
            for one in typed(block.text):
                self._command(one, str(block))
        elif named := _NAMED.match(block.text):
            path = self.folder / named["name"]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(self._here(block.text), "utf-8")
            assert block.language != "yaml" or yaml.safe_load(block.text) is not None, block
        else:
            assert block.language != "yaml", f"{block}: a file needs its name: # name.yaml"
            program = [sys.executable, "-"] if block.language == "python" else ["bash", "-e"]
            code, output = self._run(program, block.text)
            assert code == 0, f"{block}\n{output}"
            assert all(said(line, output) for line in block.printed), f"{block}\n{output}"

    def _command(self, one: Typed, place: str) -> None:
        if one.command.startswith("pixelproof serve "):
            code, output = 0, self._serve(one)
        else:
            code, output = self._run(["bash", "-c", one.command])
        assert code == one.code, f"{place}: {one.command}\n{output}"
        missing = [line for line in one.lines if not said(line, output)]
        assert missing == [], f"{place}: {one.command}\n{output}"

    def _serve(self, one: Typed) -> str:
        found = _PORT.search(one.command)
        documented = found[1] if found else _DEFAULT_PORT
        self._stop(documented)
        words = f"exec {_PORT.sub('', one.command)} --port 0"
        process = subprocess.Popen(
            ["bash", "-c", words],
            cwd=self.folder,
            env=self._environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert process.stdout is not None
        first = process.stdout.readline()
        port = re.search(r":(\d+)/", first)
        assert port is not None, f"{one.command}\n{first}{process.stdout.read()}"
        self.mocks[documented] = (process, port[1])
        return self._there(first + "".join(process.stdout.readline() for _ in one.lines[1:]))

    def _stop(self, port: str) -> None:
        if port in self.mocks:
            process, _ = self.mocks.pop(port)
            process.terminate()
            process.communicate(timeout=PATIENCE_S)

    def _run(self, program: list[str], typed_in: str | None = None) -> tuple[int, str]:
        done = subprocess.run(
            [self._here(word) for word in program],
            input=None if typed_in is None else self._here(typed_in),
            stdin=subprocess.DEVNULL if typed_in is None else None,
            cwd=self.folder,
            env=self._environment(),
            capture_output=True,
            encoding="utf-8",
            timeout=PATIENCE_S,
            check=False,
        )
        return done.returncode, self._there(done.stdout + done.stderr)

    def _environment(self) -> dict[str, str]:
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        return {**os.environ, "COLUMNS": "200", "PATH": path, **self.environment}

    def _here(self, text: str) -> str:
        """Return a text of the page with the ports of this session."""
        for documented, (_, port) in self.mocks.items():
            text = re.sub(rf"\b(127\.0\.0\.1|localhost):{documented}\b", rf"\1:{port}", text)
        return text

    def _there(self, text: str) -> str:
        """Return an output with the ports of the page."""
        for documented, (_, port) in self.mocks.items():
            text = text.replace(f":{port}", f":{documented}")
        return text
