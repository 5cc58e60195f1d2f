"""SARIF: valid by the schema that OASIS publishes, the same alert in every run, what is accepted suppressed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from tests.harness.builders import line

from pixelproof import edges, loading
from pixelproof.record.recording import Record
from pixelproof.verdict import Verdict

from .records import FOUND, hostile, record, with_keys

SCHEMA = json.loads((Path(__file__).parent / "schemas/sarif-2.1.0-rtm.5.json").read_text("utf-8"))
VALIDATOR = jsonschema.Draft4Validator(SCHEMA, format_checker=jsonschema.Draft4Validator.FORMAT_CHECKER)
EVERY_KIND = tuple(line(kind, case=f"a/{kind.value}", got="x", wanted="y") for kind in Verdict)


def log(shown: Record) -> dict[str, Any]:
    run: dict[str, Any] = json.loads(edges.renderer("sarif").render(shown))["runs"][0]
    return run


@pytest.mark.parametrize(
    "made",
    [record, lambda: record(*EVERY_KIND), lambda: record(FOUND, end=None), with_keys, hostile],
    ids=["empty", "every kind", "cut", "keys", "hostile"],
)
def test_a_log_is_valid_by_the_official_schema(made: Callable[[], Record]) -> None:
    text = json.loads(edges.renderer("sarif").render(made()))
    assert [error.message for error in VALIDATOR.iter_errors(text)] == []


def test_the_schema_would_object() -> None:
    text = json.loads(edges.renderer("sarif").render(record(FOUND)))
    text["runs"][0]["results"][0]["level"] = "fatal"
    assert list(VALIDATOR.iter_errors(text))


def test_a_verdict_becomes_a_level_and_what_was_kept_is_no_result() -> None:
    found = {result["properties"]["verdict"]: result["level"] for result in log(record(*EVERY_KIND))["results"]}
    assert found == {"fail": "error", "warn": "warning", "ambiguous": "note", "waived": "error"}


def test_a_rule_is_a_claim_with_what_it_says_and_where() -> None:
    (rule,) = log(record(FOUND))["tool"]["driver"]["rules"]
    assert rule["id"] == "AIV-05"
    assert rule["shortDescription"]["text"].startswith("n is the number of images")
    assert "Aivene docs: Image Generations" in rule["fullDescription"]["text"]
    assert "helpUri" not in rule  # the page has no address of its own


def test_a_page_with_an_address_is_where_help_is() -> None:
    claims = {"AIV-05": {"statement": "n counts", "source": "Docs https://docs.example/images, n (read 2026-11-01)"}}
    (rule,) = log(record(FOUND, header={"claims": claims}))["tool"]["driver"]["rules"]
    assert rule["helpUri"] == "https://docs.example/images"


def test_a_result_points_at_the_line_of_the_contract_that_names_the_claim() -> None:
    (result,) = log(record(FOUND))["results"]
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "specs/aivene/contract.yaml"
    text = (loading.specs_folder() / "aivene/contract.yaml").read_text("utf-8").splitlines()
    assert "AIV-05" in text[place["region"]["startLine"] - 1]


def test_what_is_expected_of_gateways_points_at_its_own_page() -> None:
    (result,) = log(record(line(Verdict.FAIL, "GWY-01", got="x")))["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "specs/gateway/claims.yaml"


def test_a_contract_of_ones_own_is_named_by_where_it_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my specs").mkdir()
    own = "my specs/contract.yaml"
    (tmp_path / own).write_text("extends: openai\nprofile: acme\ntitle: Acme\n", "utf-8")
    for given in (own, str(tmp_path / own)):
        (result,) = log(record(line(Verdict.FAIL, "ACM-01", got="x"), header={"contract": given}))["results"]
        assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "my%20specs/contract.yaml"


def test_no_path_of_this_machine_stands_in_a_log(tmp_path: Path) -> None:
    gone = tmp_path / "vendor" / "contract.yaml"
    text = edges.renderer("sarif").render(record(FOUND, header={"contract": str(gone)}))
    assert str(tmp_path) not in text
    assert '"uri": "vendor/contract.yaml"' in text


def test_a_finding_is_the_same_alert_in_every_run() -> None:
    one = log(record(FOUND, line(Verdict.FAIL, "AIV-06", got="a")))["results"]
    header = {"started": "2026-12-01T00:00:00+00:00", "target": "http://127.0.0.1:10/v1"}
    other = log(record(line(Verdict.FAIL, "AIV-06", got="b"), line(Verdict.FAIL, got="500"), header=header))["results"]
    prints = [{result["ruleId"]: result["partialFingerprints"] for result in found} for found in (one, other)]
    assert prints[0] == prints[1]
    assert prints[0]["AIV-05"] != prints[0]["AIV-06"]


def test_two_results_of_one_check_are_two_alerts() -> None:
    found = [result["partialFingerprints"]["pixelproofCheck/v1"] for result in log(record(FOUND, FOUND))["results"]]
    assert len(set(found)) == 2


def test_what_was_accepted_is_suppressed_with_its_reason() -> None:
    waived = line(Verdict.WAIVED, waiver="AIV-05 * (the vendor knows, TICKET-7)")
    kept, accepted = log(record(FOUND, waived))["results"]
    assert "suppressions" not in kept
    (suppression,) = accepted["suppressions"]
    assert suppression["justification"] == "AIV-05 * (the vendor knows, TICKET-7)"
    assert (suppression["kind"], suppression["status"]) == ("external", "accepted")


def test_an_error_of_ours_is_no_result_about_the_server() -> None:
    run = log(record(line(Verdict.ERROR, got="Traceback")))
    assert run["results"] == []
    (invocation,) = run["invocations"]
    assert invocation["executionSuccessful"] is False
    assert "Traceback" in invocation["toolExecutionNotifications"][0]["message"]["text"]


def test_words_of_a_server_are_no_link_in_a_message() -> None:
    (result,) = log(record(line(Verdict.FAIL, got="[click](https://evil.example)")))["results"]
    assert "\\[click\\](https" in result["message"]["text"]
