"""Perf's page, read by somebody else: seven models for dollars, limits in images.

Where the page is silent: problems as RFC 9457, HTTP/1.0, JPEG behind a redirect, instants with a fraction,
403 for an unknown key, a calendar minute, a wallet in tenths of a mill that is booked late.
"""

from __future__ import annotations

import base64
import itertools
import time
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from .gallery import drawn, size_of
from .house import Asked, House, Key, Refused, Said, Wallet

WIDE = ("1792x1024", "1024x1792")
SIZES: dict[str, tuple[str, ...] | None] = {
    "dall-e-3": ("1024x1024", *WIDE),
    "dall-e-2": ("256x256", "512x512", "1024x1024"),
    "stable-diffusion-3": None,
    "flux-pro": None,
    "flux-dev": None,
    "ideogram-2": None,
    "imagen-3": ("1024x1024",),
}
MOST = {"dall-e-3": 1, "dall-e-2": 10, "stable-diffusion-3": 4, "flux-pro": 10, "imagen-3": 10}
PRICES = {
    "stable-diffusion-3": Decimal("0.035"),
    "flux-pro": Decimal("0.055"),
    "flux-dev": Decimal("0.025"),
    "ideogram-2": Decimal("0.04"),
    "imagen-3": Decimal("0.04"),
}
DALL_E_2 = {"256x256": Decimal("0.016"), "512x512": Decimal("0.0175"), "1024x1024": Decimal("0.02")}
FREE_A_MINUTE, FREE_A_DAY = 5, 50
PROMPT_MOST = 4000


class PerfHouse(House):
    """An honest house of many models."""

    protocol = "HTTP/1.0"
    shelf = "/cdn/"

    def __init__(self, base: str) -> None:
        super().__init__(base)
        wallet, small = Wallet(Decimal(400)), Wallet(Decimal(20))
        self.keys = {
            "pk_live_default": Key(wallet),
            "pk_test_default": Key(wallet, billed=False),
            "pk_live_limited": Key(small, a_minute=FREE_A_MINUTE),
        }
        self.requests = itertools.count(70_000)

    def route(self, asked: Asked) -> Said:
        if asked.path.startswith("/look/"):
            name = asked.path.removeprefix("/look/")
            return Said(302, "", (("location", f"{self.base}{self.shelf}{name}"),), "text/html")
        key = self.keys.get(asked.bearer())
        if key is None:
            raise Refused(403, "key", "a key of ours, please")
        match asked.method, asked.path:
            case "GET", "/v1/me":
                return Said(200, {"me": {"cents": [float(key.wallet.shown() * 100)]}})
            case "POST", "/v1/images/generations":
                return self.generate(asked, key)
        raise Refused(404, "nothing", "nothing is here")

    def generate(self, asked: Asked, key: Key) -> Said:
        begun = time.perf_counter()
        body = asked.json()
        if body is None:
            raise Refused(400, "body", "a JSON object, please")
        wanted = self.read(body)
        if wanted["prompt"] == "nothing decent":
            raise Refused(400, "policy", "not with us")
        with self.lock:
            self.count(key, wanted["n"])
            cost = self.price(wanted)
            self.bill(key, cost)
        data = [self.image(wanted) for _ in range(self.delivers(wanted))]
        return Said(200, {"created": self.now(), "data": data, "perf": self.about(wanted, cost, begun)})

    def read(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Return the request with every default in it."""
        defaults = {"model": "dall-e-3", "n": 1, "size": "1024x1024", "response_format": "url"}
        found = {**defaults, **{name: value for name, value in body.items() if value is not None}}
        model, n = found["model"], found["n"]
        if not isinstance(model, str) or model not in SIZES:
            raise Refused(400, "model", "one of seven")
        self.check_prompt(model, found.get("prompt"))
        if type(n) is not int or not 1 <= n <= self.most(model):
            raise Refused(400, "n", "too many, or too few")
        self.check_size(model, found["size"])
        self.check_looks(model, found)
        if found["response_format"] not in {"url", "b64_json"}:
            raise Refused(400, "response_format", "url or b64_json")
        return found

    def check_prompt(self, model: str, prompt: object) -> None:  # noqa: ARG002 - for those who lie
        if not isinstance(prompt, str) or not prompt or len(prompt) > PROMPT_MOST:
            raise Refused(400, "prompt", "1 to 4000 characters")

    def most(self, model: str) -> int:
        return MOST.get(model, 4)

    def check_size(self, model: str, size: object) -> None:
        known = SIZES[model]
        pixels = size_of(str(size))
        fits = size in known if known else all(64 <= side <= 2048 and side % 64 == 0 for side in pixels)
        if not isinstance(size, str) or not fits:
            raise Refused(400, "size", "not of this model")

    def check_looks(self, model: str, found: Mapping[str, Any]) -> None:
        choices = {"quality": ("standard", "hd"), "style": ("vivid", "natural")}
        for name, values in choices.items():
            if name in found and (model != "dall-e-3" or found[name] not in values):
                raise Refused(400, name, "dall-e-3 only, one of two")

    def image(self, wanted: Mapping[str, Any]) -> dict[str, Any]:
        data = drawn("jpeg", self.pixels(wanted), self.number())
        item: dict[str, Any] = {"url": None, "b64_json": None}
        if wanted["response_format"] == "url":
            item["url"] = self.put_up("jpeg", data).replace(self.shelf, "/look/")
        else:
            item["b64_json"] = self.encoded(data)
        return item | ({"revised_prompt": f"{wanted['prompt']}!"} if wanted["model"] == "dall-e-3" else {})

    def about(self, wanted: Mapping[str, Any], cost: Decimal, begun: float) -> dict[str, Any]:
        return {
            "model_used": wanted["model"],
            "size": wanted["size"],
            "quality": wanted.get("quality", "standard"),
            "cost_usd": float(cost),
            "latency_ms": (time.perf_counter() - begun) * 1000,
            "request_id": self.request_id(),
            "cached": False,
        }

    # what a lie may change

    def request_id(self) -> str:
        return f"{next(self.requests)}"

    def now(self) -> float:
        return time.time()

    def number(self) -> int:
        return next(self.numbers)

    def pixels(self, wanted: Mapping[str, Any]) -> tuple[int, int]:
        return size_of(wanted["size"])

    def delivers(self, wanted: Mapping[str, Any]) -> int:
        return wanted["n"]

    def encoded(self, data: bytes) -> str:
        return base64.b64encode(data).decode()

    def price(self, wanted: Mapping[str, Any]) -> Decimal:
        if wanted["model"] == "dall-e-2":
            each = DALL_E_2[wanted["size"]]
        elif wanted["model"] == "dall-e-3":
            each = Decimal("0.04") * (2 if wanted.get("quality") == "hd" else 1)
            each = (
                Decimal("0.12") if (wanted.get("quality"), wanted["size"]) in {("hd", wide) for wide in WIDE} else each
            )
        else:
            each = PRICES[wanted["model"]]
        return each * wanted["n"]

    def bill(self, key: Key, cost: Decimal) -> None:
        if key.billed:
            key.wallet.take(cost, shows_in_s=0.08)

    def count(self, key: Key, n: int) -> None:
        """Count images in the minute of the clock, and in its day."""
        minute, day = int(time.time() // 60), int(time.time() // 86_400)
        used = sum(many for when, many in key.asked if when // 60 == minute)
        today = sum(many for when, many in key.asked if when // 86_400 == day)
        if used + n > key.a_minute or (key.a_minute == FREE_A_MINUTE and today + n > FREE_A_DAY):
            raise Refused(429, "pace", "so many images and no more")
        key.asked.append((time.time(), n))

    def refusal(self, refused: Refused) -> Said:
        problem = {"type": f"about:{refused.kind}", "status": refused.status, "detail": refused.says}
        return Said(refused.status, problem, media="application/problem+json")
