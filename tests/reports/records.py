"""Records to render: plain ones, one of a hostile server, one with keys in it, a large one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.harness.builders import line

from pixelproof.contract import Json
from pixelproof.exchange import Exchange, ImageFacts, Request, Response, Role
from pixelproof.record.recording import SCHEMA, Record
from pixelproof.verdict import CaseVerdict, Verdict

#: What a server may say to break whoever shows it: markup, links, mentions, commands to terminals, half characters.
HOSTILE = (
    "<script>alert(1)</script><img src=x onerror=alert(1)><![CDATA[x]]>]]></details></pre></code>&amp;&#x3c;"
    "\"'`````~~~| a | b |\\| @everyone #1 https://evil.example/ www.evil.example [x](javascript:alert(1)) "
    "![y](https://evil.example/p.png) :smile: $x$ \x1b[31m\x1b]8;;https://evil.example\x07\x9b2J\x00\r\x7f"
    "\u202eright to left\u2066\u2028\ufeff\U000e0041\ud800"
)
#: Keys in every place, with and without a form that gives them away.
SHAPED, OPAQUE, COOKIE, NAMED = (
    "sk-planted-9f8e7d6c5b4a39281706",
    "Zq81opaquekey7741xyz",
    "session=9c1f8b2ae77d4455",
    "h4rdToGuessSecret99",
)
END: Mapping[str, Json] = {
    "kind": "end",
    "outcome": "findings",
    "exit_code": 1,
    "counts": {},
    "unjudged": [],
    "requests": 7,
    "downloads": 2,
    "cost": {"amount": "0.064000", "currency": "USD"},
    "duration_s": 1.5,
    "note": "",
}
FOUND = line(
    Verdict.FAIL,
    wanted="2 images",
    got="200 with 1",
    curl="curl -sS -X POST 'http://127.0.0.1:9/v1/images/generations'",
)


def record(*verdicts: CaseVerdict, **changes: Any) -> Record:
    """A record of these verdicts, with a header and a last line unless told otherwise."""
    header = {
        "kind": "run",
        "schema": SCHEMA,
        "tool_version": "0.1.0",
        "rules_version": "1",
        "contract_sha256": "c" * 64,
        "profile": "aivene",
        "target": "http://127.0.0.1:9/v1",
        "tier": "core",
        "level": "documented",
        "seed": 0,
        "started": "2026-11-20T18:00:00+00:00",
        **changes.pop("header", {}),
    }
    return Record(**{"path": Path("run.jsonl"), "header": header, "verdicts": verdicts, "end": END, **changes})


def exchange(seq: int = 1, case: str = "images/dall-e-2/n=2", **more: Any) -> Exchange:
    """One call that was answered."""
    request = Request(
        method="POST",
        url="http://127.0.0.1:9/v1/images/generations?trace=1",
        headers={"content-type": "application/json", "authorization": "[redacted]"},
        body={"model": "dall-e-2", "prompt": "a lighthouse"},
    )
    response = Response(
        status=200,
        headers={"content-type": "application/json"},
        body={"created": 1, "data": [{"url": "http://127.0.0.1:9/images/a.png"}]},
        is_json=True,
        size=72,
    )
    known = {"step": "main", "role": Role.API, "at": "2026-11-20T18:00:01.500+00:00", "elapsed_s": 0.25}
    return Exchange(**{"seq": seq, "case": case, "request": request, "response": response, **known, **more})


def every_kind(text: str) -> tuple[CaseVerdict, ...]:
    """A verdict of each kind that says ``text`` wherever it can say something."""
    return tuple(
        line(kind, case=f"{kind.value}/{text}", rule=text, claim=f"X-{text}", wanted=text, got=text, curl=text)
        if kind is not Verdict.NOT_RUN
        else line(kind, reason=text, got=text, hint=text, claim=f"N-{text}", case=text)
        for kind in Verdict
    )


def hostile() -> Record:
    """A record in which everything that a server or a file can say is meant to break something, or is huge."""
    huge = "A" * (50 << 20)
    deep: Json = HOSTILE
    for _ in range(400):
        deep = {HOSTILE: [deep]}
    said = Response(
        status=200,
        headers={HOSTILE: HOSTILE, "content-type": HOSTILE, "location": HOSTILE},
        body={HOSTILE: huge, "deep": deep, "many": list(range(100_000))},
        is_json=True,
        text=HOSTILE,
        size=len(huge),
    )
    sent = Request(method=HOSTILE, url=f"https://[{HOSTILE}", headers={HOSTILE: HOSTILE}, body={HOSTILE: HOSTILE})
    picture = ImageFacts(sha256=HOSTILE, bytes=1, media_type=HOSTILE, problem=HOSTILE)
    exchanges = (
        exchange(1, HOSTILE, step=HOSTILE, request=sent, response=said, at=HOSTILE, images=(picture,)),
        exchange(2, HOSTILE, response=None, error=HOSTILE + huge),
        exchange(
            3, HOSTILE, request=Request(method="POST", url="http://h/", raw="\x00\xff" * 99, raw_encoding="latin-1")
        ),
        exchange(4, HOSTILE, response=Response(status=502, text="\x00\x1b" + huge, size=1 << 60)),
        exchange(5, HOSTILE, role=Role.IMAGE, images=(picture,)),
    )
    shown = line(Verdict.FAIL, wanted=HOSTILE, got=HOSTILE + huge, curl=HOSTILE, exchanges=(1, 2, 3, 4), shown=1)
    return record(
        *every_kind(HOSTILE),
        shown,
        line(Verdict.WAIVED, waiver=HOSTILE),
        exchanges=exchanges,
        header={
            "profile": HOSTILE,
            "target": HOSTILE,
            "started": HOSTILE,
            "tier": HOSTILE,
            "claims": {f"X-{HOSTILE}": {"statement": HOSTILE, "source": HOSTILE}},
        },
        end={
            **END,
            "unjudged": [HOSTILE],
            "note": HOSTILE,
            "waivers": {"stale": [HOSTILE], "expired": [HOSTILE], "not_exercised": [HOSTILE]},
            "cost": {"amount": HOSTILE, "currency": HOSTILE},
        },
    )


def with_keys() -> Record:
    """A record that somebody made by hand, or an older version: keys stand in all places."""
    told = f"key {OPAQUE}, {SHAPED}, Authorization: Bearer {SHAPED}, cookie {COOKIE}, api_key={NAMED}"
    headers = {"authorization": f"Bearer {SHAPED}", "x-api-key": OPAQUE, "content-type": "application/json"}
    request = Request(
        method="POST",
        url=f"https://user:{NAMED}@vendor.example/v1/images/generations?api_key={NAMED}&again={OPAQUE}",
        headers=headers,
        body={"prompt": told, "api_key": NAMED, "nested": [{"password": NAMED}]},
    )
    response = Response(
        status=401,
        headers={"set-cookie": COOKIE, "x-echo": told},
        body={"error": {"message": told, "client_secret": NAMED}},
        is_json=True,
        text=told,
        size=500,
    )
    raw = Request(method="POST", url="https://vendor.example/v1/upload", headers=headers, raw=told)
    return record(
        line(Verdict.FAIL, wanted=told, got=told, curl=f"curl -H 'x-api-key: {OPAQUE}'", exchanges=(1, 2, 3), shown=1),
        line(Verdict.ERROR, got=told),
        line(Verdict.WARN, got=told),
        line(Verdict.AMBIGUOUS, got=told),
        line(Verdict.WAIVED, got=told, waiver=told),
        line(Verdict.NOT_RUN, got=told, hint=told, reason="lever missing"),
        exchanges=(
            exchange(1, request=request, response=response),
            exchange(2, request=raw, response=None, error=told),
            exchange(3, request=request, response=Response(status=500, headers={}, text=told, size=99)),
        ),
        header={"target": f"https://user:{NAMED}@vendor.example/v1?api_key={NAMED}"},
        end={**END, "note": told},
    )


def large(count: int = 10_000) -> Record:
    """A record of so many verdicts: one in five a finding, with its curl, over 300 cases of 60 claims."""
    curl = FOUND.curl + " \\\n  --data-raw '" + "x" * 200 + "'"
    lines = tuple(
        line(
            Verdict.FAIL if index % 5 == 0 else Verdict.PASS,
            claim=f"AIV-{index % 60:02}",
            rule=f"rule_{index % 40}",
            case=f"images/model-{index % 7}/case-{index % 300}",
            wanted=f"{index % 4} images of 1024x1024",
            got=f"200 with {index % 3} images, error {{'type': 'kind_{index % 9}'}}",
            curl=curl if index % 5 == 0 else "",
            exchanges=(index % 3_000 + 1,),
        )
        for index in range(count)
    )
    calls = tuple(exchange(seq, f"images/model-{seq % 7}/case-{seq % 300}") for seq in range(1, 3_001))
    return record(*lines, exchanges=calls)
