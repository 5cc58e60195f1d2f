"""Moving from one provider to another: expectations worked out by hand from the providers' pages."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from itertools import permutations
from typing import Any

import pytest

from pixelproof import loading
from pixelproof.contract import Support
from pixelproof.porting import Change, Effect, Outcome, Port, PortRequest, Trial, port
from pixelproof.porting.closest import closest, closest_ratio
from pixelproof.problems import BadUsage


def ported(before: str, after: str, *, usd_inr: str | None = None, **models: str) -> Port:
    """Compare two shipped contracts; model names are written with underscores for hyphens."""
    mapping = {own.replace("_", "-"): other for own, other in models.items()}
    rate = Decimal(usd_inr) if usd_inr else None
    return port(PortRequest(before=loading.shipped(before), after=loading.shipped(after), models=mapping, usd_inr=rate))


def change(found: Port, subject: str, effect: Effect, model: str | None = None) -> Change:
    """Return the one change about a subject, of a model where several have it."""
    named = [each for each in found.of(effect) if each.subject == subject and (not model or model in each.models)]
    assert len(named) == 1, [(each.subject, each.effect, each.models) for each in found.changes]
    return named[0]


def trials(found: Port, **values: Any) -> tuple[Trial, ...]:
    """Return the representative requests that have these values."""
    return tuple(
        trial for trial in found.trials if all(trial.body.get(name) == value for name, value in values.items())
    )


class TestFromOpenAIToAivene:
    """OpenAI's reference against Aivene's page "Image Generations", both read by hand."""

    found = ported("openai", "aivene")

    def test_a_request_without_a_model_breaks(self) -> None:
        # Aivene: "model string required".
        told = change(self.found, "model", Effect.BREAKS)
        assert told.claims_after == ("AIV-03",)
        (plain,) = [trial for trial in self.found.trials if "model" not in trial.body]
        assert plain.outcome is Outcome.BREAKS
        assert plain.refusals[0].claim == ("AIV-03",)
        assert plain.refusals[0].statuses == (400,)

    def test_two_models_are_missing_and_three_stay(self) -> None:
        missing = {each.subject for each in self.found.of(Effect.BREAKS) if each.after == "no such model"}
        assert missing == {"gpt-image-1-mini", "gpt-image-1.5"}
        assert {pair.after.id for pair in self.found.pairs if pair.after} == {"dall-e-2", "dall-e-3", "gpt-image-1"}

    def test_every_request_to_the_dall_e_models_works(self) -> None:
        # Sizes, qualities, styles, formats and n are the same in both tables; Aivene states no limit of the prompt.
        for model in ("dall-e-2", "dall-e-3"):
            assert {trial.outcome for trial in trials(self.found, model=model)} == {Outcome.WORKS}

    def test_quality_auto_breaks_and_medium_is_nearest(self) -> None:
        told = change(self.found, "quality", Effect.BREAKS, "gpt-image-1")
        assert told.before == "also auto"
        assert told.do == "send medium for auto"
        assert set(told.claims_after) == {"AIV-09", "AIV-11"}

    def test_the_same_request_makes_another_image(self) -> None:
        # OpenAI: size and quality are auto when left out; Aivene: 1024x1024, and a quality that gpt-image-1 has.
        size = change(self.found, "size", Effect.DIFFERS, "gpt-image-1")
        assert (size.before, size.after, size.do) == ("auto when left out", "1024x1024 when left out", "send auto")
        assert change(self.found, "quality", Effect.DIFFERS, "gpt-image-1").after == "medium when left out"

    def test_gpt_image_answers_with_a_url_until_base64_is_asked_for(self) -> None:
        told = change(self.found, "data[]", Effect.BREAKS, "gpt-image-1")
        assert (told.before, told.do) == ("b64_json", "send response_format=b64_json")
        plain = trials(self.found, model="gpt-image-1")[0]
        assert plain.accepted
        assert plain.outcome is Outcome.BREAKS
        assert plain.unreadable == "delivered as url, not as b64_json"
        assert set(plain.changes) == {"size is 1024x1024, not auto", "quality is medium, not auto"}

    def test_parameters_that_aivene_does_not_know_lose_their_effect(self) -> None:
        for name in ("moderation", "output_format", "output_compression"):
            assert "gpt-image-1" in change(self.found, name, Effect.DIFFERS).models

    def test_usage_is_gone(self) -> None:
        told = change(
            self.found, "answer: background, output_format, quality, size, usage", Effect.BREAKS, "gpt-image-1"
        )
        assert told.claims_before == ("OAI-11",)

    def test_an_empty_wallet_is_another_status(self) -> None:
        # OpenAI: 429 insufficient_quota; Aivene: 402 billing_error.
        told = change(self.found, "insufficient funds", Effect.DIFFERS)
        assert told.before.startswith("429")
        assert told.after == "402 billing_error"
        assert not told.assumed

    def test_the_envelope_loses_param_and_code(self) -> None:
        # Aivene: {"error": {"type": …, "message": …}}.
        assert {each.subject for each in self.found.changes if each.subject.startswith("error.")} == {
            "error.param",
            "error.code",
        }

    def test_disputed_sizes_are_told(self) -> None:
        # Aivene's parameter table lacks 1536x1024, 1024x1536 and auto; its model table has them.
        told = next(each for each in self.found.of(Effect.DIFFERS) if each.claims_after == ("AIV-10",))
        assert told.models == ("gpt-image-1",)
        assert "1536x1024" in told.before

    def test_prices_that_no_page_names_are_marked(self) -> None:
        # Neither page has a price table: all of these are assumptions.
        assert all(pair.before.assumed for pair in self.found.prices)
        assert all(pair.after.assumed for pair in self.found.prices if pair.after)


class TestFromAiveneToOpenAI:
    found = ported("aivene", "openai")

    def test_response_format_breaks_for_gpt_image(self) -> None:
        # OpenAI: "always base64: response_format refused with 400 unknown_parameter".
        told = change(self.found, "response_format", Effect.BREAKS)
        assert told.models == ("gpt-image-1",)
        assert told.claims_after == ("OAI-04",)

    def test_the_alias_of_user_breaks(self) -> None:
        assert change(self.found, "safety_identifier", Effect.BREAKS).claims_before == ("AIV-16",)

    def test_a_prompt_without_limit_meets_one(self) -> None:
        assert change(self.found, "prompt", Effect.BREAKS, "dall-e-3").after == "at most 4000 characters"
        (long,) = trials(self.found, prompt="a" * 4001)
        assert long.body["model"] == "dall-e-3"
        assert long.refusals[0].claim == ("OAI-01",)

    def test_quality_standard_breaks_for_gpt_image(self) -> None:
        assert change(self.found, "quality", Effect.BREAKS, "gpt-image-1").do == "send medium for standard"


class TestFromOpenAIToStratizon:
    found = ported("openai", "stratizon", dall_e_3="auto", gpt_image_1="gpt-image-2")

    def test_a_caller_must_poll(self) -> None:
        # Stratizon: "202 Accepted with a task_id"; "Poll GET /v1/tasks/{task_id}"; output.images[].
        told = change(self.found, "POST /images/generations", Effect.BREAKS)
        assert told.after.startswith("202")
        assert told.do == "poll GET /tasks/{task_id} until it is final, and read /output/images"

    def test_no_request_works_unchanged_and_a_plain_one_is_accepted(self) -> None:
        assert self.found.count(Outcome.BREAKS) == len(self.found.trials)
        plain = trials(self.found, model="dall-e-3")[0]
        assert plain.accepted
        assert plain.unreadable == "answered with a task to poll"

    def test_pixel_sizes_become_ratios(self) -> None:
        told = change(self.found, "size", Effect.DIFFERS, "dall-e-3 → auto")
        assert told.after == "ignored: no such parameter"
        # 1792x1024 is 7:4, and 16:9 is the nearest ratio that Stratizon offers.
        assert told.do == "send aspect_ratio instead: 1:1 for 1024x1024, 16:9 for 1792x1024, 9:16 for 1024x1792"

    def test_ten_images_become_four(self) -> None:
        told = change(self.found, "n", Effect.BREAKS, "gpt-image-1 → gpt-image-2")
        assert (told.before, told.after) == ("at most 10", "at most 4")
        assert told.claims_after == ("STR-08",)

    def test_a_picture_costs_credits_that_nobody_can_compare(self) -> None:
        # Stratizon: 50 credits standard, 300 hd, prepaid at task creation.
        hd = next(
            pair
            for pair in self.found.prices
            if pair.model.startswith("dall-e-3") and pair.values == {"size": "1024x1024", "quality": "hd"}
        )
        assert hd.after is not None
        assert hd.after.currency.show(hd.after.units) == "300.00 credits"
        assert not hd.after.assumed
        assert hd.times is None
        assert change(self.found, "moment of payment", Effect.COSTS).claims_after == ("STR-13",)

    def test_a_refused_quality_is_priced_as_the_nearest_one(self) -> None:
        high = next(pair for pair in self.found.prices if pair.values.get("quality") == "high")
        assert high.instead == {"quality": "hd"}
        assert high.after is not None
        assert high.after.units == 300_0000


class TestFromAICreditsToPerf:
    def test_every_request_works_and_some_qualities_lose_their_effect(self) -> None:
        # Both serve dall-e-2 and dall-e-3 with the same sizes; Perf's quality is for dall-e-3 only.
        found = ported("aicredits", "perf")
        assert found.count(Outcome.BREAKS) == 0
        assert {trial.body["model"] for trial in found.trials if trial.changes} == {"dall-e-2"}

    def test_rupees_are_compared_at_the_rate_that_is_given(self) -> None:
        # ₹3.50 at 87.50 is $0.04: a price made of dollars moves with the rate, so it is the same at every rate.
        for rate in ("87.50", "100.00"):
            square = ported("aicredits", "perf", usd_inr=rate).prices[0]
            assert square.values == {"size": "1024x1024", "quality": "standard"}
            assert square.times == 1

    def test_a_fixed_rupee_price_is_not_moved_by_a_missing_rate(self) -> None:
        square = ported("aicredits", "perf").prices[0]
        assert square.before.currency.show(square.before.units) == "3.50 INR"
        assert square.after is not None
        assert square.after.currency.show(square.after.units) == "0.04 USD"
        assert square.times is None

    def test_a_wide_picture_costs_less_in_rupees(self) -> None:
        # ₹5 at 87.50 is $0.05714; Perf asks $0.080: 1.4 times.
        wide = next(
            pair
            for pair in ported("aicredits", "perf", usd_inr="87.50").prices
            if pair.values == {"size": "1792x1024", "quality": "standard"}
        )
        assert wide.times == Fraction(14, 10)

    def test_limits_count_images_now(self) -> None:
        found = ported("aicredits", "perf")
        assert change(found, "images per minute", Effect.DIFFERS).after == "5 (free), 30 (pro) per account"

    def test_a_dispute_about_models_that_nobody_asks_for_is_not_told(self) -> None:
        assert not [each for each in ported("aicredits", "perf").changes if "PRF-09" in each.claims_after]


def test_a_default_model_that_differs_is_another_picture() -> None:
    found = ported("openai", "aicredits")
    told = change(found, "model", Effect.DIFFERS)
    assert (told.before, told.after, told.do) == ("dall-e-2 when left out", "dall-e-3 when left out", "name dall-e-2")
    (plain,) = [trial for trial in found.trials if "model" not in trial.body]
    assert plain.outcome is Outcome.DIFFERS
    assert "model is dall-e-3, not dall-e-2" in plain.changes


def test_a_long_prompt_meets_a_shorter_limit() -> None:
    # OpenAI: 32000 characters for the gpt-image family; FineAPI: 4000.
    found = ported("openai", "fineapi", gpt_image_1="dall-e-3")
    told = change(found, "prompt", Effect.BREAKS, "gpt-image-1 → dall-e-3")
    assert (told.before, told.after) == ("at most 32000 characters", "at most 4000 characters")
    (long,) = [trial for trial in trials(found, model="gpt-image-1") if len(str(trial.body["prompt"])) > 100]
    assert long.refusals[0].claim == ("FIN-03",)


def test_what_reads_an_answer_block_breaks_without_it() -> None:
    told = change(ported("perf", "fineapi"), "answer: perf", Effect.BREAKS)
    assert told.claims_before == ("PRF-14",)


@pytest.mark.parametrize("profile", loading.profiles())
def test_staying_where_one_is_changes_nothing(profile: str) -> None:
    contract = loading.shipped(profile)
    found = port(PortRequest(before=contract, after=contract))
    assert {trial.outcome for trial in found.trials} == {Outcome.WORKS}
    assert [each for each in found.of(Effect.BREAKS) if not each.before.startswith("n ")] == []
    assert found.of(Effect.COSTS) == ()
    assert all(pair.times in {1, None} for pair in found.prices)


@pytest.mark.parametrize(("before", "after"), list(permutations(loading.profiles(), 2)))
def test_every_change_says_what_was_and_what_is(before: str, after: str) -> None:
    found = ported(before, after)
    for each in found.changes:
        assert each.subject
        assert each.after
        if each.effect is Effect.BREAKS:
            assert each.do, each
    for trial in found.trials:
        assert (trial.outcome is Outcome.BREAKS) is bool(trial.reasons)
        assert trial.accepted is not bool(trial.refusals)


@pytest.mark.parametrize(("before", "after"), list(permutations(loading.profiles(), 2)))
def test_every_refusal_of_a_value_is_told_as_a_change(before: str, after: str) -> None:
    found = ported(before, after)
    told = {each.subject for each in found.of(Effect.BREAKS)} | {"model"}
    if "unknown parameters" in told:
        told |= set(loading.shipped(before).parameters)
    shared = {pair.before.id for pair in found.pairs if pair.after is not None}
    for trial in found.trials:
        if trial.body.get("model") in shared:
            assert {refused.parameter for refused in trial.refusals} <= told | {""}, trial


def test_a_parameter_required_only_there_breaks_every_request() -> None:
    contract = loading.shipped("fineapi")
    needed = replace(contract.parameters["user"], required=True)
    stricter = replace(contract, parameters={**contract.parameters, "user": needed})
    found = port(PortRequest(before=contract, after=stricter))
    assert change(found, "user", Effect.BREAKS).do == "send user with every request"
    assert found.count(Outcome.WORKS) == len([trial for trial in found.trials if "user" in trial.body])


def test_an_ignored_parameter_that_takes_effect_is_told() -> None:
    contract = loading.shipped("fineapi")
    model = contract.models["dall-e-3"]
    deaf = replace(model, cells={**model.cells, "style": replace(model.cells["style"], support=Support.IGNORED)})
    found = port(PortRequest(before=replace(contract, models={model.id: deaf}), after=contract))
    assert change(found, "style", Effect.DIFFERS).before == "sent without effect"
    assert any("style takes effect" in trial.changes for trial in found.trials)


def test_a_map_with_an_unknown_model_is_refused_with_the_nearest() -> None:
    with pytest.raises(BadUsage, match="did you mean 'gpt-image-1'"):
        ported("openai", "aivene", gpt_image_1_mini="gpt-image-7")
    with pytest.raises(BadUsage, match="OpenAI Images reference has no model 'flux'"):
        ported("openai", "aivene", flux="flux-pro")


@pytest.mark.parametrize(
    ("value", "options", "nearest"),
    [
        ("1792x1024", ("1024x1024", "1536x1024", "1024x1536"), "1536x1024"),
        ("256x256", ("1024x1024", "1792x1024"), "1024x1024"),
        ("512x512", ("256x256", "1024x1024", "1792x1024"), "256x256"),
        ("hd", ("low", "medium", "high"), "high"),
        ("standard", ("low", "medium", "high"), "medium"),
        ("low", ("standard", "hd"), "standard"),
        ("webp", ("png", "jpeg"), None),
    ],
)
def test_the_nearest_value_has_the_same_shape_or_rank(
    value: str, options: tuple[str, ...], nearest: str | None
) -> None:
    assert closest(value, options) == nearest


def test_the_nearest_ratio_is_that_of_the_picture() -> None:
    contract = loading.shipped("stratizon")
    assert closest_ratio("2048x1024", contract) == "2:1"
    assert closest_ratio("auto", contract) is None
    assert closest_ratio("1024x1024", loading.shipped("openai")) is None
