"""Limits: what one key or account may ask for in a minute or a day, and at the same time.

Attempts that a window turns away do not count toward it; everything it admits counts,
whatever it ends in, except images that were never made.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from .accounts import Account, Key
from .call import Call, Refusal
from .windows import RollingWindow

#: limit → seconds of its window
REQUEST_WINDOWS: Mapping[str, float] = {"requests_per_minute": 60.0}
IMAGE_WINDOWS: Mapping[str, float] = {"images_per_minute": 60.0, "images_per_day": 86400.0}
IN_FLIGHT = "in_flight"
LIMIT_NAMES = (*REQUEST_WINDOWS, *IMAGE_WINDOWS, IN_FLIGHT)


class _Rule(NamedTuple):
    name: str
    value: int
    owner: Key | Account
    claim: tuple[str, ...]


def limit_requests(call: Call) -> None:
    """Take a place in flight and one in the request window."""
    account = call.account
    with account.lock:
        for rule in _rules(call, (IN_FLIGHT,)):
            if account.in_flight >= rule.value:
                raise _refusal(rule, 1, "requests at the same time")
        for rule in _rules(call, REQUEST_WINDOWS):
            _take(call, rule, REQUEST_WINDOWS[rule.name], 1)
        account.in_flight += 1
        call.in_flight = True


def leave(call: Call) -> None:
    """Give the place in flight back: the request is over."""
    if call.in_flight:
        call.in_flight = False
        with call.account.lock:
            call.account.in_flight -= 1


def limit_images(call: Call) -> None:
    """Take ``n`` places in the image windows, all or none."""
    taken: list[RollingWindow] = []
    rules = list(_rules(call, IMAGE_WINDOWS))
    if not rules:
        return
    with call.account.lock:
        try:
            taken.extend(_take(call, rule, IMAGE_WINDOWS[rule.name], call.n) for rule in rules)
        except Refusal:
            for window in taken:
                window.give_back(call.n)
            raise
    call.image_windows = tuple(taken)


def give_images_back(call: Call) -> None:
    """Free the image places of a request that made none. Call under the account's lock."""
    for window in call.image_windows:
        window.give_back(call.n)
    call.image_windows = ()


def _rules(call: Call, names: Mapping[str, float] | tuple[str, ...]) -> Iterator[_Rule]:
    key, account, documented = call.key, call.account, call.provider.contract.limits
    for name in names:
        limit = documented.get(name)
        claim = limit.claim if limit is not None else ()
        per_account = limit is None or limit.per == "account"
        owner: Key | Account = account if per_account else key
        value = limit.value if limit is not None else None
        if name in key.limits:
            value, owner = key.limits[name], key
        elif name in account.limits:
            value = account.limits[name]
        if value is not None:
            yield _Rule(name, value, owner, claim)


def _take(call: Call, rule: _Rule, length_s: float, weight: int) -> RollingWindow:
    window = rule.owner.windows.get(rule.name)
    if window is None:
        window = rule.owner.windows[rule.name] = RollingWindow(length_s)
    wait_s = window.take(call.now, weight, rule.value)
    if wait_s is not None:
        raise _refusal(rule, wait_s if wait_s > 0 else None, rule.name.replace("_", " "))
    return window


def _refusal(rule: _Rule, wait_s: int | None, what: str) -> Refusal:
    message = f"rate limit reached: {rule.value} {what}"
    return Refusal("rate_limited", message, claim=rule.claim, retry_after_s=wait_s)
