"""What is wrong or suspicious in a contract: one small rule each, as data in one table."""

from __future__ import annotations

from collections.abc import Iterator

from pixelproof.contract import Contract
from pixelproof.documents.document import Document, dotted
from pixelproof.documents.linting import (  # noqa: F401 - each module enters its rules into the table
    access,
    claims,
    disputes,
    errors,
    examples,
    names,
    operations,
    parameters,
    prices,
    response,
    shields,
    tasks,
)
from pixelproof.documents.linting.finding import Finding, Remark, Severity
from pixelproof.documents.linting.given import Given
from pixelproof.documents.linting.registry import RULES, LintRule
from pixelproof.documents.linting.requests import every_request
from pixelproof.problems import BadDocument

#: The name under which a contract that cannot be read at all is told.
UNREADABLE = "unreadable"


def lint(
    contract: Contract,
    document: Document,
    claims_document: Document | None = None,
    elsewhere: frozenset[str] = frozenset(),
) -> tuple[Finding, ...]:
    """Return everything that the rules say about a contract, in the order of its lines.

    ``elsewhere`` are the claim ids of other contracts; when empty, they are not looked up.
    """
    given = Given(document=document, claims=claims_document, requests=every_request(contract), elsewhere=elsewhere)
    found = {finding for rule in RULES.values() for finding in _of_rule(rule, contract, given)}
    return tuple(sorted(found, key=lambda finding: (finding.file, finding.line, finding.rule, finding.message)))


def unreadable(problem: BadDocument) -> Finding:
    """Return the finding about a contract that cannot be read."""
    return Finding(
        rule=UNREADABLE,
        severity=Severity.ERROR,
        message=f"{problem.path}: {problem.problem}" if problem.path else problem.problem,
        file=problem.file,
        line=problem.line,
        path=problem.path,
        hint=problem.hint,
    )


def _of_rule(rule: LintRule, contract: Contract, given: Given) -> Iterator[Finding]:
    for remark in rule.check(contract, given):
        document = given.claims if remark.in_claims and given.claims is not None else given.document
        file, line = document.place(remark.path)
        yield Finding(
            rule=rule.name,
            severity=rule.severity,
            message=remark.message,
            file=file,
            line=line,
            path=dotted(remark.path),
            hint=remark.hint,
        )


__all__ = ["RULES", "UNREADABLE", "Finding", "LintRule", "Remark", "Severity", "lint", "unreadable"]
