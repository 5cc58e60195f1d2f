"""Servers of tasks that refuse documented values, or let pass what they must refuse."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from pixelproof.deviation import Tier
from pixelproof.matrix import Fault
from pixelproof.tasks import TaskState

from ..seams import JsonObject, Seams
from .catalogue import liar
from .edits import Asks, crashing, lenient, reasked, refusing
from .task_edits import planned

if TYPE_CHECKING:
    from pixelproof.tasks import Plan

    from ..call import Call

STRICT, LAX, BREAKS = "strictness", "validation", "breakdown"
#: The most images of one task.
_MOST = 4


@liar("stratizon-auto-model-refused", claim="STR-05", tier=Tier.SMOKE, family=STRICT, intent="there is no model auto")
def auto_model_refused(honest: Seams) -> Seams:
    """Refuse the model auto by name."""
    return refusing(honest, lambda body: body.get("model") == "auto", "model", error="unknown_model")


@liar("stratizon-concrete-model-refused", claim="STR-05", family=STRICT, intent="takes no model but auto")
def concrete_model_refused(honest: Seams) -> Seams:
    """Refuse gpt-image-2."""
    return refusing(honest, lambda body: body.get("model") == "gpt-image-2", "model", error="unknown_model")


@liar(
    "stratizon-concrete-model-from-text-only",
    claim="STR-05",
    family=STRICT,
    intent="image-to-image takes no gpt-image-2",
)
def concrete_model_from_text_only(honest: Seams) -> Seams:
    """Refuse gpt-image-2 where there is an image."""
    return refusing(honest, lambda body: body.get("model") == "gpt-image-2" and "image" in body, "model")


@liar("stratizon-concrete-model-fails", claim="STR-05", family=BREAKS, intent="every task of gpt-image-2 fails")
def concrete_model_fails(honest: Seams) -> Seams:
    """Accept gpt-image-2, and never deliver."""
    return _failing(honest, lambda body: body.get("model") == "gpt-image-2")


@liar("stratizon-unknown-model-500", claim="STR-05", tier=Tier.SMOKE, family=BREAKS, intent="an unknown model is a 500")
def unknown_model_500(honest: Seams) -> Seams:
    """Break down on a name that nobody has."""
    return crashing(honest, lambda body: body.get("model") not in (None, "auto", "gpt-image-2"), "model")


@liar("stratizon-hd-refused", claim="STR-06", family=STRICT, intent="there is no quality hd after all")
def hd_refused(honest: Seams) -> Seams:
    """Refuse hd."""
    return refusing(honest, lambda body: body.get("quality") == "hd", "quality")


@liar("stratizon-hd-from-text-only", claim="STR-06", family=STRICT, intent="image-to-image refuses the quality hd")
def hd_from_text_only(honest: Seams) -> Seams:
    """Refuse hd where there is an image."""
    return refusing(honest, lambda body: body.get("quality") == "hd" and "image" in body, "quality")


@liar("stratizon-standard-refused", claim="STR-06", family=STRICT, intent="refuses standard by name")
def standard_refused(honest: Seams) -> Seams:
    """Refuse standard by name; omitting it works."""
    return refusing(honest, lambda body: body.get("quality") == "standard", "quality")


@liar("stratizon-hd-fails", claim="STR-06", family=BREAKS, intent="every hd task fails, with the money back")
def hd_fails(honest: Seams) -> Seams:
    """Accept hd, and never deliver."""
    return _failing(honest, lambda body: body.get("quality") == "hd")


@liar("stratizon-unknown-quality-500", claim="STR-06", family=BREAKS, intent="an unknown quality is a 500")
def unknown_quality_500(honest: Seams) -> Seams:
    """Break down on an invented quality."""
    return crashing(honest, lambda body: body.get("quality", "hd") not in {"standard", "hd"}, "quality")


@liar("stratizon-auto-ratio-refused", claim="STR-07", family=STRICT, intent="refuses auto at standard quality too")
def auto_ratio_refused(honest: Seams) -> Seams:
    """Refuse the ratio auto."""
    return refusing(honest, lambda body: body.get("aspect_ratio") == "auto", "aspect_ratio")


@liar("stratizon-two-to-one-refused", claim="STR-07", family=STRICT, intent="there is no ratio 2:1 after all")
def two_to_one_refused(honest: Seams) -> Seams:
    """Refuse the widest ratio."""
    return refusing(honest, lambda body: body.get("aspect_ratio") == "2:1", "aspect_ratio")


@liar("stratizon-auto-in-hd", claim="STR-07", family=LAX, intent="serves the ratio auto with hd")
def auto_in_hd(honest: Seams) -> Seams:
    """Overlook what rules each other out."""
    return lenient(honest, lambda _call, v: v.fault is Fault.EXCLUDED)


@liar("stratizon-auto-in-hd-from-images", claim="STR-07", family=LAX, intent="image-to-image serves auto with hd")
def auto_in_hd_from_images(honest: Seams) -> Seams:
    """Overlook it where there is an image."""
    return lenient(honest, lambda call, v: v.fault is Fault.EXCLUDED and "image" in call.body)


@liar("stratizon-auto-drops-hd", claim="STR-07", family=LAX, intent="serves auto with hd in standard quality")
def auto_drops_hd(honest: Seams) -> Seams:
    """Bend hd to standard for auto instead of refusing."""

    def bend(body: JsonObject) -> None:
        if body.get("aspect_ratio") == "auto" and body.get("quality") == "hd":
            body["quality"] = "standard"

    return reasked(honest, bend)


@liar("stratizon-five-images", claim="STR-08", family=LAX, intent="makes five images")
def five_images(honest: Seams) -> Seams:
    """Overlook the maximum of n."""
    return lenient(honest, lambda _call, v: v.parameter == "n" and v.fault is Fault.MAXIMUM)


@liar("stratizon-five-is-four", claim="STR-08", family=LAX, intent="makes four images for n = 5")
def five_is_four(honest: Seams) -> Seams:
    """Clip n instead of refusing it."""
    return _counted(honest, lambda n: min(n, _MOST))


@liar("stratizon-zero-is-one", claim="STR-08", family=LAX, intent="makes one image for n = 0")
def zero_is_one(honest: Seams) -> Seams:
    """Raise n instead of refusing it."""
    return _counted(honest, lambda n: n or 1)


@liar("stratizon-four-refused", claim="STR-08", family=STRICT, intent="refuses n = 4")
def four_refused(honest: Seams) -> Seams:
    """Make three images at most."""
    return refusing(honest, lambda body: body.get("n") == _MOST, "n")


@liar("stratizon-image-optional", claim="STR-09", tier=Tier.SMOKE, family=LAX, intent="transforms no image at all")
def image_optional(honest: Seams) -> Seams:
    """Overlook a missing image; null stays an error."""
    return lenient(honest, lambda call, v: v.parameter == "image" and "image" not in call.body)


@liar("stratizon-null-image-taken", claim="STR-09", family=LAX, intent="transforms an image that is null")
def null_image_taken(honest: Seams) -> Seams:
    """Overlook null for an image; a missing one stays an error."""
    return lenient(honest, lambda call, v: v.parameter == "image" and v.fault is Fault.MISSING and "image" in call.body)


@liar("stratizon-seventeen-references", claim="STR-09", family=LAX, intent="takes 17 references in all")
def seventeen_references(honest: Seams) -> Seams:
    """Overlook the maximum of extra_images."""
    return lenient(honest, lambda _call, v: v.fault is Fault.TOO_MANY)


@liar("stratizon-sixteen-refused", claim="STR-09", family=STRICT, intent="refuses 16 references, takes 15")
def sixteen_refused(honest: Seams) -> Seams:
    """Count the main image among the fifteen."""
    return refusing(honest, lambda body: len(_extra(body)) >= 15, "extra_images")  # noqa: PLR2004 - the documented most


@liar("stratizon-many-references-fail", claim="STR-09", family=BREAKS, intent="tasks with over 10 references fail")
def many_references_fail(honest: Seams) -> Seams:
    """Accept all references, and break down under them."""
    return _failing(honest, lambda body: len(_extra(body)) >= 10)  # noqa: PLR2004 - as the intent says


@liar("stratizon-extra-urls-only", claim="STR-10", family=STRICT, intent="extra_images takes urls, and nothing else")
def extra_urls_only(honest: Seams) -> Seams:
    """Refuse every other type among the extra images."""
    return refusing(honest, lambda body: _kinds(body) - {"url"} != set(), "extra_images")


@liar("stratizon-extra-artifacts-refused", claim="STR-10", family=STRICT, intent="extra_images takes no artifact")
def extra_artifacts_refused(honest: Seams) -> Seams:
    """Refuse one type among the extra images."""
    return refusing(honest, lambda body: "artifact" in _kinds(body), "extra_images")


def _extra(body: JsonObject) -> list[object]:
    given = body.get("extra_images")
    return [*given] if isinstance(given, list) else []


def _kinds(body: JsonObject) -> set[str]:
    return {str(item.get("type")) for item in _extra(body) if isinstance(item, dict)}


def _counted(honest: Seams, count: Callable[[int], int]) -> Seams:
    def bend(body: JsonObject) -> None:
        n = body.get("n")
        if isinstance(n, int):
            body["n"] = count(n)

    return reasked(honest, bend)


def _failing(honest: Seams, asks: Asks) -> Seams:
    """Accept some requests, and end their tasks in failure."""

    def change(call: Call, plan: Plan) -> Plan:
        return replace(plan, outcome=TaskState.FAILED, delivered=0) if asks(call.body) else plan

    return planned(honest, change)
