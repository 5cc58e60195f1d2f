"""OpenAI's reference, read by somebody else: dall-e-2, dall-e-3 and gpt-image-1 with their own rules.

Where the reference is silent: other words, headers in capitals, streams are refused, a missing key and a wrong one
read alike, and dall-e's pictures are JPEG.
"""

from __future__ import annotations

import base64
import time
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from .gallery import drawn, size_of
from .house import Asked, House, Key, Refused, Said, Wallet

COMMON = frozenset({"model", "prompt", "n", "size", "quality", "user", "stream"})
FAMILY = ("gpt-image-1", "gpt-image-1-mini", "gpt-image-1.5")
RULES_OF_THE_FAMILY: dict[str, Any] = {
    "prompt": 32_000,
    "n": 10,
    "size": ("auto", "1024x1024", "1536x1024", "1024x1536"),
    "quality": ("auto", "low", "medium", "high"),
    "names": COMMON | {"background", "moderation", "output_format", "output_compression", "partial_images"},
}
MODELS: dict[str, dict[str, Any]] = {
    "dall-e-2": {
        "prompt": 1000,
        "n": 10,
        "size": ("256x256", "512x512", "1024x1024"),
        "quality": ("standard",),
        "names": COMMON | {"response_format", "style"},
    },
    "dall-e-3": {
        "prompt": 4000,
        "n": 1,
        "size": ("1024x1024", "1792x1024", "1024x1792"),
        "quality": ("standard", "hd"),
        "names": COMMON | {"response_format", "style"},
    },
    **dict.fromkeys(FAMILY, RULES_OF_THE_FAMILY),
}
CHOICES = {
    "style": ("vivid", "natural"),
    "response_format": ("url", "b64_json"),
    "background": ("transparent", "opaque", "auto"),
    "moderation": ("auto", "low"),
    "output_format": ("png", "jpeg", "webp"),
}
BREAKS = {"fall over": 500, "behind you": 502, "closed": 503, "too slow": 504}


class OpenaiHouse(House):
    """An honest house by the reference."""

    shelf = "/private/"

    def __init__(self, base: str) -> None:
        super().__init__(base)
        self.keys = {
            "sk-proj-default": Key(Wallet(Decimal(1))),
            "sk-proj-broke": Key(Wallet(Decimal(0))),
            "sk-proj-budget": Key(Wallet(Decimal(1)), budget=Decimal(0)),
            "sk-proj-limited": Key(Wallet(Decimal(1)), a_minute=2),
        }

    def route(self, asked: Asked) -> Said:
        key = self.keys.get(asked.bearer())
        if key is None:
            raise Refused(401, "invalid_request_error", "no such key", code="invalid_api_key")
        match asked.method, asked.path:
            case "GET", "/v1/models":
                return Said(200, {"object": "list", "data": [{"id": name, "object": "model"} for name in MODELS]})
            case "POST", "/v1/images/generations":
                return self.generate(asked, key)
        raise Refused(404, "invalid_request_error", "no such URL", code="unknown_url")

    def generate(self, asked: Asked, key: Key) -> Said:
        self.check_pace(key)
        body = asked.json()
        if body is None:
            raise Refused(400, "invalid_request_error", "we could not parse that")
        wanted = self.read({name: value for name, value in body.items() if value is not None})
        self.provoked(wanted)
        self.check_money(key)
        data = [self.image(wanted, index) for index in range(self.delivers(wanted))]
        return Said(200, {"created": self.created(), "data": data, **self.more(wanted)}, (("X-REQUEST-ID", "r1"),))

    def read(self, body: dict[str, Any]) -> dict[str, Any]:
        """Return the request with the defaults of its model."""
        model = body.get("model", "dall-e-2")
        if not isinstance(model, str) or model not in MODELS:
            raise Refused(400, "invalid_request_error", "no such model", param="model", code="model_not_found")
        rules = MODELS[model]
        for name in body:
            if name not in self.names(model):
                raise Refused(400, "invalid_request_error", "unknown", param=name, code="unknown_parameter")
        family = model in FAMILY
        first = {"size": "auto", "quality": "auto"} if family else {"size": "1024x1024", "quality": "standard"}
        found = {"n": 1, "model": model, **first, **body}
        self.check_prompt(rules["prompt"], found.get("prompt"))
        for name, values in {**CHOICES, "size": rules["size"], "quality": rules["quality"]}.items():
            if name in found and found[name] not in values:
                raise _wrong(name)
        self.check_numbers(model, found)
        return found

    def names(self, model: str) -> frozenset[str]:
        return MODELS[model]["names"]

    def check_prompt(self, most: int, prompt: object) -> None:
        if not isinstance(prompt, str) or not prompt or len(prompt) > most:
            raise _wrong("prompt")

    def check_numbers(self, model: str, found: Mapping[str, Any]) -> None:
        n, compression = found["n"], found.get("output_compression", 100)
        if type(n) is not int or not 1 <= n <= self.most(model):
            raise _wrong("n")
        if type(compression) is not int or not 0 <= compression <= 100:
            raise _wrong("output_compression")
        if found.get("stream") not in {None, False}:
            raise _wrong("stream")
        if not isinstance(found.get("user", ""), str):
            raise _wrong("user")
        if found.get("background") == "transparent" and found.get("output_format") == "jpeg":
            raise _wrong("background")

    def provoked(self, wanted: Mapping[str, Any]) -> None:
        if wanted["prompt"] == "against everything":
            code = "moderation_blocked" if wanted["model"] in FAMILY else "content_policy_violation"
            raise Refused(400, self.policy_type(wanted["model"]), "rejected", code=code)
        if wanted["prompt"] in BREAKS:
            raise Refused(BREAKS[wanted["prompt"]], "server_error", "ours")

    def check_money(self, key: Key) -> None:
        if not key.wallet.money:
            raise Refused(429, "insufficient_quota", "no credit", code="insufficient_quota")
        if key.budget is not None:
            raise Refused(400, "invalid_request_error", "hard limit", code="billing_hard_limit_reached")

    def check_pace(self, key: Key) -> None:
        with self.lock:
            key.asked = [one for one in key.asked if one[0] > time.monotonic() - 60]
            if len(key.asked) >= key.a_minute:
                raise Refused(429, "requests", "slower", code="rate_limit_exceeded")
            key.asked.append((time.monotonic(), 1))

    def image(self, wanted: Mapping[str, Any], index: int) -> dict[str, Any]:  # noqa: ARG002 - for those who lie
        family = wanted["model"] in FAMILY
        kind = wanted.get("output_format", "png" if family else "jpeg")
        size = "1024x1536" if wanted["size"] == "auto" else wanted["size"]
        data = drawn(kind, size_of(size), self.number(), see_through=wanted.get("background") == "transparent")
        inline = family or wanted.get("response_format") == "b64_json"
        item: dict[str, Any] = (
            {"b64_json": base64.b64encode(data).decode()} if inline else {"url": self.put_up(kind, data)}
        )
        return item | ({"revised_prompt": f"{wanted['prompt']} (detailed)"} if wanted["model"] == "dall-e-3" else {})

    # what a lie may change

    def number(self) -> int:
        return next(self.numbers)

    def most(self, model: str) -> int:
        return MODELS[model]["n"]

    def delivers(self, wanted: Mapping[str, Any]) -> int:
        return wanted["n"]

    def created(self) -> int:
        return int(time.time())

    def policy_type(self, model: str) -> str:
        return "image_generation_user_error" if model in FAMILY else "invalid_request_error"

    def more(self, wanted: Mapping[str, Any]) -> dict[str, Any]:
        """Return what gpt-image-1 says beside its images: what was used, never auto."""
        if wanted["model"] not in FAMILY:
            return {}
        size = "1024x1536" if wanted["size"] == "auto" else wanted["size"]
        quality = "high" if wanted["quality"] == "auto" else wanted["quality"]
        background = wanted.get("background", "auto")
        tokens = {"input_tokens": 11, "output_tokens": 272 * wanted["n"], "total_tokens": 11 + 272 * wanted["n"]}
        return {
            "size": size,
            "quality": quality,
            "background": "opaque" if background == "auto" else background,
            "output_format": wanted.get("output_format", "png"),
            "usage": tokens | {"input_tokens_details": {"text_tokens": 11, "image_tokens": 0}},
        }

    def refusal(self, refused: Refused) -> Said:
        said = {"param": None, "code": None, **refused.more, "message": refused.says, "type": refused.kind}
        return Said(refused.status, {"error": said}, (("OPENAI-VERSION", "2020-10-01"),))


def _wrong(name: str) -> Refused:
    return Refused(400, "invalid_request_error", f"{name} is not as it should be", param=name, code="invalid_value")
