"""A body that nobody wants is still read: its sender would see a broken pipe and not the answer."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient


@pytest.mark.parametrize(
    ("method", "path", "status"), [("POST", "/v1/images/edits", 404), ("PUT", "/v1/images/generations", 405)]
)
def test_an_upload_that_leads_nowhere_is_read_to_its_end(
    serve_mock: Callable[..., FlaskClient], method: str, path: str, status: int
) -> None:
    upload = io.BytesIO(b"an image" * 1000)
    chunked = {"wsgi.input": upload, "wsgi.input_terminated": True}
    answer = serve_mock("openai").open(path, method=method, environ_overrides=chunked)
    assert answer.status_code == status
    assert upload.read() == b""
