"""Servers that roll, share or show a window of requests in a way of their own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from pixelproof.deviation import Tier

from ..seams import Seams
from .catalogue import liar

if TYPE_CHECKING:
    from ..call import Call, Headers

HEADERS, WINDOW = "rate headers", "request window"
_WINDOW, _MINUTE_S = "requests_per_minute", 60.0
_HUNDRED, _ENDLESS = 100, 10**9


@liar("aicredits-limit-header-fixed", claim="AIC-24", family=HEADERS, intent="the headers tell of a limit of 100")
def limit_header_fixed(honest: Seams) -> Seams:
    """Show another limit than the one that holds."""
    return _showing(honest, 0, lambda _limit, _left: _HUNDRED)


@liar("aicredits-remaining-one-more", claim="AIC-24", family=HEADERS, intent="shows one request more than is left")
def remaining_one_more(honest: Seams) -> Seams:
    """Look at the window before the request has its place."""
    return _showing(honest, 1, lambda limit, left: min(limit, left + 1))


@liar("aicredits-unknown-keys-without-headers", claim="AIC-24", family=HEADERS, intent="a 401 has no rate headers")
def unknown_keys_without_headers(honest: Seams) -> Seams:
    """Show nothing to strangers."""
    return _silent(honest, lambda call: getattr(call, "key", None) is None)


@liar("aicredits-429-without-rate-headers", claim="AIC-24", family=HEADERS, intent="a 429 has no rate headers")
def limiter_without_headers(honest: Seams) -> Seams:
    """Show nothing when it matters most."""
    return _silent(honest, lambda call: _refused_as(call, "rate_limited"))


@liar("aicredits-500-without-rate-headers", claim="AIC-24", family=HEADERS, intent="a 500 has no rate headers")
def breakdown_without_headers(honest: Seams) -> Seams:
    """Let the page of the framework answer."""
    return _silent(honest, lambda call: _refused_as(call, "server_error"))


@liar("aicredits-wallet-without-rate-headers", claim="AIC-24", family=HEADERS, intent="/credits has no rate headers")
def wallet_without_headers(honest: Seams) -> Seams:
    """Show nothing where no image is made."""
    return _silent(honest, lambda call: call.operation.name == "wallet")


@liar("aicredits-hundred-a-minute", claim="AIC-24", family=WINDOW, intent="a new key has 100 requests a minute")
def hundred_a_minute(honest: Seams) -> Seams:
    """Be more generous than documented, and say so."""
    return _with_new_limit(honest, _HUNDRED)


@liar("aicredits-thirty-a-minute", claim="AIC-24", family=WINDOW, intent="a new key has 30 requests a minute")
def thirty_a_minute(honest: Seams) -> Seams:
    """Be less generous than documented, and say so."""
    return _with_new_limit(honest, 30)


@liar(
    "aicredits-new-keys-unlimited",
    claim="AIC-24",
    family=WINDOW,
    tier=Tier.FULL,
    intent="shows 60 requests a minute and serves any number",
)
def new_keys_unlimited(honest: Seams) -> Seams:
    """Count, and never refuse."""

    def limit(call: Call) -> None:
        kept = call.account.limits
        if _WINDOW in kept:
            honest.limit_requests(call)
            return
        call.account.limits = {**kept, _WINDOW: _ENDLESS}
        try:
            honest.limit_requests(call)
        finally:
            call.account.limits = kept

    return replace(honest, limit_requests=limit)


@liar("aicredits-fixed-minute", claim="AIC-24", family=WINDOW, intent="the whole minute comes back at once")
def fixed_minute(honest: Seams) -> Seams:
    """Forget every request of a window as soon as its first one is a minute old."""

    def limit(call: Call) -> None:
        window = call.key.windows.get(_WINDOW)
        entries = window.state() if window is not None else []
        if window is not None and entries and call.now - entries[0][0] >= _MINUTE_S:
            window.restore([])
        honest.limit_requests(call)

    return replace(honest, limit_requests=limit)


@liar("aicredits-minute-begins-anew", claim="AIC-24", family=WINDOW, intent="a minute begins anew with every request")
def minute_begins_anew(honest: Seams) -> Seams:
    """Keep every place for a minute after the last request, not after its own."""

    def limit(call: Call) -> None:
        honest.limit_requests(call)
        window = call.key.windows.get(_WINDOW)
        if window is not None:
            window.restore([(call.now, weight) for _, weight in window.state()])

    return replace(honest, limit_requests=limit)


@liar("aicredits-window-of-the-account", claim="AIC-24", family=WINDOW, intent="the keys of an account share a minute")
def window_of_the_account(honest: Seams) -> Seams:
    """Count the requests of all keys of an account together."""

    def limit(call: Call) -> None:
        call.key.windows = call.account.windows
        honest.limit_requests(call)

    return replace(honest, limit_requests=limit)


def _showing(honest: Seams, index: int, write: Callable[[int, int], int]) -> Seams:
    """Write one of the headers anew, from the limit and what is left of it."""

    def show(call: Call) -> Headers:
        headers = honest.show_rate(call)
        if headers:
            limit, left = (int(value) for _, value in headers[:2])
            headers[index] = (headers[index][0], str(write(limit, left)))
        return headers

    return replace(honest, show_rate=show)


def _silent(honest: Seams, is_silent: Callable[[Call], bool]) -> Seams:
    return replace(honest, show_rate=lambda call: [] if is_silent(call) else honest.show_rate(call))


def _refused_as(call: Call, row: str) -> bool:
    return call.refusal is not None and call.refusal.row == row


def _with_new_limit(honest: Seams, value: int) -> Seams:
    """Give keys that nobody has changed another limit."""

    def limit(call: Call) -> None:
        call.account.limits = {_WINDOW: value, **call.account.limits}
        honest.limit_requests(call)

    return replace(honest, limit_requests=limit)
