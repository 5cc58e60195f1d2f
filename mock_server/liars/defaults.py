"""Servers that fill in, or ask for, what their documents settle otherwise."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pixelproof.deviation import Tier

from ..seams import Seams
from .catalogue import liar
from .edits import refusing

if TYPE_CHECKING:
    from ..call import Call

FAMILY = "defaults"


@liar("fineapi-model-optional", claim="FIN-02", tier=Tier.SMOKE, family=FAMILY, intent="draws when no model is named")
def model_optional(honest: Seams) -> Seams:
    """Take the first model of the list when none is named; null stays an error."""

    def check(call: Call) -> None:
        call.body.setdefault("model", next(iter(call.provider.contract.models)))
        honest.check_shape(call)

    return replace(honest, check_shape=check)


@liar("fineapi-null-model-taken", claim="FIN-02", family=FAMILY, intent="takes null for its only model")
def null_model_taken(honest: Seams) -> Seams:
    """Take the first model of the list for null; a missing one stays an error."""

    def check(call: Call) -> None:
        if "model" in call.body and call.body["model"] is None:
            call.body["model"] = next(iter(call.provider.contract.models))
        honest.check_shape(call)

    return replace(honest, check_shape=check)


@liar("fineapi-named-default-refused", claim="FIN-05", family=FAMILY, intent="refuses its default size by name")
def named_size_refused(honest: Seams) -> Seams:
    """Refuse 1024x1024; omitting it works."""
    return refusing(honest, lambda body: body.get("size") == "1024x1024", "size")


@liar("fineapi-standard-refused", claim="FIN-06", family=FAMILY, intent="refuses its default quality by name")
def standard_refused(honest: Seams) -> Seams:
    """Refuse standard; omitting it works."""
    return refusing(honest, lambda body: body.get("quality") == "standard", "quality")


@liar("aicredits-model-required", claim="AIC-03", family=FAMILY, intent="refuses a request that names no model")
@liar("perf-model-required", claim="PRF-03", family=FAMILY, intent="refuses a request that names no model")
def model_required(honest: Seams) -> Seams:
    """Have no default model after all."""
    return refusing(honest, lambda body: "model" not in body, "model")


@liar("aicredits-default-model-dall-e-2", claim="AIC-03", family=FAMILY, intent="draws by dall-e-2 when none is named")
@liar("perf-default-model-dall-e-2", claim="PRF-03", family=FAMILY, intent="draws by dall-e-2 when none is named")
def default_model_dall_e_2(honest: Seams) -> Seams:
    """Take the older model when none is named."""

    def check(call: Call) -> None:
        call.body.setdefault("model", "dall-e-2")
        honest.check_shape(call)

    return replace(honest, check_shape=check)


@liar("aicredits-size-required", claim="AIC-32", family=FAMILY, intent="refuses a request that names no size")
@liar("perf-size-required", claim="PRF-03", family=FAMILY, intent="refuses a request that names no size")
def size_required(honest: Seams) -> Seams:
    """Have no default size after all."""
    return refusing(honest, lambda body: "size" not in body, "size")


@liar("aicredits-n-required", claim="AIC-32", family=FAMILY, intent="breaks down on a request that names no n")
@liar("perf-n-required", claim="PRF-03", family=FAMILY, intent="breaks down on a request that names no n")
def n_required(honest: Seams) -> Seams:
    """Break down where the default should stand."""
    return refusing(honest, lambda body: "n" not in body, "n", error="server_error")
