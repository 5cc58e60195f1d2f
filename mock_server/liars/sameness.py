"""Servers whose answers look right one by one: the same for everybody, spoilt now and then, or under a wrong name."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ..call import Answer
from ..seams import JsonObject, Seams
from .catalogue import liar
from .edits import answered, itemised, recounted, redrawn

if TYPE_CHECKING:
    from ..call import Call
    from ..images.pictures import Picture
    from ..provider import Provider
    from ..state.tickets import Ticket

SAME, NAMES, SOMETIMES = "the same for all", "content types", "now and then"
_PAIR, _GONE = 2, 410


@liar("fineapi-revision-of-the-last", claim="FIN-09", family=SAME, intent="tells the prompt of the request before")
def revision_of_the_last(honest: Seams) -> Seams:
    """Keep what was asked where the next request finds it."""
    last = ["a cat"]

    def change(call: Call, item: JsonObject) -> None:
        item["revised_prompt"], last[0] = last[0], call.prompt

    return itemised(honest, change)


@liar("fineapi-pictures-as-pages", claim="FIN-08", family=NAMES, intent="images are served as web pages")
@liar("perf-pictures-as-pages", claim="PRF-13", family=NAMES, intent="images are served as web pages")
def pictures_as_pages(honest: Seams) -> Seams:
    """Name the files text/html; their bytes are right."""

    def serve(provider: Provider, ticket: Ticket, now: float) -> Answer:
        answer = honest.serve_image(provider, ticket, now)
        if answer.status == 200:  # noqa: PLR2004 - a file
            answer.content_type = "text/html; charset=utf-8"
        return answer

    return replace(honest, serve_image=serve)


@liar("fineapi-success-as-text", claim="FIN-01", family=NAMES, intent="a success is called plain text")
@liar("perf-success-as-text", claim="PRF-01", family=NAMES, intent="a success is called plain text")
def success_as_text(honest: Seams) -> Seams:
    """Name the JSON text/plain: clients hand it on as a string."""

    def change(_call: Call, answer: Answer) -> None:
        answer.content_type = "text/plain"

    return answered(honest, change)


@liar("perf-url-good-for-one-look", claim="PRF-18", family=SOMETIMES, intent="a URL works once")
def url_good_for_one_look(honest: Seams) -> Seams:
    """Forget a file as soon as it was fetched."""
    seen: set[Ticket] = set()

    def serve(provider: Provider, ticket: Ticket, now: float) -> Answer:
        if ticket in seen:
            return Answer(status=_GONE, body=b"gone", content_type="text/plain; charset=utf-8")
        seen.add(ticket)
        return honest.serve_image(provider, ticket, now)

    return replace(honest, serve_image=serve)


@liar(
    "fineapi-narrow-beyond-ascii", claim="FIN-05", family=SOMETIMES, intent="a prompt beyond ASCII makes half the width"
)
@liar("perf-narrow-beyond-ascii", claim="PRF-05", family=SOMETIMES, intent="a prompt beyond ASCII makes half the width")
def narrow_beyond_ascii(honest: Seams) -> Seams:
    """Count wide characters where pixels are meant."""

    def narrow(call: Call, _index: int, picture: Picture) -> Picture:
        return picture if call.prompt.isascii() else picture._replace(width=picture.width // 2)

    return redrawn(honest, narrow)


@liar("perf-flux-dev-square", claim="PRF-07", family=SOMETIMES, intent="flux-dev makes squares of custom sizes")
def flux_dev_square(honest: Seams) -> Seams:
    """Overlook the size for one model that others are like."""

    def square(call: Call, _index: int, picture: Picture) -> Picture:
        return picture._replace(width=1024, height=1024) if call.model == "flux-dev" else picture

    return redrawn(honest, square)


@liar("perf-pairs-are-triplets", claim="PRF-06", family=SOMETIMES, intent="dall-e-2 makes three images for two")
def pairs_are_triplets(honest: Seams) -> Seams:
    """Make one more where two are asked for."""
    return recounted(honest, lambda call: call.n + (call.model == "dall-e-2" and call.n == _PAIR))
