"""Lies and liberties of the shelf that AICredits' documents rule out, or allow, as well."""

from __future__ import annotations

from . import (
    access,
    additions,
    envelopes,
    images,
    models,
    money,
    policy,
    readings,
    statuses,
    strictness,
    successes,
    urls,
    validation,
)
from .catalogue import Retellings, retold, variation

_LIES: Retellings = {
    "AIC-01": {
        "success-201": statuses.success_201,
        "success-202": statuses.success_202,
        "success-page": successes.success_page,
    },
    "AIC-04": {
        "prompt-optional": validation.prompt_optional,
        "null-prompt-taken": validation.null_prompt_taken,
        "one-over-4000-taken": validation.one_over_4000_taken,
        "prompt-units-counted": strictness.prompt_units_counted,
    },
    "AIC-05": {"n-clipped": images.n_clipped, "dall-e-3-makes-two": validation.dall_e_3_makes_two},
    "AIC-06": {
        "wide-refused": strictness.wide_refused,
        "hd-refused": strictness.hd_refused,
        "wide-hd-refused": strictness.wide_hd_refused,
        "wide-comes-tall": images.wide_comes_tall,
        "one-row-short": images.one_row_short,
        "dall-e-3-takes-small": validation.dall_e_3_takes_small,
    },
    "AIC-07": {
        "dall-e-2-small-refused": strictness.dall_e_2_small_refused,
        "dall-e-2-enlarged": images.dall_e_2_enlarged,
        "small-comes-large": images.small_comes_large,
        "dall-e-2-takes-wide": validation.dall_e_2_takes_wide,
        "dall-e-2-gone": strictness.dall_e_2_gone,
    },
    "AIC-08": {
        "any-quality-taken": validation.any_quality_taken,
        "quality-number-crashes": strictness.quality_number_crashes,
    },
    "AIC-09": {
        "natural-refused": strictness.natural_refused,
        "named-vivid-refused": strictness.named_vivid_refused,
        "any-style-taken": validation.any_style_taken,
    },
    "AIC-10": {
        "b64-by-default": successes.b64_by_default,
        "format-ignored": successes.format_ignored,
        "dall-e-2-ignores-format": successes.dall_e_2_ignores_format,
        "b64-refused": strictness.b64_refused,
        "data-uri": successes.data_uri,
        "url-safe-base64": successes.url_safe_base64,
        "any-format-taken": validation.any_format_taken,
        "url-not-found": urls.url_not_found,
    },
    "AIC-11": {
        "no-created": successes.no_created,
        "created-text": successes.created_text,
        "created-milliseconds": successes.created_milliseconds,
        "data-object": successes.data_object,
        "images-not-data": successes.images_not_data,
        "null-items": successes.null_items,
        "no-picture": images.no_picture,
        "svg-picture": images.svg_picture,
    },
    "AIC-17": {
        "charged-twice": money.charged_twice,
        "charged-per-request": money.charged_per_request,
        "charged-one-more": money.charged_one_more,
        "never-charged": money.never_charged,
        "b64-is-free": money.b64_is_free,
        "small-at-large": money.small_at_large,
    },
    "AIC-18": {
        "400-as-422": statuses.bad_request_as_422,
        "validation-type": envelopes.validation_type,
        "unlisted-size-taken": validation.unlisted_size_taken,
    },
    "AIC-19": {
        "policy-served": policy.policy_served,
        "policy-as-403": statuses.policy_as_403,
        "policy-empties-the-list": policy.policy_empties_the_list,
    },
    "AIC-20": {
        "402-as-400": statuses.payment_required_as_400,
        "402-as-429": statuses.payment_required_as_429,
        "balance-unchecked": money.balance_unchecked,
    },
    "AIC-21": {
        "429-as-503": statuses.too_many_as_503,
        "limit-one-late": access.limit_one_late,
        "limit-halved": access.limit_halved,
    },
    "AIC-22": {
        "flat-error": envelopes.flat_error,
        "error-is-text": envelopes.error_is_text,
        "error-page": envelopes.error_page,
        "429-flat": envelopes.limiter_flat,
        "401-flat": envelopes.unauthorized_flat,
        "no-message": envelopes.no_message,
        "null-message": envelopes.null_message,
        "no-type": envelopes.no_type,
    },
    "AIC-23": {
        "any-key": access.any_key,
        "no-key-needed": access.no_key_needed,
        "401-as-403": statuses.unauthorized_as_403,
        "key-type": envelopes.key_type,
        "500-as-502": statuses.server_error_as_502,
        "500-type": envelopes.server_error_type,
        "502-type": envelopes.upstream_type,
        "503-as-504": statuses.unavailable_as_504,
        "generic-402-type": envelopes.generic_402_type,
    },
    "AIC-24": {"unlimited": access.unlimited},
    "AIC-26": {
        "budget-ignored": money.budget_ignored,
        "budget-as-403": statuses.budget_as_403,
        "budget-looked-at-later": money.budget_looked_at_later,
    },
    "AIC-30": {"refusal-costs": money.refusal_costs},
}
_EARLY = frozenset({"success-201", "prompt-optional", "any-key", "no-created", "402-as-400", "policy-served"})
_LIBERTIES: Retellings = {
    "AIC-01": {"gzip": additions.compressed, "indented": additions.indented},
    "AIC-11": {
        "extra-fields": additions.extra_fields,
        "extra-item-fields": additions.extra_item_fields,
        "null-beside": additions.null_beside,
        "created-float": additions.created_float,
        "keys-reversed": additions.keys_reversed,
        "jpeg": readings.jpeg,
        "always-alpha": readings.always_alpha,
    },
    "AIC-22": {
        "extra-error-keys": additions.extra_error_keys,
        "other-words": additions.other_words,
        "beside-the-error": additions.beside_the_error,
    },
    "AIC-21": {"no-retry-after": readings.no_retry_after},
    "AIC-29": {
        "unknown-names-refused": readings.unknown_names_refused,
        "images-redirected": additions.images_redirected,
        "images-untyped": additions.images_untyped,
    },
    "AIC-33": {"style-refused": readings.style_refused},
}

retold("aicredits-", _LIES, early=_EARLY)
retold("aicredits-", _LIBERTIES)
# What breaks a promise elsewhere is free where nothing is promised.
variation("aicredits-no-list-of-models", claim="AIC-29", family="models", intent="has no list of models")(
    models.models_not_found
)
variation("aicredits-url-ten-minutes", claim="AIC-29", family="url life", intent="URLs live ten minutes")(
    urls.url_ten_minutes
)
variation(
    "aicredits-dall-e-2-makes-nine", claim="AIC-33", family="bounds", intent="dall-e-2 makes nine images at most"
)(strictness.n_10_refused)
