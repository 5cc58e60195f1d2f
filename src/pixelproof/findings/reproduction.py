"""A finding as a shell script: the request that shows it, and before it only what that request needs.

Most findings are one curl. A request about a task, a stored image, a limit or an empty wallet
stands on earlier ones: then those come first, and what they answered is kept in shell variables.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from pixelproof.contract import Contract, Json
from pixelproof.exchange import Exchange, Role
from pixelproof.findings.curl import KEY_VARIABLE, REDACTED, curl, spliced
from pixelproof.planning.case import Advance, Cancel, Case, Key, KeyRole, Poll, Send, SetRate, Step, Together, Upload
from pixelproof.planning.demand import account_form, key_form, owner

#: Roles whose key is what it is without any account.
_BARE = frozenset({KeyRole.NONE, KeyRole.INVALID, KeyRole.DEFAULT})
#: An account of the case alone, and nothing more that matters.
_ALONE = Key(role=KeyRole.FRESH)
#: Seconds of a mock's clock between two looks at a task.
STRIDE_S = 5
#: Where no answer came, nobody waits for it for ever.
_NO_LONGER = "--max-time 60"
#: Stands for an account until its variable is put there.
_MARK = "{account}"
#: A name that may become a variable, and a text that may be looked for in an answer.
_NAME, _TEXT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*"), re.compile(r"[\w.:/=+~-]{8,200}", re.ASCII)
#: Seconds that a limit's window lasts: what a date in Retry-After comes to, whenever it is pasted.
_WINDOW_S = 60
_TOO_MANY = 429
_DATE = re.compile(r"[A-Z][a-z]{2}, \d")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Where a finding was seen: its contract, and the control plane of a pixelproof mock if there is one."""

    contract: Contract
    control: str | None = None


def reproduction(stage: Stage, case: Case, exchanges: Iterable[Exchange], shown: Exchange) -> str:
    """Return the commands that show an exchange of a case again; its answer is what they print."""
    calls = [item for item in exchanges if item.role is Role.API and item.seq <= shown.seq]
    before = [item for item in calls if item.step != shown.step]
    script = _Script(stage, case, looks=sum(item.step == shown.step for item in calls))
    rests = any(_named(item, _planned(case), [shown]) for item in before)
    if not (rests or _is_counted(_key(case, shown.step))):
        before = []
    return "\n".join(script.told(before, shown))


@dataclass(slots=True)
class _Script:
    """The lines of one script as they grow."""

    stage: Stage
    case: Case
    #: How often the shown step looked.
    looks: int = 1
    #: Demand → shell variable, in the order in which the keys were made.
    keys: dict[Key, str] = field(default_factory=dict)
    #: What an earlier answer said → shell variable.
    values: dict[str, str] = field(default_factory=dict)

    def told(self, before: list[Exchange], shown: Exchange) -> Iterator[str]:
        last = {item.step: item for item in before}
        looks = {name: sum(item.step == name for item in before) for name in last}
        later = [*before, shown]
        for step in _flat(self.case.steps):
            exchange = last.get(step.name)
            if step.name == shown.step:
                break
            if before and not isinstance(step, Poll):
                yield from self._moved(step, before)
            if exchange is not None:
                yield from self._time_for(step, looks[step.name])
                yield from self._call(step, exchange, [item for item in later if item.seq > exchange.seq])
        yield from self._last(shown, before)

    def _last(self, shown: Exchange, before: list[Exchange]) -> Iterator[str]:
        demand = _key(self.case, shown.step)
        yield from self._opened(shown, demand)
        step = self.case.step(shown.step)
        if before:
            yield from self._time_for(step, self.looks)
        command = curl(shown.request, key_variable=self.keys.get(demand, KEY_VARIABLE), values=self.values)
        yield command if shown.response is not None else f"{command} \\\n  {_NO_LONGER}"

    def _call(self, step: Step, exchange: Exchange, later: list[Exchange]) -> Iterator[str]:
        demand = _key(self.case, step.name)
        yield from self._opened(exchange, demand)
        kept = _named(exchange, _planned(self.case), later)
        variable = self.keys.get(demand, KEY_VARIABLE)
        command = curl(exchange.request, key_variable=variable, values=self.values, quiet=not kept)
        if not kept:
            yield command
            return
        yield f"ANSWER=$({command})"
        for text, key in kept.items():
            variable = f"{key.upper()}_{len(self.values) + 1}"
            yield f'{variable}=$(printf %s "$ANSWER" | {_grep(key, _place(exchange, key, text))})'
            self.values[text] = variable

    def _opened(self, exchange: Exchange, demand: Key) -> Iterator[str]:
        """Yield what makes the key of a demand, where a control plane makes keys."""
        if demand in self.keys or demand.role in _BARE or not _is_secret(exchange):
            return
        control = self.stage.control
        if control is None or demand == _ALONE:
            # the user's own keys; an account of the case alone is whatever account they have
            self.keys[demand] = KEY_VARIABLE if demand.role is KeyRole.FRESH else self._variable(demand)
            return
        further = key_form(demand, self.stage.contract.billing.currency)
        if further is None:
            yield self._made(demand, f"{control}/accounts", self._account(demand))
            return
        whose = owner(demand)
        if self.keys.get(whose, KEY_VARIABLE) == KEY_VARIABLE:
            yield self._made(whose, f"{control}/accounts", self._account(whose))
        yield self._made(demand, f"{control}/accounts/{_MARK}/keys", further, self.keys[whose])

    def _account(self, demand: Key) -> dict[str, Json]:
        contract = self.stage.contract
        return {"profile": contract.profile, **account_form(demand, contract.billing.currency)}

    def _made(self, demand: Key, url: str, form: Mapping[str, Json], account: str = "") -> str:
        self.keys[demand] = variable = self._variable(demand)
        return f"{variable}=$({_admin('POST', url, form, account)} | {_grep('key', 1)})"

    def _variable(self, demand: Key) -> str:
        name = f"{KEY_VARIABLE}_{demand.role.value.upper()}"
        taken = sum(found.startswith(name) for found in self.keys.values())
        return f"{name}_{taken + 1}" if taken else name

    def _moved(self, step: Step, before: list[Exchange]) -> Iterator[str]:
        """Yield what a step does to the account of its key by the control plane."""
        control = self.stage.control
        demand = _key(self.case, step.name)
        variable = KEY_VARIABLE if demand.role is KeyRole.DEFAULT else self.keys.get(demand)
        if control is None or variable is None:
            return
        if isinstance(step, Advance):
            seconds = step.seconds if step.retry_after_of is None else _waited(before, step.retry_after_of)
            if seconds is not None:
                yield _clock(control, variable, seconds)
        elif isinstance(step, SetRate):
            form = {"usd_inr": step.rate, "account": _MARK}
            yield f"{_admin('PUT', f'{control}/forex', form, variable)} -o /dev/null"

    def _time_for(self, step: Step, looks: int) -> Iterator[str]:
        """Yield the wait for a task: on the mock's clock, or in real time."""
        if not isinstance(step, Poll) or not step.until_final:
            return
        seconds = STRIDE_S * max(looks, 1)
        variable = KEY_VARIABLE if step.key.role is KeyRole.DEFAULT else self.keys.get(step.key)
        if self.stage.control is not None and variable is not None:
            yield _clock(self.stage.control, variable, seconds)
        else:
            yield f"sleep {seconds}"


def _flat(steps: Iterable[Step]) -> Iterator[Step]:
    for step in steps:
        yield from step.sends if isinstance(step, Together) else (step,)


def _key(case: Case, name: str) -> Key:
    step = case.step(name)
    return step.key if isinstance(step, Send | Poll | Upload | Cancel | Advance | SetRate) else Key()


def _is_counted(demand: Key) -> bool:
    """Tell whether it matters what was sent before with the key of a demand."""
    return any((demand.limit_per_minute, demand.budget, demand.tier, demand.as_documented, demand.balance))


def _is_secret(exchange: Exchange) -> bool:
    return any(value == REDACTED for value in exchange.request.headers.values())


def _planned(case: Case) -> str:
    return json.dumps([dict(send.body) if send.body is not None else None for send in case.sends()])


def _named(exchange: Exchange, planned: str, later: Iterable[Exchange]) -> dict[str, str]:
    """Return what an answer named and later requests use: the text, and the key it stands under.

    A server's own words become names of variables, so only plain names count; what was
    planned anyway, such as a model, is not taken from an answer.
    """
    asked = [f"{item.request.url} {json.dumps(item.request.body)}" for item in later]
    return {
        text: key
        for text, key in _texts(exchange.response.body if exchange.response else None, "value")
        if _NAME.fullmatch(key) and _TEXT.fullmatch(text) and text not in planned and any(text in one for one in asked)
    }


def _place(exchange: Exchange, key: str, text: str) -> int:
    """Return the how-manieth text under a key a text is, counted from 1."""
    body = exchange.response.body if exchange.response else None
    return [found for found, name in _texts(body, "value") if name == key].index(text) + 1


def _texts(value: Json, key: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, item in value.items():
            yield from _texts(item, name)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item, key)
    elif isinstance(value, str):
        yield value, key


def _waited(before: Iterable[Exchange], step: str) -> float | None:
    """Return the wait that a 429 announced, None where there was none to respect."""
    said = next((item for item in before if item.step == step and item.status == _TOO_MANY), None)
    value = said.response.headers.get("retry-after", "") if said is not None and said.response is not None else ""
    if value.isascii() and value.strip().isdigit():
        return float(value)
    return _WINDOW_S if _DATE.match(value) else None


def _clock(control: str, variable: str, seconds: float) -> str:
    form: dict[str, Json] = {"seconds": seconds, "account": _MARK}
    return f"{_admin('POST', f'{control}/clock/advance', form, variable)} -o /dev/null"


def _admin(method: str, url: str, form: Mapping[str, Json], account: str = "") -> str:
    """Return a call of the control plane about the account whose key is in a variable."""
    told = {_MARK: account} if account else {}
    body = spliced(json.dumps(form), told)
    return f"curl -sS -X {method} {spliced(url, told)} -H 'content-type: application/json' --data-raw {body}"


def _grep(key: str, place: int) -> str:
    return f'grep -o \'"{key}" *: *"[^"]*"\' | sed -n {place}p | cut -d\'"\' -f4'
