"""Servers that answer with the wrong status, the body being right."""

from __future__ import annotations

from pixelproof.deviation import Tier

from ..seams import Seams
from .catalogue import liar
from .edits import answered, moved

FAMILY = "status"


@liar("aivene-400-as-422", claim="AIV-20", tier=Tier.SMOKE, family=FAMILY, intent="a schema violation is 422")
def bad_request_as_422(honest: Seams) -> Seams:
    """Answer as some frameworks do by themselves."""
    return moved(honest, 422, "invalid_request")


@liar("aivene-policy-as-403", claim="AIV-20", tier=Tier.SMOKE, family=FAMILY, intent="a policy rejection is 403")
@liar("openai-policy-as-403", claim="OAI-08", tier=Tier.SMOKE, family=FAMILY, intent="a policy rejection is 403")
def policy_as_403(honest: Seams) -> Seams:
    """Forbid what should be a bad request."""
    return moved(honest, 403, "content_policy")


@liar("aivene-policy-as-451", claim="AIV-20", tier=Tier.SMOKE, family=FAMILY, intent="a policy rejection is 451")
def policy_as_451(honest: Seams) -> Seams:
    """Plead legal reasons."""
    return moved(honest, 451, "content_policy")


@liar("aivene-401-as-403", claim="AIV-21", tier=Tier.SMOKE, family=FAMILY, intent="a wrong key is 403")
@liar("openai-401-as-403", claim="OAI-09", tier=Tier.SMOKE, family=FAMILY, intent="a wrong key is 403")
def unauthorized_as_403(honest: Seams) -> Seams:
    """Take the key for known."""
    return moved(honest, 403, "unauthorized")


@liar("aivene-401-as-400", claim="AIV-21", tier=Tier.SMOKE, family=FAMILY, intent="a wrong key is 400")
def unauthorized_as_400(honest: Seams) -> Seams:
    """Take the key for a parameter."""
    return moved(honest, 400, "unauthorized")


@liar("aivene-402-as-400", claim="AIV-22", tier=Tier.SMOKE, family=FAMILY, intent="an empty wallet is 400")
def payment_required_as_400(honest: Seams) -> Seams:
    """Blame the request for the wallet."""
    return moved(honest, 400, "insufficient_funds")


@liar(
    "aivene-402-as-429", claim="AIV-22", tier=Tier.SMOKE, family=FAMILY, intent="an empty wallet is 429, as at OpenAI"
)
def payment_required_as_429(honest: Seams) -> Seams:
    """Answer as OpenAI does."""
    return moved(honest, 429, "insufficient_funds")


@liar("openai-quota-as-402", claim="OAI-09", tier=Tier.SMOKE, family=FAMILY, intent="no credit is 402")
def quota_as_402(honest: Seams) -> Seams:
    """Answer with the status that the standard has for it."""
    return moved(honest, 402, "insufficient_funds")


@liar("aivene-budget-as-403", claim="AIV-22", family=FAMILY, intent="a spending limit that is reached is 403")
@liar("openai-hard-limit-as-403", claim="OAI-09", family=FAMILY, intent="a hard limit that is reached is 403")
def budget_as_403(honest: Seams) -> Seams:
    """Forbid what money would allow."""
    return moved(honest, 403, "budget_exceeded")


@liar("aivene-403-as-401", claim="AIV-23", family=FAMILY, intent="a missing scope is 401")
def forbidden_as_401(honest: Seams) -> Seams:
    """Take the key for unknown."""
    return moved(honest, 401, "forbidden")


@liar("aivene-403-as-404", claim="AIV-23", family=FAMILY, intent="a missing scope hides the endpoint behind 404")
def forbidden_as_404(honest: Seams) -> Seams:
    """Hide what the key may not see."""
    return moved(honest, 404, "forbidden")


@liar("aivene-429-as-503", claim="AIV-24", family=FAMILY, intent="too many requests is 503")
@liar("openai-429-as-503", claim="OAI-09", family=FAMILY, intent="too many requests is 503")
def too_many_as_503(honest: Seams) -> Seams:
    """Blame the load, not the caller."""
    return moved(honest, 503, "rate_limited")


@liar("aivene-500-as-502", claim="AIV-25", family=FAMILY, intent="its own failure is 502")
@liar("openai-500-as-502", claim="OAI-09", family=FAMILY, intent="its own failure is 502")
def server_error_as_502(honest: Seams) -> Seams:
    """Blame somebody behind."""
    return moved(honest, 502, "server_error")


@liar("aivene-500-as-200", claim="AIV-25", family=FAMILY, intent="a failure comes with status 200")
@liar("openai-500-as-200", claim="OAI-09", family=FAMILY, intent="a failure comes with status 200")
def server_error_as_200(honest: Seams) -> Seams:
    """Put an error into a success."""
    return moved(honest, 200, "server_error")


@liar("aivene-502-as-500", claim="AIV-26", family=FAMILY, intent="a failing provider is 500")
@liar("openai-502-as-500", claim="OAI-09", family=FAMILY, intent="a failing provider is 500")
def upstream_error_as_500(honest: Seams) -> Seams:
    """Take the blame."""
    return moved(honest, 500, "upstream_error")


@liar("aivene-503-as-504", claim="AIV-26", family=FAMILY, intent="an unavailable provider is 504")
@liar("openai-503-as-504", claim="OAI-09", family=FAMILY, intent="an unavailable provider is 504")
def unavailable_as_504(honest: Seams) -> Seams:
    """Say that it took too long."""
    return moved(honest, 504, "unavailable")


@liar("openai-unknown-name-as-422", claim="OAI-10", tier=Tier.SMOKE, family=FAMILY, intent="an unknown name is 422")
def unknown_name_as_422(honest: Seams) -> Seams:
    """Answer as some frameworks do by themselves."""
    return moved(honest, 422, "unknown_parameter")


@liar("aivene-success-201", claim="AIV-01", tier=Tier.SMOKE, family=FAMILY, intent="a success is 201 Created")
@liar("openai-success-201", claim="OAI-05", tier=Tier.SMOKE, family=FAMILY, intent="a success is 201 Created")
def success_201(honest: Seams) -> Seams:
    """Answer creation with the status for it."""
    return answered(honest, lambda _call, answer: setattr(answer, "status", 201))


@liar("aivene-success-202", claim="AIV-01", tier=Tier.SMOKE, family=FAMILY, intent="a success is only accepted: 202")
def success_202(honest: Seams) -> Seams:
    """Answer like a queue."""
    return answered(honest, lambda _call, answer: setattr(answer, "status", 202))
