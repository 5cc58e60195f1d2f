"""Houses with one model that lie, one lie each, and the claim that each of them breaks."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from .fineapihouse import FineapiHouse
from .house import Asked


class AnyKey(FineapiHouse):
    """Any key will do, if there is one."""

    claim = "FIN-01"

    def check_key(self, asked: Asked) -> None:
        if not asked.headers.get("authorization", "").startswith("Bearer "):
            super().check_key(asked)


class NoModelNeeded(FineapiHouse):
    """Without a model, dall-e-3 is meant."""

    claim = "FIN-02"

    def check_model(self, body: Mapping[str, Any]) -> None:
        super().check_model({"model": "dall-e-3", **body})


class CountsBytes(FineapiHouse):
    """The prompt is measured in bytes."""

    claim = "FIN-03"

    def length(self, prompt: str) -> int:
        return len(prompt.encode())


class CountsUnits(FineapiHouse):
    """The prompt is measured as JavaScript does."""

    claim = "FIN-03"

    def length(self, prompt: str) -> int:
        return len(prompt.encode("utf-16-le")) // 2


class OneMore(FineapiHouse):
    """4001 characters are as good."""

    claim = "FIN-03"

    def length(self, prompt: str) -> int:
        return min(len(prompt), max(1, len(prompt) - 1))


class TwoAreTaken(FineapiHouse):
    """Two images are asked for, one comes."""

    claim = "FIN-04"

    def counts(self, n: object) -> bool:
        return type(n) is int and 1 <= n <= 2


class WideIsNarrow(FineapiHouse):
    """Wide images in hd are a column short."""

    claim = "FIN-05"

    def pixels(self, body: Mapping[str, Any]) -> tuple[int, int]:
        width, height = super().pixels(body)
        return (width - 1, height) if width == 1792 else (width, height)


class InlineByDefault(FineapiHouse):
    """Base64 comes when nobody says what."""

    claim = "FIN-07"

    def default_format(self) -> str:
        return "b64_json"


class LineBreaks(FineapiHouse):
    """Base64 comes as a data URI."""

    claim = "FIN-08"

    def encoded(self, data: bytes) -> str:
        return f"data:image/webp;base64,{super().encoded(data)}"


class Fractions(FineapiHouse):
    """The whole timestamp has a fraction."""

    claim = "FIN-08"

    def created(self) -> float:
        return int(time.time()) + 0.5


class LongAgo(FineapiHouse):
    """Every picture was made on one day, years ago."""

    claim = "FIN-08"

    def created(self) -> float:
        return 1_700_000_000


class LocalTime(FineapiHouse):
    """The timestamp is that of the clock on the wall, two hours east."""

    claim = "FIN-08"

    def created(self) -> float:
        return int(time.time()) + 7200


class SilentInHd(FineapiHouse):
    """In hd, the prompt that was used stays blank."""

    claim = "FIN-09"

    def revised(self, body: Mapping[str, Any]) -> str:
        return " " if body.get("quality") == "hd" else super().revised(body)
