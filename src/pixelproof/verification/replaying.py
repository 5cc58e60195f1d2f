"""One case of a record sent again: the same steps, to the same server or another, with keys from the environment."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import zip_longest
from pathlib import Path

from pixelproof.contract import Contract
from pixelproof.deviation import Tier
from pixelproof.documents.document import nearest
from pixelproof.exchange import Exchange, Role
from pixelproof.findings.curl import KEY_VARIABLE, REDACTED, header_variable
from pixelproof.planning.case import Case, Send
from pixelproof.problems import BadUsage
from pixelproof.record.recording import Record, read_record
from pixelproof.strategies.claims import JudgeLevel
from pixelproof.targets.file import KEY_ROLES, Target
from pixelproof.verdict import CaseVerdict
from pixelproof.verification import verifying
from pixelproof.verification.verifying import VerifyOptions

#: Headers that each request brings itself.
_OWN = frozenset({"authorization", "content-type"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """A case then and now."""

    case: Case
    then: Record
    now: Record
    exit_code: int

    def answers(self) -> Iterator[tuple[Exchange | None, Exchange | None]]:
        """Yield the answers of then and now, step by step; one is None where only the other was."""
        then, now = _told(self.then, self.case), _told(self.now, self.case)
        for step in dict.fromkeys((*then, *now)):
            yield from zip_longest(then.get(step, ()), now.get(step, ()))

    def verdicts(self) -> Iterator[tuple[CaseVerdict | None, CaseVerdict | None]]:
        """Yield the verdicts of then and now, check by check."""
        then = {(line.claim, line.rule): line for line in self.then.verdicts if line.case == self.case.id}
        now = {(line.claim, line.rule): line for line in self.now.verdicts if line.case == self.case.id}
        yield from ((then.get(key), now.get(key)) for key in dict.fromkeys((*then, *now)))


def recorded_case(record: Record, name: str) -> Case:
    """Return a case of a record by its id. Raises BadUsage for one that was not conducted."""
    found = record.cases.get(name)
    if found is not None:
        return found.case
    line = next((line for line in record.verdicts if line.case == name), None)
    if line is not None:
        what = f"{record.path}: the case {name} sent nothing that could be sent again"
        raise BadUsage(what, f"it was {line.verdict.value}: {line.got[:120]}")
    raise BadUsage(f"{record.path}: holds no case '{name}'", nearest(name, record.cases))


def options_of(record: Record, case: Case, given: VerifyOptions) -> VerifyOptions:
    """Return the options with which a case is sent again.

    Without URL and target file the record's own server is asked; where that was a mock of
    ours, it is started again. Keys and secret headers come from the environment, by the
    names that the curls of the record use.
    """
    mock = record.header.get("mock")
    options = replace(
        given,
        profile=given.profile or str(record.header.get("profile")),
        tier=Tier(str(record.header.get("tier"))),
        level=JudgeLevel(str(record.header.get("level"))),
        cases=(case,),
    )
    if given.target is not None:
        return options
    if given.url is None and isinstance(mock, dict):
        liar, seed = mock.get("liar"), mock.get("seed")
        return replace(options, liar=str(liar) if liar else None, seed=seed if isinstance(seed, int) else 0)
    url = given.url or str(record.header.get("target"))
    return replace(options, url=url, target=_target(record, case, url, given.key))


def sent_again(record: Record, case: Case, contract: Contract, options: VerifyOptions, folder: Path) -> Replay:
    """Send a case again and judge it; the new record stands in ``folder``. Raises what verify raises."""
    with verifying.prepared(options, contract, folder) as run:
        run.prove(case)
        code = run.finish().exit_code
    return Replay(case=case, then=record, now=read_record(folder), exit_code=code)


def _target(record: Record, case: Case, url: str, key: str | None) -> Target:
    """Return the target that the environment describes: keys by role, headers as they were sent."""
    requests = [item.request for item in record.exchanges if item.case == case.id and item.role is Role.API]
    headers = {name: value for request in requests for name, value in request.headers.items() if name not in _OWN}
    keys = {role: found for role in KEY_ROLES if (found := os.environ.get(_variable(role)))}
    if not (key or "default" in keys or Target(base_url=url).loopback):
        hint = f"export {KEY_VARIABLE}=…, or name another with --api-key-env"
        raise BadUsage(f"the environment has no variable {KEY_VARIABLE} with the key for {url}", hint)
    return Target(
        base_url=url.rstrip("/"),
        profile=str(record.header.get("profile")),
        keys={**keys, "default": key} if key else keys,
        headers={name: _secret(name) if value == REDACTED else value for name, value in headers.items()},
        prompts=_prompts(record, case),
    )


def _variable(role: str) -> str:
    return KEY_VARIABLE if role == "default" else f"{KEY_VARIABLE}_{role.upper()}"


def _secret(header: str) -> str:
    variable = header_variable(header)
    value = os.environ.get(variable)
    if not value:
        raise BadUsage(f"the environment has no variable {variable} for the header {header}", f"export {variable}=…")
    return value


def _prompts(record: Record, case: Case) -> Mapping[str, str]:
    """Return the prompts that made the target misbehave then."""
    provoked = {step.name: step.provoke for step in case.sends() if step.provoke is not None}
    found: dict[str, str] = {}
    for item in record.exchanges:
        body, effect = item.request.body, provoked.get(item.step)
        if item.case == case.id and effect is not None and isinstance(body, dict):
            said, planned = str(body.get("prompt")), _planned_prompt(case.step(item.step))
            # a mock's word stands in front of what was planned; the levers put it there again
            found[effect] = said.removesuffix(f" {planned}") if said.startswith("mock:") else said
    return found


def _planned_prompt(step: object) -> str:
    return str((step.body or {}).get("prompt", "")) if isinstance(step, Send) else ""


def _told(record: Record, case: Case) -> dict[tuple[str, Role], list[Exchange]]:
    found: dict[tuple[str, Role], list[Exchange]] = {}
    for item in _answers(record.exchanges, case):
        found.setdefault((item.step, item.role), []).append(item)
    return found


def _answers(exchanges: Iterable[Exchange], case: Case) -> Iterator[Exchange]:
    return (item for item in exchanges if item.case == case.id)
