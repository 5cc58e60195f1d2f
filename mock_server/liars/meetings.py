"""Servers that fail where two things meet: several images and a size, an alias and a model, a URL and a later look."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pixelproof.deviation import Tier

from ..seams import Seams
from .catalogue import liar
from .edits import crashing, recounted, redrawn, refusing

if TYPE_CHECKING:
    from ..call import Call, Headers
    from ..pictures import Picture

SEVERAL, SCRIPTS, LIFE, ALIAS, HEADERS = "several images", "other scripts", "url life", "alias", "rate headers"


@liar("aivene-second-image-halved", claim="AIV-06", family=SEVERAL, intent="the second of two images has half the size")
@liar("openai-second-image-halved", claim="OAI-02", family=SEVERAL, intent="the second of two images has half the size")
def second_image_halved(honest: Seams) -> Seams:
    """Draw every image but the first with half the sides."""

    def halved(_call: Call, index: int, picture: Picture) -> Picture:
        return picture._replace(width=picture.width // 2, height=picture.height // 2) if index else picture

    return redrawn(honest, halved)


@liar("aivene-third-image-missing", claim="AIV-05", family=SEVERAL, intent="three images are two")
def third_image_missing(honest: Seams) -> Seams:
    """Deliver two images at most."""
    return recounted(honest, lambda call: min(call.n, 2))


@liar("aicredits-second-image-missing", claim="AIC-35", family=SEVERAL, intent="two images are one, charged as two")
def second_image_missing(honest: Seams) -> Seams:
    """Deliver one image whatever n says."""
    return recounted(honest, lambda _call: 1)


@liar("aivene-other-scripts-break", claim="AIV-01", family=SCRIPTS, intent="breaks at a prompt that is not ASCII")
@liar("stratizon-other-scripts-break", claim="STR-01", family=SCRIPTS, intent="breaks at a prompt that is not ASCII")
def other_scripts_break(honest: Seams) -> Seams:
    """Break down where a prompt has other letters than ours."""
    return crashing(honest, lambda body: not str(body.get("prompt")).isascii(), "prompt")


@liar("aivene-url-for-seconds", claim="AIV-17", family=LIFE, intent="URLs live five seconds")
@liar("perf-url-for-seconds", claim="PRF-18", family=LIFE, intent="URLs live five seconds")
def url_for_seconds(honest: Seams) -> Seams:
    """Sign for the time of one download."""
    return redrawn(honest, lambda _call, _index, picture: picture._replace(life_s=5))


@liar("aivene-alias-unknown-to-gpt", claim="AIV-16", family=ALIAS, intent="gpt-image-1 refuses safety_identifier")
def alias_unknown_to_gpt(honest: Seams) -> Seams:
    """Refuse the alias for one model."""
    return refusing(
        honest, lambda body: body.get("model") == "gpt-image-1" and "safety_identifier" in body, "safety_identifier"
    )


@liar("aicredits-reset-as-an-instant", claim="AIC-24", tier=Tier.CORE, family=HEADERS, intent="the reset is an instant")
def reset_as_an_instant(honest: Seams) -> Seams:
    """Write Unix seconds where seconds until the reset are documented."""

    def show(call: Call) -> Headers:
        instant = str(int(call.provider.world.clock.now()) + 60)
        return [(name, instant if name.lower().endswith("reset") else value) for name, value in honest.show_rate(call)]

    return replace(honest, show_rate=show)
