"""Exceptions for people: one class per thing a person can do about it."""

from __future__ import annotations


class Problem(Exception):
    """Something a person can mend: what happened, where, and what to do. Carries an exit code."""

    exit_code = 2

    def __init__(self, what: str, hint: str = "") -> None:
        """Keep the sentence and the hint apart, so that ``--json`` can print both."""
        super().__init__(what)
        self.what = what
        self.hint = hint

    def __str__(self) -> str:
        """Return one clear sentence with its hint."""
        return f"{self.what}; {self.hint}" if self.hint else self.what


class BadDocument(Problem):
    """A contract, target file or waiver file that cannot be used: mend the named line."""

    def __init__(self, *, file: str, line: int, path: str, problem: str, hint: str) -> None:
        """Name file, line (from 1), path inside the document, what is wrong and what to do."""
        place = f"{file}:{line}" if line else file
        super().__init__(f"{place}: {path}: {problem}" if path else f"{place}: {problem}", hint)
        self.file = file
        self.line = line
        self.path = path
        self.problem = problem


class BadUsage(Problem):
    """Arguments that do not fit together: change the command."""


class Unreachable(Problem):
    """The target does not answer: start it, or correct its address."""

    exit_code = 3


class KeyRefused(Problem):
    """The target answers but refuses the key: supply another one."""

    exit_code = 3
