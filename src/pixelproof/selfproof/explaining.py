"""What stands behind a claim, a rule or a case: its source, what is sent, what judges it, who proves that."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pixelproof import edges, loading
from pixelproof.contract import Claim, Contract, Json
from pixelproof.contract.media import write_reference
from pixelproof.deviation import Deviation, Tier
from pixelproof.exchange import Request, as_text
from pixelproof.findings.curl import FILES, KEY_VARIABLE, REDACTED, attachment, curl
from pixelproof.planning.case import REFERENCE_KEY, Case, KeyRole, Send, Upload
from pixelproof.rules import RULES, Rule
from pixelproof.running.conducting.references import filled, multipart, picture
from pixelproof.selfproof.coverage import coverage
from pixelproof.strategies import PlanRequest, make_plan
from pixelproof.targets.keyring import INVALID_KEY

#: Where ``pixelproof serve`` answers unless told otherwise.
_BASE = "http://127.0.0.1:8765/v1"
_SAMPLES = {
    "url": "https://images.example.com/pixelproof/reference.png",
    "artifact": "art_of_an_earlier_answer",
    "data_uri": "data:image/png;base64,…",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AboutClaim:
    """One claim and everything behind it; ``cases`` are those up to the core tier, else those at full."""

    contract: Contract
    claim: Claim
    place: str | None
    cases: tuple[Case, ...]
    rules: tuple[Rule, ...]
    deviations: tuple[Deviation, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AboutRule:
    """One rule, and what it judges: profile → claims."""

    rule: Rule
    claims: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class AboutCase:
    """One planned case of one contract."""

    contract: Contract
    case: Case


def known_contracts(own: Contract | None, profile: str | None) -> tuple[Contract, ...]:
    """Return the contracts to look in: the user's own, the named one, or all shipped ones."""
    if own is not None:
        return (own,)
    names = (profile,) if profile is not None else loading.profiles()
    return tuple(loading.shipped(name) for name in names)


def about_claim(contracts: Iterable[Contract], name: str) -> AboutClaim | None:
    """Return what stands behind a claim, None when no contract has it."""
    contract = next((one for one in contracts if name in one.claims), None)
    if contract is None:
        return None
    shipped = contract.profile in loading.profiles() and loading.shipped(contract.profile) is contract
    row = next((row for row in coverage((contract.profile,)) if row.claim == name), None) if shipped else None
    cases = _plan(contract, Tier.CORE, (name,)) or _plan(contract, Tier.FULL, (name,))
    whole = _plan(contract, Tier.FULL, (name,))
    judging = {check.rule for case in whole for check in case.checks if check.claim == name}
    own = (item for item in edges.deviations() if shipped and item.profile == contract.profile)
    return AboutClaim(
        contract=contract,
        claim=contract.claims[name],
        place=row.contract if row is not None else None,
        cases=cases,
        rules=tuple(RULES[rule] for rule in sorted(judging)),
        deviations=tuple(item for item in own if item.claim == name),
    )


def about_rule(contracts: Iterable[Contract], name: str) -> AboutRule | None:
    """Return what a rule judges, None when there is no such rule."""
    if name not in RULES:
        return None
    found = {contract.profile: tuple(sorted(_judged(contract, name))) for contract in contracts}
    return AboutRule(rule=RULES[name], claims={profile: claims for profile, claims in found.items() if claims})


def about_case(contracts: Iterable[Contract], name: str) -> tuple[AboutCase, ...]:
    """Return the cases with an id; several contracts may plan one."""
    return tuple(
        AboutCase(contract=contract, case=case)
        for contract in contracts
        for case in _plan(contract, Tier.FULL)
        if case.id == name
    )


def known_names(contracts: Sequence[Contract]) -> Iterator[str]:
    """Yield everything that can be explained."""
    yield from RULES
    for contract in contracts:
        yield from contract.claims
        yield from (case.id for case in _plan(contract, Tier.FULL))


def example(contract: Contract, case: Case) -> str:
    """Return a curl of a case's first request, for what ``pixelproof serve`` serves; empty where it sends none."""
    step = next((step for step in (*case.steps, *case.sends()) if isinstance(step, Send | Upload)), None)
    if step is None:
        return ""
    request = _upload(contract) if isinstance(step, Upload) else _request(contract, step)
    role = step.key.role
    if role is KeyRole.INVALID:
        headers = {**request.headers, "authorization": f"Bearer {INVALID_KEY}"}
    else:
        headers = {**request.headers, **({} if role is KeyRole.NONE else {"authorization": REDACTED})}
    own = role in {KeyRole.DEFAULT, KeyRole.FRESH}
    variable = KEY_VARIABLE if own else f"{KEY_VARIABLE}_{role.value.upper()}"
    whole = Request(
        method=request.method,
        url=f"{_BASE}{request.url}",
        headers=headers,
        body=request.body,
        raw=request.raw,
        raw_encoding=request.raw_encoding,
        padding=request.padding,
    )
    attached = attachment(whole)
    kept = f"{FILES}/{attached.name}" if attached is not None else ""
    return (
        curl(whole, key_variable=variable, alone=True).replace(kept, "reference.png")
        if kept
        else curl(whole, key_variable=variable)
    )


def _request(contract: Contract, step: Send) -> Request:
    operation = contract.operations[step.operation]
    body: Json = dict(step.body) if step.body is not None else None
    body = filled(body, lambda wanted: _reference(contract, str(wanted[REFERENCE_KEY])))
    if step.provoke is not None and isinstance(body, dict):
        body = {**body, "prompt": f"mock:{step.provoke} {body.get('prompt', '')}"}
    typed = {} if operation.method == "GET" else {"content-type": step.media_type}
    return Request(
        method=operation.method, url=operation.path, headers=typed, body=body, padding=step.padding, **as_text(step.raw)
    )


def _upload(contract: Contract) -> Request:
    operation = contract.operations["upload"]
    field = contract.media.upload.field if contract.media is not None and contract.media.upload is not None else "file"
    media_type, content = multipart(field, picture())
    return Request(
        method=operation.method, url=operation.path, headers={"content-type": media_type}, **as_text(content)
    )


def _reference(contract: Contract, kind: str) -> Json:
    template = contract.media.kinds.get(kind) if contract.media is not None else None
    return write_reference(template, kind, _SAMPLES.get(kind, "…")) if template is not None else f"<{kind}>"


def _plan(contract: Contract, tier: Tier, select: tuple[str, ...] = ()) -> tuple[Case, ...]:
    return make_plan(PlanRequest(contract=contract, tier=tier, prices_hold=True, select=select)).cases


def _judged(contract: Contract, rule: str) -> set[str]:
    return {check.claim for case in _plan(contract, Tier.FULL) for check in case.checks if check.rule == rule}
