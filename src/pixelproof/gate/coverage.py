"""Claims about gateways: the rules that judge them, and the lying gateways that prove the rules.

The liars are servers of this project's tests; ``specs/gateway/liars.yaml`` lists them, and a
test holds that every one of them is found out by the claim it stands at.
"""

from __future__ import annotations

from collections.abc import Mapping

from pixelproof import loading
from pixelproof.contract import Claim
from pixelproof.documents.document import Document, read
from pixelproof.gate.casebook import Terms, gate_cases
from pixelproof.gate.unsent import LOG_CASE, load_case
from pixelproof.selfproof.coverage import Carried

#: The folder in ``specs`` that is no provider's.
GATEWAY = "gateway"


def gateway_coverage() -> tuple[Carried, ...]:
    """Return every claim about gateways with what stands behind it, in order."""
    rules = _rules()
    return tuple(_carried(claim, rules) for claim in loading.gateway_claims().values())


def claim_place(name: str) -> str:
    """Return ``file:line`` of a claim about gateways."""
    return f"specs/{GATEWAY}/claims.yaml:{_read('claims').line(('claims', name))}"


def gateway_liars(claim: str) -> Mapping[str, str]:
    """Return the lying gateways that a claim finds out, each with its lie in one line."""
    rows = _read("liars").value.get("liars")
    told = rows.items() if isinstance(rows, dict) else ()
    return {name: str(row.get("says")) for name, row in told if isinstance(row, dict) and row.get("claim") == claim}


def _carried(claim: Claim, rules: Mapping[str, set[str]]) -> Carried:
    return Carried(
        claim=claim.id,
        profile=GATEWAY,
        level=claim.level.value,
        kind=claim.kind.value,
        contract=claim_place(claim.id),
        mock=(),
        rules=tuple(sorted(rules.get(claim.id, ()))),
        liars=tuple(sorted(gateway_liars(claim.id))),
        variations=(),
        statement=claim.statement,
    )


def _rules() -> dict[str, set[str]]:
    """Return the rules that the cases of any shipped profile apply to each claim."""
    terms = Terms(idempotency="Idempotency-Key")
    planned = (case.case for profile in loading.profiles() for case in gate_cases(loading.shipped(profile), terms))
    found: dict[str, set[str]] = {}
    for case in (*planned, LOG_CASE, load_case(terms.auth)):
        for check in case.checks:
            found.setdefault(check.claim, set()).add(check.rule)
    return found


def _read(name: str) -> Document:
    return read(loading.specs_folder() / GATEWAY / f"{name}.yaml")
