"""The table of rules: name → pure function, filled by a decorator."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pixelproof.contract import Json
from pixelproof.planning.case import Check
from pixelproof.rules.evidence import Evidence
from pixelproof.verdict import Outcome, Verdict

Judge = Callable[[Evidence, Mapping[str, Json]], Outcome]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A named judgement; ``says`` is its sentence, taken from the docstring."""

    name: str
    #: The module it stands in: money, images, refusal …
    family: str
    says: str
    judge: Judge


#: Every rule by name.
RULES: dict[str, Rule] = {}


def rule(function: Judge) -> Judge:
    """Register a rule under the name of its function."""
    name = function.__name__
    says = (function.__doc__ or "").strip().partition("\n")[0]
    family = function.__module__.rpartition(".")[2]
    RULES[name] = Rule(name=name, family=family, says=says, judge=function)
    return function


def judge(evidence: Evidence, check: Check) -> Outcome:
    """Apply one check to a conducted case. A step without any exchange is an error of ours."""
    try:
        return RULES[check.rule].judge(evidence, check.args)
    except KeyError as missing:
        return Outcome(verdict=Verdict.ERROR, wanted="a recorded exchange", got=f"nothing for step {missing}")


def text(args: Mapping[str, Json], key: str, default: str = "main") -> str:
    """Return a textual argument of a check."""
    value = args.get(key, default)
    return str(value)


def names(args: Mapping[str, Json], key: str) -> tuple[str, ...]:
    """Return a list of names among the arguments of a check."""
    value = args.get(key)
    return tuple(str(item) for item in value) if isinstance(value, list) else ()


def passed() -> Outcome:
    """Return the outcome of a kept promise."""
    return Outcome(verdict=Verdict.PASS)


def failed(wanted: str, got: str, step: str = "") -> Outcome:
    """Return a finding."""
    return Outcome(verdict=Verdict.FAIL, wanted=wanted, got=got, step=step)


def warned(wanted: str, got: str, step: str = "") -> Outcome:
    """Return a deviation that the document does not forbid in so many words."""
    return Outcome(verdict=Verdict.WARN, wanted=wanted, got=got, step=step)


def unseen(why: str) -> Outcome:
    """Return the outcome of a check whose evidence never came (another check reports why)."""
    return Outcome(verdict=Verdict.NOT_RUN, wanted="", got=why)


def moot(why: str) -> Outcome:
    """Return the outcome of a check that has nothing to judge, quite legally."""
    return Outcome(verdict=Verdict.NOT_APPLICABLE, wanted="", got=why)
