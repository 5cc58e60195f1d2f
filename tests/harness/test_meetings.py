"""What is planned where things meet finds the servers that fail there, and needs no more than a plan's requests."""

from __future__ import annotations

import pytest

from pixelproof import edges, loading
from pixelproof.contract import Json
from pixelproof.deviation import Tier
from pixelproof.money import Units
from pixelproof.planning.case import Advance, Poll, ReadBalance, Together
from pixelproof.selfproof.selftest import bench
from pixelproof.settings import MockSettings
from pixelproof.strategies import Plan, PlanRequest, make_plan
from pixelproof.verdict import Verdict

#: Liars that lie where things meet, by the case that must find them.
FOUND_BY = {
    "aivene-charge-lost-in-a-crowd": "money/together",
    "stratizon-charged-twice-in-a-crowd": "money/together",
    "aivene-clear-high-costs-a-cent": "images/gpt-image-1/1024x1024,high,transparent,b64_json",
    "aicredits-natural-costs-twice": "images/dall-e-3/1792x1024,hd,b64_json,natural",
    "aicredits-base64-costs-a-tenth": "money/dall-e-2/whatever-else",
    "aicredits-third-image-free": "money/dall-e-2/whatever-else",
    "aivene-broken-body-costs": "refusals/body-cut-json",
    "aicredits-promptless-costs": "refusals/prompt-missing",
    "aicredits-poor-without-rate-headers": "errors/insufficient_funds",
    "aivene-second-image-halved": "images/dall-e-2/n=2",
    "aivene-second-image-opaque": "images/gpt-image-1/n=3",
    "aivene-second-image-by-url": "images/dall-e-2/n=2",
    "aivene-third-image-missing": "images/gpt-image-1/n=3",
    "aicredits-second-image-missing": "images/dall-e-2/n=2",
    "aicredits-third-image-halved": "money/dall-e-2/whatever-else",
    "aivene-hd-by-url-halved": "images/dall-e-3/quality=hd",
    "aivene-natural-is-cut": "images/dall-e-3/style=natural",
    "aicredits-hd-by-url-halved": "images/dall-e-3/quality=hd",
    "aicredits-natural-is-cut": "images/dall-e-3/style=natural",
    "aivene-none-is-one-for-gpt": "images/gpt-image-1/n=0",
    "aivene-fewer-than-none-is-one": "images/dall-e-3/n=-1",
    "aivene-user-unknown-to-dall-e-2": "images/dall-e-2/user",
    "aivene-alias-unknown-to-gpt": "images/gpt-image-1/safety_identifier",
    "aivene-other-scripts-break": "images/dall-e-3/another-prompt",
    "aivene-url-for-seconds": "urls/dall-e-3/again",
    "aivene-retry-after-milliseconds": "limits/requests-per-minute",
    "stratizon-fewer-than-none-is-one": "refusals/auto/n=-1",
    "stratizon-other-scripts-cost": "tasks/prompt-in-other-scripts",
    "stratizon-named-model-dearer": "tasks/model=gpt-image-2",
    "stratizon-named-model-without-hd": "money/quality=hd,n=3",
    "stratizon-tall-taken-twice": "tasks/aspect_ratio=3:4",
    "stratizon-no-credit-needed-from-images": "money/transform/without-credit",
    "stratizon-refund-of-nothing": "tasks/life",
    "stratizon-fourth-image-square": "tasks/n=4",
    "stratizon-hd-is-square": "money/quality=hd,n=1",
    "stratizon-second-url-relative": "tasks/n=2",
    "stratizon-second-artifact-dead": "references/transform/chained-from-text",
    "stratizon-text-artifacts-dead": "references/transform/chained-from-text",
}


@pytest.mark.parametrize(("name", "case"), FOUND_BY.items(), ids=FOUND_BY)
def test_the_case_finds_who_fails_there(name: str, case: str) -> None:
    liar = next(deviation for deviation in edges.deviations() if deviation.name == name)
    run = bench(liar.profile, MockSettings(liar=name), tier=Tier.CORE, select=(case,))
    found = {line.verdict for one in run.plan.cases for line in run.prove(one) if line.claim == liar.claim}
    assert Verdict.FAIL in found


def plan(profile: str, **wanted: object) -> Plan:
    return make_plan(PlanRequest(contract=loading.shipped(profile), **wanted))


def two_of(profile: str, **wanted: object) -> dict[str, Json]:
    """Return the body of the request for two images whose charge is looked at."""
    case = next(case for case in plan(profile, **wanted).cases if case.id == "money/dall-e-2/two")
    return dict(case.sends()[0].body or {})


def test_two_images_are_charged_where_the_target_states_their_price() -> None:
    assert two_of("aivene")["size"] == "256x256"
    assert "size" not in two_of("aivene", prices={"dall-e-2": Units(20_000)})


def test_a_prompt_in_other_scripts_is_sent_once() -> None:
    def sent(profile: str) -> list[str]:
        return [case.id for case in plan(profile).cases if any(_is_foreign(send.body) for send in case.sends())]

    assert sent("aivene") == ["images/dall-e-3/another-prompt"]
    assert sent("stratizon") == ["tasks/prompt-in-other-scripts"]


def _is_foreign(body: object) -> bool:
    return isinstance(body, dict) and not str(body.get("prompt", "")).isascii()


@pytest.mark.parametrize("profile", ["aivene", "aicredits", "stratizon"])
def test_requests_at_one_time_are_fewer_than_any_documented_limit(profile: str) -> None:
    case = next(case for case in plan(profile).cases if case.id == "money/together")
    together = next(step for step in case.steps if isinstance(step, Together))
    flying = loading.shipped(profile).limits.get("in_flight")
    assert 1 < len(together.sends) < (flying.value if flying is not None and flying.value is not None else 60)


def test_a_wallet_that_cannot_be_read_leaves_the_requests_to_their_other_claims() -> None:
    paid = [case for case in plan("stratizon").cases if case.id.startswith("tasks/aspect_ratio")]
    assert paid
    for case in paid:
        assert all(step.optional for step in case.steps if isinstance(step, ReadBalance))
        assert {"task_created", "task_succeeds", "charged_at_creation"} <= {check.rule for check in case.checks}


def test_a_url_is_used_again_after_a_wait_that_can_be_waited() -> None:
    case = next(case for case in plan("aivene").cases if case.id == "urls/dall-e-3/again")
    waits = [step for step in case.steps if isinstance(step, Advance)]
    assert [(step.brief, step.seconds <= 10) for step in waits] == [(True, True)]


def test_every_ratio_of_several_images_is_held_to_what_was_asked() -> None:
    for case in plan("stratizon").cases:
        sends = [send for send in case.sends() if isinstance(send.body, dict) and send.name == "main"]
        looks = [step for step in case.steps if isinstance(step, Poll) and step.fetch.value == "all"]
        if sends and looks and ":" in str((sends[0].body or {}).get("aspect_ratio")):
            assert {"image_ratio", "image_files"} <= {check.rule for check in case.checks}, case.id
