"""HAR 1.2: the recorded traffic, as browsers and proxies open it; secrets are out, bodies are bounded."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

from pixelproof import __version__
from pixelproof.contract import Json
from pixelproof.exchange import Exchange, Request, Response, Role
from pixelproof.findings.curl import REDACTED
from pixelproof.record.recording import Record

from .reader import visible
from .redaction import Redaction, is_secret_name, redaction_of

#: Characters of one body, and of all bodies together: a browser still opens the file.
_BODY, _ALL_BODIES = 64 << 10, 16 << 20
#: Characters of one header, address or error, and headers of one message.
_VALUE, _HEADERS = 4_000, 100
#: Levels of a body.
_DEPTH = 64
#: Characters cleaned beyond what is kept: a secret at the edge must not survive by half.
_EDGE = 1_024
#: Stands where a record says no time: the archive needs one.
_NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)
_HTTP = "HTTP/1.1"


def render(record: Record) -> str:
    """Return the exchanges over HTTP as one archive; readings of wallets by other means are left out."""
    writer = _Writer(redaction_of(record))
    entries = [writer.entry(item) for item in record.exchanges if item.request.url.startswith(("http://", "https://"))]
    cut = ", incomplete: the run was cut" if record.end is None else ""
    log = {
        "version": "1.2",
        "creator": {"name": "pixelproof", "version": __version__},
        "pages": [],
        "entries": entries,
        "comment": writer.text(f"{record.header.get('profile')} {record.header.get('target')}{cut}"),
    }
    return json.dumps({"log": log}, indent=1) + "\n"


class _Writer:
    """Writes exchanges as entries, within the room that is left for bodies."""

    def __init__(self, redaction: Redaction) -> None:
        self._redaction = redaction
        self._room = _ALL_BODIES

    def text(self, text: object, most: int = _VALUE) -> str:
        """Return a text without secrets and odd characters, and never longer than ``most`` by much."""
        whole = text if isinstance(text, str) else str(text)
        kept = self._redaction.clean(whole[: most + _EDGE])
        return visible(kept) if len(whole) <= most else f"{visible(kept[:most])}… ({len(whole)} characters)"

    def entry(self, exchange: Exchange) -> dict[str, Json]:
        """Return one exchange; the whole of its time counts as waiting, nothing finer is recorded."""
        time = round(max(0.0, _number(exchange.elapsed_s)) * 1000, 3)
        told: dict[str, Json] = {
            "startedDateTime": _started(exchange.at, time),
            "time": time,
            "request": self._request(exchange.request),
            "response": self._response(exchange),
            "cache": {},
            "timings": {"send": 0, "wait": time, "receive": 0},
            "comment": self.text(f"exchange {exchange.seq}: {exchange.case} {exchange.step} ({exchange.role.value})"),
        }
        return told

    def _request(self, request: Request) -> dict[str, Json]:
        url = self.text(request.url)
        told: dict[str, Json] = {
            "method": self.text(request.method),
            "url": url,
            "httpVersion": _HTTP,
            "cookies": [],
            "headers": self._headers(request.headers),
            "queryString": [{"name": name, "value": value} for name, value in _query(url)],
            "headersSize": -1,
            "bodySize": -1,
        }
        return {**told, "postData": self._sent(request)} if request.body is not None or request.raw else told

    def _sent(self, request: Request) -> dict[str, Json]:
        kind = _media_type(request.headers)
        if request.raw is not None and request.raw_encoding != "utf-8":
            size = len(request.raw)
            return {"mimeType": kind, "text": "", "params": [], "comment": f"binary, {size} bytes: left out"}
        text, cut = self._body(request.body if request.raw is None else None, request.raw or "")
        padded = f"and {request.padding} bytes of white space" if request.padding else ""
        comment = ", ".join(part for part in (cut, padded) if part)
        return {"mimeType": kind, "text": text, "params": [], **({"comment": comment} if comment else {})}

    def _response(self, exchange: Exchange) -> dict[str, Json]:
        response = exchange.response
        headers = response.headers if response is not None else {}
        told: dict[str, Json] = {
            "status": response.status if response is not None else 0,
            "statusText": "",
            "httpVersion": _HTTP,
            "cookies": [],
            "headers": self._headers(headers),
            "content": self._content(exchange, response),
            "redirectURL": self.text(headers.get("location", "")),
            "headersSize": -1,
            "bodySize": _size(response),
        }
        return {**told, "comment": self.text(f"no answer: {exchange.error}")} if response is None else told

    def _content(self, exchange: Exchange, response: Response | None) -> dict[str, Json]:
        if response is None:
            return {"size": 0, "mimeType": "x-unknown"}
        told: dict[str, Json] = {"size": max(0, _size(response)), "mimeType": _media_type(response.headers)}
        if exchange.role is Role.IMAGE:
            kept = ", ".join(f"images/{self.text(facts.sha256, 64)}" for facts in exchange.images[:1])
            return {**told, "comment": f"an image, left out: {kept} beside the record" if kept else "no image came"}
        text, cut = self._body(response.body if response.is_json else None, response.text)
        if not cut and not response.is_json and len(text) < _size(response):
            cut = f"the record keeps the beginning of {response.size} bytes"
        return {**told, "text": text, **({"comment": cut} if cut else {})}

    def _body(self, value: Json, raw: str) -> tuple[str, str]:
        """Return a body as text, and what was left out of it."""
        whole = raw if value is None else _dumped(_hidden(value))
        most = min(_BODY, self._room)
        kept = visible(self._redaction.clean(whole[: most + _EDGE]))[: most if len(whole) > most else None]
        self._room -= min(len(kept), self._room)
        return kept, f"cut: {len(whole)} characters" if len(whole) > most else ""

    def _headers(self, headers: Mapping[str, str]) -> list[Json]:
        return [
            {"name": self.text(name), "value": self.text(self._redaction.header(str(name), str(value)[:_VALUE]))}
            for name, value in list(headers.items())[:_HEADERS]
        ]


def _hidden(value: Json, depth: int = 0) -> Json:
    """Return a body without what stands under the name of a secret, and of long texts what is kept of a whole body."""
    if isinstance(value, str):
        return value[: _BODY + _EDGE]
    if depth > _DEPTH:
        return "… (nested too deep)" if isinstance(value, dict | list) else value
    if isinstance(value, dict):
        return {
            name: REDACTED if isinstance(item, str) and item and is_secret_name(name) else _hidden(item, depth + 1)
            for name, item in value.items()
        }
    return [_hidden(item, depth + 1) for item in value] if isinstance(value, list) else value


def _dumped(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False)


def _query(url: str) -> Iterator[tuple[str, str]]:
    try:
        yield from parse_qsl(urlsplit(url).query, keep_blank_values=True, errors="replace")
    except ValueError:  # no address at all, such as an unclosed bracket
        return


def _media_type(headers: Mapping[str, str]) -> str:
    found = next((str(value) for name, value in headers.items() if name.lower() == "content-type"), "")
    return visible(found[:200]) or "x-unknown"


def _size(response: Response | None) -> int:
    return response.size if response is not None and response.size else -1


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _started(at: str, ms: float) -> str:
    """Return when a request was sent: a record says when it was answered."""
    try:
        answered = datetime.fromisoformat(at)
    except (TypeError, ValueError):
        answered = _NO_TIME
    aware = answered if answered.tzinfo is not None else answered.replace(tzinfo=UTC)
    try:
        return (aware - timedelta(milliseconds=ms)).isoformat(timespec="milliseconds")
    except OverflowError:
        return aware.isoformat(timespec="milliseconds")
