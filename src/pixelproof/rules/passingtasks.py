"""Rules about tasks that pass a gateway: how they end, and who may look at them."""

from __future__ import annotations

from collections.abc import Mapping

from pixelproof.contract import Json
from pixelproof.exchange import Exchange
from pixelproof.rules.crossing import crossed, retold
from pixelproof.rules.evidence import Evidence
from pixelproof.rules.registry import failed, moot, passed, rule, text, unseen
from pixelproof.verdict import Outcome

_FINAL = frozenset({"succeeded", "failed", "canceled"})


@rule
def task_told(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """A task ends for its caller as it ended upstream."""
    _, exchange, _, lines = crossed(evidence, args)
    ended = [line.state for line in lines if line.state in _FINAL]
    step, last = _last(evidence, args)
    if last is None and any(line.fault for line in lines):
        return moot(f"the upstream named no task: {retold(evidence, args)}")
    if not ended or not exchange.ok:
        return unseen(f"no task: {retold(evidence, args)}")
    if last is None:
        return failed("an answer that names its task", exchange.brief())
    wanted = f"a task that is {ended[-1]}, as it is upstream"
    if not last.ok:
        return failed(wanted, last.brief(), step)
    state = last.task().get("state")
    return passed() if state in ended else failed(wanted, f"{state or last.task().get('word')!r}", step)


@rule
def task_private(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """A caller cannot look at another caller's task."""
    step, look = _last(evidence, args)
    if look is None:
        return unseen("no task was created")
    if look.facts.get("caller") != "other":
        return unseen("one caller only; name a key 'other' in the target")
    return failed("no task for another caller", look.brief(), step) if look.ok else passed()


def _last(evidence: Evidence, args: Mapping[str, Json]) -> tuple[str, Exchange | None]:
    step = text(args, "look", "ended")
    try:
        return step, evidence.of(step)
    except KeyError:  # nothing named a task, so there was nothing to look at
        return step, None
