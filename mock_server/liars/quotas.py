"""Servers that count, or show, their limits in a way of their own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import replace
from email.utils import formatdate
from typing import TYPE_CHECKING

from pixelproof.deviation import Tier

from ..call import Refusal
from ..seams import Seams
from .catalogue import liar

if TYPE_CHECKING:
    from ..call import Call, Headers

HEADERS, FLIGHT, IMAGES, WALLET = "rate headers", "in flight", "image limits", "wallet endpoint"
#: More than anybody asks for.
_ENDLESS = 10**9


@liar("aicredits-no-rate-headers", claim="AIC-24", family=HEADERS, intent="no response has rate headers")
def no_rate_headers(honest: Seams) -> Seams:
    """Show nothing."""
    return replace(honest, show_rate=lambda _call: [])


@liar("aicredits-errors-without-rate-headers", claim="AIC-24", family=HEADERS, intent="errors have no rate headers")
def errors_without_rate_headers(honest: Seams) -> Seams:
    """Show nothing with a refusal."""
    return replace(honest, show_rate=lambda call: honest.show_rate(call) if call.refusal is None else [])


@liar("aicredits-no-reset-header", claim="AIC-24", family=HEADERS, intent="nothing says when the limit is reset")
def no_reset_header(honest: Seams) -> Seams:
    """Leave the last of the three out."""
    return replace(honest, show_rate=lambda call: honest.show_rate(call)[:2])


@liar("aicredits-remaining-never-falls", claim="AIC-24", family=HEADERS, intent="what is left never gets less")
def remaining_never_falls(honest: Seams) -> Seams:
    """Show the whole limit as what is left of it."""

    def show(call: Call) -> Headers:
        headers = honest.show_rate(call)
        return [headers[0], (headers[1][0], headers[0][1]), *headers[2:]] if headers else headers

    return replace(honest, show_rate=show)


@liar("aicredits-reset-as-date", claim="AIC-24", family=HEADERS, intent="the reset is an HTTP date")
def reset_as_date(honest: Seams) -> Seams:
    """Write an instant where a whole number is documented."""
    return _resetting(honest, lambda call, seconds: formatdate(call.now + seconds, usegmt=True))


@liar("aicredits-reset-as-fraction", claim="AIC-24", family=HEADERS, intent="the reset has fractions of seconds")
def reset_as_fraction(honest: Seams) -> Seams:
    """Write a float where a whole number is documented."""
    return _resetting(honest, lambda _call, seconds: f"{seconds}.5")


@liar("aicredits-reset-as-instant", claim="AIC-24", family=HEADERS, intent="the reset is an instant, not a wait")
def reset_as_instant(honest: Seams) -> Seams:
    """Write Unix seconds where seconds until the reset are documented."""
    return _resetting(honest, lambda call, seconds: str(int(call.now) + seconds))


@liar("aicredits-sixth-in-flight", claim="AIC-25", family=FLIGHT, intent="serves six requests at the same time")
def sixth_in_flight(honest: Seams) -> Seams:
    """Begin to count with the second."""
    return _flying(honest, lambda call: call.account.in_flight - 1)


@liar("aicredits-any-number-in-flight", claim="AIC-25", family=FLIGHT, intent="serves any number at the same time")
def any_number_in_flight(honest: Seams) -> Seams:
    """Count nobody."""
    return _flying(honest, lambda _call: 0)


@liar("aicredits-four-in-flight", claim="AIC-25", family=FLIGHT, intent="serves only four requests at the same time")
def four_in_flight(honest: Seams) -> Seams:
    """Count one more than there are."""
    return _flying(honest, lambda call: call.account.in_flight + 1)


@liar("aicredits-in-flight-by-key", claim="AIC-25", family=FLIGHT, intent="counts the requests of each key apart")
def in_flight_by_key(honest: Seams) -> Seams:
    """Count those of the same key, which a user may have several of."""
    by_key: dict[str, list[Call]] = defaultdict(list)

    def flying(call: Call) -> int:
        others = [other for other in by_key[call.key.id] if other.in_flight]
        by_key[call.key.id] = [*others, call]
        return len(others)

    return _flying(honest, flying)


@liar("aicredits-no-wallet-endpoint", claim="AIC-27", family=WALLET, intent="there is no /credits")
def no_wallet_endpoint(honest: Seams) -> Seams:
    """Answer 404."""
    return _walletless(honest, "not_found")


@liar("aicredits-wallet-crashes", claim="AIC-27", family=WALLET, intent="/credits breaks down")
def wallet_crashes(honest: Seams) -> Seams:
    """Answer 500."""
    return _walletless(honest, "server_error")


@liar("perf-images-counted-as-requests", claim="PRF-20", family=IMAGES, intent="limits count requests, not images")
def images_counted_as_requests(honest: Seams) -> Seams:
    """Take one place whatever n says."""
    return replace(honest, limit_images=lambda call: _limited(honest, call, 1))


@liar("perf-image-limit-one-late", claim="PRF-20", family=IMAGES, intent="serves one request beyond a limit of images")
def image_limit_one_late(honest: Seams) -> Seams:
    """Pardon the first request beyond the limit of each account."""
    pardoned: set[str] = set()

    def limit(call: Call) -> None:
        try:
            honest.limit_images(call)
        except Refusal:
            if call.account.id in pardoned:
                raise
            pardoned.add(call.account.id)

    return replace(honest, limit_images=limit)


@liar("perf-no-limit-a-minute", claim="PRF-20", family=IMAGES, intent="has no limit of images a minute")
def no_limit_a_minute(honest: Seams) -> Seams:
    """Keep the limit of a day alone."""
    return _with_limits(honest, {"images_per_minute": _ENDLESS})


@liar("perf-no-limit-a-day", claim="PRF-20", family=IMAGES, intent="has no limit of images a day")
def no_limit_a_day(honest: Seams) -> Seams:
    """Keep the limit of a minute alone."""
    return _with_limits(honest, {"images_per_day": _ENDLESS})


@liar("perf-free-is-pro", claim="PRF-20", family=IMAGES, intent="everybody has the limits of Pro")
def free_is_pro(honest: Seams) -> Seams:
    """Give the free tier the limits of the next one."""
    return _with_limits(honest, {"images_per_minute": 30, "images_per_day": 1000})


@liar("perf-pro-is-free", claim="PRF-20", family=IMAGES, tier=Tier.FULL, intent="Pro has the limits of Free")
def pro_is_free(honest: Seams) -> Seams:
    """Sell what everybody has."""
    return _with_limits_of(honest, "pro", {"images_per_minute": 5, "images_per_day": 50})


@liar("perf-pro-a-minute-unlimited", claim="PRF-20", family=IMAGES, tier=Tier.FULL, intent="Pro has no limit a minute")
def pro_a_minute_unlimited(honest: Seams) -> Seams:
    """Keep Pro's limit of a day alone."""
    return _with_limits_of(honest, "pro", {"images_per_minute": _ENDLESS})


@liar("perf-pro-500-a-day", claim="PRF-20", family=IMAGES, tier=Tier.FULL, intent="Pro has 500 images a day, not 1000")
def pro_500_a_day(honest: Seams) -> Seams:
    """Stop in the middle of the day."""
    return _with_limits_of(honest, "pro", {"images_per_day": 500})


@liar("perf-four-a-minute", claim="PRF-20", family=IMAGES, intent="four images a minute are the limit, not five")
def four_a_minute(honest: Seams) -> Seams:
    """Turn the fifth image away."""
    return _with_limits(honest, {"images_per_minute": 4})


@liar("perf-limit-delivers-the-rest", claim="PRF-20", family=IMAGES, intent="beyond the limit delivers what is left")
def limit_delivers_the_rest(honest: Seams) -> Seams:
    """Make fewer images instead of refusing them all."""

    def limit(call: Call) -> None:
        for n in range(call.n, 0, -1):
            try:
                _limited(honest, call, n)
            except Refusal:
                if n == 1:
                    raise
                continue
            call.values["n"] = n
            return

    return replace(honest, limit_images=limit)


@liar("perf-refusals-count", claim="PRF-20", family=IMAGES, intent="images that were refused count as made")
def refusals_count(honest: Seams) -> Seams:
    """Take what is left from whoever asks for more."""

    def limit(call: Call) -> None:
        try:
            honest.limit_images(call)
        except Refusal:
            for _ in range(call.n - 1):
                _limited(honest, call, 1)
            raise

    return replace(honest, limit_images=limit)


def _resetting(honest: Seams, write: Callable[[Call, int], str]) -> Seams:
    def show(call: Call) -> Headers:
        headers = honest.show_rate(call)
        return [*headers[:2], *((name, write(call, int(value))) for name, value in headers[2:])]

    return replace(honest, show_rate=show)


def _flying(honest: Seams, count: Callable[[Call], int]) -> Seams:
    """Count the requests in flight in another way, for the one decision."""

    def limit(call: Call) -> None:
        account = call.account
        with account.lock:
            before = account.in_flight
            account.in_flight = counted = count(call)
            try:
                honest.limit_requests(call)
            finally:
                account.in_flight += before - counted

    return replace(honest, limit_requests=limit)


def _walletless(honest: Seams, row: str) -> Seams:
    def respond(_call: Call) -> None:
        raise Refusal(row, "the wallet cannot be shown")

    return replace(honest, respond_wallet=respond)


def _limited(honest: Seams, call: Call, n: int) -> None:
    """Take places for another number of images."""
    asked = call.values
    call.values = {**asked, "n": n}
    try:
        honest.limit_images(call)
    finally:
        call.values = asked


def _with_limits_of(honest: Seams, tier: str, limits: Mapping[str, int]) -> Seams:
    def limit(call: Call) -> None:
        if (call.key.tier or call.account.tier) == tier:
            call.account.limits = {**call.account.limits, **limits}
        honest.limit_images(call)

    return replace(honest, limit_images=limit)


def _with_limits(honest: Seams, limits: Mapping[str, int]) -> Seams:
    def limit(call: Call) -> None:
        call.account.limits = {**call.account.limits, **limits}
        honest.limit_images(call)

    return replace(honest, limit_images=limit)
