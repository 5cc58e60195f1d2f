"""Lies and liberties of the shelf that Perf's documents rule out, or allow, as well."""

from __future__ import annotations

from . import (
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
    "PRF-01": {
        "success-201": statuses.success_201,
        "success-202": statuses.success_202,
        "success-page": successes.success_page,
    },
    "PRF-02": {
        "prompt-optional": validation.prompt_optional,
        "null-prompt-taken": validation.null_prompt_taken,
        "one-over-4000-taken": validation.one_over_4000_taken,
        "prompt-units-counted": strictness.prompt_units_counted,
        "prompt-number-crashes": strictness.prompt_number_crashes,
    },
    "PRF-03": {
        "n-defaults-to-two": images.n_defaults_to_two,
        "default-size-512": images.default_size_512,
        "b64-by-default": successes.b64_by_default,
        "omitted-quality-is-hd": money.omitted_quality_is_hd,
    },
    "PRF-04": {
        "unknown-model-served": validation.unknown_model_served,
        "model-number-crashes": strictness.model_number_crashes,
    },
    "PRF-05": {
        "wide-refused": strictness.wide_refused,
        "hd-refused": strictness.hd_refused,
        "natural-refused": strictness.natural_refused,
        "wide-comes-tall": images.wide_comes_tall,
        "one-row-short": images.one_row_short,
        "n-clipped": images.n_clipped,
        "dall-e-3-makes-two": validation.dall_e_3_makes_two,
        "dall-e-3-takes-small": validation.dall_e_3_takes_small,
        "any-style-taken": validation.any_style_taken,
        "unlisted-size-taken": validation.unlisted_size_taken,
    },
    "PRF-06": {
        "dall-e-2-gone": strictness.dall_e_2_gone,
        "dall-e-2-small-refused": strictness.dall_e_2_small_refused,
        "dall-e-2-takes-wide": validation.dall_e_2_takes_wide,
        "dall-e-2-enlarged": images.dall_e_2_enlarged,
        "n-10-refused": strictness.n_10_refused,
        "n-11-taken": validation.n_11_taken,
        "tenth-missing": images.tenth_missing,
    },
    "PRF-12": {"one-unit-more": money.one_unit_more},
    "PRF-13": {
        "no-created": successes.no_created,
        "created-text": successes.created_text,
        "created-milliseconds": successes.created_milliseconds,
        "data-object": successes.data_object,
        "null-items": successes.null_items,
        "no-picture": images.no_picture,
        "cut-picture": images.cut_picture,
        "format-ignored": successes.format_ignored,
        "data-uri": successes.data_uri,
        "b64-refused": strictness.b64_refused,
        "no-revised-prompt": successes.no_revised_prompt,
        "blank-revised-prompt": successes.blank_revised_prompt,
        "hd-hides-its-prompt": successes.hd_hides_its_prompt,
    },
    "PRF-18": {
        "url-ten-minutes": urls.url_ten_minutes,
        "url-50-minutes": urls.url_50_minutes,
        "url-two-hours": urls.url_two_hours,
        "url-immortal": urls.url_immortal,
        "url-works-once": urls.url_works_once,
        "url-decays": urls.url_decays,
    },
    "PRF-19": {
        "400-as-422": statuses.bad_request_as_422,
        "policy-served": policy.policy_served,
        "policy-as-403": statuses.policy_as_403,
        "policy-empties-the-list": policy.policy_empties_the_list,
        "429-as-503": statuses.too_many_as_503,
    },
}
_EARLY = frozenset({"success-201", "prompt-optional", "no-created", "policy-served", "unknown-model-served"})
_LIBERTIES: Retellings = {
    "PRF-01": {"gzip": additions.compressed, "indented": additions.indented},
    "PRF-13": {
        "extra-fields": additions.extra_fields,
        "extra-item-fields": additions.extra_item_fields,
        "null-beside": additions.null_beside,
        "created-float": additions.created_float,
        "keys-reversed": additions.keys_reversed,
        "jpeg": readings.jpeg,
    },
    "PRF-10": {"style-refused": readings.style_refused},
    "PRF-18": {
        "url-62-minutes": readings.url_62_minutes,
        "images-redirected": additions.images_redirected,
        "images-untyped": additions.images_untyped,
    },
    "PRF-19": {"no-retry-after": readings.no_retry_after},
    "PRF-22": {
        "extra-error-keys": additions.extra_error_keys,
        "bare-errors": additions.bare_errors,
        "unknown-names-refused": readings.unknown_names_refused,
    },
}

retold("perf-", _LIES, early=_EARLY)
retold("perf-", _LIBERTIES)
# What breaks a promise elsewhere is free where nothing is promised.
variation("perf-no-list-of-models", claim="PRF-22", family="models", intent="has no list of models")(
    models.models_not_found
)
variation("perf-flat-errors", claim="PRF-22", family="error shape", intent="errors lack the object 'error'")(
    envelopes.flat_error
)
variation("perf-dall-e-3-dearer-wide", claim="PRF-22", family="price", intent="wide dall-e-3 costs what square costs")(
    money.wide_at_square
)
