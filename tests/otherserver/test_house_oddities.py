"""Houses that are honest and odd: bad luck, other words, other figures. Nothing is found."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pixelproof import loading
from pixelproof.verdict import CaseVerdict, Verdict
from pixelproof.verification import verifying
from pixelproof.verification.verifying import VerifyOptions

from .aicreditshouse import AicreditsHouse
from .aivenehouse import AiveneHouse
from .fineapihouse import FineapiHouse
from .house import Asked, House, Key, Refused, Said, open_house
from .openaihouse import OpenaiHouse
from .perfhouse import PerfHouse
from .test_houses import target_at

WORSE = {Verdict.FAIL, Verdict.WARN, Verdict.ERROR}


class LuckyTenTimes:
    """Every eleventh request meets a 503, whatever it asks for."""

    def __init__(self, base: str) -> None:
        super().__init__(base)
        self.turns = itertools.count(1)

    def answer(self, asked: Asked) -> Said:
        if asked.method == "POST" and next(self.turns) % 11 == 0:
            return self.refusal(Refused(503, "upstream_error", "bad luck"))  # type: ignore[attr-defined]
        return super().answer(asked)  # type: ignore[misc]


class UnluckyAivene(LuckyTenTimes, AiveneHouse):
    pass


class UnluckyFineapi(LuckyTenTimes, FineapiHouse):
    pass


class UnluckyOpenai(LuckyTenTimes, OpenaiHouse):
    pass


class UnluckyPerf(LuckyTenTimes, PerfHouse):
    pass


class Undated(AiveneHouse):
    """``created`` is optional, and left out; dall-e-2 gives the prompt back unchanged; addresses are signed."""

    def generate(self, asked: Asked, key: Key) -> Said:
        said = super().generate(asked, key)
        said.body.pop("created")
        return said

    def image(self, wanted: Mapping[str, Any], index: int) -> dict[str, Any]:
        return {"revised_prompt": wanted["prompt"], **super().image(wanted, index)}

    def put_up(self, kind: str, data: bytes) -> str:
        return f"{super().put_up(kind, data)}?se=2026-11-21T10%3A00%3A00Z&sig=a%2Fb%3D"


class Unrevised(AicreditsHouse):
    """Nothing is revised, and errors have OpenAI's null beside each other."""

    def images(self, wanted: dict[str, Any]) -> Iterator[dict[str, Any]]:
        for item in super().images(wanted):
            item.pop("revised_prompt", None)
            yield item

    def refusal(self, refused: Refused) -> Said:
        said = super().refusal(refused)
        said.body["error"] |= {"code": None, "param": None}
        return said


class BriefPerf(PerfHouse):
    """A quality is told where there is one, and every call shows in the wallet very late."""

    def about(self, wanted: Mapping[str, Any], cost: Decimal, begun: float) -> dict[str, Any]:
        said = super().about(wanted, cost, begun)
        return said if wanted["model"] == "dall-e-3" else said | {"quality": None}

    def bill(self, key: Key, cost: Decimal) -> None:
        if key.billed:
            key.wallet.take(cost, shows_in_s=0.16)


ODD = [
    ("aicredits", Unrevised),
    ("aivene", UnluckyAivene),
    ("aivene", Undated),
    ("fineapi", UnluckyFineapi),
    ("openai", UnluckyOpenai),
    ("perf", UnluckyPerf),
    ("perf", BriefPerf),
]


def judged(profile: str, kind: type[House], folder: Path, *select: str) -> list[CaseVerdict]:
    with open_house(kind) as base:
        options = VerifyOptions(target=target_at(profile, base), select=select, keep_images=False)
        with verifying.prepared(options, loading.shipped(profile), folder) as run:
            return [line for case in run.plan.cases for line in run.prove(case)]


@pytest.mark.parametrize(("profile", "kind"), ODD, ids=lambda value: getattr(value, "__name__", value))
def test_nothing_is_held_against_an_odd_house(profile: str, kind: type[House], tmp_path: Path) -> None:
    found = judged(profile, kind, tmp_path)
    assert [(line.claim, line.rule, line.case, line.got) for line in found if line.verdict in WORSE] == []


class AlwaysBroken(OpenaiHouse):
    """A wrong size breaks it down, every time."""

    def check_numbers(self, model: str, found: Mapping[str, Any]) -> None:
        if found["n"] == 0:
            raise Refused(503, "server_error", "again and again")
        super().check_numbers(model, found)


def test_what_repeats_is_no_bad_luck(tmp_path: Path) -> None:
    found = judged("openai", AlwaysBroken, tmp_path, "OAI-02")
    assert {line.case for line in found if line.verdict is Verdict.FAIL} == {"refusals/dall-e-2/n=0"}
