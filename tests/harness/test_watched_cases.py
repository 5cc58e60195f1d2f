"""What every plan looks at on the way, and the careless conversions that it tries."""

from __future__ import annotations

from typing import Any

import pytest

from pixelproof import loading
from pixelproof.contract import Json
from pixelproof.deviation import Tier
from pixelproof.planning.case import Case, Fetch, ReadBalance, Send
from pixelproof.strategies import PlanRequest, make_plan


def planned(profile: str, **more: Any) -> dict[str, Case]:
    plan = make_plan(PlanRequest(contract=loading.shipped(profile), **more))
    return {case.id: case for case in plan.cases}


def sent(case: Case, name: str) -> list[Json]:
    return [(step.body or {}).get(name) for step in case.sends()]


def args_of(case: Case, rule: str) -> list[dict[str, Json]]:
    return [dict(check.args) for check in case.checks if check.rule == rule]


def test_every_served_image_of_perf_is_looked_at_on_the_bill() -> None:
    for case in planned("perf").values():
        if (
            case.capability == "images"
            and any(check.rule == "served" for check in case.checks)
            and len(case.sends()) == 1
        ):
            readings = [step for step in case.steps if isinstance(step, ReadBalance)]
            assert [(step.name, step.optional) for step in readings] == [("before", True), ("after", True)], case.id
            assert args_of(case, "charged_each"), case.id


def test_the_price_of_many_is_that_of_all_of_them_as_far_as_it_is_documented() -> None:
    cases = planned("perf")
    assert args_of(cases["images/dall-e-2/n=10"], "charged_each") == [{"least": 160_000, "most": 200_000, "n": 10}]
    # this page has no figure for wide standard, and disputes wide hd
    for undocumented in ("images/dall-e-3/size=1792x1024", "images/dall-e-3/1792x1024,hd,natural,b64_json"):
        assert args_of(cases[undocumented], "charged_each") == [{"n": 1}]
        assert args_of(cases[undocumented], "cost_shown") == []


def test_a_refusal_of_whatever_kind_is_looked_at_on_the_bill() -> None:
    free = {case.id for case in planned("perf").values() if args_of(case, "not_charged")}
    policies = {f"errors/content_policy/{name}" for name in ("dall-e-3", "dall-e-2", "stable-diffusion-3", "imagen-3")}
    assert free > policies
    assert {"money/refused-is-free", "refusals/dall-e-3/n=2", "limits/images-per-minute"} < free


@pytest.mark.parametrize("profile", ["perf", "fineapi"])
def test_every_image_that_came_is_looked_at(profile: str) -> None:
    for case in planned(profile).values():
        (step, *_) = case.sends()
        body = step.body or {}
        came = step.fetch is Fetch.ALL or body.get("response_format") == "b64_json"
        if came and case.capability == "images" and any(check.rule == "served" for check in case.checks):
            assert args_of(case, "image_decodes") or args_of(case, "pictures_differ"), case.id


@pytest.mark.parametrize("profile", ["perf", "fineapi"])
def test_a_number_is_tried_as_everything_that_is_taken_for_one(profile: str) -> None:
    cases = planned(profile)
    tried = [sent(cases[f"refusals/n-{label}"], "n")[0] for label in ("of-wrong-type", "as-text", "as-a-fraction")]
    assert tried == ["two", "1", 1.5]
    assert ("refusals/n-as-a-truth-value" in cases) is (profile == "fineapi"), "only where there is room"


@pytest.mark.parametrize(("profile", "told"), [("perf", {"of-wrong-type", "as-a-fraction"}), ("fineapi", set[str]())])
def test_what_may_be_converted_and_what_no_refusal_is_documented_for_is_only_warned_of(
    profile: str, told: set[str]
) -> None:
    cases = planned(profile)
    labels = ("of-wrong-type", "as-text", "as-a-fraction")
    must = {label for label in labels if args_of(cases[f"refusals/n-{label}"], "refused")[0]["must"]}
    assert must == told
    assert not args_of(cases["refusals/prompt-of-wrong-type"], "refused")[0]["must"]


def test_where_one_model_is_all_every_text_is_tried_as_a_list() -> None:
    lists = {name.removeprefix("refusals/") for name in planned("fineapi") if name.endswith("as-a-list")}
    assert lists == {f"{name}-as-a-list" for name in ("model", "prompt", "size", "quality", "style", "response_format")}
    assert sent(planned("fineapi")["refusals/size-as-a-list"], "size") == [["1024x1024"]]
    assert {"refusals/prompt-as-an-object", "refusals/n-in-a-list"} <= set(planned("fineapi")) - set(planned("perf"))


def test_beyond_a_disputed_most_the_least_of_every_reading_is_tried() -> None:
    cases = planned("perf")
    assert {name for name in cases if name.endswith("/n=11")} == {
        f"refusals/{model}/n=11" for model in ("dall-e-2", "stable-diffusion-3", "imagen-3")
    }
    assert not {name for name in cases if name.endswith("/n=5")} & {
        name for name in cases if name.startswith("refusals")
    }


@pytest.mark.parametrize(("profile", "steps"), [("perf", 3), ("fineapi", 2)])
def test_two_things_are_asked_for_side_by_side(profile: str, steps: int) -> None:
    (case,) = (case for name, case in planned(profile).items() if name.endswith("/another-prompt"))
    prompts = [str(prompt) for prompt in sent(case, "prompt")]
    assert (len(prompts), prompts[0] != prompts[1]) == (steps, True)
    assert all(mark in prompts[1] for mark in ('"', "\n", "春"))


def test_looks_at_wallets_and_files_are_no_requests() -> None:
    plan = make_plan(PlanRequest(contract=loading.shipped("perf"), tier=Tier.CORE))
    assert plan.requests == sum(len([step for step in case.sends() if isinstance(step, Send)]) for case in plan.cases)
