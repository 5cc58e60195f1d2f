"""Conducts a case: sends its steps, downloads images, reads wallets, moves clocks."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from pixelproof.client import Answer, Wire
from pixelproof.contract import Contract, Json
from pixelproof.exchange import Exchange, Request, Role, as_text
from pixelproof.levers import Levers
from pixelproof.money import Units
from pixelproof.planning.case import (
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
from pixelproof.planning.demand import owner
from pixelproof.record.recorder import Recorder
from pixelproof.running.conducting import tasksteps
from pixelproof.running.conducting.brake import GONE
from pixelproof.running.conducting.course import Caller, Course, Read
from pixelproof.running.conducting.downloading import Downloads
from pixelproof.running.conducting.drought import Drought
from pixelproof.running.conducting.notrun import NotRun, outage
from pixelproof.running.conducting.outage import Lookout
from pixelproof.running.conducting.references import filled
from pixelproof.running.conducting.till import Paid
from pixelproof.targets.file import Target
from pixelproof.targets.keyring import INVALID_KEY
from pixelproof.targets.missing import MissingLever, NoRoute
from pixelproof.targets.modellist import listed_models
from pixelproof.targets.openings import Granted
from pixelproof.traffic.retryafter import retry_after_s
from pixelproof.traffic.silence import MOST_SILENT, Silence
from pixelproof.verdict import Reason

_TOO_MANY, _BREAKDOWN = 429, 500
_HOUR_S = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Hooks:
    """What the run wants to know while a case is conducted."""

    #: Called before requests are sent together; raises NotRun when budget or deadline do not allow them.
    before: Callable[[Case, tuple[Paid, ...]], None] = lambda _case, _paid: None
    #: Called with every exchange as soon as it is there.
    exchange: Callable[[Exchange], None] = lambda _exchange: None
    #: Called with what a wallet showed.
    wallet: Callable[[Granted, Units, KeyRole], None] = lambda _granted, _amount, _role: None
    #: Called with a price that a wallet could not pay, and what was said of it.
    dry: Callable[[Granted, KeyRole, Units, str], None] = lambda _granted, _role, _price, _what: None


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
        self._images = Downloads(wire, target.base_url)
        self._silence = Silence()
        self._lookout = Lookout(knock=self._knock, try_key=self._try_key, wait=levers.clock.rest)
        self._drought = Drought(contract=contract, settled=levers.wallet.settled, dry=hooks.dry)
        #: Requests to the target: API calls, and downloads of images.
        self.requests = 0
        self.downloads = 0

    def conduct(self, case: Case) -> tuple[Exchange, ...]:
        """Run every step of a case in order. Raises NotRun."""
        if self._silence.lasting:
            what = f"{MOST_SILENT} requests in a row were not answered ({self._silence.said})"
            raise outage(what, "is the target still running? --resume goes on from here", GONE)
        course = Course(case=case)
        try:
            for step in case.steps:
                self.levers.require(step)
            self.levers.keys.begin(case)
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
                if any(_broke_down(send, course.last(send.name)) for send in step.sends):
                    self._together(course, step)  # once more: only what repeats is judged
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
        exchange = self._weathered(course, step)
        if step.positive and _unlucky(exchange):
            exchange = self._once_more(course, step, exchange)
        elif _broke_down(step, exchange):
            exchange = self._unless_it_lasts(course, step, exchange)
        elif exchange.status >= _BREAKDOWN and exchange.status not in self._provoked(step):
            # it broke down for a reason of its own before it came to ours: only what repeats is judged
            exchange = self._request(course, step)
        elif exchange.response is None:
            # perhaps a connection that was kept too long, or a network that slept: it says nothing of the request
            exchange = self._request(course, step)
        urls = [str(item["url"]) for item in exchange.items() if isinstance(item.get("url"), str) and item["url"]]
        course.urls[step.name] = urls
        if step.fetch is Fetch.ALL and not exchange.images:
            for url in urls:
                self.download(course, step.name, url)

    def _provoked(self, step: Send) -> tuple[int, ...]:
        row = self.contract.errors.rows.get(step.provoke or "")
        return row.statuses if row is not None else ()

    def _weathered(self, course: Course, step: Send) -> Exchange:
        """Send a request; wait for a server that is away, and for a 429 that the plan does not explain."""
        granted = self.grant(course, step.key)
        return self._lookout.weathered(
            step,
            self._request(course, step),
            lambda: self._request(course, step),
            mine=_is_mine(granted),
            met_on_purpose=_meets_a_limit(course.case, step),
        )

    def _knock(self) -> Answer:
        return self._wire.send("GET", f"{self.target.base_url}/models")

    def _try_key(self, step: Send) -> int:
        """Return the status of a request without a body, with the key of a step: nobody serves that."""
        course = Course(case=Case(id="key", steps=(), checks=()))
        self.requests += 1
        bare = replace(step, body={}, provoke=None, raw=None, padding=0)
        _, request, headers, content = (bare, *self._prepared(course, bare))
        return self._wire.send(request.method, request.url, headers=headers, content=content).status

    def _once_more(self, course: Course, step: Send, first: Exchange) -> Exchange:
        """Try bad luck once more: a positive case is only judged by what repeats."""
        if first.status == _TOO_MANY:
            self.levers.clock.wait(self.grant(course, step.key), retry_after_s(first) or 1.0)
        second = self._request(course, step)
        if second.status == _TOO_MANY:
            raise NotRun(Reason.PACE, "429 again after the announced wait", "give a key with higher limits, or --rate")
        if _unlucky(second) and second.status != first.status:
            raise NotRun(Reason.UNLUCKY, f"{first.brief()}, then {second.brief()}", "run it again")
        return second

    def _unless_it_lasts(self, course: Course, step: Send, first: Exchange) -> Exchange:
        """Repeat a request that broke a server down: only what repeats is held against it."""
        if step.key.role is KeyRole.LIMITED and step.price:
            if not _leads_to_a_limit(course.case, step):
                return first
            # it may have been counted, and it may not
            raise NotRun(Reason.UNLUCKY, f"{first.brief()} on the way to a limit", "run it again")
        second = self._request(course, step)
        if _broke_down(step, second) and second.status != first.status:
            raise NotRun(Reason.UNLUCKY, f"{first.brief()}, then {second.brief()}", "run it again")
        return second

    def _together(self, course: Course, step: Together) -> None:
        """Send several requests at once; they are recorded in the order they were planned."""
        prepared = [(send, *self._prepared(course, send)) for send in step.sends]
        self._hooks.before(course.case, tuple(self._paid(course, send) for send in step.sends))
        with ThreadPoolExecutor(max_workers=len(prepared)) as pool:
            answers = [
                pool.submit(self._wire.send, request.method, request.url, headers=headers, content=content)
                for _, request, headers, content in prepared
            ]
        for (send, request, _, _), answer in zip(prepared, answers, strict=True):
            self.requests += 1
            exchange = self._recorder.exchange(course.case.id, send.name, Role.API, request, answer.result())
            self._remember_charge(send, exchange)
            self._keep(course, exchange)
        for send in step.sends:
            self._look_for_funds(course, send, course.last(send.name))

    def _prepared(self, course: Course, step: Send) -> tuple[Request, dict[str, str], bytes | None]:
        sent, content = self._written(course, step)
        request = self._addressed(course, step.key, sent)
        return request, dict(request.headers), content

    def _request(self, course: Course, step: Send) -> Exchange:
        sent, content = self._written(course, step)
        self._hooks.before(course.case, (self._paid(course, step),))
        operation = self.contract.operations[step.operation]
        reader = self._reader(step, creates_task=operation.creates_task)
        exchange = self.call(course, step, sent, content, reader)
        self._remember_charge(step, exchange)
        self._look_for_funds(course, step, exchange)
        return exchange

    def _look_for_funds(self, course: Course, step: Send, exchange: Exchange) -> None:
        """Raise NotRun where an account of the target file has no credit left; those of a mock are ours to fill."""
        granted = self.grant(course, step.key)
        if _is_mine(granted):
            self._drought.check(step, exchange, granted)

    def _remember_charge(self, step: Send, exchange: Exchange) -> None:
        makes_images = self.contract.operations[step.operation].capability is not None
        if makes_images and (exchange.ok or exchange.response is None):
            self.levers.wallet.remember_charge()

    def _paid(self, course: Course, step: Send) -> Paid:
        return Paid(step=step, granted=self.grant(course, step.key))

    def _written(self, course: Course, step: Send) -> tuple[Request, bytes | None]:
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
            **as_text(step.raw),
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
        self.downloads += url.lower().startswith(("http://", "https://"))
        answer = self._images.fetch(url)
        exchange = self._recorder.exchange(course.case.id, step, Role.IMAGE, request, answer)
        return self._keep(course, exchange)

    def _balance(self, course: Course, step: ReadBalance) -> None:
        if not self.levers.wallet.is_readable:
            return
        granted = self.grant(course, step.key)
        amount = self.levers.wallet.balance(granted, course.balances.get(step.key), settled=step.settled)
        course.balances[step.key] = amount
        self._hooks.wallet(granted, amount, step.key.role)
        request = Request(method="READ", url="balance")
        exchange = self._recorder.exchange(course.case.id, step.name, Role.BALANCE, request, Answer())
        self._keep(course, replace(exchange, facts={"balance": amount}))

    def _advance(self, course: Course, step: Advance) -> None:
        granted = self.grant(course, step.key)
        if step.unseen:
            self.levers.clock.pass_unseen(granted, step.seconds)
            return
        if step.brief:
            self.levers.clock.wait(granted, step.seconds)
            return
        if step.retry_after_of is None:
            self.levers.clock.advance(granted, step.seconds)
            return
        before = next((item for item in reversed(course.exchanges) if item.step == step.retry_after_of), None)
        seconds = retry_after_s(before) if before is not None else None
        # no limit by the minute takes an hour: that wait is judged as it stands, and not waited for
        if before is not None and before.status == _TOO_MANY and seconds is not None and seconds <= _HOUR_S:
            self.levers.clock.wait(granted, seconds)

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
            return self.levers.keys.another(self.grant(course, owner(demand)), demand.role)
        return self.levers.keys.grant(demand)

    def _keep(self, course: Course, exchange: Exchange) -> Exchange:
        course.exchanges.append(exchange)
        if exchange.role is Role.API:
            self._silence.heard(exchange.error)
        self._hooks.exchange(exchange)
        return exchange


def _is_mine(granted: Granted) -> bool:
    """Tell whether a key stands in the target file, so that only its owner can do something about it."""
    return granted.account is None and granted.key not in {None, INVALID_KEY}


def _meets_a_limit(case: Case, step: Send) -> bool:
    """Tell whether a 429 is what a case wants of a step, or what it waits for."""
    awaited = any(isinstance(item, Advance) and item.retry_after_of == step.name for item in case.steps)
    # without credit or budget, 429 may be the very answer that is documented: insufficient_quota
    spent = step.key.role in {KeyRole.BROKE, KeyRole.BUDGET}
    return awaited or spent or (case.capability == "limits" and not step.positive)


def _leads_to_a_limit(case: Case, step: Send) -> bool:
    """Tell whether a later request of the case must meet the limit of the same kind of key."""
    sends = case.sends()
    later = sends[[send.name for send in sends].index(step.name) + 1 :]
    return any(send.key.role is KeyRole.LIMITED and not send.price for send in later)


def _broke_down(step: Send, exchange: Exchange) -> bool:
    """Tell whether a server failed at a request that does not provoke it to."""
    return exchange.status >= 500 and step.provoke in {None, "content_policy", "latency"}  # noqa: PLR2004 - the 5xx class


def _unlucky(exchange: Exchange) -> bool:
    return exchange.response is None or exchange.status == _TOO_MANY or exchange.status >= 500  # noqa: PLR2004 - 5xx
