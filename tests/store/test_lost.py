"""The store goes away: no request ends in a 500, and everything goes on when it is back."""

from __future__ import annotations

import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any, cast

import pytest

from pixelproof import loading
from pixelproof.edges import create_mock
from pixelproof.problems import BadUsage, Unreachable
from pixelproof.settings import MockSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flask import Flask

PATH = "/stratizon/v1/images/generations"


@pytest.fixture
def own_store(redis_server: Callable[..., Any]) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    with redis_server() as pair:
        yield pair


@pytest.fixture
def client(own_store: tuple[str, subprocess.Popen[bytes]], monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr("pixelproof.mock_server.state.shared.connection._ANSWER_S", 0.2)
    app = create_mock([loading.shipped("stratizon")], MockSettings(state=own_store[0]))
    return cast("Flask", app).test_client()


def asked(client: Any, key: str) -> Any:
    return client.post(PATH, json={"prompt": "x"}, headers={"Authorization": f"Bearer {key}"})


def test_a_store_that_falls_silent_is_a_503_and_comes_back_with_all_it_had(
    client: Any, own_store: tuple[str, subprocess.Popen[bytes]], caplog: pytest.LogCaptureFixture
) -> None:
    made = client.post("/__admin/accounts", json={"balance": "1000"}).get_json()
    assert asked(client, made["key"]).status_code == 202
    own_store[1].send_signal(signal.SIGSTOP)
    answer = asked(client, made["key"])
    assert (answer.status_code, "error" in answer.get_json()) == (503, True)
    assert client.get("/__admin/ready").status_code == 503
    assert client.get("/__admin/health").status_code == 200
    control = client.get(f"/__admin/accounts/{made['id']}")
    assert (control.status_code, "does not answer" in control.get_json()["error"]["message"]) == (503, True)
    assert client.get("/stratizon/v1/nothing", headers={"Authorization": f"Bearer {made['key']}"}).status_code == 503
    assert client.get("/images/nothing.png").status_code == 403
    own_store[1].send_signal(signal.SIGCONT)
    assert client.get("/__admin/ready").status_code == 200
    assert asked(client, made["key"]).status_code == 202
    check = client.get(f"/__admin/accounts/{made['id']}/ledger/check").get_json()
    assert check["balanced"]
    # the one that was told 503 may have been paid for: its answer was lost, not its commit
    assert check["charged"] in {"100.0000", "150.0000"}
    assert not client.application.extensions["pixelproof"].unexpected
    assert made["key"] not in caplog.text


def test_a_store_that_was_started_anew_is_joined_again(
    client: Any, own_store: tuple[str, subprocess.Popen[bytes]], redis_server: Callable[..., Any]
) -> None:
    made = client.post("/__admin/accounts", json={"balance": "1000"}).get_json()
    own_store[1].kill()
    own_store[1].wait()
    assert asked(client, made["key"]).status_code == 503
    with redis_server(int(own_store[0].rpartition(":")[2].partition("/")[0])):
        assert client.get("/__admin/ready").status_code == 200
        assert client.get("/__admin/accounts").get_json()["accounts"] == []
        assert asked(client, made["key"]).status_code == 202
        assert asked(client, made["key"]).status_code == 202
    assert not client.application.extensions["pixelproof"].unexpected


def test_a_store_that_is_not_there_is_said_in_one_sentence_without_its_password() -> None:
    settings = MockSettings(state="redis://:secret@127.0.0.1:1/0")
    with pytest.raises(Unreachable, match=r"127\.0\.0\.1:1/0 cannot be reached") as said:
        create_mock([loading.shipped("openai")], settings)
    assert "secret" not in str(said.value)


@pytest.mark.parametrize("state", ["mysql://db", "redis", "redis://db:x/0", "redis://db/0?colour=red"])
def test_an_address_that_is_none_is_refused(state: str) -> None:
    with pytest.raises(BadUsage, match="--state"):
        create_mock([loading.shipped("openai")], MockSettings(state=state))


def test_memory_needs_no_client_of_redis() -> None:
    program = (
        "import sys; from pixelproof import loading; from pixelproof.edges import create_mock;"
        "from pixelproof.settings import MockSettings;"
        "create_mock([loading.shipped('openai')], MockSettings()); assert 'redis' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
