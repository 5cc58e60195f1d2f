"""What stands behind a claim about gateways: the cases before a provider, their rules, and the lying gateways."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pixelproof import loading
from pixelproof.contract import Contract
from pixelproof.deviation import Deviation, Nature, Tier
from pixelproof.gate.casebook import GATE, Terms, gate_cases
from pixelproof.gate.coverage import GATEWAY, claim_place, gateway_liars
from pixelproof.gate.unsent import LOG_CASE, load_case
from pixelproof.planning.case import Case
from pixelproof.rules import RULES
from pixelproof.selfproof.explaining import AboutCase, AboutClaim, AboutRule

#: Everything that a gate file can ask for, so that no case is left out.
_EVERYTHING = Terms(auth="own", idempotency="Idempotency-Key")


def about_gateway_claim(contracts: Sequence[Contract], name: str) -> AboutClaim | None:
    """Return what stands behind a claim about gateways, with the cases before the first provider that has any."""
    if name not in loading.gateway_claims():
        return None
    contract, every = next(((one, cases) for one in contracts if (cases := _cases(one))), (contracts[0], ()))
    cases = tuple(case for case in every if name in case.claims())
    judging = {check.rule for case in cases for check in case.checks if check.claim == name}
    return AboutClaim(
        contract=replace(loading.behind_gateways(contract), profile=GATEWAY),
        claim=loading.gateway_claims()[name],
        place=claim_place(name),
        cases=cases,
        rules=tuple(RULES[rule] for rule in sorted(judging)),
        deviations=tuple(_deviation(liar, name, says) for liar, says in gateway_liars(name).items()),
    )


def about_gateway_rule(contracts: Sequence[Contract], about: AboutRule) -> AboutRule:
    """Return what a rule judges, with the claims about gateways that it judges as well."""
    claims = {
        check.claim
        for contract in contracts
        for case in _cases(contract)
        for check in case.checks
        if check.rule == about.rule.name
    }
    return replace(about, claims={**about.claims, GATEWAY: tuple(sorted(claims))}) if claims else about


def about_gateway_case(contracts: Sequence[Contract], name: str) -> tuple[AboutCase, ...]:
    """Return the cases about gateways with an id; several providers may stand behind one."""
    if not name.startswith(f"{GATE}/"):
        return ()
    return tuple(
        AboutCase(contract=contract, case=case)
        for contract in contracts
        for case in _cases(contract)
        if case.id == name
    )


def _cases(contract: Contract) -> tuple[Case, ...]:
    planned = tuple(case.case for case in gate_cases(contract, _EVERYTHING))
    return (*planned, LOG_CASE, load_case(_EVERYTHING.auth)) if planned else ()


def _deviation(name: str, claim: str, says: str) -> Deviation:
    return Deviation(
        name=name, nature=Nature.LIAR, profile=GATEWAY, claim=claim, tier=Tier.CORE, family=GATEWAY, intent=says
    )
