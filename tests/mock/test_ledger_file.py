"""Entries that memory folds go to a file: nothing of a ledger is lost, nothing is there twice."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pixelproof import loading
from pixelproof.edges import create_mock
from pixelproof.problems import BadUsage
from pixelproof.settings import MockSettings

if TYPE_CHECKING:
    from flask.testing import FlaskClient


def test_file_and_memory_together_hold_every_entry_once(
    serve_mock: Callable[..., FlaskClient], caller: Callable[..., Any], tmp_path: Path
) -> None:
    path = tmp_path / "ledger.jsonl"
    one = caller("openai", serve_mock("openai", ledger_file=path, state="memory"), balance="100.00")
    for _ in range(3):
        assert one.generate().status_code == 200
    ledger = one.client.application.extensions["pixelproof"].book.account(one.account).ledger
    ledger.cap = 6
    for _ in range(4):
        assert one.generate().status_code == 200
    kept = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    seen = one.admin("GET", "/accounts/{account}/ledger").json["entries"]
    assert seen[0]["kind"] == "carried_forward"
    assert [entry["seq"] for entry in [*kept, *seen[1:]]] == list(range(1, len(kept) + len(seen)))
    assert kept[-1]["seq"] == seen[0]["seq"]
    assert kept[-1]["balance_after"] == seen[0]["balance_after"]
    assert {entry["account"] for entry in kept} == {one.account}
    assert kept[0] == {
        "account": one.account,
        "seq": 1,
        "at": kept[0]["at"],
        "kind": "opening",
        "amount": "100.000000",
        "balance_after": "100.000000",
        "request_id": None,
        "task_id": None,
        "refers_to": None,
    }


def test_a_file_that_cannot_be_written_is_refused_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(BadUsage, match="cannot write"):
        create_mock([loading.shipped("openai")], MockSettings(ledger_file=tmp_path / "no" / "ledger.jsonl"))
