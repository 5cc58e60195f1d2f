"""Sends the cases of a gateway and reads beside each what the upstream saw."""

from __future__ import annotations

import base64
import hashlib
import json
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

from pixelproof.case import Case, Key, KeyRole, ReadBalance, Send, Together
from pixelproof.caseline import case_line
from pixelproof.client import Answer, Wire
from pixelproof.contract import Json
from pixelproof.downloading import Downloads
from pixelproof.exchange import Exchange, Request, Role
from pixelproof.gate.casebook import AT_ONCE, GateCase
from pixelproof.gate.upstream import Behind
from pixelproof.judging import Absence
from pixelproof.levers import MissingLever
from pixelproof.openings import Granted
from pixelproof.recording import exchange_line
from pixelproof.retryafter import retry_after_s
from pixelproof.rules.crossing import unasked
from pixelproof.run import Run
from pixelproof.verdict import CaseVerdict, Reason

#: The longest that a gateway's cooldown is waited for, in seconds, and what is tried where it names no time.
MOST_REST_S, REST_S = 30.0, 6.0
#: How long the upstream may take to write a call down that the caller has given up, in seconds.
_SETTLE_S = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Plants:
    """Keys that must not be found where they do not belong: name → key."""

    keys: Mapping[str, str] = field(default_factory=dict)

    def seen(self, text: bytes, where: str) -> list[Json]:
        """Say which of the keys stand in ``text``."""
        return [f"{name} in {where}" for name, key in self.keys.items() if key and key.encode() in text]


def _slowness_s(wanted: GateCase) -> float:
    """Return how long the upstream may still be busy when a gateway has given up, in seconds."""
    seconds = wanted.arguments.get("seconds")
    return seconds + _SETTLE_S * 10 if isinstance(seconds, int | float) else 0.0


@dataclass(slots=True, kw_only=True)
class Prober:
    """Conducts the cases of one gateway, one after another, and judges them."""

    run: Run
    behind: Behind
    wire: Wire
    #: The upstream's key: no answer may hold it.
    plants: Plants
    sleep: Callable[[float], None] = time.sleep
    #: Part of every trace, so that an older run's late request is none of ours.
    nonce: str = ""
    _granted: dict[Key, Granted] = field(default_factory=dict)
    _traces: int = 0

    def prove(self, cases: Iterable[GateCase], watch: Callable[[GateCase], None] = lambda _case: None) -> None:
        """Prove every case; record verdicts. Never raises for a bad gateway."""
        for case in cases:
            self.run.record(self._verdicts(case))
            watch(case)

    def _verdicts(self, wanted: GateCase) -> list[CaseVerdict]:
        judging = self.run._judging(wanted.case)  # noqa: SLF001 - the run's own way to judge
        try:
            exchanges = self._conduct(wanted)
        except MissingLever as missing:
            return judging.absent(wanted.case, Absence(reason=Reason.LEVER, what=missing.what, hint=missing.how))
        except Exception:  # noqa: BLE001 - our own crash is an error of ours, never a finding
            return judging.crashed(wanted.case)
        self.run.sink.line(case_line(wanted.case, self.run.levers.resolution))
        return judging.judged(wanted.case, exchanges)

    def _conduct(self, wanted: GateCase) -> tuple[Exchange, ...]:
        found: list[Exchange] = []
        for step in wanted.case.steps:
            if isinstance(step, Together):
                found += self._together(wanted, step)
            elif isinstance(step, ReadBalance):
                found.append(self._balance(wanted.case, step))
            elif isinstance(step, Send):
                found += self._sent(wanted, step)
        for exchange in found:
            self.run.sink.line(exchange_line(exchange))
        return tuple(found)

    def _sent(self, wanted: GateCase, step: Send) -> list[Exchange]:
        trace = self._trace()
        hit = bool(wanted.effect) and step.name == "main"
        if hit:
            self.behind.put_up(wanted.effect, wanted.arguments, trace)
        try:
            found = self._once(wanted, step, trace)
            rested = not hit and unasked(found[0])
            return [*found, *self._rested(wanted, step, found[0])] if rested else found
        finally:
            if hit:
                self.behind.take_down()

    def _rested(self, wanted: GateCase, step: Send, first: Exchange) -> list[Exchange]:
        """Wait a gateway's cooldown out, once."""
        announced = retry_after_s(first)
        self.sleep(min(announced if announced is not None else REST_S, MOST_REST_S))
        return self._once(wanted, step, self._trace())

    def _once(self, wanted: GateCase, step: Send, trace: str) -> list[Exchange]:
        mark = self.behind.mark()
        request, content = self._written(wanted, step, trace)
        answer = self.wire.send(request.method, request.url, headers=request.headers, content=content)
        if answer.error:
            self.sleep(_SETTLE_S)
        exchange = self._kept(wanted.case, step, request, answer)
        images = self._downloads(wanted.case, step, exchange)
        rows = self._rows(mark, trace, slow_s=_slowness_s(wanted) if step.name == "main" else 0.0)
        return [self._with_facts(exchange, answer, rows), *images]

    def _rows(self, mark: int, trace: str, slow_s: float) -> list[Mapping[str, Json]]:
        """Return what the upstream saw of a request; a slow one is written down when it is over, not when it began."""
        deadline = time.monotonic() + slow_s
        while True:
            rows = [row for row in self.behind.lines(mark) if row.get("trace") in {None, trace}]
            if rows or time.monotonic() >= deadline:
                return rows
            time.sleep(_SETTLE_S)

    def _together(self, wanted: GateCase, step: Together) -> list[Exchange]:
        mark = self.behind.mark()
        ready = [
            (send, trace, *self._written(wanted, send, trace)) for send in step.sends for trace in (self._trace(),)
        ]
        with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
            answers = [
                pool.submit(self.wire.send, request.method, request.url, headers=request.headers, content=content)
                for _, _, request, content in ready
            ]
        rows = self.behind.lines(mark)
        facts = {json.dumps(row.get("seq")): row for row in self.behind.told(rows) if isinstance(row, dict)}
        found: list[Exchange] = []
        for (send, trace, request, _), waiting in zip(ready, answers, strict=True):
            answer = waiting.result()
            exchange = self._kept(wanted.case, send, request, answer)
            own: list[Json] = [row for row in facts.values() if row.get("trace") == trace]
            apart = self._grant(send.key).key != self._grant(Key()).key
            said: dict[str, Json] = {"upstream": own, "caller": "other" if apart else "default"}
            found.append(replace(exchange, facts={**said, **self._other_facts(exchange, answer)}))
            found += self._downloads(wanted.case, send, exchange)
        return found

    def _with_facts(self, exchange: Exchange, answer: Answer, rows: list[Mapping[str, Json]]) -> Exchange:
        return replace(exchange, facts={"upstream": self.behind.told(rows), **self._other_facts(exchange, answer)})

    def _other_facts(self, exchange: Exchange, answer: Answer) -> dict[str, Json]:
        facts: dict[str, Json] = {"leaks": self._leaks(answer), "trap": self.behind.trap}
        announced = retry_after_s(exchange)
        return facts if announced is None else {**facts, "retry_after_s": announced}

    def _leaks(self, answer: Answer) -> list[Json]:
        headers = "\n".join(f"{name}: {value}" for name, value in answer.headers.items()).encode()
        return [*self.plants.seen(headers, "a header"), *self.plants.seen(answer.body, "the body")]

    def _written(self, wanted: GateCase, step: Send, trace: str) -> tuple[Request, bytes]:
        body = dict(step.body or {})
        if isinstance(body.get("prompt"), str):
            body["prompt"] = f"[pp-{trace}] {body['prompt']}"
        granted = self._grant(step.key)
        headers = {**self.run.target.headers, **wanted.headers, "content-type": step.media_type}
        if granted.key is not None:
            headers["authorization"] = f"Bearer {granted.key}"
            self.run.recorder.hide(granted.key)
        operation = self.run.contract.operations[step.operation]
        url = f"{self.run.target.base_url}{operation.path}"
        return Request(method=operation.method, url=url, headers=headers, body=body), json.dumps(body).encode()

    def _kept(self, case: Case, step: Send, request: Request, answer: Answer) -> Exchange:
        self.run.conductor.requests += 1
        return self.run.recorder.exchange(case.id, step.name, Role.API, request, answer)

    def _downloads(self, case: Case, step: Send, exchange: Exchange) -> list[Exchange]:
        """Download the images behind the URLs of an answer."""
        if exchange.images or not exchange.ok:
            return []
        urls = [str(item["url"]) for item in exchange.items() if isinstance(item.get("url"), str) and item["url"]]
        fetch = Downloads(self.wire, self.run.target.base_url).fetch
        self.run.conductor.downloads += len(urls)
        return [
            self.run.recorder.exchange(case.id, step.name, Role.IMAGE, Request(method="GET", url=url), fetch(url))
            for url in urls
        ]

    def _balance(self, case: Case, step: ReadBalance) -> Exchange:
        granted = self._grant(step.key)
        amount = self.run.levers.balance(granted, None, settled=step.name == "after")
        request = Request(method="READ", url="balance")
        exchange = self.run.recorder.exchange(case.id, step.name, Role.BALANCE, request, Answer())
        return replace(exchange, facts={"balance": amount})

    def _grant(self, demand: Key) -> Granted:
        if demand not in self._granted:
            self._granted[demand] = self._found(demand)
        return self._granted[demand]

    def _found(self, demand: Key) -> Granted:
        try:
            return self.run.levers.grant(demand)
        except MissingLever:
            if demand.role is not KeyRole.OTHER:
                raise
            return self.run.levers.grant(Key())  # one caller at once with itself: the rule says so

    def _trace(self) -> str:
        self._traces += 1
        digest = hashlib.blake2b(f"{self.nonce}:{self._traces}".encode(), digest_size=8).digest()
        return base64.b32encode(digest).decode().lower().rstrip("=")[:10]
