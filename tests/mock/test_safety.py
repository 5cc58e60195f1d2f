"""Whatever somebody sends, it is answered or refused within stated limits, and no key is kept or said."""

from __future__ import annotations

import base64
import io
import json
import struct
import zlib
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from pixelproof import loading
from pixelproof.running.conducting.references import picture
from pixelproof.testing import create_app

from .conftest import TRANSFORM, VALID, artifact

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from .conftest import Tenant

PNG = "data:image/png;base64,"


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_bomb(side: int, rows: int = 2000) -> bytes:
    """Return a PNG of that side whose pixels are zeros: a few kilobytes that unpack to gigabytes."""
    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    pixels = zlib.compress(bytes((side + 1) * min(side, rows)), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def webp_bomb() -> bytes:
    """Return a WebP whose lossless header says 16,384 pixels in each direction."""
    bits = (16383 | 16383 << 14).to_bytes(4, "little")
    body = b"VP8L" + struct.pack("<I", 6) + b"\x2f" + bits + b"\0"
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def encoded(kind: str, size: tuple[int, int] = (64, 64)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "teal").save(out, kind)
    return out.getvalue()


FILES: dict[str, bytes] = {
    "a PNG of 60,000 by 60,000": png_bomb(60_000),
    "a PNG of 16,000 by 16,000": png_bomb(16_000),
    "a WebP of 16,384 by 16,384": webp_bomb(),
    "an SVG": b'<svg xmlns="http://www.w3.org/2000/svg"><image href="http://127.0.0.1:1/x"/></svg>',
    "half a PNG": picture()[: len(picture()) // 2],
    "half a JPEG": encoded("JPEG")[:200],
    "half a WebP": encoded("WEBP")[:40],
    "a GIF": encoded("GIF"),
    "a TIFF": encoded("TIFF"),
    "a PNG's beginning": b"\x89PNG\r\n\x1a\n",
    "a zip": b"PK\x03\x04" + bytes(1000),
    "nothing": b"",
}


def references(data: bytes) -> str:
    return PNG + base64.b64encode(data).decode()


@pytest.mark.parametrize("name", FILES)
def test_a_hostile_file_is_refused_and_free(name: str, tenant: Callable[..., Tenant]) -> None:
    one = tenant(balance="50")
    refused = one.send_file(FILES[name])
    assert refused.status_code == 400, refused.text
    inline = one.post(TRANSFORM, {"prompt": "x", "image": {"type": "data_uri", "data_uri": references(FILES[name])}})
    assert 400 <= inline.status_code < 500, inline.text
    assert float(one.balance) == 50
    assert unexpected(one.client) == []


def test_a_large_image_that_is_allowed_is_taken(tenant: Callable[..., Tenant]) -> None:
    assert tenant().send_file(encoded("PNG", (2500, 2000))).status_code == 201


def test_a_data_uri_of_50_megabytes_is_too_large(tenant: Callable[..., Tenant]) -> None:
    one = tenant()
    body = json.dumps({"prompt": "x", "image": {"type": "data_uri", "data_uri": PNG + "A" * 50_000_000}})
    answer = one.client.post(one.path(TRANSFORM), data=body, content_type="application/json", headers=one.auth)
    assert answer.status_code in {400, 413}
    assert envelope(answer)


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest/meta-data",
        "https://127.0.0.1:1/never-there.png",
        "file:///etc/passwd",
        "https://[::1/",
        "gopher://127.0.0.1/x",
        "https://user:secret@127.0.0.1:1/x.png",
    ],
)
def test_no_reference_is_ever_fetched(url: str, tenant: Callable[..., Tenant], monkeypatch: pytest.MonkeyPatch) -> None:
    one = tenant()

    def connected(*_: object) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr("socket.socket.connect", connected)
    answer = one.post(TRANSFORM, {"prompt": "x", "image": {"type": "url", "url": url}})
    assert answer.status_code == 202 or envelope(answer)
    assert unexpected(one.client) == []


@pytest.mark.parametrize(
    "path",
    [
        "//v1/models",
        "/v1//models",
        "/v1/models/",
        "/v1/models\0",
        "/v1/../__admin/accounts",
        "/V1/models",
        "//__admin/accounts",
        "/__admin//accounts",
        "/__ADMIN/accounts",
        "/__admin/accounts/",
        "/__admin/../__admin/accounts",
        "/__admin/accounts/acc_000000000000",
        "/__admin/accounts/\0",
        "/__admin/accounts/a/b",
        "/images/../../etc/passwd",
        "/images/a/b.png",
    ],
)
def test_tricks_with_paths_lead_nowhere(path: str, serve_mock: Callable[..., FlaskClient]) -> None:
    client = serve_mock("stratizon", "aivene")
    answer = client.get("/", environ_overrides={"PATH_INFO": path}, headers={"Authorization": "Bearer sz-anybody"})
    assert answer.status_code == 404
    assert envelope(answer)


@pytest.mark.parametrize(
    "place", ["..", ".", "%2e%2e", "a/b", "\0", "ÿ", "task_" + "0" * 24, "x" * 5000, "*", "' OR 1=1"]
)
def test_tricks_with_ids_lead_nowhere(place: str, tenant: Callable[..., Tenant]) -> None:
    one = tenant()
    for method, path in (("GET", f"/tasks/{place}"), ("POST", f"/tasks/{place}/cancel")):
        raw = one.path(path).encode().decode("latin-1")
        answer = one.client.open("/", method=method, environ_overrides={"PATH_INFO": raw}, headers=one.auth)
        assert answer.status_code == 404, (method, place)
        assert envelope(answer)


def test_what_belongs_to_somebody_else_is_not_there(tenant: Callable[..., Tenant]) -> None:
    mine, other = tenant(), tenant()
    task, upload = mine.create(), mine.upload()
    assert other.look(task).status_code == 404
    assert other.cancel(task).status_code == 404
    assert other.post(TRANSFORM, {"prompt": "x", "image": artifact(upload)}).status_code == 404
    assert mine.look(task).status_code == 200


@pytest.mark.parametrize(("length", "sent"), [("100", b'{"prompt":"a"}'), ("14", b'{"prompt":"a"')])
def test_half_a_body_is_no_request(length: str, sent: bytes, caller: Callable[..., Any]) -> None:
    one = caller()
    answer = one.client.post(
        one.path("/images/generations"),
        content_type="application/json",
        headers=one.auth,
        environ_overrides={"wsgi.input": io.BytesIO(sent), "CONTENT_LENGTH": length},
    )
    assert answer.status_code == 400
    assert [entry["kind"] for entry in ledger(one)] == ["opening"]


@pytest.mark.parametrize("profile", loading.profiles())
def test_a_key_stands_nowhere(profile: str, caplog: pytest.LogCaptureFixture) -> None:
    client = create_app(profile).test_client()
    keys = [str(client.post("/__admin/accounts", json={}).get_json()["key"]) for _ in range(2)]
    said = [answer for key in keys for sender in (keys[0], None) for answer in plant(client, profile, key, sender)]
    read = [
        client.get(f"/__admin/{page}").text
        for page in (
            "requests?limit=1000",
            "metrics",
            "snapshot",
            "accounts",
            "faults",
            "unexpected",
            "health",
            "images",
            "about",
        )
    ]
    ids = [account["id"] for account in client.get("/__admin/accounts").get_json()["accounts"]]
    read += [client.get(f"/__admin/accounts/{name}/ledger").text for name in ids]
    refused = [answer.text + str(answer.headers) for answer in said if answer.status_code >= 400]
    everything = [*refused, *read, caplog.text]
    assert not [text for text in everything if any(key in text for key in keys)]


def test_the_journal_keeps_no_key_of_another_form(caller: Callable[..., Any]) -> None:
    one = caller("aivene", key="a-key-of-my-own-making")
    one.generate(prompt="mine is a-key-of-my-own-making", model="dall-e-2")
    one.send(b'{"prompt": "\\u0061-key-of-my-own-making", "model": "dall-e-2"}')
    assert "a-key-of-my-own-making" not in json.dumps(one.journal())


def test_a_word_that_begins_like_a_key_is_kept(caller: Callable[..., Any]) -> None:
    one = caller("aivene")
    one.generate(prompt="the task-management desk-organizer sk-short", model="dall-e-2")
    assert one.journal()[-1]["request"]["prompt"] == "the task-management desk-organizer sk-short"


@pytest.mark.parametrize("amount", ["9" * 30, "1e30", "-" + "9" * 20])
def test_no_account_has_more_money_than_json_can_say(amount: str, serve_mock: Callable[..., FlaskClient]) -> None:
    client = serve_mock("aivene")
    account = client.post("/__admin/accounts", json={}).get_json()["id"]
    assert client.patch(f"/__admin/accounts/{account}", json={"adjustment": amount}).status_code == 400
    assert client.get("/__admin/snapshot").status_code == 200


@pytest.mark.parametrize(
    "bend",
    [
        lambda state: state.update(now=2**63),
        lambda state: state.update(usd_inr=5),
        lambda state: state["accounts"][0].update(clock=[1e300, None]),
        lambda state: state["accounts"][0].update(limits="none"),
        lambda state: state["accounts"][0].update(last_seen="now"),
        lambda state: state["accounts"][0]["keys"][0].update(budget="a lot"),
        lambda state: state["accounts"][0]["keys"][0].update(revoked=1),
        lambda state: state["accounts"][0]["tasks"][0].update(charged=None),
        lambda state: state["accounts"][0]["tasks"][0]["task"].update(created_at="now"),
    ],
)
def test_a_bent_snapshot_changes_nothing(
    bend: Callable[[dict[str, Any]], None], serve_mock: Callable[..., FlaskClient]
) -> None:
    client = serve_mock("stratizon")
    account = client.post("/__admin/accounts", json={}).get_json()
    auth = {"Authorization": f"Bearer {account['key']}"}
    assert client.post("/v1/images/generations", json={"prompt": "x"}, headers=auth).status_code == 202
    state = client.get("/__admin/snapshot").get_json()
    bend(state)
    assert client.put("/__admin/snapshot", json=state).status_code == 400
    assert client.get(f"/__admin/accounts/{account['id']}").get_json()["tasks"] == 1
    assert unexpected(client) == []


def test_an_error_of_the_control_plane_itself_is_an_answer_too(serve_mock: Callable[..., FlaskClient]) -> None:
    client = serve_mock("aivene")
    world = client.application.extensions["pixelproof"]
    world.book = None  # everything about accounts breaks now
    answer = client.get("/__admin/accounts")
    assert answer.status_code == 500
    assert envelope(answer)
    assert len(unexpected(client)) == 1


def plant(client: FlaskClient, profile: str, key: str, sender: str | None) -> list[TestResponse]:
    """Put a key everywhere that a request has; return the answers that should not hold it."""
    headers = {"Authorization": f"Bearer {sender}"} if sender else {}
    body = {**VALID.get(profile, {"prompt": "x"}), "prompt": f"a {key}", "api_key": key, key: 1}
    strange = {**headers, "X-Api-Key": key, "X-Mock-Fault": key, "User-Agent": key, "Idempotency-Key": key}
    return [
        client.post("/v1/images/generations", json=body, headers=headers),
        client.post("/v1/images/generations", json={**body, "model": key, "size": key}, headers=headers),
        client.post("/v1/images/generations", data=key, headers=headers),
        client.post("/v1/images/generations", json=body, headers=strange),
        client.get(f"/v1/models?api_key={key}", headers=headers),
        client.get("/v1/models", headers=strange),
        client.get(f"/v1/tasks/{key}", headers=headers),
        client.get(f"/v1/tasks/x{key[0]}-{key}", headers=headers),
        client.get(f"/{key}", headers=headers),
        client.get(f"/images/{key}.png", headers=headers),
        client.get(f"/__admin/accounts/{key}"),
        client.get(f"/__admin/{key}"),
        client.get(f"/__admin/requests?{key}=1"),
        client.post("/__admin/accounts", json={key: key}),
        client.post("/__admin/accounts", json={"profile": key}),
        client.post("/__admin/accounts", json={"key": key}),
        client.post("/__admin/faults", json={"effect": key}),
        client.delete(f"/__admin/faults/{key}"),
    ]


def envelope(answer: TestResponse) -> bool:
    """Tell whether an error has the shape that a client can read."""
    body = answer.get_json(silent=True)
    return isinstance(body, dict) and bool(body["error"]["message"])


def unexpected(client: FlaskClient) -> list[str]:
    """Return the errors of the mock itself."""
    return list(client.get("/__admin/unexpected").get_json()["errors"])


def ledger(one: Any) -> list[dict[str, Any]]:
    return list(one.admin("GET", "/accounts/{account}/ledger").get_json()["entries"])
