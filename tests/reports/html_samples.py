"""Records with something for every part of the page, small enough that a browser looks at each quickly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.harness.builders import case_of, line, picture

from pixelproof import edges, loading
from pixelproof.contract import Json
from pixelproof.exchange import Exchange, ImageFacts, Request, Response, Role
from pixelproof.planning.case import ReadBalance, Send, SetRate, Step
from pixelproof.record.recording import Conducted, Record
from pixelproof.verdict import CaseVerdict, Verdict

from .records import END, exchange, record

URL = "http://127.0.0.1:9/v1/images/generations"
CURL = f"curl -sS -X POST '{URL}' \\\n  -H \"authorization: Bearer $PIXELPROOF_KEY\""
#: One white pixel.
PIXEL = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mP8/x8AAwMCAO+ip1sAAAAASUVORK5CYII="
)
#: Smallest units of a dollar.
DOLLAR = 1_000_000
LOAD: Mapping[str, Json] = {
    "profile": "aivene",
    "seed": 3,
    "requests": 1_500,
    "seconds": 3.2,
    "throughput": 468.8,
    "p50_ms": 12.5,
    "p95_ms": 48.0,
    "p99_ms": 120.0,
    "errors": 2,
    "error_share": 0.0013,
    "currency": "USD",
    "reconciliation": {
        "exact": False,
        "ok": 1_400,
        "refused": 98,
        "unknown": 2,
        "unknown_charged": 1,
        "difference": 40_000,
        "by": "entries",
        "offences": [{"what": "charged twice", "claims": ["AIV-28"], "count": 1, "examples": ["request 17"]}],
    },
    "missed": ["p95 is 48.0 ms, more than 40 ms"],
    "over_time": [
        {"from_s": 0.0, "throughput": 450.0, "p50_ms": 11.0, "p95_ms": 40.0, "p99_ms": 99.0, "errors": 0},
        {"from_s": 1.0, "throughput": 500.0, "p50_ms": 12.0, "p95_ms": 45.0, "p99_ms": 120.0, "errors": 2},
        {"from_s": 2.0, "throughput": 470.0, "p50_ms": 13.0, "p95_ms": 50.0, "p99_ms": 130.0, "errors": 0},
    ],
    "exit_code": 1,
}


def page_of(shown: Record) -> str:
    return edges.renderer("html").render(shown)


def charged(seq: int, case: str, price: str, before: int, after: int, **more: Any) -> tuple[Exchange, ...]:
    """A paid request between two looks at the wallet."""
    body = {"model": "dall-e-2", "prompt": "a lighthouse", "size": "256x256", **more.pop("body", {})}
    sent = Request(method="POST", url=URL, headers={"authorization": "[redacted]"}, body=body)
    return (
        wallet(seq, case, "before", before),
        exchange(seq + 1, case, request=sent, **more),
        wallet(seq + 2, case, "after", after),
    )


def wallet(seq: int, case: str, step: str, units: int) -> Exchange:
    read = Request(method="READ", url="balance")
    return exchange(seq, case, step=step, role=Role.BALANCE, request=read, response=None, facts={"balance": units})


def sent(case: str, price: str, worst: str = "", step: str = "main") -> Mapping[str, Json]:
    return {"kind": "sent", "case": case, "step": step, "price": price, "worst": worst or price, "images": 1}


def conducted(case: str, *extra: Step) -> tuple[str, Conducted]:
    """The case of a request between two looks, with what is done before it."""
    steps = (ReadBalance(name="before"), *extra, Send(name="main", operation="generate"), ReadBalance(name="after"))
    return case, Conducted(case=case_of(*steps, case_id=case))


def look(seq: int, state: str, second: int, **task: Json) -> Exchange:
    """One look at a task."""
    facts: dict[str, Json] = {"id": "task_1", "state": state, "images": [], "charged": 20_000, "refunded": 0, **task}
    request = Request(method="POST" if state == "queued" else "GET", url="http://127.0.0.1:9/v1/tasks/task_1")
    at = f"2026-11-20T18:00:{second:02}.000+00:00"
    return exchange(seq, "tasks/life", step=f"look-{seq}", request=request, at=at, facts={"task": facts})


def crossing(seq: int) -> Exchange:
    """A request through a gateway that changed it on the way."""
    asked = Request(method="POST", url=URL, body={"model": "dall-e-2", "prompt": "a boat", "n": 0})
    call: dict[str, Json] = {
        "status": 200,
        "fault": "lost_response",
        "charged": 16_000,
        "request": {"model": "dall-e-2", "prompt": "a boat", "n": 1},
    }
    facts: dict[str, Json] = {"upstream": [call], "leaks": ["the upstream's key in a header"]}
    return exchange(seq, "gate/refused/n=0", request=asked, facts=facts)


def findings() -> tuple[CaseVerdict, ...]:
    """A verdict of every kind; two of the failures have one cause."""
    twice = {"rule": "charged", "wanted": "a charge of 0.016 USD", "got": "a charge of 0.032 USD", "curl": CURL}
    other = {**twice, "wanted": "a charge of 0.018 USD", "got": "a charge of 0.036 USD", "curl": CURL + " \\\n  -v"}
    return (
        line(claim="AIV-05", case="images/dall-e-2/n=2"),
        line(Verdict.FAIL, "AIV-28", case="money/256x256", exchanges=(1, 2, 3), shown=2, **twice),
        line(Verdict.FAIL, "AIV-28", case="money/512x512", exchanges=(4, 5, 6), shown=5, **other),
        line(Verdict.FAIL, "GWY-10", case="gate/refused/n=0", rule="passed_on", wanted="a refusal", got="served"),
        line(Verdict.WARN, "AIV-20", case="images/dall-e-2/n=2", rule="typed", wanted="a type", got="none"),
        line(Verdict.WAIVED, "AIV-21", case="images/dall-e-2/n=2", wanted="401", got="403", waiver="until March"),
        line(Verdict.AMBIGUOUS, "AIV-10", case="images/dall-e-2/n=2", got="1536x1024 is served"),
        line(
            Verdict.NOT_RUN, "AIV-23", case="errors/scope", reason="lever missing", got="no key", hint="keys: unscoped"
        ),
        line(Verdict.ERROR, "AIV-26", case="images/dall-e-2/n=2", got="KeyError"),
    )


def busy() -> Record:
    """A record with something for every part of the page."""
    pictures = (
        picture(thumbnail=PIXEL),
        picture("256x256", thumbnail=PIXEL, transparent=True),
        ImageFacts(sha256="f" * 64, bytes=12, problem="no image"),
    )
    refused = Response(status=400, is_json=True, body={"error": {"type": "invalid_request_error", "param": "n"}})
    sent_body = Request(method="POST", url=URL, body={"model": "dall-e-3", "prompt": "x", "n": 2, "quality": "hd"})
    exchanges = (
        *charged(1, "money/256x256", "0.016000", 5 * DOLLAR, 5 * DOLLAR - 32_000),
        *charged(4, "money/512x512", "0.018000", 5 * DOLLAR, 5 * DOLLAR - 36_000, body={"size": "512x512"}),
        exchange(7, images=pictures),
        exchange(8, request=sent_body, response=refused, elapsed_s=0.004),
        exchange(9, response=None, error="timeout after 60 s"),
        look(10, "queued", 1),
        look(11, "running", 4),
        look(12, "succeeded", 9, images=[{"url": "http://127.0.0.1:9/a.png"}]),
        crossing(13),
        exchange(14, "load", step="load", role=Role.CONTROL, facts={"load": dict(LOAD)}),
    )
    contract = loading.shipped("aivene")
    claims: dict[str, Json] = {
        claim.id: {"statement": claim.statement, "source": claim.source} for claim in contract.claims.values()
    }
    return record(
        *findings(),
        exchanges=exchanges,
        sent=(sent("money/256x256", "0.016000"), sent("money/512x512", "0.018000")),
        cases=dict([conducted("money/256x256"), conducted("money/512x512")]),
        header={
            "contract_sha256": contract.sha256,
            "claims": claims,
            "mock": {"seed": 0, "liar": "aivene-charged-twice"},
            "judging": {"exclusive": True, "rate": None},
        },
        end={**END, "unjudged": ["AIV-33"], "waivers": {"stale": ["AIV-02 at images/*"]}, "note": "a note of the run"},
    )


def calm() -> Record:
    """A run in which everything was kept."""
    return record(
        line(claim="AIV-05"),
        exchanges=(exchange(),),
        end={**END, "outcome": "conformant"},
        path=Path("/nowhere/run.jsonl"),
    )


def cut() -> Record:
    """A run that was cut after its first finding."""
    return replace(busy(), end=None)


def at_another_rate() -> Record:
    """A case that changes the rate of exchange before it pays: its price is no witness."""
    case = "money/rate"
    rate = SetRate(name="rate", key=ReadBalance(name="before").key, rate="175")
    return record(
        line(claim="AIV-28", case=case),
        exchanges=charged(1, case, "0.016000", DOLLAR, DOLLAR - 32_000),
        sent=(sent(case, "0.016000"),),
        cases=dict([conducted(case, rate)]),
    )


def money(price: str, taken: int, *, worst: str = "", resolution: int = 0, status: int = 200) -> Record:
    """One request between two looks at a wallet that fell by so many smallest units."""
    case = "money/one"
    name, found = conducted(case)
    answer = Response(status=status, is_json=True, body={"data": []})
    return record(
        line(claim="AIV-28", case=case),
        exchanges=charged(1, case, price, DOLLAR, DOLLAR - taken, response=answer),
        sent=(sent(case, price, worst),),
        cases={name: replace(found, resolution=resolution)},
        end={**END, "cost": {"amount": price, "currency": "USD", "documented": price, "reported": None}},
    )
