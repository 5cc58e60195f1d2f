"""Aivene's page, read by somebody else: four models, OpenAI's shape of errors, scopes and spend limits.

Where the page is silent: a list of models of its own shape, 404 for an unknown model, a bucket of tokens behind the
RPM, Retry-After as a date, chunked bodies, PNG with a transparent palette entry, charges that show late.
"""

from __future__ import annotations

import base64
import math
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import format_datetime
from typing import Any

from .gallery import drawn, size_of
from .house import Asked, House, Key, Refused, Said, Wallet

MODELS: dict[str, dict[str, Any]] = {
    "dall-e-3": {
        "size": ("1024x1024", "1792x1024", "1024x1792"),
        "quality": ("standard", "hd"),
        "style": ("vivid", "natural"),
        "n": 1,
    },
    "dall-e-2": {"size": ("256x256", "512x512", "1024x1024"), "quality": ("standard",), "n": 6},
    "gpt-image-1": {
        "size": ("1024x1024", "1536x1024", "1024x1536", "auto"),
        "quality": ("low", "medium", "high"),
        "background": ("transparent", "opaque", "auto"),
        "n": 3,
    },
    "flux-pro": {"size": ("1024x1024", "512x512"), "quality": ("standard",), "n": 1},
}
#: Dollars of an image; hd is twice, high three times as much.
PRICES = {
    "dall-e-3": Decimal("0.051"),
    "dall-e-2": Decimal("0.0213"),
    "gpt-image-1": Decimal("0.047"),
    "flux-pro": Decimal("0.06"),
}
TIMES = {"hd": 2, "high": 3, "low": Decimal("0.5")}
REFILL_S = 1.2
BREAKS = {
    "boom": (500, "internal_server_error"),
    "boom behind": (502, "upstream_error"),
    "nobody behind": (503, "upstream_error"),
}


class AiveneHouse(House):
    """An honest house with scopes."""

    chunked = True
    shelf = "/tmp-images/"

    def __init__(self, base: str) -> None:
        super().__init__(base)
        rich = Wallet(Decimal(250))
        self.keys = {
            "aiv_default": Key(rich),
            "aiv_other": Key(Wallet(Decimal(10))),
            "aiv_unscoped": Key(rich, scoped=False),
            "aiv_broke": Key(Wallet(Decimal(0))),
            "aiv_budget": Key(rich, budget=Decimal("0.0001")),
            "aiv_limited": Key(Wallet(Decimal(10)), a_minute=2),
        }

    def route(self, asked: Asked) -> Said:
        key = self.keys.get(asked.bearer())
        if key is None:
            raise Refused(401, "authentication_error", "whose key is this?")
        match asked.method, asked.path:
            case "GET", "/v1/models":
                return Said(200, {"models": [{"slug": name, "kind": "image"} for name in self.listed()]})
            case "GET", "/v1/account":
                return Said(200, {"left": {"usd": str(key.wallet.shown())}})
            case "POST", "/v1/images/generations":
                return self.generate(asked, key)
        raise Refused(404, "invalid_request_error", "no such address")

    def listed(self) -> tuple[str, ...]:
        return ("text-only-1", *MODELS)

    def generate(self, asked: Asked, key: Key) -> Said:
        if not key.scoped:
            raise Refused(403, "permission_error", "this key may not make images")
        self.check_pace(key)
        if "json" not in asked.headers.get("content-type", ""):
            raise Refused(415, "invalid_request_error", "JSON only")
        wanted = self.read(asked.json())
        self.check_policy(wanted)
        with self.lock:
            self.check_funds(key, self.price(wanted))
            if wanted["prompt"] in BREAKS:
                self.break_down(key, wanted)
            self.bill(key, self.price(wanted))
        data = [self.image(wanted, index) for index in range(self.delivers(wanted))]
        return Said(200, {"created": self.created(), "data": data, "model": wanted["model"]}, self.extra())

    def read(self, body: Mapping[str, Any] | None) -> dict[str, Any]:
        """Return the request with its defaults; ``quality`` has none where standard is no quality."""
        if body is None:
            raise Refused(400, "invalid_request_error", "a JSON object, please")
        model = body.get("model")
        if not isinstance(model, str) or not isinstance(body.get("prompt"), str) or not body["prompt"].strip():
            raise Refused(400, "invalid_request_error", "model and prompt are needed")
        if model not in MODELS:
            raise Refused(404, "invalid_request_error", "GET /v1/models lists what there is")
        found = {"n": 1, "size": "1024x1024", "response_format": "url", **body}
        for name in ("size", "quality", "style", "background"):
            self.check(model, found, name)
        if found["response_format"] not in {"url", "b64_json"}:
            raise Refused(400, "invalid_request_error", "url or b64_json")
        self.check_names(found)
        self.check_count(model, found["n"])
        return found

    def check(self, model: str, found: Mapping[str, Any], name: str) -> None:
        """Refuse a value that the model does not have; a style or background elsewhere is ignored."""
        values = MODELS[model].get(name)
        known = {"style": ("vivid", "natural"), "background": ("transparent", "opaque", "auto")}.get(name)
        if name in found and found[name] not in (values or known or ()):
            raise Refused(400, "invalid_request_error", f"{name} of {model}: {values}")

    def check_names(self, found: Mapping[str, Any]) -> None:
        if any(not isinstance(found.get(name, ""), str) for name in ("user", "safety_identifier")):
            raise Refused(400, "invalid_request_error", "a name is text")

    def check_count(self, model: str, n: object) -> None:
        if type(n) is not int or not 1 <= n <= MODELS[model]["n"]:
            raise Refused(400, "invalid_request_error", f"n of {model} ends at {MODELS[model]['n']}")

    def check_policy(self, wanted: Mapping[str, Any]) -> None:
        if wanted["prompt"] == "something vile":
            raise Refused(400, "invalid_request_error", "no")

    def image(self, wanted: Mapping[str, Any], index: int) -> dict[str, Any]:  # noqa: ARG002 - for those who lie
        size = "1536x1024" if wanted["size"] == "auto" else wanted["size"]
        data = drawn("png", size_of(size), next(self.numbers), see_through=self.see_through(wanted))
        item: dict[str, Any] = {}
        if wanted["response_format"] == "url":
            item |= {"url": self.put_up("png", data), "b64_json": None}
        else:
            item |= {"b64_json": base64.b64encode(data).decode()}
        return item | ({"revised_prompt": f"A picture. {wanted['prompt']}"} if wanted["model"] == "dall-e-3" else {})

    # what a lie may change

    def see_through(self, wanted: Mapping[str, Any]) -> bool:
        return wanted["model"] == "gpt-image-1" and wanted.get("background") == "transparent"

    def delivers(self, wanted: Mapping[str, Any]) -> int:
        return wanted["n"]

    def created(self) -> float:
        return float(int(time.time()))

    def extra(self) -> tuple[tuple[str, str], ...]:
        return (("X-Served-By", "aivene-edge-7"),)

    def price(self, wanted: Mapping[str, Any]) -> Decimal:
        return PRICES[wanted["model"]] * TIMES.get(wanted.get("quality", ""), 1) * wanted["n"]

    def check_funds(self, key: Key, price: Decimal) -> None:
        if key.wallet.money < price:
            raise Refused(402, "insufficient_balance", "top up")
        if key.budget is not None and key.spent + price > key.budget:
            raise Refused(402, "billing_error", "this key has spent enough")

    def break_down(self, key: Key, wanted: Mapping[str, Any]) -> None:  # noqa: ARG002 - for those who lie
        status, kind = BREAKS[wanted["prompt"]]
        raise Refused(status, kind, "once more, perhaps")

    def bill(self, key: Key, price: Decimal) -> None:
        key.spent += price
        key.wallet.take(price, shows_in_s=0.06)

    def check_pace(self, key: Key) -> None:
        """Take a token from the key's bucket: two at once, and a new one every now and then."""
        if key.a_minute > 2:
            return
        now = time.time()
        with self.lock:
            key.asked = [one for one in key.asked if one[0] > now - REFILL_S * key.a_minute]
            if len(key.asked) >= key.a_minute:
                raise Refused(429, "rate_limit_error", "slower", until=key.asked[0][0] + REFILL_S * key.a_minute)
            key.asked.append((now, 1))

    def retry_after(self, until: float) -> str:
        return format_datetime(datetime.fromtimestamp(math.ceil(until), UTC), usegmt=True)

    def refusal(self, refused: Refused) -> Said:
        headers: tuple[tuple[str, str], ...] = ()
        if "until" in refused.more:
            headers = (("RETRY-AFTER", self.retry_after(refused.more["until"])),)
        if refused.status == 401:
            headers = (("WWW-Authenticate", "Bearer"),)
        said = {"message": refused.says, "type": refused.kind, "docs": "https://docs.invalid/errors"}
        return Said(refused.status, {"error": said}, headers, "application/json; charset=utf-8")
