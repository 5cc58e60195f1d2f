"""Houses by the reference that lie, one lie each, and the claim that each of them breaks."""

from __future__ import annotations

import base64
import time
from collections.abc import Mapping
from typing import Any

from .gallery import drawn
from .house import Key, Refused, Said
from .openaihouse import FAMILY, OpenaiHouse


class ShortForAll(OpenaiHouse):
    """The gpt-image family stops at 31999 characters."""

    claim = "OAI-01"

    def check_prompt(self, most: int, prompt: object) -> None:
        super().check_prompt(31_999 if most == 32_000 else most, prompt)


class ElevenOfDallE2(OpenaiHouse):
    """dall-e-2 makes eleven."""

    claim = "OAI-02"

    def most(self, model: str) -> int:
        return 11 if model == "dall-e-2" else super().most(model)


class Duplicates(OpenaiHouse):
    """Of ten images the last two are one."""

    claim = "OAI-02"

    def image(self, wanted: Mapping[str, Any], index: int) -> dict[str, Any]:
        if index == 9:
            return dict(self.last)
        self.last = super().image(wanted, index)
        return self.last


class StyleForAll(OpenaiHouse):
    """gpt-image-1 takes response_format, and does what it says."""

    claim = "OAI-04"

    def names(self, model: str) -> frozenset[str]:
        return super().names(model) | {"response_format"}


class MiniForgetsUsage(OpenaiHouse):
    """One look-alike of the family does not tell its usage."""

    claim = "OAI-11"

    def more(self, wanted: Mapping[str, Any]) -> dict[str, Any]:
        said = super().more(wanted)
        if wanted["model"] == "gpt-image-1-mini":
            said.pop("usage")
        return said


class EchoesWrong(OpenaiHouse):
    """The quality told is high where medium was asked for."""

    claim = "OAI-11"

    def more(self, wanted: Mapping[str, Any]) -> dict[str, Any]:
        return super().more(wanted | ({"quality": "high"} if wanted.get("quality") == "medium" else {}))


class ParamForgotten(OpenaiHouse):
    """A rate limit comes without param."""

    claim = "OAI-06"

    def refusal(self, refused: Refused) -> Said:
        said = super().refusal(refused)
        if refused.status == 429:
            error = {name: value for name, value in said.body["error"].items() if name != "param"}
            return Said(429, {"error": error})
        return said


class PolicyOfDallE(OpenaiHouse):
    """The family's policy error has the code of dall-e."""

    claim = "OAI-08"

    def refusal(self, refused: Refused) -> Said:
        if refused.more.get("code") == "moderation_blocked":
            refused.more["code"] = "content_policy_violation"
        return super().refusal(refused)


class QuotaAsPace(OpenaiHouse):
    """No credit is told as too many requests."""

    claim = "OAI-09"

    def check_money(self, key: Key) -> None:
        if not key.wallet.money:
            raise Refused(429, "requests", "slower", code="rate_limit_exceeded")
        super().check_money(key)


class ThirdTime(OpenaiHouse):
    """The limit is off by one."""

    claim = "OAI-09"

    def check_pace(self, key: Key) -> None:
        super().check_pace(Key(key.wallet, a_minute=key.a_minute + 1, asked=key.asked))


class NamesTheModel(OpenaiHouse):
    """Of an unknown parameter it is said that the model is at fault."""

    claim = "OAI-10"

    def refusal(self, refused: Refused) -> Said:
        if refused.more.get("code") == "unknown_parameter":
            refused.more["param"] = "model"
        return super().refusal(refused)


class JpegAsPng(OpenaiHouse):
    """WebP is asked for, and PNG comes."""

    claim = "OAI-04"

    def image(self, wanted: Mapping[str, Any], index: int) -> dict[str, Any]:
        return super().image(
            {**wanted, "output_format": "png"} if wanted.get("output_format") == "webp" else wanted, index
        )


class Later(OpenaiHouse):
    """Instants are in milliseconds."""

    claim = "OAI-05"

    def created(self) -> int:
        return int(time.time() * 1000)


class TallCropped(OpenaiHouse):
    """Landscapes of the family come as squares in base64 of another size."""

    claim = "OAI-04"

    def image(self, wanted: Mapping[str, Any], index: int) -> dict[str, Any]:
        if wanted["model"] in FAMILY and wanted["size"] == "1536x1024":
            return {"b64_json": base64.b64encode(drawn("png", (1536, 1025), next(self.numbers))).decode()}
        return super().image(wanted, index)
