"""The schema of contracts takes what the reader reads, and names what it cannot be."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from pixelproof import loading

SCHEMA = json.loads((loading.specs_folder() / "schema" / "contract.schema.json").read_text("utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)
WHOLE = yaml.safe_load((loading.specs_folder() / "stratizon" / "contract.yaml").read_text("utf-8"))

Change = Callable[[dict[str, Any]], object]


def problems(change: Change) -> list[str]:
    """Return what the schema says about a changed contract."""
    contract = deepcopy(WHOLE)
    change(contract)
    return [error.message for error in VALIDATOR.iter_errors(contract)]


def test_the_contract_as_it_stands_is_taken() -> None:
    assert problems(lambda _: None) == []


@pytest.mark.parametrize(
    "change",
    [
        lambda c: c["tasks"].pop("refunded"),
        lambda c: c["tasks"]["states"].pop("canceled"),
        lambda c: c["tasks"]["states"].update(running=["running", "in_progress"]),
        lambda c: c["tasks"]["duration"].update(queued_s=0),
        lambda c: c["media"].pop("upload"),
        lambda c: c["media"].update(kinds={"url": {"image_url": "{url}"}}),
        lambda c: c["parameters"]["prompt"].update(companions={"quality": "hd"}),
        lambda c: c["images"].pop("ratio"),
        lambda c: c["billing"].pop("refund_examples"),
        lambda c: c["exclusions"].clear(),
        lambda c: c["operations"]["cancel"].update(creates=None),
        lambda c: c["auth"].update(test_keys={"key": "^t_", "mint": "t_{token}", "claim": "STR-23"}),
        lambda c: c["parameters"]["quality"]["schema"].update(custom={"minimum": 64, "maximum": 99, "step": 8}),
        lambda c: c["models"]["auto"]["parameters"].update(quality={"custom": None}),
        lambda c: c["limits"].update(images_per_day={"value": None, "tiers": {"free": 50}}),
        lambda c: c.update(rate_headers={"limit": "X-Limit", "remaining": "X-Left", "reset": "X-Reset"}),
        lambda c: c["billing"].update(forex={"base": "USD", "rate": "87.50", "claim": "STR-15"}),
        lambda c: c["billing"]["prices"][0].update(least="40", most="60"),
        lambda c: c["response"]["fields"]["model"].update(echoes="model", unique=True),
    ],
)
def test_what_a_provider_may_not_have_can_be_left_out(change: Change) -> None:
    assert problems(change) == []


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda c: c["operations"]["generate"].update(creates="job"), "'job'"),
        (lambda c: c.pop("tasks"), "'tasks' is a required property"),
        (lambda c: c.pop("media"), "'media' is a required property"),
        (lambda c: c["operations"].pop("task"), "'task' is a required property"),
        (lambda c: c["operations"].pop("upload"), "'upload' is a required property"),
        (lambda c: c["operations"]["task"].update(request="GET /tasks/{id}"), "does not match"),
        (lambda c: c["parameters"]["image"].update(schema={"type": "picture"}), "not valid under any"),
        (lambda c: c["parameters"]["image"].update(capabilities=["text_to_video"]), "'text_to_video'"),
        (lambda c: c["parameters"]["image"].update(capabilities=[]), "[]"),
        (lambda c: c["response"]["fields"]["status"].update(type="money"), "not valid under any"),
        (lambda c: c["exclusions"][0].update(when={"quality": "hd"}), "not have enough properties"),
        (lambda c: c["exclusions"][0].pop("parameter"), "'parameter' is a required property"),
        (lambda c: c["exclusions"][0].update(unless={}), "'unless' was unexpected"),
        (lambda c: c["models"]["auto"].update(routes_to=5), "5 is not of type"),
        (lambda c: c["tasks"].update(id="task_id"), "does not match"),
        (lambda c: c["tasks"].pop("status"), "'status' is a required property"),
        (lambda c: c["tasks"].update(charge="/billing/charge"), "'charge' was unexpected"),
        (lambda c: c["tasks"]["states"].pop("failed"), "'failed' is a required property"),
        (lambda c: c["tasks"]["states"].update(paused="paused"), "'paused' was unexpected"),
        (lambda c: c["tasks"]["duration"].update(running_s=-1), "-1 is less than"),
        (lambda c: c["tasks"]["claims"].update(refund="STR-19"), "'refund' was unexpected"),
        (lambda c: c["media"]["kinds"].update(video={"url": "{url}"}), "'video' was unexpected"),
        (lambda c: c["media"]["kinds"].update(url={"type": "url"}), "should not be valid"),
        (lambda c: c["media"]["kinds"].update(url={}), "should be non-empty"),
        (lambda c: c["media"]["upload"].update(artifact_id="artifact_id"), "does not match"),
        (lambda c: c["media"]["upload"].update(types=["text/plain"]), "does not match"),
        (lambda c: c["media"]["upload"].pop("max_bytes"), "'max_bytes' is a required property"),
        (lambda c: c["images"]["sizes"].update({"1:1": "1024"}), "does not match"),
        (lambda c: c["images"]["ratio"].pop("parameter"), "'parameter' is a required property"),
        (lambda c: c["images"]["ratio"].update(tolerance_percent=200), "200 is greater than"),
        (lambda c: c["errors"]["rows"].update(clash={"status": 409}), "'clash'"),
        (lambda c: c["billing"]["refund_examples"][0].pop("delivered"), "'delivered' is a required property"),
        (lambda c: c["billing"]["refund_examples"][0].update(refund=900), "900 is not of type"),
        (lambda c: c["billing"]["examples"][0].update(operation="Generate it"), "does not match"),
        (lambda c: c["billing"]["claims"].update(refunded="STR-19"), "'refunded' was unexpected"),
        (lambda c: c["auth"].update(test_keys={"key": "^t_", "mint": "t_"}), "does not match"),
        (lambda c: c["parameters"]["quality"]["schema"].update(custom={"minimum": 64}), "'maximum' is a required"),
        (lambda c: c["limits"].update(images_per_day={"value": 5, "tiers": {"free": "50"}}), "'50' is not of type"),
        (lambda c: c.update(rate_headers={"limit": "X-Limit"}), "'remaining' is a required property"),
        (lambda c: c["billing"].update(forex={"base": "USD", "rate": 87.5}), "87.5 is not of type"),
        (lambda c: c["billing"]["prices"][0].update(least="40"), "'most' is a dependency of 'least'"),
        (lambda c: c["ambiguities"][0].update(about="refund"), "'refund' is not one of"),
    ],
)
def test_what_it_cannot_be_is_named(change: Change, problem: str) -> None:
    found = problems(change)
    assert any(problem in message for message in found), found


def described(schema: Any, path: str = "") -> list[str]:
    """Return every property without a description, its own or the referenced definition's."""
    missing = []
    for name, each in schema.get("properties", {}).items() if isinstance(schema, dict) else ():
        target = SCHEMA["$defs"][each["$ref"].rpartition("/")[2]] if isinstance(each, dict) and "$ref" in each else {}
        if isinstance(each, dict) and "description" not in {**target, **each}:
            missing.append(f"{path}/{name}")
        missing += described(each, f"{path}/{name}")
    return missing


def test_every_key_is_described_for_editors() -> None:
    # what a whole contract needs on top speaks of the same keys once more
    shown = {name: each for name, each in SCHEMA["$defs"].items() if not name.startswith("whole")}
    undescribed = described(SCHEMA) + [f"{name}{path}" for name, each in shown.items() for path in described(each)]
    assert undescribed == []
