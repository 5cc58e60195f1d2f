"""Commands that are pasted do what they say and nothing else, whatever a server answered."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixelproof import loading
from pixelproof.deviation import Tier
from pixelproof.exchange import Exchange, Request, Response, Role, as_text
from pixelproof.findings.curl import REDACTED, attachment, curl, located
from pixelproof.findings.reproduction import Stage, reproduction
from pixelproof.planning.case import Advance, Case, Key, KeyRole, Poll, Send, Upload
from pixelproof.planning.caseline import case_line, read_case
from pixelproof.record.origin import serve_command
from pixelproof.running.conducting.references import multipart, picture
from pixelproof.strategies import PlanRequest, make_plan

URL = "http://127.0.0.1:9/v1/images/generations"
#: Stands for curl in a folder of its own: says what it was given, one word a line, and what came in.
FAKE = '#!/bin/sh\nprintf "%s\\n" "$@" >> "$SEEN"\nwhile read -r row; do :; done\nprintf %s "$ANSWERED"\n'


def request(**changes: Any) -> Request:
    headers = {"content-type": "application/json", "authorization": REDACTED}
    return Request(**{"method": "POST", "url": URL, "headers": headers, "body": {"prompt": "x"}, **changes})


def called(seq: int, step: str, said: Any = None, **changes: Any) -> Exchange:
    response = Response(status=200, body=said, is_json=said is not None)
    return Exchange(seq=seq, case="a", step=step, role=Role.API, request=request(**changes), response=response)


def pasted(command: str, folder: Path, answered: str = "{}") -> list[str]:
    """Paste a command where curl is a stand-in; return the words it was given."""
    folder.mkdir(exist_ok=True)
    (folder / "curl").write_text(FAKE, "utf-8")
    (folder / "curl").chmod(0o755)
    seen = folder / "seen"
    seen.write_text("", "utf-8")
    known = {"PATH": f"{folder}:{os.environ['PATH']}", "SEEN": str(seen), "ANSWERED": answered}
    known |= {"PIXELPROOF_KEY": "sk-mine", "X_ACME_TOKEN": "tok"}
    subprocess.run(["sh", "-c", command], env=known, cwd=folder, check=True, input=b"", timeout=30)
    return seen.read_text("utf-8").splitlines()


@pytest.mark.parametrize("profile", loading.profiles())
def test_every_planned_case_is_read_back_from_its_line(profile: str) -> None:
    for case in make_plan(PlanRequest(contract=loading.shipped(profile), tier=Tier.FULL, prices_hold=True)).cases:
        assert read_case(json.loads(json.dumps(case_line(case)))) == case


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\n\r")))
def test_whatever_a_prompt_says_reaches_the_server_as_it_is(text: str) -> None:
    words = shlex.split(curl(request(body={"prompt": text})))
    assert json.loads(words[-1]) == {"prompt": text}


def test_keys_and_secret_headers_come_from_the_environment(tmp_path: Path) -> None:
    headers = {"authorization": REDACTED, "x-acme-token": REDACTED}
    words = pasted(curl(request(headers=headers)), tmp_path)
    assert "authorization: Bearer sk-mine" in words
    assert "x-acme-token: tok" in words


@pytest.mark.parametrize(
    "evil",
    [
        {"url": "http://127.0.0.1:9/$(touch pwned)`touch pwned`'; touch pwned; '"},
        {"method": "GET; touch pwned"},
        {"headers": {"x$(touch pwned)": REDACTED, "y`touch pwned`": "'; touch pwned; '"}},
        {"body": {"prompt": "'; touch pwned; '$(touch pwned)"}},
        {"body": None, "raw": "'; touch pwned; '$(touch pwned)"},
        {"body": {"prompt": "'; touch pwned; '"}, "padding": 9},
    ],
    ids=["url", "method", "header", "body", "raw", "padding"],
)
def test_nothing_that_stands_in_a_record_is_run_by_the_shell(evil: dict[str, Any], tmp_path: Path) -> None:
    pasted(curl(request(**evil)), tmp_path)
    assert not (tmp_path / "pwned").exists()


def test_what_a_server_answers_becomes_no_command(tmp_path: Path) -> None:
    said = {"id'; touch pwned; '": "task_12345678", "x": "$(touch pwned)_12345678", "task_id": "task_abcdefgh"}
    case = Case(
        id="a", steps=(Send(name="main", operation="generate", body={}), Poll(name="done", of="main")), checks=()
    )
    urls = [f"http://127.0.0.1:9/v1/tasks/{text}" for text in ("task_12345678", said["x"], "task_abcdefgh")]
    for url in urls:
        shown = called(2, "done", url=url, method="GET", body=None)
        stage = Stage(contract=loading.shipped("stratizon"))
        command = reproduction(stage, case, [called(1, "main", said), shown], shown).replace("sleep 5", ":")
        pasted(command, tmp_path, json.dumps(said))
        assert not (tmp_path / "pwned").exists()


def test_an_id_that_an_answer_named_is_taken_from_the_new_answer(tmp_path: Path) -> None:
    case = Case(
        id="a", steps=(Send(name="main", operation="generate", body={}), Poll(name="done", of="main")), checks=()
    )
    first = called(1, "main", {"object": {"id": "req_other_one"}, "task_id": "task_of_then"})
    shown = called(2, "done", url="http://127.0.0.1:9/v1/tasks/task_of_then", method="GET", body=None)
    command = reproduction(Stage(contract=loading.shipped("stratizon")), case, [first, shown], shown)
    words = pasted(command.replace("sleep 5", ":"), tmp_path, '{"object": {"id": "r"}, "task_id":"task_of_now"}')
    assert "http://127.0.0.1:9/v1/tasks/task_of_now" in words
    assert not any("task_of_then" in word for word in words)


def test_a_finding_that_stands_on_nothing_is_one_command() -> None:
    steps = (Send(name="one", operation="generate", body={}), Send(name="two", operation="generate", body={}))
    exchanges = [called(1, "one", {"model": "gpt-image-1"}), called(2, "two", body={"model": "gpt-image-1"})]
    case = Case(
        id="a", steps=(steps[0], Send(name="two", operation="generate", body={"model": "gpt-image-1"})), checks=()
    )
    command = reproduction(Stage(contract=loading.shipped("aivene")), case, exchanges, exchanges[1])
    assert command.count("curl ") == 1


def test_what_is_counted_comes_with_all_that_was_counted() -> None:
    key = Key(role=KeyRole.LIMITED, limit_per_minute=2)
    sends = tuple(Send(name=name, operation="generate", body={}, key=key) for name in ("first", "second", "over"))
    case = Case(id="a", steps=(*sends[:2], Advance(name="half", key=key, seconds=30), sends[2]), checks=())
    exchanges = [called(index, send.name) for index, send in enumerate(sends, start=1)]
    stage = Stage(contract=loading.shipped("aivene"), control="http://127.0.0.1:9/__admin")
    rows = reproduction(stage, case, exchanges, exchanges[2])
    assert rows.startswith("PIXELPROOF_KEY_LIMITED=$(curl -sS -X POST 'http://127.0.0.1:9/__admin/accounts'")
    assert [rows.count(part) for part in ("/generations'", "/clock/advance'", "$PIXELPROOF_KEY_LIMITED")] == [3, 1, 4]


@pytest.mark.parametrize(
    ("role", "variable"),
    [
        (KeyRole.DEFAULT, "$PIXELPROOF_KEY"),
        (KeyRole.FRESH, "$PIXELPROOF_KEY"),
        (KeyRole.BROKE, "$PIXELPROOF_KEY_BROKE"),
    ],
)
def test_a_third_partys_keys_are_named_by_their_role(role: KeyRole, variable: str) -> None:
    case = Case(id="a", steps=(Send(name="main", operation="generate", body={}, key=Key(role=role)),), checks=())
    shown = called(1, "main")
    assert f'Bearer {variable}"' in reproduction(Stage(contract=loading.shipped("aivene")), case, [shown], shown)


def test_an_upload_is_sent_from_a_file_beside_the_record(tmp_path: Path) -> None:
    media_type, content = multipart("file", picture())
    sent = request(body=None, headers={"content-type": media_type, "authorization": REDACTED}, **as_text(content))
    carried = attachment(sent)
    assert carried is not None
    assert carried.data == picture()
    folder = tmp_path / "it's a record"
    words = pasted(located(curl(sent), str(folder)), tmp_path / "bin")
    assert f"file=@{folder}/files/{carried.name};type=image/png;filename=reference.png" in words
    assert not any("boundary" in word for word in words)


def test_a_long_body_is_sent_from_a_file_beside_the_record(tmp_path: Path) -> None:
    sent = request(body={"prompt": "é" * 32_001})
    carried = attachment(sent)
    assert carried is not None
    assert json.loads(carried.data) == sent.body
    words = pasted(located(curl(sent), str(tmp_path)), tmp_path / "bin")
    assert f"@{tmp_path}/files/{carried.name}" in words
    assert attachment(request()) is None


def test_an_upload_step_is_kept_in_the_line_of_its_case() -> None:
    case = Case(id="a", steps=(Upload(name="store", key=Key(role=KeyRole.OTHER)),), checks=())
    assert case_line(case)["steps"] == [{"step": "upload", "name": "store", "key": {"role": "other"}}]


@pytest.mark.parametrize(
    ("header", "command"),
    [
        ({}, None),
        ({"mock": {"seed": 0, "liar": None}}, "pixelproof serve aivene --port 8765"),
        ({"mock": {"seed": 3, "liar": "x"}}, "pixelproof serve aivene --port 8765 --liar x --seed 3"),
        (
            {"mock": {"seed": 0, "liar": "$(x)"}, "contract": "my own.yaml"},
            "pixelproof serve --contract 'my own.yaml' --port 8765 --liar '$(x)'",
        ),
    ],
)
def test_a_mock_of_a_record_can_be_started_again(header: dict[str, Any], command: str | None) -> None:
    known = {"profile": "aivene", "target": "http://127.0.0.1:8765/v1"}
    assert serve_command({**known, **header}) == command
