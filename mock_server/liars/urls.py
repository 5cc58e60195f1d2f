"""Servers whose image URLs do not work, or not as long as they should."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pixelproof.deviation import Tier

from ..call import Answer
from ..seams import Seams
from .catalogue import liar

if TYPE_CHECKING:
    from ..call import Call
    from ..images.pictures import Picture
    from ..provider import Provider
    from ..state.tickets import Ticket

LIFE, REACH = "url life", "url"
_MINUTE = 60
_HOUR = 3600


@liar("aivene-url-ten-minutes", claim="AIV-17", family=LIFE, intent="URLs live ten minutes")
@liar("openai-url-ten-minutes", claim="OAI-07", family=LIFE, intent="URLs live ten minutes")
def url_ten_minutes(honest: Seams) -> Seams:
    """Sign for ten minutes."""
    return _living(honest, 10 * _MINUTE)


@liar("aivene-url-49-minutes", claim="AIV-17", family=LIFE, intent="URLs die a minute before they may")
def url_49_minutes(honest: Seams) -> Seams:
    """Sign for 49 minutes."""
    return _living(honest, 49 * _MINUTE)


@liar("openai-url-50-minutes", claim="OAI-07", family=LIFE, intent="URLs live 50 minutes, not 60")
def url_50_minutes(honest: Seams) -> Seams:
    """Sign for 50 minutes."""
    return _living(honest, 50 * _MINUTE)


@liar("aivene-url-immortal", claim="AIV-17", family=LIFE, intent="URLs never die")
@liar("openai-url-immortal", claim="OAI-07", family=LIFE, intent="URLs never die")
def url_immortal(honest: Seams) -> Seams:
    """Serve as if no time had passed."""
    return replace(honest, serve_image=lambda provider, ticket, _now: honest.serve_image(provider, ticket, 0.0))


@liar("aivene-url-three-hours", claim="AIV-17", family=LIFE, intent="URLs live three hours")
def url_three_hours(honest: Seams) -> Seams:
    """Sign for three hours."""
    return _living(honest, 3 * _HOUR)


@liar("openai-url-two-hours", claim="OAI-07", family=LIFE, intent="URLs live two hours")
def url_two_hours(honest: Seams) -> Seams:
    """Sign for two hours."""
    return _living(honest, 2 * _HOUR)


@liar("aivene-url-works-once", claim="AIV-17", family=LIFE, intent="a URL works for the first download only")
@liar("openai-url-works-once", claim="OAI-07", family=LIFE, intent="a URL works for the first download only")
def url_works_once(honest: Seams) -> Seams:
    """Burn every URL after use."""
    burnt: set[Ticket] = set()

    def serve(provider: Provider, ticket: Ticket, now: float) -> Answer:
        if ticket in burnt:
            return _text(410, b"this URL was used already\n")
        burnt.add(ticket)
        return honest.serve_image(provider, ticket, now)

    return replace(honest, serve_image=serve)


@liar("aivene-url-decays", claim="AIV-17", family=LIFE, intent="after half an hour a URL gives a placeholder text")
@liar("openai-url-decays", claim="OAI-07", family=LIFE, intent="after half an hour a URL gives a placeholder text")
def url_decays(honest: Seams) -> Seams:
    """Answer 200 without an image before the URL is due."""

    def serve(provider: Provider, ticket: Ticket, now: float) -> Answer:
        decayed = ticket.expires - _HOUR // 2 < now < ticket.expires
        return _text(200, b"archived\n") if decayed else honest.serve_image(provider, ticket, now)

    return replace(honest, serve_image=serve)


@liar("aivene-url-not-found", claim="AIV-15", tier=Tier.SMOKE, family=REACH, intent="nothing is behind any URL")
@liar("openai-url-not-found", claim="OAI-07", family=REACH, intent="nothing is behind any URL")
def url_not_found(honest: Seams) -> Seams:
    """Answer every URL with 404."""
    return replace(honest, serve_image=lambda _provider, _ticket, _now: _text(404, b"no such image\n"))


@liar("aivene-url-is-a-path", claim="AIV-15", tier=Tier.SMOKE, family=REACH, intent="a URL is a bare path")
@liar("openai-url-is-a-path", claim="OAI-07", family=REACH, intent="a URL is a bare path")
def url_is_a_path(honest: Seams) -> Seams:
    """Leave scheme and host out."""
    return replace(honest, sign_url=lambda call, picture: urlsplit(honest.sign_url(call, picture)).path)


@liar("aivene-url-without-scheme", claim="AIV-15", tier=Tier.SMOKE, family=REACH, intent="a URL has no scheme")
def url_without_scheme(honest: Seams) -> Seams:
    """Begin with the host."""
    return replace(honest, sign_url=lambda call, picture: honest.sign_url(call, picture).partition("//")[2])


@liar("aivene-url-cut", claim="AIV-15", tier=Tier.SMOKE, family=REACH, intent="the signature of a URL is cut off")
@liar("openai-url-cut", claim="OAI-07", family=REACH, intent="the signature of a URL is cut off")
def url_cut(honest: Seams) -> Seams:
    """Cut the URL as a narrow database column would."""
    return replace(honest, sign_url=lambda call, picture: honest.sign_url(call, picture)[:60])


def _living(honest: Seams, life_s: int) -> Seams:
    def sign(call: Call, picture: Picture) -> str:
        return honest.sign_url(call, picture._replace(life_s=life_s))

    return replace(honest, sign_url=sign)


def _text(status: int, body: bytes) -> Answer:
    return Answer(status=status, body=body, content_type="text/plain; charset=utf-8")
