"""Keys and limits: patterns that do not compile, keys that cannot be made, windows that count nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pixelproof.contract import Contract
from pixelproof.documents.linting.finding import Remark
from pixelproof.documents.linting.given import Given
from pixelproof.documents.linting.registry import error, warning

#: A token such as the mock fills in.
_TOKEN = "0123456789abcdef" * 2
#: The one limit that is tried by setting a number: it needs none of its own.
_SET_BY_HAND = "requests_per_minute"


@error
def bad_pattern(contract: Contract, given: Given) -> Iterator[Remark]:
    """A pattern of keys that is no regular expression."""
    del given
    test_keys = contract.auth.test_keys
    if test_keys is not None and _compiled(test_keys.key_pattern) is None:
        message = f"'{test_keys.key_pattern}' is no regular expression"
        yield Remark(path=("auth", "test_keys", "key"), message=message, hint="correct the pattern")


@error
def unmintable_key(contract: Contract, given: Given) -> Iterator[Remark]:
    """A template whose keys the contract itself would refuse."""
    del given
    auth = contract.auth
    test_keys = auth.test_keys
    minted = _minted(auth.mint)
    wrong = _wrong(minted, auth.key_pattern)
    if wrong is not None:
        yield Remark(path=("auth", "mint"), message=wrong, hint="let auth.mint fit the pattern auth.key")
    if test_keys is None or (pattern := _compiled(test_keys.key_pattern)) is None:
        return
    test_minted = _minted(test_keys.mint)
    wrong = _wrong(test_minted, auth.key_pattern)
    if wrong is None and pattern.search(test_minted or "") is None:
        wrong = f"'{test_minted}' is no test key by {test_keys.key_pattern}"
    if wrong is not None:
        yield Remark(path=("auth", "test_keys", "mint"), message=wrong, hint="let it fit auth.key and test_keys.key")
    if minted is not None and pattern.search(minted) is not None:
        message = f"'{minted}' is a test key, and would never be billed"
        yield Remark(path=("auth", "mint"), message=message, hint="narrow test_keys.key")


@warning
def idle_limit(contract: Contract, given: Given) -> Iterator[Remark]:
    """A limit without a number: it counts nothing, and nothing tries it."""
    del given
    for name, limit in contract.limits.items():
        if limit.value is None and not limit.tiers and name != _SET_BY_HAND:
            message = f"'{name}' has neither a value nor tiers, so nothing is limited"
            yield Remark(path=("limits", name), message=message, hint="give the number, by tier or for all")


@warning
def uneven_tiers(contract: Contract, given: Given) -> Iterator[Remark]:
    """A tier that one limit has and another lacks."""
    del given
    every = {tier for limit in contract.limits.values() for tier in limit.tiers}
    for name, limit in contract.limits.items():
        missing = sorted(every - set(limit.tiers)) if limit.tiers else []
        if missing:
            message = f"'{name}' has no number for the tier {', '.join(missing)}, which another limit has"
            yield Remark(path=("limits", name, "tiers"), message=message, hint="give it, or correct the tier's name")


@warning
def short_day(contract: Contract, given: Given) -> Iterator[Remark]:
    """A day that lets fewer images through than one of its minutes."""
    del given
    minute, day = (contract.limits.get(name) for name in ("images_per_minute", "images_per_day"))
    if minute is None or day is None:
        return
    numbers = [(minute.value, day.value), *((minute.tiers.get(tier), day.tiers[tier]) for tier in day.tiers)]
    for in_a_minute, in_a_day in numbers:
        if in_a_minute is not None and in_a_day is not None and in_a_minute > in_a_day:
            message = f"{in_a_minute} images a minute, and only {in_a_day} a day"
            yield Remark(path=("limits", "images_per_day"), message=message, hint="are the two numbers swapped?")


@warning
def idle_rate_headers(contract: Contract, given: Given) -> Iterator[Remark]:
    """Headers about a limit that the contract does not have."""
    del given
    limit = contract.limits.get(_SET_BY_HAND)
    if contract.rate_headers is not None and (limit is None or (limit.value is None and not limit.tiers)):
        message = f"the headers tell of {_SET_BY_HAND}, and there is no such number"
        yield Remark(path=("rate_headers",), message=message, hint=f"add the limit {_SET_BY_HAND}")


def _compiled(pattern: str) -> re.Pattern[str] | None:
    try:
        return re.compile(pattern)
    except re.error:
        return None


def _minted(template: str) -> str | None:
    try:
        return template.format(token=_TOKEN)
    except (KeyError, IndexError, ValueError):
        return None


def _wrong(minted: str | None, pattern: str) -> str | None:
    if minted is None:
        return "has braces beside {token}"
    if "invalid" in minted.lower():
        return f"'{minted}' says that it is invalid, and is refused"
    return None if re.fullmatch(pattern, minted) else f"'{minted}' does not fit {pattern}"
