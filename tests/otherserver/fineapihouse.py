"""FineAPI's page, read by somebody else: dall-e-3 and nothing more.

Where the page is silent: errors are plain text with 403, 418 and 422, pictures are WebP, the instant is written as an
integral float, the revised prompt is the prompt, and answers come over HTTP/1.0.
"""

from __future__ import annotations

import base64
import time
from collections.abc import Mapping
from typing import Any

from .gallery import drawn, size_of
from .house import Asked, House, Refused, Said

KEYS = ("fine-key-1",)
CHOICES = {
    "size": ("1024x1024", "1792x1024", "1024x1792"),
    "quality": ("standard", "hd"),
    "style": ("vivid", "natural"),
    "response_format": ("url", "b64_json"),
}
PROMPT_MOST = 4000


class FineapiHouse(House):
    """An honest house with one model."""

    protocol = "HTTP/1.0"
    shelf = "/generated-image/"

    def route(self, asked: Asked) -> Said:
        self.check_key(asked)
        if (asked.method, asked.path) != ("POST", "/v1/images/generations"):
            raise Refused(404, "", "nothing here")
        body = asked.json()
        if body is None:
            raise Refused(422, "", "a JSON object")
        self.check(body)
        data = [self.image(body) for _ in range(self.delivers(body))]
        return Said(200, {"data": data, "created": self.created(), "usage": None})

    def check_key(self, asked: Asked) -> None:
        if not asked.headers.get("authorization", "").startswith("Bearer ") or asked.bearer() not in KEYS:
            raise Refused(403, "", "a key, please")

    def check(self, body: Mapping[str, Any]) -> None:
        self.check_model(body)
        self.check_prompt(body.get("prompt"))
        if not self.counts(body.get("n", 1)):
            raise Refused(422, "", "one at a time")
        for name, values in CHOICES.items():
            if name in body and body[name] not in values:
                raise Refused(422, "", f"{name}: {', '.join(values)}")

    def check_model(self, body: Mapping[str, Any]) -> None:
        if body.get("model") != "dall-e-3":
            raise Refused(422, "", "model is dall-e-3")

    def check_prompt(self, prompt: object) -> None:
        if not isinstance(prompt, str) or not 1 <= self.length(prompt) <= PROMPT_MOST:
            raise Refused(422, "", "a prompt of at most 4000 characters")

    def image(self, body: Mapping[str, Any]) -> dict[str, Any]:
        data = drawn("webp", self.pixels(body), next(self.numbers))
        item: dict[str, Any] = {"revised_prompt": self.revised(body), "seed": 7}
        if body.get("response_format", self.default_format()) == "url":
            return item | {"url": self.put_up("webp", data)}
        return item | {"url": None, "b64_json": self.encoded(data)}

    # what a lie may change

    def length(self, prompt: str) -> int:
        return len(prompt)

    def counts(self, n: object) -> bool:
        return type(n) is int and n == 1

    def delivers(self, body: Mapping[str, Any]) -> int:  # noqa: ARG002 - for those who lie
        return 1

    def pixels(self, body: Mapping[str, Any]) -> tuple[int, int]:
        return size_of(str(body.get("size", "1024x1024")))

    def default_format(self) -> str:
        return "url"

    def revised(self, body: Mapping[str, Any]) -> str:
        return str(body["prompt"])

    def created(self) -> float:
        return float(int(time.time()))

    def encoded(self, data: bytes) -> str:
        return base64.b64encode(data).decode()

    def refusal(self, refused: Refused) -> Said:
        return Said(refused.status, refused.says, media="text/plain; charset=utf-8")
