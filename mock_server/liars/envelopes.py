"""Servers whose errors have the wrong shape, type or code."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from pixelproof.deviation import Tier

from ..seams import JsonObject, Seams
from .catalogue import liar
from .edits import HTML, excused, worded

if TYPE_CHECKING:
    from ..call import Answer, Call, Refusal

FAMILY = "error shape"


@liar("aivene-flat-error", claim="AIV-19", tier=Tier.SMOKE, family=FAMILY, intent="errors lack the object 'error'")
@liar("openai-flat-error", claim="OAI-06", tier=Tier.SMOKE, family=FAMILY, intent="errors lack the object 'error'")
def flat_error(honest: Seams) -> Seams:
    """Put type and message at the top of the body."""
    return excused(honest, _lift)


@liar("aivene-error-is-text", claim="AIV-19", tier=Tier.SMOKE, family=FAMILY, intent="'error' is a sentence, no object")
@liar("openai-error-is-text", claim="OAI-06", tier=Tier.SMOKE, family=FAMILY, intent="'error' is a sentence, no object")
def error_is_text(honest: Seams) -> Seams:
    """Leave nothing but the message under 'error'."""

    def edit(_call: Call, refusal: Refusal, answer: Answer) -> None:
        answer.body = orjson.dumps({"error": refusal.message})

    return excused(honest, edit)


@liar("aivene-error-page", claim="AIV-19", tier=Tier.SMOKE, family=FAMILY, intent="errors are HTML pages")
@liar("openai-error-page", claim="OAI-06", tier=Tier.SMOKE, family=FAMILY, intent="errors are HTML pages")
def error_page(honest: Seams) -> Seams:
    """Answer every error with HTML, the status unchanged."""
    return excused(honest, _as_page)


@liar("aivene-500-page", claim="AIV-19", family=FAMILY, intent="a 500 is an HTML page, other errors are not")
@liar("openai-500-page", claim="OAI-06", family=FAMILY, intent="a 500 is an HTML page, other errors are not")
def server_error_page(honest: Seams) -> Seams:
    """Answer only 500 with HTML."""
    return excused(honest, _as_page, "server_error")


@liar("aivene-502-page", claim="AIV-19", family=FAMILY, intent="a 502 is the page of the proxy in front")
@liar("openai-502-page", claim="OAI-06", family=FAMILY, intent="a 502 is the page of the proxy in front")
def upstream_error_page(honest: Seams) -> Seams:
    """Answer only upstream errors with HTML."""
    return excused(honest, _as_page, "upstream_error")


@liar("aivene-429-flat", claim="AIV-19", family=FAMILY, intent="the limiter in front has an envelope of its own")
@liar("openai-429-flat", claim="OAI-06", family=FAMILY, intent="the limiter in front has an envelope of its own")
def limiter_flat(honest: Seams) -> Seams:
    """Flatten the errors of the request limit."""
    return excused(honest, _lift, "rate_limited")


@liar("aivene-401-flat", claim="AIV-19", tier=Tier.SMOKE, family=FAMILY, intent="the key check has its own envelope")
@liar("openai-401-flat", claim="OAI-06", tier=Tier.SMOKE, family=FAMILY, intent="the key check has its own envelope")
def unauthorized_flat(honest: Seams) -> Seams:
    """Flatten 401 alone."""
    return excused(honest, _lift, "unauthorized")


@liar("aivene-malformed-empty", claim="AIV-19", family=FAMILY, intent="malformed JSON gets a 400 without a body")
@liar("openai-malformed-empty", claim="OAI-06", family=FAMILY, intent="malformed JSON gets a 400 without a body")
def malformed_empty(honest: Seams) -> Seams:
    """Drop the body where the request was no JSON."""

    def edit(_call: Call, _refusal: Refusal, answer: Answer) -> None:
        answer.body = b""

    return excused(honest, edit, "malformed")


@liar("aivene-error-list", claim="AIV-19", tier=Tier.SMOKE, family=FAMILY, intent="errors come as a list of one")
def error_list(honest: Seams) -> Seams:
    """Wrap the body in a list."""

    def edit(_call: Call, _refusal: Refusal, answer: Answer) -> None:
        answer.body = b"[%b]" % answer.body

    return excused(honest, edit)


@liar("aivene-no-message", claim="AIV-19", tier=Tier.SMOKE, family=FAMILY, intent="errors have no message")
@liar("openai-no-message", claim="OAI-06", tier=Tier.SMOKE, family=FAMILY, intent="errors have no message")
def no_message(honest: Seams) -> Seams:
    """Drop the message."""
    return worded(honest, lambda error: _drop(error, "message"))


@liar("aivene-null-message", claim="AIV-19", tier=Tier.SMOKE, family=FAMILY, intent="the message of an error is null")
@liar("openai-null-message", claim="OAI-06", tier=Tier.SMOKE, family=FAMILY, intent="the message of an error is null")
def null_message(honest: Seams) -> Seams:
    """Set the message to null."""
    return worded(honest, lambda error: error.update(message=None))


@liar("aivene-message-list", claim="AIV-19", tier=Tier.SMOKE, family=FAMILY, intent="the message is a list of lines")
def message_list(honest: Seams) -> Seams:
    """Wrap the message in a list, as some validators do."""
    return worded(honest, lambda error: error.update(message=[error["message"]]))


@liar("aivene-no-type", claim="AIV-19", tier=Tier.SMOKE, family=FAMILY, intent="errors have no type")
@liar("openai-no-type", claim="OAI-06", tier=Tier.SMOKE, family=FAMILY, intent="errors have no type")
def no_type(honest: Seams) -> Seams:
    """Drop the type."""
    return worded(honest, lambda error: _drop(error, "type"))


@liar("openai-null-type", claim="OAI-06", tier=Tier.SMOKE, family=FAMILY, intent="the type of an error is null")
def null_type(honest: Seams) -> Seams:
    """Set the type to null: only param and code may be."""
    return worded(honest, lambda error: error.update(type=None))


@liar("openai-no-param", claim="OAI-06", tier=Tier.SMOKE, family=FAMILY, intent="errors lack the key param")
def no_param(honest: Seams) -> Seams:
    """Drop param where it would be null."""
    return worded(honest, lambda error: _drop(error, "param") if error.get("param") is None else None)


@liar("openai-no-code", claim="OAI-06", family=FAMILY, intent="errors leave the key code out instead of null")
def no_code(honest: Seams) -> Seams:
    """Drop code where it would be null."""
    return worded(honest, lambda error: _drop(error, "code") if error.get("code") is None else None)


@liar(
    "openai-code-number", claim="OAI-06", tier=Tier.SMOKE, family=FAMILY, intent="code repeats the status as a number"
)
def code_number(honest: Seams) -> Seams:
    """Put the status where the code belongs."""

    def edit(_call: Call, _refusal: Refusal, answer: Answer) -> None:
        body = orjson.loads(answer.body)
        body["error"]["code"] = answer.status
        answer.body = orjson.dumps(body)

    return excused(honest, edit, "invalid_request", "unauthorized", "server_error", "upstream_error")


@liar("openai-param-list", claim="OAI-06", tier=Tier.SMOKE, family=FAMILY, intent="param is a path, as a list")
def param_list(honest: Seams) -> Seams:
    """Write param as ["body", name]."""
    return worded(honest, lambda error: error.update(param=["body", error.get("param")]), "invalid_request")


@liar("aivene-validation-type", claim="AIV-20", tier=Tier.SMOKE, family=FAMILY, intent="a 400 is a validation_error")
def validation_type(honest: Seams) -> Seams:
    """Name another type for schema violations."""
    return _typed(honest, "validation_error", "invalid_request")


@liar(
    "aivene-policy-type", claim="AIV-20", tier=Tier.SMOKE, family=FAMILY, intent="a policy rejection has its own type"
)
def policy_type(honest: Seams) -> Seams:
    """Name another type for policy rejections."""
    return _typed(honest, "content_policy_violation", "content_policy")


@liar(
    "aivene-key-type", claim="AIV-21", tier=Tier.SMOKE, family=FAMILY, intent="a wrong key is an invalid_request_error"
)
def key_type(honest: Seams) -> Seams:
    """Name OpenAI's type for a wrong key."""
    return _typed(honest, "invalid_request_error", "unauthorized")


@liar("aivene-budget-type", claim="AIV-22", family=FAMILY, intent="a limit that is reached says permission_error")
def budget_type(honest: Seams) -> Seams:
    """Name another status's type for a spent budget."""

    def edit(_call: Call, _refusal: Refusal, answer: Answer) -> None:
        answer.status = 403
        answer.body = answer.body.replace(b"billing_error", b"permission_error")

    return excused(honest, edit, "budget_exceeded")


@liar("aivene-scope-type", claim="AIV-23", family=FAMILY, intent="a missing scope says authentication_error")
def scope_type(honest: Seams) -> Seams:
    """Name the type of 401 with a 403."""
    return _typed(honest, "authentication_error", "forbidden")


@liar("aivene-limit-type", claim="AIV-24", family=FAMILY, intent="a 429 says rate_limit_exceeded")
def limit_type(honest: Seams) -> Seams:
    """Name OpenAI's code as the type."""
    return _typed(honest, "rate_limit_exceeded", "rate_limited")


@liar("aivene-500-type", claim="AIV-25", family=FAMILY, intent="a 500 says server_error")
def server_error_type(honest: Seams) -> Seams:
    """Name OpenAI's type for a 500."""
    return _typed(honest, "server_error", "server_error")


@liar("aivene-upstream-type", claim="AIV-26", family=FAMILY, intent="a 502 blames Aivene: internal_server_error")
def upstream_type(honest: Seams) -> Seams:
    """Name the type of a 500 with a 502."""
    return _typed(honest, "internal_server_error", "upstream_error")


@liar("aivene-503-type", claim="AIV-26", family=FAMILY, intent="a 503 says service_unavailable, a 502 is right")
def unavailable_type(honest: Seams) -> Seams:
    """Name another type with a 503."""
    return _typed(honest, "service_unavailable", "unavailable")


@liar("aivene-third-402-type", claim="AIV-29", tier=Tier.SMOKE, family=FAMILY, intent="a 402 has a third type")
def third_402_type(honest: Seams) -> Seams:
    """Name a type that neither page has."""
    return _typed(honest, "insufficient_quota", "insufficient_funds")


@liar("aivene-generic-402-type", claim="AIV-29", tier=Tier.SMOKE, family=FAMILY, intent="a 402 is an api_error")
def generic_402_type(honest: Seams) -> Seams:
    """Name a type that says nothing about money."""
    return _typed(honest, "api_error", "insufficient_funds")


@liar("openai-policy-code-flattened", claim="OAI-08", tier=Tier.SMOKE, family=FAMILY, intent="a policy code is null")
def policy_code_flattened(honest: Seams) -> Seams:
    """Flatten the code as for any bad request."""
    return worded(honest, lambda error: error.update(code=None), "content_policy")


@liar(
    "openai-gpt-has-dall-e-policy-code",
    claim="OAI-08",
    family=FAMILY,
    intent="gpt-image-1 has the policy code of dall-e",
)
def policy_code_of_dall_e(honest: Seams) -> Seams:
    """Use one code for all models."""
    return worded(honest, lambda error: error.update(code="content_policy_violation"), "content_policy")


@liar(
    "openai-dall-e-has-gpt-policy-code",
    claim="OAI-08",
    tier=Tier.SMOKE,
    family=FAMILY,
    intent="dall-e has the policy code of gpt-image-1",
)
def policy_code_of_gpt(honest: Seams) -> Seams:
    """Use the newer code for all models."""
    return worded(honest, lambda error: error.update(code="moderation_blocked"), "content_policy")


@liar("openai-quota-code", claim="OAI-09", tier=Tier.SMOKE, family=FAMILY, intent="no credit looks like a rate limit")
def quota_code(honest: Seams) -> Seams:
    """Answer an empty wallet with the code of the request limit."""
    return worded(honest, lambda error: error.update(code="rate_limit_exceeded"), "insufficient_funds")


@liar("openai-limit-code", claim="OAI-09", family=FAMILY, intent="a rate limit looks like no credit")
def limit_code(honest: Seams) -> Seams:
    """Answer the request limit with the code of an empty wallet."""
    return worded(honest, lambda error: error.update(code="insufficient_quota"), "rate_limited")


@liar("openai-hard-limit-code", claim="OAI-09", family=FAMILY, intent="a hard limit has the code of an empty wallet")
def hard_limit_code(honest: Seams) -> Seams:
    """Name the quota where the budget is spent."""
    return worded(honest, lambda error: error.update(code="insufficient_quota"), "budget_exceeded")


@liar("openai-unknown-name-unnamed", claim="OAI-10", tier=Tier.SMOKE, family=FAMILY, intent="param does not name it")
def unknown_name_unnamed(honest: Seams) -> Seams:
    """Set param to null for an unknown parameter."""
    return worded(honest, lambda error: error.update(param=None), "unknown_parameter")


@liar("openai-unknown-name-misnamed", claim="OAI-10", tier=Tier.SMOKE, family=FAMILY, intent="param names the body")
def unknown_name_misnamed(honest: Seams) -> Seams:
    """Name the place instead of the parameter."""
    return worded(honest, lambda error: error.update(param="body"), "unknown_parameter")


@liar("openai-unknown-name-code", claim="OAI-10", tier=Tier.SMOKE, family=FAMILY, intent="the code is invalid_value")
def unknown_name_code(honest: Seams) -> Seams:
    """Use the general code for an unknown parameter."""
    return worded(honest, lambda error: error.update(code="invalid_value"), "unknown_parameter")


def _typed(honest: Seams, kind: str, row: str) -> Seams:
    return worded(honest, lambda error: error.update(type=kind), row)


def _drop(error: JsonObject, key: str) -> None:
    error.pop(key, None)


def _lift(_call: Call, _refusal: Refusal, answer: Answer) -> None:
    answer.body = orjson.dumps(orjson.loads(answer.body)["error"])


def _as_page(_call: Call, _refusal: Refusal, answer: Answer) -> None:
    answer.body, answer.content_type = HTML, "text/html; charset=utf-8"
