"""The table of lint rules: name, severity, what each says, and its check."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pixelproof.contract import Contract
from pixelproof.documents.linting.finding import Remark, Severity
from pixelproof.documents.linting.given import Given

Check = Callable[[Contract, Given], Iterator[Remark]]


@dataclass(frozen=True, slots=True, kw_only=True)
class LintRule:
    """One lint rule."""

    name: str
    severity: Severity
    #: What is wrong where it finds something, in one sentence.
    says: str
    check: Check


#: name → rule, in the order in which they look.
RULES: dict[str, LintRule] = {}


def error(check: Check) -> Check:
    """Register a rule that finds contradictions; its name and sentence are the function's."""
    return _register(check, Severity.ERROR)


def warning(check: Check) -> Check:
    """Register a rule that finds what a careful colleague would ask about."""
    return _register(check, Severity.WARNING)


def _register(check: Check, severity: Severity) -> Check:
    name = check.__name__.replace("_", "-")
    says = (check.__doc__ or "").partition("\n")[0]
    RULES[name] = LintRule(name=name, severity=severity, says=says, check=check)
    return check
