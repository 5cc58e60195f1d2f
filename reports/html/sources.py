"""What a claim says and where: in its source, and in the contract that the record was judged by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pixelproof import loading
from pixelproof.contract import Contract
from pixelproof.findings.claimplaces import claim_places, gateway_places
from pixelproof.problems import Problem
from pixelproof.record.recording import Record

from ..statements import known_claims


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What is known of a claim."""

    statement: str = ""
    source: str = ""
    #: ``file:line`` of the contract, empty where it is not there any more, or is another one by now.
    place: str = ""


def contract_of(record: Record) -> Contract | None:
    """Return the shipped contract that a record was judged by; None when it is another one by now."""
    profile = str(record.header.get("profile"))
    if profile not in loading.profiles():
        return None
    contract = loading.shipped(profile)
    return contract if contract.sha256 == record.header.get("contract_sha256") else None


def told_claims(record: Record, contract: Contract | None) -> dict[str, Told]:
    """Return what is known of the claims of a record: its own words first, else today's."""
    where = _places(record, contract)
    return {
        name: Told(statement=claim.statement, source=claim.source, place=where.get(name, ""))
        for name, claim in known_claims(record).items()
    }


def _places(record: Record, contract: Contract | None) -> Mapping[str, str]:
    own = record.header.get("contract")
    path = Path(own) if isinstance(own, str) else None
    if path is None and contract is not None:
        path = loading.specs_folder() / contract.profile / "contract.yaml"
    try:
        known = dict(claim_places(path)) if path is not None else {}
    except (Problem, OSError):  # the contract is gone: its name is still in the record
        known = {}
    found = {**gateway_places(), **known}
    return {name: f"{_named(place.file)}:{place.line}" for name, place in found.items()}


def _named(file: str) -> str:
    """Return the name of a file with its folder: no path of this machine stands in a report."""
    path = Path(file)
    inside = path.is_relative_to(loading.specs_folder())
    return f"specs/{path.relative_to(loading.specs_folder())}" if inside else "/".join(path.parts[-2:])
