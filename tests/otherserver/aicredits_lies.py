"""Houses of rupees that lie, one lie each, and the claim that each of them breaks."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import ROUND_CEILING, Decimal
from typing import Any

from .aicreditshouse import RATE, AicreditsHouse
from .house import Asked, Key, Refused, Said


class OneMoreLeft(AicreditsHouse):
    """The headers of a limited key show one request more than it has."""

    claim = "AIC-24"

    def window(self, key: Key) -> tuple[tuple[str, str], ...]:
        shown = dict(super().window(key))
        return tuple((shown | {"x-ratelimit-remaining": str(int(shown["x-ratelimit-remaining"]) + 1)}).items())


class StandsStill(AicreditsHouse):
    """What remains is shown as of the start of the minute."""

    claim = "AIC-24"

    def window(self, key: Key) -> tuple[tuple[str, str], ...]:
        return (*super().window(key)[:2], ("x-ratelimit-remaining", str(self.limit(key) - 1)))


class OneMoreAMinute(AicreditsHouse):
    """The limit is off by one."""

    claim = "AIC-21"

    def check_window(self, key: Key) -> None:
        if len(key.asked) == self.limit(key):
            key.asked.append(key.asked[-1])
            return
        super().check_window(key)


class FiveAKey(AicreditsHouse):
    """Places are counted by key, not by user."""

    claim = "AIC-25"

    def user(self, key: Key) -> int:
        return id(key)


class BudgetForOne(AicreditsHouse):
    """A key's budget is looked at only after it was passed."""

    claim = "AIC-26"

    def bill(self, key: Key, wanted: dict[str, Any]) -> None:
        before, key.budget = key.budget, None if key.spent == 0 else key.budget
        try:
            super().bill(key, wanted)
        finally:
            key.budget = before


class WholeRupees(AicreditsHouse):
    """The exchange rounds every image up to a whole rupee."""

    claim = "AIC-13"

    def price(self, wanted: dict[str, Any]) -> Decimal:
        return super().price(wanted).to_integral_value(ROUND_CEILING)


class TallAsSquare(AicreditsHouse):
    """Tall images, and only these, cost what square ones do."""

    claim = "AIC-14"

    def price(self, wanted: dict[str, Any]) -> Decimal:
        return super().price(wanted | ({"size": "1024x1024"} if wanted["size"] == "1024x1792" else {}))


class HdHalfAgain(AicreditsHouse):
    """Wide hd costs half as much again, not twice."""

    claim = "AIC-14"

    def price(self, wanted: dict[str, Any]) -> Decimal:
        wide_hd = wanted["size"] != "1024x1024" and wanted["quality"] == "hd"
        return super().price(wanted) * (Decimal("0.75") if wide_hd else 1)


class ByTheWord(AicreditsHouse):
    """A long prompt costs a paisa more."""

    claim = "AIC-12"

    def price(self, wanted: dict[str, Any]) -> Decimal:
        return super().price(wanted) + (Decimal("0.02") if len(wanted["prompt"]) > 500 else 0)


class OwnRate(AicreditsHouse):
    """A fifth goes on top of the rate."""

    claim = "AIC-31"

    def price(self, wanted: dict[str, Any]) -> Decimal:
        return super().price(wanted) * (RATE * Decimal("1.2")) / RATE


class PolicyCosts(AicreditsHouse):
    """What is against the policy is refused and paid for."""

    claim = "AIC-30"

    def provoked(self, prompt: str) -> None:
        try:
            super().provoked(prompt)
        except Refused as refused:
            if refused.status == 400:
                self.keys["aic-default"].wallet.take(Decimal("0.7"))
            raise


class CodeAsText(AicreditsHouse):
    """In a 402, and only there, the code is text and another number."""

    claim = "AIC-23"

    def refusal(self, refused: Refused) -> Said:
        said = super().refusal(refused)
        return Said(402, {"error": said.body["error"] | {"type": "billing_error"}}) if refused.status == 402 else said


class FourThousandAndOne(AicreditsHouse):
    """The prompt may have a character more."""

    claim = "AIC-04"

    def check_prompt(self, model: str, prompt: object) -> None:
        super().check_prompt(model, prompt[:4000] if isinstance(prompt, str) and model == "dall-e-3" else prompt)


class StaleWallet(AicreditsHouse):
    """The wallet's page shows the money of the morning."""

    claim = "AIC-27"

    def call(self, asked: Asked, key: Key) -> Said:
        if asked.path == "/v1/credits":
            return Said(200, {"credits": {"inr": "90000.0", "as_of": 1_700_000_000}})
        return super().call(asked, key)


class NoHeadersWithTrouble(AicreditsHouse):
    """A 500 comes without the headers of the limit."""

    claim = "AIC-24"

    def route(self, asked: Asked) -> Said:
        said = super().route(asked)
        return Said(said.status, said.body) if said.status == 500 else said


class Patient(AicreditsHouse):
    """Nobody is ever turned away for what is in flight."""

    claim = "AIC-25"

    @contextmanager
    def a_place(self, key: Key) -> Iterator[None]:  # noqa: ARG002 - that is the lie
        yield


class SilentLimiter(AicreditsHouse):
    """A 429 comes without the headers of the limit."""

    claim = "AIC-24"

    def route(self, asked: Asked) -> Said:
        said = super().route(asked)
        return Said(said.status, said.body) if said.status == 429 else said


class ShortMinute(AicreditsHouse):
    """A place of the minute is free again within seconds."""

    claim = "AIC-24"

    def check_window(self, key: Key) -> None:
        key.asked = [one for one in key.asked if one[0] > time.monotonic() - 5]
        super().check_window(key)


class OpenPurse(AicreditsHouse):
    """The wallet of the house is shown without a key."""

    claim = "AIC-23"

    def known(self, key: Key | None) -> Key:
        return key or self.keys["aic-default"]

    def generate(self, asked: Asked, key: Key) -> Said:
        return super().generate(asked, super().known(self.keys.get(asked.bearer()) and key))


class OnePurse(AicreditsHouse):
    """Every key is shown the same wallet."""

    claim = "AIC-27"

    def call(self, asked: Asked, key: Key) -> Said:
        return super().call(asked, self.keys["aic-default"] if asked.path == "/v1/credits" else key)


class BillsTrouble(AicreditsHouse):
    """A request that breaks down is billed."""

    claim = "AIC-12"

    def provoked(self, prompt: str) -> None:
        if prompt == "please break":
            self.keys["aic-default"].wallet.take(Decimal("3.5"), shows_in_s=0.03)
        super().provoked(prompt)


class ListOfWords(AicreditsHouse):
    """The revised prompt is a list."""

    claim = "AIC-11"

    def revised(self, wanted: dict[str, Any]) -> Any:
        return str(wanted["prompt"]).split()
