"""AICredits' page, read by somebody else: dall-e-2 and dall-e-3 for rupees.

Where the page is silent: wallets in ten-thousandths of a rupee, a missing model is 503, no list of models,
refusals count towards the limit, and error objects have a trace beside what is documented.
"""

from __future__ import annotations

import math
import secrets
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from .gallery import drawn, size_of
from .house import Asked, House, Key, Refused, Said, Wallet

#: Rupees a dollar, live as it were; the target file says it.
RATE = Decimal("84.2075")
#: Dollars of one image, so that the page's table comes out at about 87 rupees a dollar.
DALL_E_3 = {"1024x1024": Decimal("0.04"), "1792x1024": Decimal("0.057"), "1024x1792": Decimal("0.057")}
DALL_E_2 = {"256x256": Decimal("0.0085"), "512x512": Decimal("0.0119"), "1024x1024": Decimal("0.0169")}
TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "insufficient_funds",
    403: "forbidden",
    413: "request_too_large",
    429: "rate_limit_error",
    500: "internal_server_error",
    502: "upstream_error",
    503: "service_unavailable",
    504: "gateway_timeout",
}
LONGEST = 10 * 1024 * 1024
WINDOW_S = 60
IN_FLIGHT = 5
BREAKS = {"please break": 500, "break behind you": 502, "be away": 503, "take too long": 504, "be forbidden": 403}


class AicreditsHouse(House):
    """An honest house of rupees."""

    def __init__(self, base: str) -> None:
        super().__init__(base)
        rich = Wallet(Decimal(90_000))
        self.keys = {
            "aic-default": Key(rich),
            "aic-second": Key(rich),
            "aic-other": Key(Wallet(Decimal(500))),
            "aic-limited": Key(Wallet(Decimal(500)), a_minute=2),
            "aic-budget": Key(Wallet(Decimal(500)), budget=Decimal("0.50")),
            "aic-broke": Key(Wallet(Decimal(0))),
        }
        self.in_flight: dict[int, int] = {}

    # the way of a request

    def route(self, asked: Asked) -> Said:
        key = self.keys.get(asked.bearer())
        headers = self.window(key) if key else self.window(Key(Wallet(Decimal(0)), a_minute=60))
        try:
            said = self.call(asked, self.known(key))
            return Said(said.status, said.body, headers)
        except Refused as refused:
            return Said(refused.status, self.refusal(refused).body, headers)

    def known(self, key: Key | None) -> Key:
        if key is None:
            raise Refused(401, "", "this key is not ours")
        return key

    def call(self, asked: Asked, key: Key) -> Said:
        match asked.method, asked.path:
            case "GET", "/v1/credits":
                return Said(200, {"credits": {"inr": f"{key.wallet.shown():.1f}", "as_of": int(time.time())}})
            case "GET", "/v1/wallet":
                return Said(200, {"paisa_100": int(key.wallet.shown() * 10_000), "inr": str(key.wallet.shown())})
            case "POST", "/v1/images/generations":
                return self.generate(asked, key)
        raise Refused(404, "", "no such page")

    def generate(self, asked: Asked, key: Key) -> Said:
        self.check_window(key)
        if len(asked.raw) > LONGEST:
            raise Refused(413, "", "ten megabytes at most")
        wanted = self.read(asked.json())
        with self.a_place(key):
            self.provoked(wanted["prompt"])
            self.bill(key, wanted)
            return Said(200, {"created": int(time.time()), "data": list(self.images(wanted)), "object": "list"})

    def read(self, body: dict[str, Any] | None) -> dict[str, Any]:
        """Return the request with every default in it."""
        if body is None:
            raise Refused(400, "", "a JSON object, please")
        found = {"model": "dall-e-3", "n": 1, "size": "1024x1024", "quality": "standard", "style": "vivid"} | body
        found.setdefault("response_format", "url")
        if found["model"] not in {"dall-e-2", "dall-e-3"}:
            raise Refused(503, "", "nobody here makes that")
        self.check_prompt(found["model"], found.get("prompt"))
        self.check_choices(found)
        return found

    def check_prompt(self, model: str, prompt: object) -> None:
        most = 4000 if model == "dall-e-3" else 1000
        if not isinstance(prompt, str) or not prompt.strip() or len(prompt) > most:
            raise Refused(400, "", f"a prompt of 1 to {most} characters")

    def check_choices(self, found: dict[str, Any]) -> None:
        is_three = found["model"] == "dall-e-3"
        allowed = {
            "size": tuple(DALL_E_3 if is_three else DALL_E_2),
            "quality": ("standard", "hd"),
            "style": ("vivid", "natural"),
            "response_format": ("url", "b64_json"),
        }
        for name, values in allowed.items():
            if found[name] not in values:
                raise Refused(400, "", f"{name}: one of {values}")
        if type(found["n"]) is not int or not 1 <= found["n"] <= (1 if is_three else 10):
            raise Refused(400, "", "that many are not made at once")

    def provoked(self, prompt: str) -> None:
        if prompt == "against the policy":
            raise Refused(400, "", "we do not draw that")
        if prompt in BREAKS:
            raise Refused(BREAKS[prompt], "", "it happens")
        if prompt == "slowly, please":
            time.sleep(0.35)

    def images(self, wanted: dict[str, Any]) -> Iterator[dict[str, Any]]:
        for _ in range(wanted["n"]):
            image = drawn("png", size_of(wanted["size"]), next(self.numbers))
            item = self.delivered(wanted["response_format"], image)
            yield item | ({"revised_prompt": self.revised(wanted)} if wanted["model"] == "dall-e-3" else {})

    def delivered(self, form: str, image: bytes) -> dict[str, Any]:
        return {"b64_json": b64encode(image).decode()} if form == "b64_json" else {"url": self.put_up("png", image)}

    def revised(self, wanted: dict[str, Any]) -> Any:
        return f"{wanted['prompt']}, in fine detail"

    # money

    def price(self, wanted: dict[str, Any]) -> Decimal:
        """Return the rupees of a request: an image's, to four places, so many times."""
        table = DALL_E_3 if wanted["model"] == "dall-e-3" else DALL_E_2
        times = 2 if wanted["quality"] == "hd" and wanted["model"] == "dall-e-3" else 1
        each = (table[wanted["size"]] * times * RATE).quantize(Decimal("0.0001"), ROUND_HALF_EVEN)
        return each * wanted["n"]

    def bill(self, key: Key, wanted: dict[str, Any]) -> None:
        price = self.price(wanted)
        with self.lock:
            if key.wallet.money < price or (key.budget is not None and key.spent + price > key.budget):
                raise Refused(402, "", "top up, or raise the budget")
            key.spent += price
            key.wallet.take(price, shows_in_s=0.03)

    # limits

    def window(self, key: Key) -> tuple[tuple[str, str], ...]:
        now = time.monotonic()
        with self.lock:
            key.asked = [one for one in key.asked if one[0] > now - WINDOW_S]
            oldest = key.asked[0][0] if key.asked else now
            left = max(0, self.limit(key) - len(key.asked) - 1)
        reset = math.ceil(oldest + WINDOW_S - now)
        return (
            ("x-ratelimit-reset", str(reset)),
            ("x-ratelimit-limit", str(self.limit(key))),
            ("x-ratelimit-remaining", str(left)),
        )

    def limit(self, key: Key) -> int:
        return key.a_minute

    def check_window(self, key: Key) -> None:
        with self.lock:
            if len(key.asked) >= self.limit(key):
                raise Refused(429, "", "a minute has only so many")
            key.asked.append((time.monotonic(), 1))

    @contextmanager
    def a_place(self, key: Key) -> Iterator[None]:
        """Hold one of the user's places; all of a user's keys share them."""
        user = self.user(key)
        with self.lock:
            if self.in_flight.get(user, 0) >= IN_FLIGHT:
                raise Refused(429, "", "five at once")
            self.in_flight[user] = self.in_flight.get(user, 0) + 1
        try:
            yield
        finally:
            with self.lock:
                self.in_flight[user] -= 1

    def user(self, key: Key) -> int:
        return id(key.wallet)

    def refusal(self, refused: Refused) -> Said:
        kind = TYPES.get(refused.status, "not_found")
        said = {"code": refused.status, "type": kind, "message": refused.says, "trace": secrets.token_hex(4)}
        return Said(refused.status, {"error": said})
