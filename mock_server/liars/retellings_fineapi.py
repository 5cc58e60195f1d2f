"""Lies and liberties of the shelf that FineAPI's document rules out, or allows, as well."""

from __future__ import annotations

from . import access, additions, images, models, readings, statuses, strictness, successes, urls, validation
from .catalogue import Retellings, retold, variation

#: claim → what breaks it, by name
_LIES: Retellings = {
    "FIN-01": {
        "any-key": access.any_key,
        "no-key-needed": access.no_key_needed,
        "missing-key-crashes": access.missing_key_crashes,
        "success-201": statuses.success_201,
        "success-page": successes.success_page,
    },
    "FIN-02": {"model-number-crashes": strictness.model_number_crashes},
    "FIN-03": {
        "prompt-optional": validation.prompt_optional,
        "null-prompt-taken": validation.null_prompt_taken,
        "one-over-4000-taken": validation.one_over_4000_taken,
        "prompt-units-counted": strictness.prompt_units_counted,
        "prompt-number-crashes": strictness.prompt_number_crashes,
    },
    "FIN-04": {
        "n-clipped": images.n_clipped,
        "two-made": validation.dall_e_3_makes_two,
        "n-defaults-to-two": images.n_defaults_to_two,
        "no-image": images.no_image,
        "n-text-crashes": strictness.n_text_crashes,
    },
    "FIN-05": {
        "size-ignored": images.size_ignored,
        "default-size-512": images.default_size_512,
        "wide-comes-tall": images.wide_comes_tall,
        "one-row-short": images.one_row_short,
        "wide-refused": strictness.wide_refused,
        "size-number-crashes": strictness.size_number_crashes,
    },
    "FIN-06": {
        "hd-refused": strictness.hd_refused,
        "natural-refused": strictness.natural_refused,
        "named-vivid-refused": strictness.named_vivid_refused,
        "quality-number-crashes": strictness.quality_number_crashes,
    },
    "FIN-07": {
        "b64-by-default": successes.b64_by_default,
        "format-ignored": successes.format_ignored,
        "b64-refused": strictness.b64_refused,
        "named-url-refused": strictness.named_url_refused,
        "data-uri": successes.data_uri,
        "url-is-a-path": urls.url_is_a_path,
        "url-not-found": urls.url_not_found,
    },
    "FIN-08": {
        "no-created": successes.no_created,
        "created-null": successes.created_null,
        "created-text": successes.created_text,
        "created-milliseconds": successes.created_milliseconds,
        "created-fraction": successes.created_fraction,
        "data-object": successes.data_object,
        "images-not-data": successes.images_not_data,
        "null-items": successes.null_items,
        "no-picture": images.no_picture,
        "cut-picture": images.cut_picture,
    },
    "FIN-09": {
        "no-revised-prompt": successes.no_revised_prompt,
        "blank-revised-prompt": successes.blank_revised_prompt,
        "hd-hides-its-prompt": successes.hd_hides_its_prompt,
        "b64-hides-its-prompt": successes.b64_hides_its_prompt,
    },
}
#: Of these, what the smoke tier finds.
_EARLY = frozenset({"any-key", "no-key-needed", "missing-key-crashes", "success-201", "prompt-optional", "no-created"})
#: claim → what it leaves open, by name
_LIBERTIES: Retellings = {
    "FIN-01": {"gzip": additions.compressed, "indented": additions.indented},
    "FIN-08": {
        "extra-fields": additions.extra_fields,
        "extra-item-fields": additions.extra_item_fields,
        "null-beside": additions.null_beside,
        "created-float": additions.created_float,
        "keys-reversed": additions.keys_reversed,
        "jpeg": readings.jpeg,
        "webp": readings.webp,
    },
    "FIN-10": {
        "extra-error-keys": additions.extra_error_keys,
        "bare-errors": additions.bare_errors,
        "code-number": additions.code_number,
        "other-words": additions.other_words,
        "unknown-names-refused": readings.unknown_names_refused,
        "images-redirected": additions.images_redirected,
        "images-untyped": additions.images_untyped,
    },
}


retold("fineapi-", _LIES, early=_EARLY)
retold("fineapi-", _LIBERTIES)
# What breaks a promise elsewhere is free where nothing is promised.
variation("fineapi-400-as-422", claim="FIN-10", family="status", intent="a bad request is 422")(
    statuses.bad_request_as_422
)
variation("fineapi-401-as-403", claim="FIN-10", family="status", intent="a wrong key is 403")(
    statuses.unauthorized_as_403
)
variation("fineapi-no-list-of-models", claim="FIN-10", family="models", intent="has no list of models")(
    models.models_not_found
)
variation("fineapi-url-ten-minutes", claim="FIN-10", family="url life", intent="URLs live ten minutes")(
    urls.url_ten_minutes
)
