"""What a client library made of an answer, in the same words for every library."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass, field
from typing import Any, Protocol

import httpx
from PIL import Image


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """Either images or an error. ``extra`` is what only one library has."""

    #: Each with ``url``, ``b64_json`` and ``revised_prompt``, as the library shows them.
    images: tuple[dict[str, Any], ...] = ()
    #: Name of the class that was raised, None for a success.
    error: str | None = None
    status: int | None = None
    message: str = ""
    code: str | int | None = None
    type: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)

    def files(self) -> list[bytes]:
        """Return the images themselves, fetched without any key where they are URLs. Raises on an error."""
        assert self.error is None, f"{self.error}: {self.message}"
        return [file_of(image) for image in self.images]

    def sizes(self) -> list[tuple[int, int]]:
        """Return (width, height) of each image, decoded."""
        return [size_of(file) for file in self.files()]


def file_of(image: dict[str, Any]) -> bytes:
    """Return the bytes of an image that came in either format, and in one only."""
    url, text = image.get("url"), image.get("b64_json")
    assert (url is None) != (text is None), f"both or none of url and b64_json: {image.keys()}"
    return base64.b64decode(text, validate=True) if text is not None else fetched(str(url))


def fetched(url: str) -> bytes:
    return httpx.get(url).raise_for_status().content


def size_of(file: bytes) -> tuple[int, int]:
    with Image.open(io.BytesIO(file)) as image:
        image.load()
        return image.size


class Client(Protocol):
    """A library that is told what to do as JSON.

    An order has ``base_url`` and ``key``, and the words of the library that it goes to.
    """

    def ask(self, order: dict[str, Any]) -> Reply:
        """Carry out one order."""

    def ask_all(self, orders: list[dict[str, Any]]) -> list[Reply]:
        """Carry out several at the same time, so that waiting costs once."""
