"""Four facts tell a gateway's answers apart: what came, how many upstream calls, which body, how long."""

from __future__ import annotations

import pytest

from pixelproof.exchange import Exchange, Request, Response, Role
from pixelproof.rules.crossing import told, unasked, upstream

ASKED = {"model": "dall-e-2", "prompt": "a kite", "n": 11, "size": "512x512"}
IMAGE = {"created": 1, "data": [{"url": "http://x/1"}]}


def line(status: int = 200, *, charged: int = 0, **body: object) -> dict[str, object]:
    return {"id": "req", "status": status, "request": {**ASKED, **body}, "charged": charged, "images": []}


def crossed(status: int, *lines: dict[str, object], error: str = "") -> Exchange:
    body = IMAGE if status == 200 else {"error": {"type": "t", "code": None}}
    response = None if error else Response(status=status, body=body, is_json=True)
    return Exchange(
        seq=1,
        case="gate/x",
        step="main",
        role=Role.API,
        request=Request(method="POST", url="http://x", body=ASKED),
        response=response,
        error=error,
        elapsed_s=1.25,
        facts={"upstream": list(lines)},
    )


def without(name: str) -> dict[str, object]:
    found = line()
    return {**found, "request": {key: value for key, value in ASKED.items() if key != name}}


@pytest.mark.parametrize(
    ("exchange", "words"),
    [
        (crossed(400), "validated it itself: the upstream was never asked"),
        (crossed(429), "never asked the upstream: a cooldown or circuit breaker of its own"),
        (crossed(503), "never asked the upstream: a cooldown or circuit breaker of its own"),
        (crossed(200), "made it up: the upstream was never asked"),
        (crossed(0, error="timeout"), "never asked the upstream, and never answered"),
        (crossed(200, line()), "1 upstream call (200), body passed on unchanged"),
        (crossed(200, line(n=10)), "1 upstream call (200), clamped n from 11 to 10"),
        (crossed(200, without("size")), "1 upstream call (200), dropped size"),
        (crossed(200, line(size="256x256")), "changed size from '512x512' to '256x256'"),
        (crossed(200, line(quality="hd")), "added quality 'hd'"),
        (crossed(200, line(500), line(500), line()), "retried: 3 upstream calls (500, 500, 200)"),
        (crossed(200, line(), line()), "2 upstream calls, all served (200, 200)"),
        (crossed(200, line(500)), "made its success up"),
        (crossed(500, line(charged=5)), "threw a paid image away"),
    ],
)
def test_what_a_gateway_did_is_said_in_words(exchange: Exchange, words: str) -> None:
    said = told(exchange, ASKED)
    assert words in said
    assert said.startswith(exchange.brief())
    assert said.endswith("1.2 s")


def test_a_parameter_that_the_maps_rename_has_not_changed() -> None:
    found = line()
    found["request"] = {**{key: value for key, value in ASKED.items() if key != "size"}, "dimensions": "512x512"}
    assert "body passed on unchanged" in told(crossed(200, found), ASKED, {"size": "dimensions"})


def test_a_refusal_without_any_upstream_call_is_no_cooldown() -> None:
    assert not unasked(crossed(400))
    assert unasked(crossed(429))
    assert not unasked(crossed(429, line(429)))


def test_lines_of_a_record_are_read_back_whole() -> None:
    (found,) = upstream(crossed(200, line(charged=7, n=3)))
    assert (found.n, found.charged, found.served) == (3, 7, True)
