"""Houses with scopes that lie, one lie each, and the claim that each of them breaks."""

from __future__ import annotations

import base64
import time
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from .aivenehouse import AiveneHouse
from .gallery import drawn
from .house import Key, Refused, Said


class TwoAreOne(AiveneHouse):
    """Where a model makes one image only, more are taken for one."""

    claim = "AIV-05"

    def check_count(self, model: str, n: object) -> None:
        super().check_count(model, 1 if model == "dall-e-3" and type(n) is int and n > 0 else n)

    def delivers(self, wanted: Mapping[str, Any]) -> int:
        return 1 if wanted["model"] == "dall-e-3" else wanted["n"]


class OpaqueAfterAll(AiveneHouse):
    """Transparent backgrounds come in low quality only."""

    claim = "AIV-14"

    def see_through(self, wanted: Mapping[str, Any]) -> bool:
        return super().see_through(wanted) and wanted.get("quality") == "low" and wanted["size"] == "1024x1024"


class SecondIsBroken(AiveneHouse):
    """Of several images the second is cut short."""

    claim = "AIV-18"

    def image(self, wanted: Mapping[str, Any], index: int) -> dict[str, Any]:
        item = super().image(wanted, index)
        if index == 1 and isinstance(item.get("b64_json"), str):
            item["b64_json"] = base64.b64encode(base64.b64decode(item["b64_json"])[:60]).decode()
        return item


class AlwaysAddresses(AiveneHouse):
    """dall-e-2 gives addresses also where base64 is asked for."""

    claim = "AIV-15"

    def image(self, wanted: Mapping[str, Any], index: int) -> dict[str, Any]:
        return super().image({**wanted, "response_format": "url"} if wanted["model"] == "dall-e-2" else wanted, index)


class NoAlias(AiveneHouse):
    """The other name of the user is unknown here."""

    claim = "AIV-16"

    def check_names(self, found: Mapping[str, Any]) -> None:
        if "safety_identifier" in found:
            raise Refused(400, "invalid_request_error", "unknown")


class ForbiddenAsUnknown(AiveneHouse):
    """A missing scope is told as a wrong key."""

    claim = "AIV-23"

    def refusal(self, refused: Refused) -> Said:
        said = super().refusal(refused)
        kind = {"type": "authentication_error"} if refused.status == 403 else {}
        return Said(said.status, {"error": said.body["error"] | kind}, said.headers)


class TextInOneError(AiveneHouse):
    """A policy error has a reason where the message should be."""

    claim = "AIV-19"

    def refusal(self, refused: Refused) -> Said:
        said = super().refusal(refused)
        if refused.says == "no":
            error = dict(said.body["error"])
            error["reason"] = error.pop("message")
            return Said(said.status, {"error": error}, said.headers)
        return said


class SecondsTooFew(AiveneHouse):
    """The time to come back is a second too early."""

    claim = "AIV-24"

    def retry_after(self, until: float) -> str:
        return str(max(0, int(until - time.time()) - 1))


class FailureCosts(AiveneHouse):
    """A 500 is paid for."""

    claim = "AIV-25"

    def break_down(self, key: Key, wanted: Mapping[str, Any]) -> None:
        if wanted["prompt"] == "boom":
            key.wallet.take(self.price(wanted), shows_in_s=0.1)
        super().break_down(key, wanted)


class BillsTwice(AiveneHouse):
    """An image of dall-e-2 is billed once more."""

    claim = "AIV-28"

    def bill(self, key: Key, price: Decimal) -> None:
        super().bill(key, price)
        if price == Decimal("0.0213"):
            super().bill(key, price)


class ChargesNothing(AiveneHouse):
    """gpt-image-1 is for nothing."""

    claim = "AIV-28"

    def bill(self, key: Key, price: Decimal) -> None:
        super().bill(key, price if price % Decimal("0.047") else Decimal(0))


class NoBudget(AiveneHouse):
    """Nobody looks at what a key has spent."""

    claim = "AIV-22"

    def check_funds(self, key: Key, price: Decimal) -> None:
        super().check_funds(Key(key.wallet), price)


class Rewrites(AiveneHouse):
    """dall-e-2 rewrites, too."""

    claim = "AIV-08"

    def image(self, wanted: Mapping[str, Any], index: int) -> dict[str, Any]:
        return {"revised_prompt": f"Better: {wanted['prompt']}", **super().image(wanted, index)}


class LosesAModel(AiveneHouse):
    """Small images of dall-e-2 are large ones made small, not small enough."""

    claim = "AIV-08"

    def image(self, wanted: Mapping[str, Any], index: int) -> dict[str, Any]:
        item = super().image(wanted, index)
        if wanted["size"] == "256x256" and item.get("url"):
            item["url"] = self.put_up("png", drawn("png", (256, 255), next(self.numbers)))
        return item


class LikeDallE(AiveneHouse):
    """The cheap model costs what the dear one does."""

    claim = "AIV-33"

    def price(self, wanted: Mapping[str, Any]) -> Decimal:
        return super().price({**wanted, "model": "dall-e-3"} if wanted["model"] == "dall-e-2" else wanted)
