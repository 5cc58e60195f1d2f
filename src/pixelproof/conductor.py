"""Conducts a case: sends its steps, downloads images, reads wallets, moves clocks."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from pixelproof import tasksteps
from pixelproof.case import (
    Advance,
    Cancel,
    Case,
    Fetch,
    Key,
    KeyRole,
    Poll,
    ReadBalance,
    Refetch,
    Send,
    SetRate,
    Step,
    Together,
    Upload,
)
from pixelproof.client import Answer, Wire
from pixelproof.contract import Contract, Json
from pixelproof.course import Caller, Course, Read
from pixelproof.exchange import Exchange, Request, Role
from pixelproof.levers import Levers, MissingLever, NoRoute
from pixelproof.modellist import listed_models
from pixelproof.openings import Granted
from pixelproof.recorder import Recorder
from pixelproof.references import filled
from pixelproof.target import Target
from pixelproof.verdict import Reason

_TOO_MANY = 429


class NotRun(Exception):
    """A case that could not be conducted, with the reason and what would help."""

    def __init__(self, reason: Reason, what: str, hint: str = "") -> None:
        super().__init__(what)
        self.reason = reason
        self.what = what
        self.hint = hint


@dataclass(frozen=True, slots=True, kw_only=True)
class Hooks:
    """What the run wants to know while a case is conducted."""

    #: Called before each API request; raises NotRun when the budget does not allow it.
    before: Callable[[Case, Send], None] = lambda _case, _step: None
    #: Called with every exchange as soon as it is there.
    exchange: Callable[[Exchange], None] = lambda _exchange: None


class Conductor:
    """Sends cases to one target."""

    def __init__(  # noqa: PLR0913 - everything that a case needs, by name
        self,
        *,
        contract: Contract,
        target: Target,
        wire: Wire,
        levers: Levers,
        recorder: Recorder,
        hooks: Hooks,
    ) -> None:
        """Bind everything a case needs."""
        self.contract = contract
        self.target = target
        self._wire = wire
        self.levers = levers
        self._recorder = recorder
        self._hooks = hooks
        #: Requests to the target: API calls, and downloads of images.
        self.requests = 0
        self.downloads = 0

    def conduct(self, case: Case) -> tuple[Exchange, ...]:
        """Run every step of a case in order. Raises NotRun."""
        course = Course(case=case)
        try:
            for step in case.steps:
                self.levers.require(step)
            for step in case.steps:
                self._step(course, step)
        except MissingLever as missing:
            reason = Reason.ROUTE if isinstance(missing, NoRoute) else Reason.LEVER
            raise NotRun(reason, missing.what, missing.how) from None
        return tuple(course.exchanges)

    def _step(self, course: Course, step: Step) -> None:
        if isinstance(step, Upload | Poll | Cancel):
            tasksteps.take(self, course, step)
            return
        match step:
            case Send():
                self._send(course, step)
            case Together():
                self._together(course, step)
            case Refetch():
                self._refetch(course, step)
            case ReadBalance():
                self._balance(course, step)
            case Advance():
                self._advance(course, step)
            case SetRate():
                self.levers.set_rate(self.grant(course, step.key), step.rate)

    def _refetch(self, course: Course, step: Refetch) -> None:
        urls = course.urls.get(step.of, [])
        if step.index < len(urls):
            self.download(course, step.name, urls[step.index])

    def _send(self, course: Course, step: Send) -> None:
        exchange = self._request(course, step)
        if step.positive and _unlucky(exchange):
            exchange = self._once_more(course, step, exchange)
        urls = [str(item["url"]) for item in exchange.items() if isinstance(item.get("url"), str) and item["url"]]
        course.urls[step.name] = urls
        if step.fetch is Fetch.ALL and not exchange.images:
            for url in urls:
                self.download(course, step.name, url)

    def _once_more(self, course: Course, step: Send, first: Exchange) -> Exchange:
        """Try bad luck once more: a positive case is only judged by what repeats."""
        if first.status == _TOO_MANY:
            self.levers.wait(self.grant(course, step.key), retry_after_s(first) or 1.0)
        second = self._request(course, step)
        if second.status == _TOO_MANY:
            raise NotRun(Reason.PACE, "429 again after the announced wait", "give a key with higher limits, or --rate")
        if _unlucky(second) and second.status != first.status:
            raise NotRun(Reason.UNLUCKY, f"{first.brief()}, then {second.brief()}", "run it again")
        return second

    def _together(self, course: Course, step: Together) -> None:
        """Send several requests at once; they are recorded in the order they were planned."""
        prepared = [(send, *self._prepared(course, send)) for send in step.sends]
        with ThreadPoolExecutor(max_workers=len(prepared)) as pool:
            answers = [
                pool.submit(self._wire.send, request.method, request.url, headers=headers, content=content)
                for _, request, headers, content in prepared
            ]
        for (send, request, _, _), answer in zip(prepared, answers, strict=True):
            self.requests += 1
            exchange = self._recorder.exchange(course.case.id, send.name, Role.API, request, answer.result())
            self._keep(course, exchange)

    def _prepared(self, course: Course, step: Send) -> tuple[Request, dict[str, str], bytes | None]:
        sent, content = self._written(course, step)
        request = self._addressed(course, step.key, sent)
        return request, dict(request.headers), content

    def _request(self, course: Course, step: Send) -> Exchange:
        sent, content = self._written(course, step)
        creates_task = self.contract.operations[step.operation].creates_task
        return self.call(course, step, sent, content, self._reader(step, creates_task=creates_task))

    def _written(self, course: Course, step: Send) -> tuple[Request, bytes | None]:
        self._hooks.before(course.case, step)
        operation = self.contract.operations[step.operation]
        body = self._body(course, step)
        written = None if body is None else json.dumps(body).encode() + b" " * step.padding
        content = step.raw if step.raw is not None else written
        sent = Request(
            method=operation.method,
            url=operation.path,
            headers={} if operation.method == "GET" else {"content-type": step.media_type},
            body=body,
            padding=step.padding,
            **_as_text(step.raw),
        )
        return sent, content

    def _addressed(self, course: Course, key: Key, sent: Request) -> Request:
        granted = self.grant(course, key)
        headers = {**self.target.headers, **sent.headers}
        if granted.key is not None:
            headers["authorization"] = f"Bearer {granted.key}"
        return replace(sent, url=f"{self.target.base_url}{sent.url}", headers=headers)

    def _reader(self, step: Send, *, creates_task: bool) -> Read:
        if step.operation == "models":
            return lambda exchange: {"models": self._models(exchange)}
        if creates_task:
            return lambda exchange: {"task": tasksteps.view(self, exchange)}
        return lambda _exchange: {}

    def send_again(self, course: Course, step: Send) -> Exchange:
        """Send a valid request once more whose task failed, within the budget. Raises NotRun."""
        exchange = self._request(course, step)
        if not exchange.ok:
            raise NotRun(Reason.UNLUCKY, f"a failed task, then {exchange.brief()}", "run it again")
        return exchange

    def call(self, course: Course, step: Caller, sent: Request, content: bytes | None, read: Read) -> Exchange:
        """Send one API request and record it with the facts that ``read`` finds in it.

        ``sent.url`` is a path below the base URL.
        """
        request = self._addressed(course, step.key, sent)
        self.requests += 1
        answer = self._wire.send(request.method, request.url, headers=request.headers, content=content)
        exchange = self._recorder.exchange(course.case.id, step.name, Role.API, request, answer)
        return self._keep(course, replace(exchange, facts=read(exchange)))

    def _body(self, course: Course, step: Send) -> Json:
        if step.body is None:
            return None
        body: Json = dict(step.body)
        if self.contract.media is not None:
            body = filled(body, lambda wanted: tasksteps.reference(self, course, wanted))
        if step.provoke is None or not isinstance(body, dict):
            return body
        prompt = self.levers.prompt(step.provoke)
        spoken = f"{prompt} {body.get('prompt', '')}" if prompt.startswith("mock:") else prompt
        return {**body, "prompt": spoken}

    def _models(self, exchange: Exchange) -> Json:
        body = exchange.response.body if exchange.response else None
        found = listed_models(body, self.target.map.get("models"))
        return None if found is None else [*found]

    def download(self, course: Course, step: str, url: str) -> Exchange:
        """Download one image and record it."""
        request = Request(method="GET", url=url)
        if url.startswith(("http://", "https://")):
            self.downloads += 1
            answer = self._wire.send("GET", url, follow_redirects=True)
        else:
            answer = Answer(error="no absolute http(s) URL")
        exchange = self._recorder.exchange(course.case.id, step, Role.IMAGE, request, answer)
        return self._keep(course, exchange)

    def _balance(self, course: Course, step: ReadBalance) -> None:
        if not self.levers.reads_balance:
            return
        granted = self.grant(course, step.key)
        amount = self.levers.balance(granted, course.balances.get(step.key), settled=step.settled)
        course.balances[step.key] = amount
        request = Request(method="READ", url="balance")
        exchange = self._recorder.exchange(course.case.id, step.name, Role.BALANCE, request, Answer())
        self._keep(course, replace(exchange, facts={"balance": amount}))

    def _advance(self, course: Course, step: Advance) -> None:
        granted = self.grant(course, step.key)
        if step.unseen:
            self.levers.pass_unseen(granted, step.seconds)
            return
        if step.retry_after_of is None:
            self.levers.advance(granted, step.seconds)
            return
        before = next((item for item in reversed(course.exchanges) if item.step == step.retry_after_of), None)
        seconds = retry_after_s(before) if before is not None else None
        if before is not None and before.status == _TOO_MANY and seconds is not None:
            self.levers.wait(granted, seconds)

    def grant(self, course: Course, demand: Key) -> Granted:
        """Return the key of a demand, the same one throughout a case."""
        granted = course.granted.get(demand)
        if granted is None:
            granted = course.granted[demand] = self._granted(course, demand)
            if granted.key is not None:
                self._recorder.hide(granted.key)
        return granted

    def _granted(self, course: Course, demand: Key) -> Granted:
        if demand.role in {KeyRole.SECOND, KeyRole.TEST}:  # another key of the account this case is about
            return self.levers.another_key(self.grant(course, _owner(demand)), demand.role)
        return self.levers.grant(demand)

    def _keep(self, course: Course, exchange: Exchange) -> Exchange:
        course.exchanges.append(exchange)
        self._hooks.exchange(exchange)
        return exchange


def _owner(demand: Key) -> Key:
    """Return the demand for the account that a further key belongs to: the limited one where limits are named."""
    is_limited = demand.tier is not None or demand.limit_per_minute is not None
    return replace(demand, role=KeyRole.LIMITED if is_limited else KeyRole.FRESH)


def retry_after_s(exchange: Exchange) -> float | None:
    """Return the announced wait of a response in seconds, None when it says nothing usable."""
    value = exchange.response.headers.get("retry-after") if exchange.response else None
    if value is None:
        return None
    if value.isascii() and value.strip().isdigit():
        return float(value)
    until = _http_date(value)
    if until is None:
        return None
    # the server's own clock where it shows one, ours where it does not
    served = _http_date(exchange.response.headers.get("date", "")) if exchange.response else None
    return max(0.0, (until - (served or datetime.now(UTC))).total_seconds())


def _http_date(value: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(value)
    except (TypeError, ValueError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _as_text(raw: bytes | None) -> dict[str, str]:
    """Return the fields of a request that say its raw body without losing a byte."""
    if raw is None:
        return {}
    try:
        return {"raw": raw.decode()}
    except UnicodeDecodeError:
        return {"raw": raw.decode("latin-1"), "raw_encoding": "latin-1"}


def _unlucky(exchange: Exchange) -> bool:
    return exchange.response is None or exchange.status == _TOO_MANY or exchange.status >= 500  # noqa: PLR2004 - 5xx
