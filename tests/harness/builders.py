"""Evidence from few words: exchanges, pictures and wallets with defaults that are right."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pixelproof import loading
from pixelproof.client import Answer
from pixelproof.contract import Contract, Json
from pixelproof.exchange import Exchange, ImageFacts, Request, Response, Role
from pixelproof.planning.case import Case, Check, Send, Step
from pixelproof.rules import Evidence, judge
from pixelproof.verdict import CaseVerdict, Outcome, Verdict

PROMPT = "a lighthouse at dawn"
BASE = "http://127.0.0.1:9/v1"
GENERATE = f"{BASE}/images/generations"
#: A second in November 2026.
CREATED = 1_795_000_000


def contract(profile: str = "aivene") -> Contract:
    return loading.shipped(profile)


def body(**params: Json) -> dict[str, Json]:
    return {"model": "dall-e-2", "prompt": PROMPT, **params}


def picture(size: str = "1024x1024", **facts: Any) -> ImageFacts:
    """Facts of a decoded PNG; every call makes another picture unless ``pixels`` says otherwise."""
    width, height = map(int, size.split("x"))
    picture.count += 1
    known = {"sha256": f"{picture.count:064x}", "bytes": 70, "media_type": "image/png", "pixels": f"p{picture.count}"}
    return ImageFacts(**{**known, "width": width, "height": height, **facts})


picture.count = 0


def items(n: int = 1, key: str = "url", **more: Json) -> list[Json]:
    return [{key: f"http://127.0.0.1:9/files/{index}", **more} for index in range(n)]


def exchange(
    step: str = "main", status: int = 200, said: Json = None, *, sent: Mapping[str, Json] | None = None, **more: Any
) -> Exchange:
    """One API call; ``said`` is the JSON body that came back."""
    headers = more.pop("headers", {"content-type": "application/json"})
    response = Response(status=status, headers=headers, body=said, is_json=said is not None, text=more.pop("text", ""))
    request = Request(method="POST", url=GENERATE, headers={"content-type": "application/json"}, body=dict(sent or {}))
    role = more.pop("role", Role.API)
    return Exchange(seq=1, case="a/case", step=step, role=role, request=request, response=response, **more)


def success(step: str = "main", n: int = 1, *, key: str = "url", **more: Any) -> Exchange:
    """A served request with ``n`` images."""
    fields = more.pop("fields", {})
    data = more.pop("data", items(n, key))
    return exchange(step, 200, {"created": CREATED, "data": data, **fields}, **more)


def error(status: int = 400, step: str = "main", **keys: Json) -> Exchange:
    """An error in Aivene's envelope."""
    inner = {"type": "invalid_request_error", "message": "no", **keys}
    return exchange(step, status, {"error": inner})


def page(status: int = 502, step: str = "main") -> Exchange:
    """An HTML page of a proxy."""
    return exchange(step, status, headers={"content-type": "text/html"}, text="<h1>Bad gateway</h1>")


def silence(step: str = "main", why: str = "timeout") -> Exchange:
    """No answer at all."""
    request = Request(method="POST", url=GENERATE)
    return Exchange(seq=1, case="a/case", step=step, role=Role.API, request=request, error=why)


def download(status: int = 200, step: str = "main", image: ImageFacts | None = None) -> Exchange:
    """An image that was fetched."""
    images = (image or picture(),) if status == 200 else ()
    return exchange(step, status, role=Role.IMAGE, images=images)


def wallet(step: str, units: int | None) -> Exchange:
    """A reading of a wallet in smallest units."""
    facts = {} if units is None else {"balance": units}
    return Exchange(
        seq=1, case="a/case", step=step, role=Role.BALANCE, request=Request(method="READ", url="balance"), facts=facts
    )


def evidence(
    *exchanges: Exchange, sent: Mapping[str, Json] | None = None, profile: str = "aivene", resolution: int = 0
) -> Evidence:
    """A conducted case whose ``main`` step sent ``sent``."""
    known = contract(profile)
    step = Send(name="main", operation="generate", body=body() if sent is None else sent)
    case = Case(id="images/x/y", steps=(step,), checks=())
    return Evidence(contract=known, case=case, exchanges=exchanges, resolution=resolution)


def say(
    rule: str,
    *exchanges: Exchange,
    sent: Mapping[str, Json] | None = None,
    profile: str = "aivene",
    resolution: int = 0,
    **args: Json,
) -> Outcome:
    """What a rule says of a case."""
    found = evidence(*exchanges, sent=sent, profile=profile, resolution=resolution)
    return judge(found, Check(rule=rule, claim="AIV-01", args=args))


def verdict_of(rule: str, *exchanges: Exchange, **how: Any) -> Verdict:
    return say(rule, *exchanges, **how).verdict


def line(verdict: Verdict = Verdict.PASS, claim: str = "AIV-05", **more: Any) -> CaseVerdict:
    """The verdict of one check."""
    return CaseVerdict(
        **{"claim": claim, "rule": "image_count", "case": "images/dall-e-2/n=2", "level": "D", **more}, verdict=verdict
    )


def case_of(*steps: Step, checks: Iterable[Check] = (), case_id: str = "images/x/y") -> Case:
    return Case(id=case_id, steps=steps, checks=tuple(checks))


def ok_answer(n: int = 1, **headers: str) -> Answer:
    data = ",".join(f'{{"url": "http://127.0.0.1:9/files/{index}"}}' for index in range(n))
    return Answer(status=200, headers=headers, body=f'{{"created": {CREATED}, "data": [{data}]}}'.encode())


def error_answer(status: int, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status=status, headers=named, body=b'{"error": {"type": "x", "message": "no"}}')


@dataclass
class ScriptedWire:
    """A wire that gives the next answer of its script, and keeps what was sent."""

    script: list[Answer]
    sent: list[tuple[str, str, dict[str, str], bytes | None]] = field(default_factory=list)

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
    ) -> Answer:
        self.sent.append((method, url, dict(headers or {}), content))
        return self.script.pop(0)
