"""Servers that let the wrong people in, or keep the right ones out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from pixelproof.deviation import Tier

from ..call import Refusal
from ..seams import Seams
from .catalogue import liar
from .edits import excused

if TYPE_CHECKING:
    from ..call import Answer, Call

AUTH, SCOPES, LIMITS = "auth", "scopes", "limits"
_GUEST = "guest-of-the-house"


@liar("aivene-any-key", claim="AIV-21", tier=Tier.SMOKE, family=AUTH, intent="takes any key for a guest's")
@liar("openai-any-key", claim="OAI-09", tier=Tier.SMOKE, family=AUTH, intent="takes any key for a guest's")
def any_key(honest: Seams) -> Seams:
    """Serve unknown keys from an account of its own; no key at all stays an error."""
    return _welcoming(honest, with_key=True)


@liar("aivene-no-key-needed", claim="AIV-21", tier=Tier.SMOKE, family=AUTH, intent="serves without any key")
@liar("openai-no-key-needed", claim="OAI-09", tier=Tier.SMOKE, family=AUTH, intent="serves without any key")
def no_key_needed(honest: Seams) -> Seams:
    """Serve requests without a key from an account of its own; a wrong key stays an error."""
    return _welcoming(honest, with_key=False)


@liar("aivene-missing-key-crashes", claim="AIV-21", tier=Tier.SMOKE, family=AUTH, intent="breaks down without a key")
@liar("openai-missing-key-crashes", claim="OAI-09", tier=Tier.SMOKE, family=AUTH, intent="breaks down without a key")
def missing_key_crashes(honest: Seams) -> Seams:
    """Answer 500 when there is no Authorization header."""

    def authenticate(call: Call) -> None:
        if "HTTP_AUTHORIZATION" not in call.environ:
            raise Refusal("server_error", "KeyError: 'authorization'")
        honest.authenticate(call)

    return replace(honest, authenticate=authenticate)


@liar("aivene-scope-ignored", claim="AIV-27", family=SCOPES, intent="a key without any scope makes images")
def scope_ignored(honest: Seams) -> Seams:
    """Skip the check of scopes."""
    return replace(honest, authorize=lambda _call: None)


@liar("aivene-any-scope-does", claim="AIV-27", family=SCOPES, intent="a key that may list models makes images too")
def any_scope_does(honest: Seams) -> Seams:
    """Refuse only keys that have no scope at all."""
    return replace(honest, authorize=lambda call: None if call.key.scopes else honest.authorize(call))


@liar("aivene-other-scope-wanted", claim="AIV-27", family=SCOPES, intent="wants a scope with another name")
def other_scope_wanted(honest: Seams) -> Seams:
    """Ask for images:generate, which no key has."""

    def authorize(call: Call) -> None:
        honest.authorize(call)
        if call.key.scopes is not None:
            raise Refusal("forbidden", "the key lacks the scope 'images:generate'")

    return replace(honest, authorize=authorize)


@liar("aivene-unlimited", claim="AIV-24", family=LIMITS, intent="has no limit of requests")
@liar("openai-unlimited", claim="OAI-09", family=LIMITS, intent="has no limit of requests")
def unlimited(honest: Seams) -> Seams:
    """Skip the request window."""
    return replace(honest, limit_requests=lambda _call: None)


@liar("aivene-limit-one-late", claim="AIV-24", family=LIMITS, intent="serves one request more than the limit")
@liar("openai-limit-one-late", claim="OAI-09", family=LIMITS, intent="serves one request more than the limit")
def limit_one_late(honest: Seams) -> Seams:
    """Pardon the first request beyond the limit of each key."""
    pardoned: set[str] = set()

    def limit(call: Call) -> None:
        try:
            honest.limit_requests(call)
        except Refusal:
            if call.key.id in pardoned:
                raise
            pardoned.add(call.key.id)

    return replace(honest, limit_requests=limit)


@liar("aivene-limit-halved", claim="AIV-24", family=LIMITS, intent="counts every request two times")
@liar("openai-limit-halved", claim="OAI-09", family=LIMITS, intent="counts every request two times")
def limit_halved(honest: Seams) -> Seams:
    """Take two places in the window for each request."""

    def limit(call: Call) -> None:
        honest.limit_requests(call)
        call.account.in_flight -= 1
        honest.limit_requests(call)

    return replace(honest, limit_requests=limit)


@liar("aivene-limit-never-ends", claim="AIV-24", family=LIMITS, intent="a key that was limited once stays limited")
def limit_never_ends(honest: Seams) -> Seams:
    """Turn a key away for ever after its first 429."""
    banned: dict[str, Refusal] = {}

    def limit(call: Call) -> None:
        if call.key.id in banned:
            raise banned[call.key.id]
        try:
            honest.limit_requests(call)
        except Refusal as refusal:
            banned[call.key.id] = refusal
            raise

    return replace(honest, limit_requests=limit)


@liar("aivene-no-retry-after", claim="AIV-24", family=LIMITS, intent="a 429 has no Retry-After")
def no_retry_after(honest: Seams) -> Seams:
    """Drop the header."""
    return _retry_after(honest, lambda _seconds: None)


@liar("aivene-retry-after-soon", claim="AIV-24", family=LIMITS, intent="Retry-After says soon")
def retry_after_soon(honest: Seams) -> Seams:
    """Write a word instead of seconds."""
    return _retry_after(honest, lambda _seconds: "soon")


@liar("aivene-retry-after-fraction", claim="AIV-24", family=LIMITS, intent="Retry-After has fractions of seconds")
def retry_after_fraction(honest: Seams) -> Seams:
    """Write a float, which the header does not know."""
    return _retry_after(honest, lambda seconds: f"{seconds}.5")


@liar("aivene-retry-after-unit", claim="AIV-24", family=LIMITS, intent="Retry-After has a unit: 60s")
def retry_after_unit(honest: Seams) -> Seams:
    """Write a unit behind the number."""
    return _retry_after(honest, lambda seconds: f"{seconds}s")


@liar("aivene-retry-after-negative", claim="AIV-24", family=LIMITS, intent="Retry-After lies in the past: -1")
def retry_after_negative(honest: Seams) -> Seams:
    """Write a negative number."""
    return _retry_after(honest, lambda _seconds: "-1")


@liar("aivene-retry-after-one", claim="AIV-24", family=LIMITS, intent="Retry-After says 1 while the window is 60")
def retry_after_one(honest: Seams) -> Seams:
    """Promise too much."""
    return _retry_after(honest, lambda _seconds: "1")


@liar("aivene-retry-after-minutes", claim="AIV-24", family=LIMITS, intent="Retry-After counts minutes")
def retry_after_minutes(honest: Seams) -> Seams:
    """Divide the wait by sixty."""
    return _retry_after(honest, lambda seconds: str(max(1, seconds // 60)))


@liar("aivene-retry-after-milliseconds", claim="AIV-24", family=LIMITS, intent="Retry-After counts milliseconds")
def retry_after_milliseconds(honest: Seams) -> Seams:
    """Multiply the wait by a thousand."""
    return _retry_after(honest, lambda seconds: str(seconds * 1000))


def _welcoming(honest: Seams, *, with_key: bool) -> Seams:
    """Serve as a guest who comes with a wrong key, or without any."""

    def authenticate(call: Call) -> None:
        try:
            honest.authenticate(call)
        except Refusal:
            if ("HTTP_AUTHORIZATION" in call.environ) is not with_key:
                raise
            guest = call.provider.contract.auth.mint.format(token=_GUEST)
            call.environ = {**call.environ, "HTTP_AUTHORIZATION": f"Bearer {guest}"}
            honest.authenticate(call)

    return replace(honest, authenticate=authenticate)


def _retry_after(honest: Seams, write: Callable[[int], str | None]) -> Seams:
    def edit(_call: Call, refusal: Refusal, answer: Answer) -> None:
        value = write(refusal.retry_after_s or 1)
        others = [(name, text) for name, text in answer.headers if name != "Retry-After"]
        answer.headers = [*others, *([("Retry-After", value)] if value is not None else [])]

    return excused(honest, edit, "rate_limited")
