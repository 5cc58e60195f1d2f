"""The target file: what a person wrote is taken, or refused with line and suggestion."""

from __future__ import annotations

from pathlib import Path

import pytest

from pixelproof.problems import BadDocument
from pixelproof.targets.file import Target, load_target

WHOLE = """\
profile: aivene
base_url: http://127.0.0.1:9001/v1/
keys: {default: "${KEY}", other: sk-2, broke: sk-3}
balance: {request: GET /credits, pointer: /balance, unit: USD, settle_s: 2, exclusive: true, resolution: "0.01"}
prompts: {content_policy: forbidden thing}
prices: {dall-e-2: "0.02 USD"}
rate: {usd_inr: 87.5}
limits: {requests_per_minute: 60}
control: http://127.0.0.1:8765/__admin
control_token: t0ken
reference_url: https://example.com/a.png
map: {models: {request: GET /models, pointer: /models, id: /name}}
headers: {x-provider: openai}
waivers: waivers.yaml
max_cost: "45.00 USD"
"""


def target(tmp_path: Path, text: str = WHOLE, **environment: str) -> Target:
    path = tmp_path / "target.yaml"
    path.write_text(text, "utf-8")
    return load_target(path, {"KEY": "sk-secret", **environment})


def refusal(tmp_path: Path, text: str) -> BadDocument:
    with pytest.raises(BadDocument) as caught:
        target(tmp_path, text)
    return caught.value


def test_every_lever_is_read(tmp_path: Path) -> None:
    found = target(tmp_path)
    assert (found.profile, found.base_url) == ("aivene", "http://127.0.0.1:9001/v1")
    assert found.keys == {"default": "sk-secret", "other": "sk-2", "broke": "sk-3"}
    assert found.prompts == {"content_policy": "forbidden thing"}
    assert (found.prices, found.rate, found.limits) == (
        {"dall-e-2": "0.02 USD"},
        {"usd_inr": "87.5"},
        {"requests_per_minute": 60},
    )
    assert (found.control, found.control_token) == ("http://127.0.0.1:8765/__admin", "t0ken")
    assert (found.headers, found.waivers, found.max_cost) == (
        {"x-provider": "openai"},
        "waivers.yaml",
        "45.00 USD",
    )


def test_the_wallet_is_read_by_a_request_and_a_pointer(tmp_path: Path) -> None:
    lever = target(tmp_path).balance
    assert lever is not None
    assert (lever.method, lever.path, lever.pointer) == ("GET", "/credits", "/balance")
    assert (lever.settle_s, lever.exclusive, lever.resolution) == (2.0, True, "0.01")


def test_a_wallet_that_others_use_too_is_the_default(tmp_path: Path) -> None:
    found = target(tmp_path, "base_url: http://x.example/v1\nbalance: {request: GET /b, pointer: /b}\n")
    assert found.balance is not None
    assert not found.balance.exclusive


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("base_url: http://x/v1\nbalanse: 1\n", 2, "did you mean 'balance'?"),
        ("base_url: http://x/v1\nkeys:\n  default: a\n  secnd: b\n", 4, "did you mean 'second'?"),
        ("base_url: http://x/v1\nmap:\n  modells: {}\n", 3, "did you mean 'models'?"),
        ("base_url: http://x/v1\nbalance:\n  request: GET /b\n  pointr: /b\n", 4, "did you mean 'pointer'?"),
        ("base_url: http://x/v1\nkeys:\n  default: ${NOBODY}\n", 3, "the environment has no variable NOBODY"),
        ("profile: aivene\nbase_url: 127.0.0.1:9001\n", 2, "is no http(s) URL"),
        ("profile: aivene\n", 1, "'base_url' is missing"),
        ("base_url: http://x/v1\nbalance: {request: /credits, pointer: /b}\n", 2, "METHOD /path"),
        ("base_url: http://x/v1\nbalance: {request: GET /credits, pointer: balance}\n", 2, "JSON pointer"),
        ("base_url: http://x/v1\nlimits: {requests_per_minute: many}\n", 2, "a whole number"),
        ("base_url: http://x/v1\nkeys: [a, b]\n", 2, "must be a map"),
        ("base_url: http://x/v1\nprompts: {content_policy: [a]}\n", 2, "must be text"),
        ("base_url: http://x/v1\ncontrol: 7\n", 2, "must be text"),
    ],
)
def test_a_mistake_is_told_with_its_line_and_what_to_do(tmp_path: Path, text: str, line: int, said: str) -> None:
    refused = refusal(tmp_path, text)
    assert refused.line == line
    assert said in str(refused)
    assert str(refused).startswith(str(tmp_path / "target.yaml"))


def test_a_value_of_the_environment_is_never_told(tmp_path: Path) -> None:
    assert "sk-secret" not in str(refusal(tmp_path, "base_url: http://x/v1\nkeys: {defalt: '${KEY}'}\n"))


def test_a_missing_file_is_told_by_its_name(tmp_path: Path) -> None:
    with pytest.raises(BadDocument, match=r"nowhere\.yaml: cannot be read"):
        load_target(tmp_path / "nowhere.yaml", {})


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:9001/v1", "http://localhost/v1", "http://[::1]:80/v1", "https://127.9.9.9", "http://LOCALHOST/"],
)
def test_this_machine_is_loopback(url: str) -> None:
    assert Target(base_url=url).loopback


@pytest.mark.parametrize(
    "url",
    [
        "https://api.aivene.com/v1",
        "http://127.example.com/v1",
        "http://127.0.0.1@example.com/v1",
        "http://localhost.example.com/v1",
        "http://10.0.0.1/v1",
        "http://[2001:db8::1]/v1",
        "http://[broken/v1",
        "",
    ],
)
def test_anything_else_is_elsewhere_and_may_cost_money(url: str) -> None:
    assert not Target(base_url=url).loopback


def test_keys_and_the_token_of_the_control_plane_are_secrets(tmp_path: Path) -> None:
    assert set(target(tmp_path).secrets()) == {"sk-secret", "sk-2", "sk-3", "t0ken"}
