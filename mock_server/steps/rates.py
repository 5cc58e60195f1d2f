"""The headers in which every answer says how much of the request limit is left."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .admission import REQUEST_WINDOWS, rules

if TYPE_CHECKING:
    from pixelproof.contract import Contract

    from ..call import Call, Headers
    from ..state.accounts import Key

_LIMIT = "requests_per_minute"


def show_rate(call: Call) -> Headers:
    """Return the rate headers of an answer, none where the contract documents none."""
    contract = call.provider.contract
    return rate_headers(contract, getattr(call, "key", None)) if contract.rate_headers is not None else []


def rate_headers(contract: Contract, key: Key | None) -> Headers:
    """Return limit, what remains of it and the whole seconds until more does; all of it while nobody is known.

    A key without any limit has nothing to show.
    """
    if key is None:
        documented = contract.limits.get(_LIMIT)
        return _named(contract, documented.value if documented is not None else None, 0, 0)
    account = key.account
    with account.lock:
        for rule in rules(key, REQUEST_WINDOWS):
            window, now = rule.windows.get(rule.window), account.clock.now()
            if window is None:
                return _named(contract, rule.value, 0, 0)
            return _named(contract, rule.value, window.used(now), window.reset_s(now))
    return []


def _named(contract: Contract, limit: int | None, used: int, reset_s: int) -> Headers:
    names = contract.rate_headers
    if names is None or limit is None:
        return []
    remaining = max(0, limit - used)
    return [(names.limit, str(limit)), (names.remaining, str(remaining)), (names.reset, str(reset_s))]
