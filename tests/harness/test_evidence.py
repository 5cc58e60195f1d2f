"""What a request ran with is read off the matrix of the operation that was called."""

from __future__ import annotations

from pixelproof import loading
from pixelproof.contract import Json
from pixelproof.findings.judging import Judging
from pixelproof.matrix import matrix_of
from pixelproof.planning.case import Check, Send, reference
from pixelproof.rules import Evidence
from pixelproof.verdict import Verdict

from .builders import case_of, success


def evidence_of(step: Send, profile: str = "stratizon") -> Evidence:
    return Evidence(contract=loading.shipped(profile), case=case_of(step), exchanges=())


def test_a_request_from_images_runs_with_the_values_of_its_own_operation() -> None:
    contract = loading.shipped("stratizon")
    edit = next(o for o in contract.creating() if o.capability == "image_to_image")
    body: dict[str, Json] = {"model": "gpt-image-2", "prompt": "at dusk", "image": reference("data_uri")}
    sent = evidence_of(Send(name="main", operation=edit.name, body=body)).sent("main")
    assert sent["capability"] == "image_to_image"
    assert sent["quality"] == "standard"


def test_a_request_from_text_keeps_the_values_of_its_own() -> None:
    sent = evidence_of(Send(name="main", operation="generate", body={"model": "gpt-image-2", "prompt": "x"})).sent(
        "main"
    )
    assert sent["capability"] == "text_to_image"


def test_what_is_no_request_for_images_has_the_defaults_alone() -> None:
    assert evidence_of(Send(name="main", operation="wallet"), "aicredits").sent("main")["model"] == "dall-e-3"


def test_a_matrix_is_compiled_once_for_each_contract_and_capability() -> None:
    contract = loading.shipped("stratizon")
    assert matrix_of(contract, "image_to_image") is matrix_of(contract, "image_to_image")
    assert matrix_of(contract) is not matrix_of(contract, "image_to_image")
    assert matrix_of(loading.shipped("perf")) is not matrix_of(contract)


def test_judging_two_cases_compiles_nothing_twice() -> None:
    contract = loading.shipped("aivene")
    before = matrix_of(contract)
    case = case_of(
        Send(name="main", operation="generate", body={"model": "dall-e-2", "prompt": "x"}),
        checks=[Check(rule="image_count", claim="AIV-05", args={"n": 1})],
    )
    verdicts = [Judging(contract=contract).judged(case, (success(),))[0].verdict for _ in range(2)]
    assert verdicts == [Verdict.PASS, Verdict.PASS]
    assert matrix_of(contract) is before
