"""An upload stores an image of this account's own; what is no such image is refused, and nothing is decoded blindly."""

from __future__ import annotations

import io
import struct
import zlib
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Callable

RED = (196, 48, 43)


def plain(colour: tuple[int, int, int], size: tuple[int, int] = (40, 30), kind: str = "PNG") -> bytes:
    target = io.BytesIO()
    Image.new("RGB", size, colour).save(target, format=kind)
    return target.getvalue()


def artifact(artifact_id: str) -> dict[str, str]:
    return {"type": "artifact", "artifact_id": artifact_id}


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_an_upload_is_stored_and_described(kind: str, tenant: Callable[..., Any]) -> None:
    data = plain(RED, (40, 30), kind)
    answer = tenant().send_file(data)
    body = answer.get_json()
    assert answer.status_code == 201
    assert body.pop("artifact_id").startswith("art_")
    assert body == {"mime_type": f"image/{kind.lower()}", "bytes": len(data), "width": 40, "height": 30}


def test_a_stored_image_is_used_as_often_as_one_likes(tenant: Callable[..., Any]) -> None:
    one = tenant()
    stored = one.upload()
    for _ in range(2):
        task = one.finished(one.transform(artifact(stored)))
        assert (task["status"], task["input"]["images"]) == ("succeeded", [artifact(stored)])


def test_a_stored_image_is_nobody_elses(tenant: Callable[..., Any]) -> None:
    mine, theirs = tenant(), tenant(balance="1000")
    stored = artifact(mine.upload())
    for body in ({"image": stored}, {"image": artifact(theirs.upload()), "extra_images": [stored]}):
        answer = theirs.post("/images/image-to-image", {"prompt": "x", **body})
        assert (answer.status_code, answer.json["error"]["code"]) == (404, "not_found")
    assert theirs.balance == "1000.0000"


def test_an_upload_is_free(tenant: Callable[..., Any]) -> None:
    one = tenant(balance="1")
    one.upload()
    assert one.balance == "1.0000"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not an image at all",
        b"GIF89a" + bytes(100),
        plain(RED)[:60],
        plain(RED, kind="JPEG")[:200],
        plain(RED, kind="WEBP")[:28],
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff",
        b"RIFF\x00\x00\x00\x00WEBPVP8X",
    ],
    ids=["empty", "text", "gif", "cut png", "cut jpeg", "cut webp", "signature", "marker", "container"],
)
def test_what_is_no_png_jpeg_or_webp_is_refused(data: bytes, tenant: Callable[..., Any]) -> None:
    answer = tenant().send_file(data)
    assert (answer.status_code, answer.json["error"]["param"]) == (400, "file")


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
def test_every_mode_of_a_png_is_taken(mode: str, tenant: Callable[..., Any]) -> None:
    target = io.BytesIO()
    Image.new(mode, (4, 4)).save(target, format="PNG", **({"transparency": b"\0\x80"} if mode == "P" else {}))
    assert tenant().send_file(target.getvalue()).status_code == 201


def test_a_file_that_unpacks_to_too_many_pixels_is_refused_by_its_header(tenant: Callable[..., Any]) -> None:
    answer = tenant().send_file(_bomb(16_000, 16_000))
    assert answer.status_code == 400
    assert "16000x16000" in answer.json["error"]["message"]


def test_a_file_beyond_twenty_megabytes_is_too_large(tenant: Callable[..., Any]) -> None:
    one = tenant()
    assert one.send_file(plain(RED) + bytes(19_000_000)).status_code == 201
    for size in (20_000_000, 21_000_000):
        answer = one.send_file(plain(RED) + bytes(size))
        assert (answer.status_code, answer.json["error"]["code"]) == (413, "too_large")


def test_the_file_stands_in_the_documented_part(tenant: Callable[..., Any]) -> None:
    one = tenant()
    answer = one.send_file(plain(RED), field="image")
    assert (answer.status_code, answer.json["error"]["param"]) == (400, "file")
    as_text = one.client.post(one.path("/uploads"), data={"file": "text"}, headers=one.auth)
    assert as_text.status_code == 400


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"{}", "application/json"),
        (b"", None),
        (b"x", "multipart/form-data"),
        (b"no boundary in here", "multipart/form-data; boundary=abc"),
        (b"--abc\r\n", "multipart/form-data; boundary=abc"),
    ],
)
def test_an_upload_that_is_not_multipart_is_refused(
    body: bytes, content_type: str | None, tenant: Callable[..., Any]
) -> None:
    one = tenant()
    answer = one.client.post(one.path("/uploads"), data=body, content_type=content_type, headers=one.auth)
    assert answer.status_code == 400


def test_an_upload_needs_a_key(tenant: Callable[..., Any]) -> None:
    one = tenant()
    assert one.client.post(one.path("/uploads"), data={}).status_code == 401


def test_the_oldest_artifacts_go_when_an_account_has_too_many(tenant: Callable[..., Any]) -> None:
    one = tenant()
    first = one.upload()
    one.client.application.extensions["pixelproof"].book.account(one.account).artifacts.cap = 2
    kept = [one.upload() for _ in range(2)]
    answers = [
        one.post("/images/image-to-image", {"prompt": "x", "image": artifact(name)}).status_code
        for name in (first, *kept)
    ]
    assert answers == [404, 202, 202]


def test_a_fault_on_uploads_stores_nothing(tenant: Callable[..., Any]) -> None:
    one = tenant()
    one.admin("POST", "/faults", effect="server_error", match={"path": "/uploads"}, times=1)
    assert [one.send_file(plain(RED)).status_code for _ in range(2)] == [500, 201]
    assert one.admin("GET", "/accounts/{account}").json["artifacts"] == 1


def _bomb(width: int, height: int) -> bytes:
    rows = zlib.compress(bytes((width + 7) // 8 + 1) * height, 9)
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", rows), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )
