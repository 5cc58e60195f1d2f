"""Random walks as part of a run: what a broken one says, for every claim it speaks about."""

from __future__ import annotations

from collections.abc import Mapping

from pixelproof.client import Answer, Wire, parse_json
from pixelproof.deviation import Tier
from pixelproof.exchange import Request, Role, as_text
from pixelproof.record.recording import exchange_line
from pixelproof.running.run import Run
from pixelproof.targets.modellist import as_json
from pixelproof.verdict import CaseVerdict, Verdict

#: Enough to meet the known task defects, within seconds against the local mock.
WALKS, STEPS = 8, 25
#: The id of the walks in a record; they are no planned case.
CASE = "walk/tasks"


def walk(run: Run) -> list[CaseVerdict]:
    """Return the verdicts of the walks, none where they do not belong."""
    contract, control = run.contract, run.levers.control
    if contract.tasks is None or control is None or run.settings.tier != Tier.FULL.value:
        return []
    from pixelproof.running.walking import BrokenWalk, Ground, script, walk_on

    wire = RecordedWire(run)
    found = CaseVerdict(claim="", rule="walk", case=CASE, level="", verdict=Verdict.PASS)
    try:
        ground = Ground(contract=contract, target=run.target, wire=wire, control=control)
        walk_on(ground, walks=WALKS, steps=STEPS, seed=run.settings.seed)
    except BrokenWalk as broken:
        wanted = "wallets that hold what their tasks leave them, after every step"
        found = CaseVerdict(
            claim="",
            rule="walk",
            case=CASE,
            level="",
            verdict=Verdict.FAIL,
            wanted=wanted,
            got=f"{broken}\n{script(broken)}",
        )
    finally:
        wire.close()
    return [_of(found, claim, run) for claim in contract.billing.claimed("net")]


class RecordedWire(Wire):
    """A wire whose exchanges stand in the record of a run, in the order of the walk.

    Its bodies are those of the walk: JSON, or an upload whose file is kept as text.
    """

    def __init__(self, run: Run) -> None:
        super().__init__()
        self._run = run

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
    ) -> Answer:
        """Send a request and record it."""
        answer = super().send(method, url, headers=headers, content=content)
        is_json, body = parse_json(content or b"")
        raw = None if is_json or not content else content
        request = Request(
            method=method,
            url=url,
            headers=dict(headers or {}),
            body=as_json(body) if is_json else None,
            **as_text(raw),
        )
        self._run.conductor.requests += 1
        step = url.removeprefix(self._run.target.base_url)
        exchange = self._run.recorder.exchange(CASE, step, Role.API, request, answer)
        self._run.sink.line(exchange_line(exchange))
        return answer


def _of(found: CaseVerdict, claim: str, run: Run) -> CaseVerdict:
    from dataclasses import replace

    return replace(found, claim=claim, level=run.contract.claims[claim].level.value)
