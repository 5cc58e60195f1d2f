"""Conducts a case: sends its steps, downloads images, reads wallets, moves clocks."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from pixelproof.case import Advance, Case, Fetch, Key, ReadBalance, Refetch, Send
from pixelproof.client import Answer, Wire
from pixelproof.contract import Contract, Json
from pixelproof.exchange import Exchange, Request, Role
from pixelproof.levers import Granted, Levers, MissingLever
from pixelproof.money import Units
from pixelproof.recorder import Recorder
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


@dataclass(slots=True)
class _Course:
    """What happened so far in one case."""

    case: Case
    exchanges: list[Exchange] = field(default_factory=list)
    granted: dict[Key, Granted] = field(default_factory=dict)
    balances: dict[Key, Units] = field(default_factory=dict)
    urls: dict[str, list[str]] = field(default_factory=dict)


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
        self._contract = contract
        self._target = target
        self._wire = wire
        self._levers = levers
        self._recorder = recorder
        self._hooks = hooks
        #: Requests to the target: API calls, and downloads of images.
        self.requests = 0
        self.downloads = 0

    def conduct(self, case: Case) -> tuple[Exchange, ...]:
        """Run every step of a case in order. Raises NotRun."""
        course = _Course(case=case)
        try:
            for step in case.steps:
                self._levers.require(step)
            for step in case.steps:
                self._step(course, step)
        except MissingLever as missing:
            raise NotRun(Reason.LEVER, missing.what, missing.how) from None
        return tuple(course.exchanges)

    def _step(self, course: _Course, step: object) -> None:
        if isinstance(step, Send):
            self._send(course, step)
        elif isinstance(step, Refetch):
            urls = course.urls.get(step.of, [])
            if step.index < len(urls):
                self._download(course, step.name, urls[step.index])
        elif isinstance(step, ReadBalance):
            self._balance(course, step)
        elif isinstance(step, Advance):
            self._advance(course, step)

    def _send(self, course: _Course, step: Send) -> None:
        exchange = self._request(course, step)
        if step.positive and _unlucky(exchange):
            exchange = self._once_more(course, step, exchange)
        urls = [str(item["url"]) for item in exchange.items() if isinstance(item.get("url"), str) and item["url"]]
        course.urls[step.name] = urls
        if step.fetch is Fetch.ALL and not exchange.images:
            self._attach(course, step.name, urls)

    def _once_more(self, course: _Course, step: Send, first: Exchange) -> Exchange:
        """Try bad luck once more: a positive case is only judged by what repeats."""
        if first.status == _TOO_MANY:
            self._levers.wait(self._grant(course, step.key), retry_after_s(first) or 1.0)
        second = self._request(course, step)
        if second.status == _TOO_MANY:
            raise NotRun(Reason.PACE, "429 again after the announced wait", "give a key with higher limits, or --rate")
        if _unlucky(second) and second.status != first.status:
            raise NotRun(Reason.UNLUCKY, f"{first.brief()}, then {second.brief()}", "run it again")
        return second

    def _request(self, course: _Course, step: Send) -> Exchange:
        self._hooks.before(course.case, step)
        operation = self._contract.operations[step.operation]
        granted = self._grant(course, step.key)
        headers = dict(self._target.headers)
        if operation.method != "GET":
            headers["content-type"] = step.media_type
        if granted.key is not None:
            headers["authorization"] = f"Bearer {granted.key}"
        body = self._body(step)
        content = step.raw if step.raw is not None else None if body is None else json.dumps(body).encode()
        request = Request(
            method=operation.method,
            url=f"{self._target.base_url}{operation.path}",
            headers=headers,
            body=body,
            **_as_text(step.raw),
        )
        self.requests += 1
        answer = self._wire.send(request.method, request.url, headers=headers, content=content)
        exchange = self._recorder.exchange(course.case.id, step.name, Role.API, request, answer)
        if step.operation == "models":
            exchange = replace(exchange, facts={"models": self._models(exchange)})
        return self._keep(course, exchange)

    def _body(self, step: Send) -> Json:
        if step.body is None:
            return None
        if step.provoke is None:
            return dict(step.body)
        prompt = self._levers.prompt(step.provoke)
        spoken = f"{prompt} {step.body.get('prompt', '')}" if prompt.startswith("mock:") else prompt
        return {**step.body, "prompt": spoken}

    def _models(self, exchange: Exchange) -> Json:
        mapped = self._target.map.get("models")
        names = mapped if isinstance(mapped, dict) else {}
        body: Json = exchange.response.body if exchange.response else None
        for part in str(names.get("pointer", "/data")).split("/")[1:]:
            body = body.get(part) if isinstance(body, dict) else None
        key = str(names.get("id", "/id")).lstrip("/")
        if not isinstance(body, list):
            return None
        return [str(item.get(key)) if isinstance(item, dict) else str(item) for item in body]

    def _attach(self, course: _Course, step: str, urls: list[str]) -> None:
        """Download the images of a response and put what they are beside it."""
        downloads = [self._download(course, step, url) for url in urls]
        images = tuple(image for download in downloads for image in download.images)
        for index in range(len(course.exchanges) - 1, -1, -1):
            known = course.exchanges[index]
            if known.step == step and known.role is Role.API:
                course.exchanges[index] = replace(known, images=images)
                return

    def _download(self, course: _Course, step: str, url: str) -> Exchange:
        request = Request(method="GET", url=url)
        if url.startswith(("http://", "https://")):
            self.downloads += 1
            answer = self._wire.send("GET", url, follow_redirects=True)
        else:
            answer = Answer(error="no absolute http(s) URL")
        exchange = self._recorder.exchange(course.case.id, step, Role.IMAGE, request, answer)
        return self._keep(course, exchange)

    def _balance(self, course: _Course, step: ReadBalance) -> None:
        granted = self._grant(course, step.key)
        amount = self._levers.balance(granted, course.balances.get(step.key))
        course.balances[step.key] = amount
        request = Request(method="READ", url="balance")
        exchange = self._recorder.exchange(course.case.id, step.name, Role.BALANCE, request, Answer())
        self._keep(course, replace(exchange, facts={"balance": amount}))

    def _advance(self, course: _Course, step: Advance) -> None:
        granted = self._grant(course, step.key)
        if step.retry_after_of is None:
            self._levers.advance(granted, step.seconds)
            return
        before = next((item for item in reversed(course.exchanges) if item.step == step.retry_after_of), None)
        seconds = retry_after_s(before) if before is not None else None
        if before is not None and before.status == _TOO_MANY and seconds is not None:
            self._levers.wait(granted, seconds)

    def _grant(self, course: _Course, demand: Key) -> Granted:
        granted = course.granted.get(demand)
        if granted is None:
            granted = course.granted[demand] = self._levers.grant(demand)
            if granted.key is not None:
                self._recorder.hide(granted.key)
        return granted

    def _keep(self, course: _Course, exchange: Exchange) -> Exchange:
        course.exchanges.append(exchange)
        self._hooks.exchange(exchange)
        return exchange


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
