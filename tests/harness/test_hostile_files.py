"""Every slip in a target file is told with its line and what to do, before anything is sent."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from pixelproof.cli import main
from pixelproof.problems import BadDocument
from pixelproof.targets.file import load_target

BASE = "base_url: http://127.0.0.1:9001/v1\n"

#: What is wrong → the file, the line that is named, and words of the suggestion.
SLIPS: dict[str, tuple[str | bytes, int, str]] = {
    "an empty file": ("", 1, "start with 'key: value' lines"),
    "a list": ("- a\n", 1, "start with 'key: value' lines"),
    "no UTF-8": (b"profile: a\nbase_url: http://\xe9/\n", 2, "save it as UTF-8"),
    "a tab": (BASE + "\tkeys: {}\n", 2, "mend the YAML syntax"),
    "an open quote": (BASE + 'keys: {default: "a\n', 3, "mend the YAML syntax"),
    "a key twice": (BASE + "profile: a\nprofile: b\n", 3, "keep one of them"),
    "an unknown key": (BASE + "kyes: {}\n", 2, "did you mean 'keys'?"),
    "no address": ("profile: openai\n", 1, "'base_url' is missing"),
    "an address of another scheme": ("base_url: ftp://x/v1\n", 1, "for example http://"),
    "a password in the address": ("base_url: http://me:secret@x/v1\n", 1, "belongs under keys"),
    "a key in the address": ("base_url: http://x/v1?key=secret\n", 1, "belongs under keys"),
    "a port beyond all": ("base_url: http://x:99999/v1\n", 1, "a port up to 65535"),
    "keys as a list": (BASE + "keys: [a]\n", 2, "write 'key: value' lines"),
    "an unknown role": (BASE + "keys:\n  defalt: a\n", 3, "did you mean 'default'?"),
    "a role without a key": (BASE + "keys: {default: }\n", 2, "quote it"),
    "a key with a line break": (BASE + 'keys: {default: "sk-1\\nx: y"}\n', 2, "cannot be sent"),
    "a key with a blank": (BASE + "keys: {default: sk 1}\n", 2, "cannot be sent"),
    "a variable that is not there": (BASE + 'keys: {default: "${PIXELPROOF_NOT_THERE}"}\n', 2, "export PIXELPROOF"),
    "a variable without a value": (BASE + 'keys: {default: "${EMPTY}"}\n', 2, "is empty"),
    "a header with a line break": (BASE + 'headers: {x-a: "b\\r\\nc: d"}\n', 2, "cannot be sent"),
    "a header with a blank in its name": (BASE + 'headers: {"x a": b}\n', 2, "no name for this"),
    "a wallet without a pointer": (BASE + "balance: {request: GET /c}\n", 2, "for example /balance"),
    "a wallet without a route": (BASE + "balance: {request: credits, pointer: /b}\n", 2, "for example GET /credits"),
    "a route in small letters": (BASE + "balance: {request: get /c, pointer: /b}\n", 2, "for example GET /credits"),
    "a wait in words": (BASE + "balance: {request: GET /c, pointer: /b, settle_s: soon}\n", 2, "must be seconds"),
    "a wait of less than nothing": (BASE + "balance: {request: GET /c, pointer: /b, settle_s: -1}\n", 2, "seconds"),
    "yes for true": (BASE + 'balance: {request: GET /c, pointer: /b, exclusive: "yes"}\n', 2, "without quotes"),
    "a resolution in words": (BASE + "balance: {request: GET /c, pointer: /b, resolution: fine}\n", 2, '"0.01"'),
    "a resolution of nothing": (BASE + 'balance: {request: GET /c, pointer: /b, resolution: "0.0"}\n', 2, '"0.01"'),
    "an unknown effect": (BASE + "prompts: {contnt_policy: x}\n", 2, "did you mean 'content_policy'?"),
    "a price in words": (BASE + "prices: {dall-e-3: cheap}\n", 2, "0.50 USD"),
    "a price of less than nothing": (BASE + 'prices: {dall-e-3: "-1 USD"}\n', 2, "0.50 USD"),
    "a rate in words": (BASE + "rate: {usd_inr: many}\n", 2, "87.50"),
    "a rate of nothing": (BASE + "rate: {usd_inr: 0}\n", 2, "87.50"),
    "a rate of no pair": (BASE + 'rate: {dollars: "87"}\n', 2, "for example usd_inr"),
    "a limit in words": (BASE + "limits: {requests_per_minute: few}\n", 2, "for example 60"),
    "a limit of nothing": (BASE + "limits: {requests_per_minute: 0}\n", 2, "at least 1"),
    "an unknown limit": (BASE + "limits: {request_per_minute: 5}\n", 2, "did you mean 'requests_per_minute'?"),
    "a control plane without a scheme": (BASE + "control: 127.0.0.1:8765\n", 2, "__admin"),
    "a reference that is a path": (BASE + "reference_url: /a.png\n", 2, "no http(s) URL"),
    "a cap in words": (BASE + "max_cost: lots\n", 2, "0.50 USD"),
    "waivers as a list": (BASE + "waivers: [a]\n", 2, "must be text"),
    "a pointer without a slash": (BASE + "map: {models: {pointer: data}}\n", 2, "must be a JSON pointer"),
    "a task that is a pointer": (BASE + "map: {task: /x}\n", 2, "must be a map"),
    "states that are no words": (BASE + "map: {task: {states: {queued: 7}}}\n", 2, "for example [pending]"),
    "an unknown state": (BASE + "map:\n  task:\n    states: {quued: [a]}\n", 4, "did you mean 'queued'?"),
    "a cancel route without a task": (BASE + "map: {cancel: POST /cancel}\n", 2, "{task_id}"),
}


@pytest.mark.parametrize("name", SLIPS)
def test_a_slip_is_told_with_file_line_and_what_to_do(tmp_path: Path, name: str) -> None:
    text, line, words = SLIPS[name]
    path = tmp_path / "target.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(BadDocument) as caught:
        load_target(path, {"EMPTY": ""})
    assert (caught.value.file, caught.value.line, caught.value.exit_code) == (str(path), line, 2)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "secret" not in str(caught.value).replace("what is secret", "")


@pytest.mark.parametrize(
    "text",
    [
        BASE + "keys: {default: 12345678, other: }\n",
        BASE + "profile: opnai\nkeys: {default: sk-1}\n",
        BASE + "profile: openai\nkeys: {default: sk-1}\nmax_cost: 5 XYZ\n",
        BASE + "profile: openai\nkeys: {default: sk-1}\nwaivers: not-there.yaml\n",
        BASE + "keys: {default: sk-1}\n",
    ],
)
def test_the_command_ends_with_2_and_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    path = tmp_path / "target.yaml"
    path.write_text(text, "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["pixelproof", "verify", "--target", str(path), "--report-dir", "out"])
    with pytest.raises(SystemExit) as ended:
        main()
    said = capsys.readouterr().err
    assert ended.value.code == 2
    assert said.count("\n") == 1
    assert "Traceback" not in said


def test_a_target_file_that_is_a_folder_or_not_there_is_told_as_such(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "not-there.yaml"):
        with pytest.raises(BadDocument, match=r"cannot be read: .*; check the path"):
            load_target(path)
