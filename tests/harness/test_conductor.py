"""The conductor: sends a case step by step, is fair to bad luck, and pays for nothing it cannot judge."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from pixelproof.client import Answer
from pixelproof.exchange import Exchange, Role
from pixelproof.levers import Levers
from pixelproof.planning.case import Advance, Case, Fetch, Key, KeyRole, ReadBalance, Refetch, Send
from pixelproof.record.recorder import Recorder
from pixelproof.running.conducting.conductor import Conductor, Hooks
from pixelproof.running.conducting.notrun import NotRun
from pixelproof.running.conducting.till import Paid
from pixelproof.targets.file import BalanceLever, Target
from pixelproof.targets.keyring import INVALID_KEY
from pixelproof.traffic.retryafter import retry_after_s
from pixelproof.verdict import Reason

from .builders import BASE, GENERATE, ScriptedWire, body, case_of, contract, error_answer, evidence, exchange, ok_answer
from .test_recorder import png

SILENT = Answer(error="timeout")


class Stage:
    """A conductor before a server that answers by script, on a clock that only notes the waits."""

    def __init__(self, *script: Answer, **target: Any) -> None:
        self.wire = ScriptedWire(list(script))
        self.waits: list[float] = []
        self.seen: list[Exchange] = []
        self.asked: list[str] = []
        known = Target(**{"base_url": BASE, "keys": {"default": "sk-default"}, **target})
        self.conductor = Conductor(
            contract=contract(),
            target=known,
            wire=self.wire,
            levers=Levers(contract(), known, self.wire, None, sleep=self.waits.append),
            recorder=Recorder(secrets=known.secrets()),
            hooks=Hooks(before=self._ask, exchange=self.seen.append),
        )

    def _ask(self, _case: Case, paid: tuple[Paid, ...]) -> None:
        self.asked += [one.step.name for one in paid]

    def conduct(self, case: Case) -> tuple[Exchange, ...]:
        return self.conductor.conduct(case)

    def refusal(self, case: Case) -> NotRun:
        with pytest.raises(NotRun) as caught:
            self.conduct(case)
        return caught.value


def send(name: str = "main", **more: Any) -> Send:
    return Send(**{"name": name, "operation": "generate", "body": body(), "positive": True, **more})


def test_a_request_carries_the_key_and_the_body_of_its_case() -> None:
    stage = Stage(ok_answer(), headers={"x-route": "7"})
    stage.conduct(case_of(send()))
    method, url, headers, content = stage.wire.sent[0]
    assert (method, url) == ("POST", GENERATE)
    assert headers == {"content-type": "application/json", "authorization": "Bearer sk-default", "x-route": "7"}
    assert json.loads(content or b"") == body()


@pytest.mark.parametrize(("role", "sent"), [(KeyRole.NONE, None), (KeyRole.INVALID, f"Bearer {INVALID_KEY}")])
def test_a_case_may_send_no_key_or_a_wrong_one(role: KeyRole, sent: str | None) -> None:
    stage = Stage(error_answer(401))
    stage.conduct(case_of(send(key=Key(role=role), positive=False)))
    assert stage.wire.sent[0][2].get("authorization") == sent


def test_a_raw_body_goes_out_byte_by_byte() -> None:
    stage = Stage(error_answer(400))
    (found,) = stage.conduct(case_of(send(body=None, raw=b"\xff{", media_type="text/plain", positive=False)))
    assert stage.wire.sent[0][3] == b"\xff{"
    assert stage.wire.sent[0][2]["content-type"] == "text/plain"
    assert (found.request.raw or "").encode(found.request.raw_encoding) == b"\xff{"


@pytest.mark.parametrize("unlucky", [error_answer(500), error_answer(503), SILENT], ids=["500", "503", "none"])
def test_bad_luck_is_tried_once_more(unlucky: Answer) -> None:
    stage = Stage(unlucky, ok_answer())
    found = stage.conduct(case_of(send()))
    assert [exchange.status for exchange in found][-1] == 200
    assert stage.conductor.requests == len(found) == 2


def test_what_repeats_is_no_bad_luck() -> None:
    stage = Stage(error_answer(500), error_answer(500))
    assert [exchange.status for exchange in stage.conduct(case_of(send()))] == [500, 500]


def test_two_different_failures_in_a_row_prove_nothing() -> None:
    stage = Stage(error_answer(500), SILENT)
    assert stage.refusal(case_of(send())).reason is Reason.UNLUCKY


def test_a_request_that_was_refused_is_never_tried_again() -> None:
    stage = Stage(error_answer(400))
    assert len(stage.conduct(case_of(send(positive=False)))) == 1


@pytest.mark.parametrize(("announced", "waited"), [({"retry_after": "7"}, 7.0), ({}, 1.0)])
def test_a_429_is_waited_for_as_announced(announced: dict[str, str], waited: float) -> None:
    stage = Stage(error_answer(429, **announced), ok_answer())
    assert stage.conduct(case_of(send()))[-1].ok
    assert stage.waits == [waited]


def test_a_second_429_is_about_pace_and_no_finding() -> None:
    stage = Stage(error_answer(429, retry_after="1"), error_answer(429))
    assert stage.refusal(case_of(send())).reason is Reason.PACE


def test_nobody_waits_for_an_hour() -> None:
    stage = Stage(error_answer(429, retry_after="3600"))
    refused = stage.refusal(case_of(send()))
    assert (refused.reason, stage.waits) == (Reason.OUTAGE, [])


def test_every_image_is_fetched_and_stands_with_its_step() -> None:
    files = [Answer(status=200, body=png(256, 256)), Answer(status=200, body=png(512, 512))]
    stage = Stage(ok_answer(2), *files)
    found = stage.conduct(case_of(send(fetch=Fetch.ALL)))
    assert [exchange.role for exchange in found] == [Role.API, Role.IMAGE, Role.IMAGE]
    assert [(image.width, image.height) for image in evidence(*found).images("main")] == [(256, 256), (512, 512)]
    assert (stage.conductor.requests, stage.conductor.downloads) == (1, 2)


def test_a_download_carries_no_key() -> None:
    stage = Stage(ok_answer(), Answer(status=200, body=png()))
    stage.conduct(case_of(send(fetch=Fetch.ALL)))
    assert stage.wire.sent[1][1:3] == ("http://127.0.0.1:9/files/0", {})


def test_images_that_nobody_judges_are_not_fetched() -> None:
    stage = Stage(ok_answer(2))
    stage.conduct(case_of(send()))
    assert len(stage.wire.sent) == 1


@pytest.mark.parametrize("url", ["file:///etc/passwd", "/files/1", "data:image/png;base64,AA"])
def test_only_the_web_is_fetched(url: str) -> None:
    stage = Stage(Answer(status=200, body=json.dumps({"data": [{"url": url}]}).encode()))
    found = stage.conduct(case_of(send(fetch=Fetch.ALL)))
    assert len(stage.wire.sent) == 1
    assert found[1].error == "no absolute http(s) URL"


def test_a_url_can_be_fetched_once_more() -> None:
    stage = Stage(ok_answer(), Answer(status=404))
    found = stage.conduct(case_of(send(), Refetch(name="later", of="main")))
    assert [(exchange.step, exchange.status) for exchange in found] == [("main", 200), ("later", 404)]


def test_without_a_url_there_is_nothing_to_fetch_again() -> None:
    stage = Stage(error_answer(400))
    assert len(stage.conduct(case_of(send(), Refetch(name="later", of="main")))) == 1


FRESH = Key(role=KeyRole.FRESH)


@pytest.mark.parametrize(
    ("steps", "what"),
    [
        ((send(), ReadBalance(name="after")), "the wallet"),
        ((send(), Advance(name="later", key=FRESH, seconds=3000)), "the clock"),
        ((send(), send("second", key=Key(role=KeyRole.BROKE))), "a key 'broke'"),
        ((send(), send("second", provoke="server_error")), "a prompt that provokes server_error"),
        ((send(), send("second", key=Key(role=KeyRole.FRESH, scopes=()))), "an account with a set balance or scope"),
    ],
)
def test_a_missing_lever_stops_a_case_before_anything_is_sent(steps: tuple[Any, ...], what: str) -> None:
    stage = Stage(ok_answer())
    refused = stage.refusal(case_of(*steps))
    assert (refused.reason, refused.what) == (Reason.LEVER, what)
    assert refused.hint
    assert stage.wire.sent == []


def test_the_target_s_own_prompt_provokes_the_failure() -> None:
    stage = Stage(error_answer(500), prompts={"server_error": "please fail"})
    stage.conduct(case_of(send(provoke="server_error", positive=False)))
    assert json.loads(stage.wire.sent[0][3] or b"")["prompt"] == "please fail"


def credits_of(amount: str) -> Answer:
    return Answer(status=200, body=f'{{"wallet": {{"left": {amount}}}}}'.encode())


WALLET = BalanceLever(method="GET", path="/credits", pointer="/wallet/left", settle_s=0)


def test_a_wallet_is_read_where_the_target_file_points() -> None:
    stage = Stage(credits_of("1.25"), balance=WALLET)
    (found,) = stage.conduct(case_of(ReadBalance(name="before")))
    assert found.facts == {"balance": 1_250_000}
    assert stage.wire.sent[0][:2] == ("GET", f"{BASE}/credits")


@pytest.mark.parametrize("came", [credits_of("null"), error_answer(404), Answer(status=200, body=b"<html>")])
def test_a_wallet_that_cannot_be_read_is_a_missing_lever_and_no_finding(came: Answer) -> None:
    refused = Stage(came, balance=WALLET).refusal(case_of(ReadBalance(name="before")))
    assert (refused.reason, refused.what) == (Reason.LEVER, "the wallet")


def test_an_announced_wait_passes_before_the_next_request() -> None:
    stage = Stage(error_answer(429, retry_after="9"), ok_answer())
    steps = (
        send("over", positive=False),
        Advance(name="wait", key=Key(), retry_after_of="over"),
        send("after", positive=False),
    )
    stage.conduct(case_of(*steps))
    assert stage.waits == [9.0]


def test_the_budget_is_asked_before_each_request_also_the_repeated_one() -> None:
    stage = Stage(error_answer(500), ok_answer())
    stage.conduct(case_of(send()))
    assert stage.asked == ["main", "main"]


def test_a_stop_by_the_budget_sends_nothing() -> None:
    stage = Stage()

    def stop(_case: Case, _step: Send) -> None:
        raise NotRun(Reason.BUDGET, "spent")

    object.__setattr__(stage.conductor._hooks, "before", stop)
    assert stage.refusal(case_of(send())).reason is Reason.BUDGET
    assert stage.wire.sent == []


def test_every_exchange_is_told_as_soon_as_it_is_there() -> None:
    stage = Stage(error_answer(500), SILENT)
    stage.refusal(case_of(send()))
    assert [exchange.status for exchange in stage.seen] == [500, 0]


@pytest.mark.parametrize(
    ("pointer", "said", "names"),
    [
        ({}, {"data": [{"id": "dall-e-2"}]}, ["dall-e-2"]),
        ({"pointer": "/models/all", "id": "/name"}, {"models": {"all": [{"name": "x"}]}}, ["x"]),
        ({"pointer": "/models"}, {"models": ["a", "b"]}, ["a", "b"]),
        ({}, {"models": []}, None),
        ({}, [], None),
    ],
)
def test_models_are_listed_where_the_target_file_points(pointer: Any, said: Any, names: Any) -> None:
    stage = Stage(Answer(status=200, body=json.dumps(said).encode()), map={"models": pointer})
    (found,) = stage.conduct(case_of(Send(name="main", operation="models")))
    assert found.facts == {"models": names}


NOW = datetime(2026, 11, 20, 18, tzinfo=UTC)


def date_in(seconds: float) -> str:
    return format_datetime(NOW + timedelta(seconds=seconds), usegmt=True)


def wait_of(value: str | None, date: str | None = date_in(0)) -> float | None:
    given = {"retry-after": value, "date": date}
    return retry_after_s(exchange(status=429, headers={name: text for name, text in given.items() if text is not None}))


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7.0),
        (" 60 ", 60.0),
        ("0", 0.0),
        (date_in(90), 90.0),
        (date_in(-90), 0.0),
        (None, None),
        ("soon", None),
        ("-3", None),
        ("\u00b2", None),
        ("", None),
    ],
)
def test_a_wait_is_seconds_or_an_http_date(value: str | None, seconds: float | None) -> None:
    assert wait_of(value) == seconds


@pytest.mark.parametrize("date", ["yesterday", "", "Fri, 20 Nov 2026 18:00:00 -0000"])
def test_an_odd_date_of_the_server_breaks_nothing(date: str) -> None:
    assert wait_of(date_in(90), date) is not None


def test_no_answer_announces_no_wait() -> None:
    assert retry_after_s(Exchange(seq=1, case="c", step="s", role=Role.API, request=exchange().request)) is None
