"""Sends the cases of a gateway and reads beside each what the upstream saw."""

from __future__ import annotations

import base64
import hashlib
import json
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import TypeGuard

from pixelproof.client import Answer, Wire
from pixelproof.contract import Json
from pixelproof.exchange import Exchange, Request, Role
from pixelproof.findings.judging import Absence
from pixelproof.gate.casebook import AT_ONCE, GateCase
from pixelproof.gate.upstream import Behind
from pixelproof.gate.watching import Created, Watcher
from pixelproof.planning.case import Case, Key, KeyRole, Poll, ReadBalance, Send, Together
from pixelproof.planning.caseline import case_line
from pixelproof.record.recording import exchange_line
from pixelproof.rules.crossing import unasked
from pixelproof.running.conducting.brake import GONE, Halt
from pixelproof.running.conducting.downloading import Downloads
from pixelproof.running.run import Run
from pixelproof.targets.missing import MissingLever
from pixelproof.targets.openings import Granted
from pixelproof.targets.taskview import TaskView, task_view
from pixelproof.traffic.retryafter import retry_after_s
from pixelproof.verdict import CaseVerdict, Reason

#: The longest that a gateway's cooldown is waited for, in seconds, and what is tried where it names no time.
MOST_REST_S, REST_S = 30.0, 6.0
#: Cases in a row without an answer after which a gateway is not asked any more.
MOST_SILENT = 3
#: How long the upstream may take to write a call down that the caller has given up, in seconds.
_SETTLE_S = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Plants:
    """Keys that must not be found where they do not belong: name → key."""

    keys: Mapping[str, str] = field(default_factory=dict)

    def seen(self, text: bytes, where: str) -> list[Json]:
        """Say which of the keys stand in ``text``."""
        return [f"{name} in {where}" for name, key in self.keys.items() if key and key.encode() in text]


def _sends(step: object) -> TypeGuard[Send]:
    return isinstance(step, Send)


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
    #: Says that the gateway has ended by itself, empty while it runs.
    ended: Callable[[], str] = lambda: ""
    #: Part of every trace, so that an older run's late request is none of ours.
    nonce: str = ""
    _granted: dict[Key, Granted] = field(default_factory=dict)
    _traces: int = 0
    #: Trace of a case whose steps are one request.
    _case_trace: str = ""
    #: Cases in a row whose last request was not answered.
    _silent: int = 0
    #: Step → the lines of the upstream's journal about it.
    _rows_of: dict[str, list[Mapping[str, Json]]] = field(default_factory=dict)

    def prove(self, cases: Iterable[GateCase], watch: Callable[[GateCase], None] = lambda _case: None) -> None:
        """Prove every case; record verdicts. Never raises for a bad gateway."""
        for case in cases:
            halt = self._halt()
            self.run.record(self._verdicts(case) if halt is None else self._left_out(case, halt))
            watch(case)

    def _halt(self) -> Halt | None:
        """Return why it makes no sense to ask this gateway any more, None while it does."""
        silent = f"the gateway answered nothing in {MOST_SILENT} cases in a row"
        gone = self.ended() or (silent if self._silent >= MOST_SILENT else "")
        if gone:
            self.run.brake.pull(Halt(reason=Reason.OUTAGE, what=gone, hint="see gateway.log", exit_code=GONE))
        return self.run.brake.halt

    def _left_out(self, wanted: GateCase, halt: Halt) -> list[CaseVerdict]:
        judging = self.run._judging(wanted.case)  # noqa: SLF001 - the run's own way to judge
        return judging.absent(wanted.case, Absence(reason=halt.reason, what=halt.what, hint=halt.hint))

    def _note_silence(self, exchanges: tuple[Exchange, ...]) -> None:
        calls = [exchange for exchange in exchanges if exchange.role is Role.API]
        if calls:
            self._silent = self._silent + 1 if calls[-1].response is None else 0

    def _verdicts(self, wanted: GateCase) -> list[CaseVerdict]:
        judging = self.run._judging(wanted.case)  # noqa: SLF001 - the run's own way to judge
        try:
            exchanges = self._conduct(wanted)
        except MissingLever as missing:
            return judging.absent(wanted.case, Absence(reason=Reason.LEVER, what=missing.what, hint=missing.how))
        except Exception:  # noqa: BLE001 - our own crash is an error of ours, never a finding
            return judging.crashed(wanted.case)
        self._note_silence(exchanges)
        self.run.sink.line(case_line(wanted.case, self.run.levers.wallet.resolution))
        return judging.judged(wanted.case, exchanges)

    def _conduct(self, wanted: GateCase) -> tuple[Exchange, ...]:
        found: list[Exchange] = []
        self._case_trace = self._trace()
        for step in wanted.case.steps:
            if isinstance(step, Together):
                found += self._together(wanted, step)
            elif isinstance(step, ReadBalance):
                found.append(self._balance(wanted.case, step))
            elif isinstance(step, Send):
                found += self._sent(wanted, step)
            elif isinstance(step, Poll):
                found += self._ended(wanted, step, found)
        for exchange in found:
            self.run.sink.line(exchange_line(exchange))
        return tuple(found)

    def _ended(self, wanted: GateCase, step: Poll, found: list[Exchange]) -> list[Exchange]:
        """Watch the tasks of a step to their end, and then look again at what the upstream says of them."""
        of = wanted.case.step(step.of)
        senders = {send.name: send for send in (of.sends if isinstance(of, Together) else (of,)) if _sends(send)}
        self.behind.let_tasks_end()
        made = [item for item in found if item.step in senders and item.role is Role.API]
        tasks = [self._created(step, senders[item.step], item) for item in made]
        caller = self._caller(step.key)
        looks = self._watcher().watched(wanted.case, step, [task for task in tasks if task is not None], caller)
        self.run.conductor.requests += sum(look.role is Role.API for look in looks)
        self.run.conductor.downloads += sum(look.role is Role.IMAGE for look in looks)
        self._tell_again(found, made)
        return looks

    def _tell_again(self, found: list[Exchange], made: list[Exchange]) -> None:
        """Write into the exchanges what the upstream says of their calls now."""
        steps = {item.step for item in made}
        told = self.behind.told([row for step in steps for row in self._rows_of[step]])
        by_call = {row["id"]: row for row in told if isinstance(row, dict)}
        for item in made:
            upstream: list[Json] = [by_call[row["id"]] for row in self._rows_of[item.step]]
            found[found.index(item)] = replace(item, facts={**item.facts, "upstream": upstream})

    def _created(self, step: Poll, send: Send, exchange: Exchange) -> Created | None:
        body = exchange.response.body if exchange.response and exchange.ok else None
        named = self._view().read(body)["id"] if body is not None else None
        key = step.key if step.key.role is KeyRole.OTHER else send.key
        return Created(exchange=exchange, id=named, granted=self._grant(key)) if isinstance(named, str) else None

    def _watcher(self) -> Watcher:
        return Watcher(run=self.run, wire=self.wire, view=self._view(), leaks=self._leaks, sleep=self.sleep)

    def _view(self) -> TaskView:
        tasks = self.run.contract.tasks
        assert tasks is not None  # only a provider with tasks has such steps
        return task_view(self.run.contract, tasks, self.run.target)

    def _caller(self, key: Key) -> str:
        return "other" if self._grant(key).key != self._grant(Key()).key else "default"

    def _sent(self, wanted: GateCase, step: Send) -> list[Exchange]:
        trace = self._case_trace if wanted.repeats else self._trace()
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
        answer = self._answered(request, content, wanted.patience_s if step.name == "main" else None)
        if answer.error:
            self.sleep(_SETTLE_S)
        exchange = self._kept(wanted.case, step, request, answer)
        images = self._downloads(wanted.case, step, exchange)
        rows = self._rows(mark, trace, slow_s=_slowness_s(wanted) if step.name == "main" else 0.0)
        self._rows_of[step.name] = rows
        return [self._with_facts(exchange, answer, rows), *images]

    def _answered(self, request: Request, content: bytes, patience_s: float | None) -> Answer:
        if patience_s is None:
            return self.wire.send(request.method, request.url, headers=request.headers, content=content)
        with closing(Wire(replace(self.wire.options, timeout_s=patience_s))) as impatient:
            return impatient.send(request.method, request.url, headers=request.headers, content=content)

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
            self._rows_of[send.name] = [row for row in rows if row.get("trace") == trace]
            said: dict[str, Json] = {"upstream": own, "caller": self._caller(send.key)}
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
        headers = {**self.run.target.headers, "content-type": step.media_type}
        if wanted.repeats:  # the same in one case, another one in the next run
            headers[wanted.repeats] = f"pixelproof-{self._case_trace}"
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
        amount = self.run.levers.wallet.balance(granted, None, settled=step.name == "after")
        request = Request(method="READ", url="balance")
        exchange = self.run.recorder.exchange(case.id, step.name, Role.BALANCE, request, Answer())
        return replace(exchange, facts={"balance": amount})

    def _grant(self, demand: Key) -> Granted:
        if demand not in self._granted:
            self._granted[demand] = self._found(demand)
        return self._granted[demand]

    def _found(self, demand: Key) -> Granted:
        try:
            return self.run.levers.keys.grant(demand)
        except MissingLever:
            if demand.role is not KeyRole.OTHER:
                raise
            return self.run.levers.keys.grant(Key())  # one caller at once with itself: the rule says so

    def _trace(self) -> str:
        self._traces += 1
        digest = hashlib.blake2b(f"{self.nonce}:{self._traces}".encode(), digest_size=8).digest()
        return base64.b32encode(digest).decode().lower().rstrip("=")[:10]
