"""By what and with what a run was made, and how to make it again."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass

from pixelproof import loading
from pixelproof.contract import Contract, Json
from pixelproof.findings.curl import KEY_VARIABLE
from pixelproof.record.origin import local_key, serve_command
from pixelproof.record.recording import Record

#: What the record of a load has for a tier.
_LOAD = "load"


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """The end of the page: facts, and commands to copy."""

    facts: tuple[tuple[str, str], ...]
    #: Starts the server of the curls again, where it was a mock of ours.
    serve: str
    again: str


def environment(record: Record, contract: Contract | None) -> Environment:
    """Return by what a run was made."""
    return Environment(facts=_facts(record), serve=_serve(record, contract), again=_again(record))


def _facts(record: Record) -> tuple[tuple[str, str], ...]:
    header, end = record.header, record.end or {}
    rows: list[tuple[str, Json]] = [
        ("Seed", header.get("seed")),
        ("Profile", header.get("profile")),
        ("Target", header.get("target")),
        ("Tier", header.get("tier")),
        ("Level", header.get("level")),
        ("Started", header.get("started")),
        ("Duration", f"{end['duration_s']} s" if "duration_s" in end else None),
        ("Outcome", end.get("outcome")),
        ("Exit code", end.get("exit_code")),
        ("Cases planned", header.get("cases")),
        ("Went on after a cut", header.get("resumed")),
        ("pixelproof", header.get("tool_version")),
        ("Rules", header.get("rules_version")),
        ("Contract", header.get("contract")),
        ("Contract SHA-256", header.get("contract_sha256")),
        ("Torn lines in the record", record.torn or None),
        *((f"Judging: {_words(name)}", value) for name, value in _map(header.get("judging"))),
        *((f"Plan: {_words(name)}", value) for name, value in _map(header.get("planned")) if value not in ({}, [])),
        *((f"Mock: {_words(name)}", value) for name, value in _map(header.get("mock"))),
    ]
    return tuple((name, _told(value)) for name, value in rows if value is not None)


def _map(value: Json) -> list[tuple[str, Json]]:
    return list(value.items()) if isinstance(value, dict) else []


def _words(name: str) -> str:
    return name.replace("_", " ")


def _told(value: Json) -> str:
    return "yes" if value is True else "no" if value is False else str(value)


def _serve(record: Record, contract: Contract | None) -> str:
    try:
        command = serve_command(record.header)
    except ValueError:  # a target that is no URL
        return ""
    if command is None:
        return ""
    profile = str(record.header.get("profile"))
    known = contract or (loading.shipped(profile) if profile in loading.profiles() else None)
    return f"{command}\nexport {KEY_VARIABLE}={local_key(known)}" if known is not None else command


def _again(record: Record) -> str:
    header = record.header
    if header.get("tier") == _LOAD:
        return f"pixelproof load --profile {_word(header, 'profile')} --seed {_word(header, 'seed')}"
    mock = header.get("mock")
    contract = header.get("contract")
    target = "" if isinstance(mock, dict) else f" {shlex.quote(str(header.get('target')))}"
    what = (
        f"--contract {shlex.quote(contract)}" if isinstance(contract, str) else f"--profile {_word(header, 'profile')}"
    )
    liar = f" --liar {shlex.quote(str(mock['liar']))}" if isinstance(mock, dict) and mock.get("liar") else ""
    return (
        f"pixelproof verify{target} {what} --tier {_word(header, 'tier')} --level {_word(header, 'level')}"
        f" --seed {_word(header, 'seed')}{liar}"
    )


def _word(header: Mapping[str, Json], name: str) -> str:
    return shlex.quote(str(header.get(name)))
