"""Houses of many models that lie, one lie each, and the claim that each of them breaks."""

from __future__ import annotations

import time
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from .house import Key, Refused, Said
from .perfhouse import PerfHouse


class CountsBytes(PerfHouse):
    """The prompt is measured in bytes."""

    claim = "PRF-02"

    def check_prompt(self, model: str, prompt: object) -> None:
        if isinstance(prompt, str) and len(prompt.encode()) > 4000:
            raise Refused(400, "prompt", "too long")
        super().check_prompt(model, prompt)


class FluxDevForgets(PerfHouse):
    """One model of seven draws one image, however many are asked for."""

    claim = "PRF-07"

    def delivers(self, wanted: Mapping[str, Any]) -> int:
        return 1 if wanted["model"] == "stable-diffusion-3" else wanted["n"]


class TenIsNine(PerfHouse):
    """dall-e-2 makes nine images at most."""

    claim = "PRF-06"

    def most(self, model: str) -> int:
        return min(9, super().most(model))


class SecondIsFirst(PerfHouse):
    """Every second image is the first one once more."""

    claim = "PRF-06"

    def number(self) -> int:
        return super().number() // 2


class TallIsWide(PerfHouse):
    """Tall images come lying down."""

    claim = "PRF-05"

    def pixels(self, wanted: Mapping[str, Any]) -> tuple[int, int]:
        width, height = super().pixels(wanted)
        return (height, width) if wanted["size"] == "1024x1792" else (width, height)


class CustomIsSquare(PerfHouse):
    """Sizes of one's own are cut to the next 256."""

    claim = "PRF-07"

    def pixels(self, wanted: Mapping[str, Any]) -> tuple[int, int]:
        width, height = super().pixels(wanted)
        return width // 256 * 256, height // 256 * 256


class TestKeysPay(PerfHouse):
    """A test key costs as much as any other."""

    claim = "PRF-21"

    def bill(self, key: Key, cost: Decimal) -> None:
        key.wallet.take(cost, shows_in_s=0.05)


class SdAMillMore(PerfHouse):
    """One model costs a tenth of a cent more than its table says, and shows the table."""

    claim = "PRF-11"

    def bill(self, key: Key, cost: Decimal) -> None:
        super().bill(key, cost + (Decimal("0.001") if cost == Decimal("0.055") else 0))


class ManyAreDear(PerfHouse):
    """From ten cents on, a request is paid twice; what is shown is right."""

    claim = "PRF-25"

    def bill(self, key: Key, cost: Decimal) -> None:
        super().bill(key, cost * (2 if cost >= Decimal("0.1") else 1))


class ShowsMore(PerfHouse):
    """The cost shown is a tenth more than what is taken."""

    claim = "PRF-16"

    def about(self, wanted: Mapping[str, Any], cost: Decimal, begun: float) -> dict[str, Any]:
        return super().about(wanted, cost * Decimal("1.1"), begun)


class SameIds(PerfHouse):
    """Requests of one second share an id."""

    claim = "PRF-14"

    def request_id(self) -> str:
        return f"req-{int(time.time()) // 4}"


class SaysStandard(PerfHouse):
    """What is told of the quality is always standard."""

    claim = "PRF-15"

    def about(self, wanted: Mapping[str, Any], cost: Decimal, begun: float) -> dict[str, Any]:
        return super().about(wanted, cost, begun) | {"quality": "standard"}


class Milliseconds(PerfHouse):
    """Instants are in milliseconds."""

    claim = "PRF-13"

    def now(self) -> float:
        return time.time() * 1000


class DataUri(PerfHouse):
    """Base64 comes as a data URI."""

    claim = "PRF-13"

    def encoded(self, data: bytes) -> str:
        return f"data:image/jpeg;base64,{super().encoded(data)}"


class SixAMinute(PerfHouse):
    """The free minute has six images."""

    claim = "PRF-20"

    def count(self, key: Key, n: int) -> None:
        key.a_minute += key.a_minute == 5
        super().count(key, n)


class CountsRequests(PerfHouse):
    """Requests are counted, not images."""

    claim = "PRF-20"

    def count(self, key: Key, n: int) -> None:  # noqa: ARG002 - that is the lie
        super().count(key, 1)


class HdByDefault(PerfHouse):
    """Without a word about it, quality is hd, and is paid for."""

    claim = "PRF-03"

    def price(self, wanted: Mapping[str, Any]) -> Decimal:
        return super().price({"quality": "hd", **wanted} if wanted["model"] == "dall-e-3" else wanted)


class DeadAddresses(PerfHouse):
    """Addresses are dead as soon as they are given."""

    claim = "PRF-18"

    def picture(self, name: str) -> Said:
        self.shelves.pop(name)
        return super().picture(name)
