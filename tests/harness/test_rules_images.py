"""Rules about delivered files: decoded, never believed."""

from __future__ import annotations

from typing import Any

import pytest

from pixelproof.verdict import Verdict

from .builders import PROMPT, body, error, picture, say, success, verdict_of

PASS, FAIL, NOT_RUN = Verdict.PASS, Verdict.FAIL, Verdict.NOT_RUN
ALL = ("image_decodes", "image_size", "image_type", "image_transparent")
BROKEN = picture(problem="no image: cut", media_type="")


@pytest.mark.parametrize("rule", ALL)
def test_where_no_image_came_there_is_nothing_to_judge(rule: str) -> None:
    assert verdict_of(rule, error(400)) is NOT_RUN
    assert verdict_of(rule, success(images=())) is NOT_RUN


@pytest.mark.parametrize("media_type", ["image/png", "image/jpeg", "image/webp"])
def test_a_real_image_of_a_documented_type_decodes(media_type: str) -> None:
    assert verdict_of("image_decodes", success(images=(picture(media_type=media_type),))) is PASS


@pytest.mark.parametrize("wrong", [BROKEN, picture(media_type="image/gif")], ids=["cut", "gif"])
def test_what_is_no_image_or_none_of_the_types_is_a_finding(wrong: Any) -> None:
    said = say("image_decodes", success(n=2, images=(picture(), wrong)))
    assert said.verdict is FAIL
    assert said.got.startswith("image 1")


@pytest.mark.parametrize(("came", "verdict"), [("512x512", PASS), ("1024x1024", FAIL)])
def test_the_picture_has_the_size_that_was_asked_for(came: str, verdict: Verdict) -> None:
    answer = success(images=(picture(came),))
    assert verdict_of("image_size", answer, sent=body(size="512x512")) is verdict


@pytest.mark.parametrize(("came", "verdict"), [("1024x1024", PASS), ("256x256", FAIL)])
def test_without_a_size_the_picture_has_the_documented_default(came: str, verdict: Verdict) -> None:
    assert verdict_of("image_size", success(images=(picture(came),))) is verdict


def test_a_turned_picture_is_a_finding() -> None:
    said = say("image_size", success(images=(picture("1024x1792"),)), size="1792x1024")
    assert (said.verdict, said.wanted, said.got) == (FAIL, "1792x1024 pixels", "image 0 has 1024x1792")


@pytest.mark.parametrize(("came", "verdict"), [("1536x1024", PASS), ("1024x1024", PASS), ("512x512", FAIL)])
def test_auto_is_any_size_that_the_model_has(came: str, verdict: Verdict) -> None:
    sent = {"model": "gpt-image-1", "prompt": PROMPT, "size": "auto"}
    assert verdict_of("image_size", success(images=(picture(came),)), sent=sent, profile="openai") is verdict


def test_a_file_that_does_not_decode_is_judged_by_one_rule_only() -> None:
    assert verdict_of("image_size", success(images=(BROKEN,))) is NOT_RUN


@pytest.mark.parametrize(("came", "verdict"), [("image/webp", PASS), ("image/png", FAIL)])
def test_the_file_has_the_type_that_was_asked_for(came: str, verdict: Verdict) -> None:
    assert verdict_of("image_type", success(images=(picture(media_type=came),)), type="webp") is verdict


@pytest.mark.parametrize(("alpha", "verdict"), [(True, PASS), (False, FAIL)])
def test_a_transparent_image_has_an_alpha_channel(alpha: bool, verdict: Verdict) -> None:  # noqa: FBT001 - a row
    pictures = (picture(alpha=True), picture(alpha=alpha))
    assert verdict_of("image_transparent", success(n=2, images=pictures)) is verdict
