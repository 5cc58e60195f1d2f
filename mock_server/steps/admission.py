"""Limits: what one key or account may ask for in a minute or a day, and at the same time.

Attempts that a window turns away do not count toward it; everything it admits counts,
whatever it ends in, except images that were never made.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from ..call import Call, Refusal
from ..state.windows import RollingWindow, Windows

if TYPE_CHECKING:
    from pixelproof.contract import Limit

    from ..state.accounts import Key

#: limit → seconds of its window
REQUEST_WINDOWS: Mapping[str, float] = {"requests_per_minute": 60.0}
IMAGE_WINDOWS: Mapping[str, float] = {"images_per_minute": 60.0, "images_per_day": 86400.0}
IN_FLIGHT = "in_flight"
LIMIT_NAMES = (*REQUEST_WINDOWS, *IMAGE_WINDOWS, IN_FLIGHT)
#: What the window of an account's test keys is called behind the limit's name: they have quotas of their own.
_OF_TEST_KEYS = "/test"


class Rule(NamedTuple):
    """One limit as it holds for one key: its value, and the window that counts towards it."""

    name: str
    value: int
    windows: Windows
    window: str
    claim: tuple[str, ...]


def limit_requests(call: Call) -> None:
    """Take a place in flight and one in the request window."""
    account = call.account
    with account.lock:
        for rule in rules(call.key, (IN_FLIGHT,)):
            if account.in_flight >= rule.value:
                raise _refusal(rule, 1, "requests at the same time")
        _take(call, list(rules(call.key, REQUEST_WINDOWS)), REQUEST_WINDOWS, 1)
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
    found = list(rules(call.key, IMAGE_WINDOWS))
    if found:
        with call.account.lock:
            call.image_windows = _take(call, found, IMAGE_WINDOWS, call.n)


def give_images_back(call: Call) -> None:
    """Free the image places of a request that made none. Call under the account's lock."""
    for window in call.image_windows:
        window.give_back(call.n)
    call.image_windows = ()


def rules(key: Key, names: Mapping[str, float] | tuple[str, ...]) -> Iterator[Rule]:
    """Yield the limits that hold for a key: its own, its account's, or the documented ones of its tier."""
    account = key.account
    documented = account.contract.limits
    for name in names:
        limit = documented.get(name)
        per_account = limit is None or limit.per == "account"
        windows = account.windows if per_account else key.windows
        if name in key.limits:
            value, windows = key.limits[name], key.windows
        elif name in account.limits:
            value = account.limits[name]
        else:
            value = _of_tier(limit, key.tier or account.tier) if limit is not None else None
        if value is not None:
            window = name + _OF_TEST_KEYS if _tests(key) else name
            yield Rule(name, value, windows, window, limit.claim if limit is not None else ())


def _of_tier(limit: Limit, tier: str | None) -> int | None:
    return limit.tiers.get(tier, limit.value) if tier is not None else limit.value


def _tests(key: Key) -> bool:
    return not key.billed and key.account.contract.auth.test_keys is not None


def _take(call: Call, found: list[Rule], lengths_s: Mapping[str, float], weight: int) -> tuple[RollingWindow, ...]:
    """Take ``weight`` places in every window, or refuse by the one that has room last and take none."""
    windows = tuple(rule.windows.opened(rule.window, lengths_s[rule.name]) for rule in found)
    for rule in found:
        if weight > rule.value:
            raise _refusal(rule, None, rule.name.replace("_", " "))
    waits = [window.wait_s(call.now, weight, rule.value) for window, rule in zip(windows, found, strict=True)]
    longest = max(waits, default=0)
    if longest:
        rule = found[waits.index(longest)]
        raise _refusal(rule, longest, rule.name.replace("_", " "))
    for window in windows:
        window.take(call.now, weight)
    return windows


def _refusal(rule: Rule, wait_s: int | None, what: str) -> Refusal:
    message = f"rate limit reached: {rule.value} {what}"
    return Refusal("rate_limited", message, claim=rule.claim, retry_after_s=wait_s)
