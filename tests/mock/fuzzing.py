"""Requests by chance: from the generated OpenAPI, for the control plane, and as bytes. A seed says which."""

from __future__ import annotations

import copy
import io
import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Any

from pixelproof.mock_server.faults import Effect

from pixelproof import openapi
from pixelproof.running.conducting.references import multipart, picture

if TYPE_CHECKING:
    from flask import Flask

    from pixelproof.contract import Contract

#: Texts that have broken programs before.
TEXTS = (
    "", " ", "a", "\0", "\ufeff", "\u202e", "é" * 300, "😀", "\ud800", "null", "undefined", "NaN", "-1", "0x10",
    "1e400",
    "../../etc/passwd", "' OR 1=1 --", "<script>alert(1)</script>", "{{7*7}}", "%s%n", "${x}",
    "mock:server_error", "mock:",
    "mock:fail=2 x", "mock:partial x", "mock:bad_success=html x", "mock:model_retired x", "mock:nothing x",
    "[pp-0a1b2c] x",
    "https://example.com/a.png", "https://[", "data:image/png;base64,AAAA", "data:;base64,", "x" * 5_000,
    "1024x1024", "-1x-1",
    "acc_000000000000", "task_000000000000000000000000", "art_0", "sk-proj-0123456789abcdef0123",
    "2026-01-01T00:00:00Z",
)  # fmt: skip
#: Values of JSON that are seldom what is meant.
VALUES: tuple[Any, ...] = (
    None, True, False, 0, -0.0, -1, 1, 2, 10, 1.5, 1e308, -1e308, 2**53, 2**63, 2**64, 10**30, [], {}, [[]],
    [None], [{}],
    {"": ""}, {"a": {"b": {"c": []}}}, [1] * 300, {"type": "artifact"}, {"type": "url", "url": 1},
    {"type": "artifact", "artifact_id": "art_0"}, {"type": "data_uri", "data_uri": "data:image/png;base64,AAAA"},
    {"type": "url", "url": "https://example.com/a.png"},
)  # fmt: skip
TYPES = (
    "application/json",
    "application/json; charset=utf-8",
    "text/plain",
    "",
    "multipart/form-data; boundary=x",
    "a/b;;=",
)
#: Faults that neither wait nor break a connection.
EFFECTS = tuple(
    effect.value for effect in Effect if effect.value not in {"latency", "reset", "truncated_body", "lost_response"}
)
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
#: Fields of the control plane, each with what it may be.
FIELDS: Mapping[str, tuple[Any, ...]] = {
    "key": TEXTS, "profile": TEXTS, "balance": ("5.00", "0", "-1", "1e9", "9" * 40, 5), "scopes": ([],
    ["images"], ["x", 1]),
    "tier": ("free", "1", "x"), "budget": ("1.00", "-1", None), "billed": (True, False, "no"),
    "task_polls": (1, 0, 3, 10**9),
    "limits": ({"requests_per_minute": 5}, {"images_per_day": None}, {"in_flight": 0}, {"x": 1}, []),
    "amount": ("1.00", "0", "-1", "0.0000001", "NaN", "Infinity", "1e30", 1), "adjustment": ("1.00", "-1", "9" * 30),
    "effect": EFFECTS, "match": ({"account": "acc_0"}, {"path": "/models"}, {"prompt": "a"},
    {"trace": "pp-0a1b2c"}, {"x": 1}),
    "times": (1, 0, -1, 10**12), "after": (0, 2), "probability": (0, 0.5, 1, 2), "seed": (0, 2**60),
    "ttl_s": (1, 0, 1e18),
    "status": ("succeeded", "failed", "running", "canceled", "queued", 500, 429), "images": (0, 1, 99),
    "hold": (True, False, 1),
    "retry_after_s": (1, 10**9), "message": TEXTS, "variant": ("html", "empty", "x"), "content_type": TEXTS,
    "when": ("before", "after"), "account": TEXTS, "usd_inr": ("87.5", "0", "-1", "NaN", "1e99", "0.0000000001"),
    "seconds": (0, 1, 3600, 315_360_000, -1, 1e308, float("1e-300")),
}  # fmt: skip
QUERIES = (
    "",
    "after=0",
    "limit=1",
    "limit=-1",
    "status=200",
    "account=x",
    "x=1",
    "after=9999999999999999999",
    "search=%ff",
    "latest=3",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One request to the application."""

    method: str
    path: str
    body: bytes = b""
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.method} {self.path}?{self.query} {dict(self.headers)} {self.body[:1000]!r}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the application answered; ``is_whole`` is False when it broke off on purpose."""

    status: int
    body: bytes
    is_whole: bool = True


def ask(app: Flask, one: Ask) -> Told:
    """Send a request to the application, without a socket."""
    environ = {
        "REQUEST_METHOD": one.method,
        "PATH_INFO": one.path.encode("utf-8", "surrogatepass").decode("latin-1"),
        "QUERY_STRING": one.query,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "SCRIPT_NAME": "",
        "HTTP_HOST": "localhost",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(one.body),
        "wsgi.input_terminated": True,
        "CONTENT_LENGTH": str(len(one.body)) if one.body else "",
        **{_cgi(name): value for name, value in one.headers.items()},
    }
    said: list[str] = []
    parts: list[bytes] = []
    answer = app(environ, lambda status, *_: said.append(status))
    with suppress(ConnectionAbortedError):
        parts.extend(answer)
        return Told(status=int(said[0][:3]), body=b"".join(parts))
    return Told(status=int(said[0][:3]), body=b"".join(parts), is_whole=False)


def asks_of(contract: Contract, prefix: str, keys: tuple[str, ...], ids: list[str], rng: Random) -> Iterator[Ask]:
    """Yield requests to a provider for ever: valid ones, and ones bent in one or many places.

    ``ids`` are those of tasks and artifacts that there are; whoever sends the requests adds to them.
    """
    document = json.loads(json.dumps(openapi.generate(contract)))
    operations = [(operation, _schema(document, operation.path)) for operation in contract.operations.values()]
    while True:
        operation, schema = rng.choice(operations)
        body = _bent(_from_schema(document, schema, rng), rng)
        headers = {"authorization": f"Bearer {rng.choice(keys)}", "content-type": TYPES[0]}
        if rng.random() < 0.1:
            headers["content-type"] = rng.choice(TYPES)
        if rng.random() < 0.05:
            headers["authorization"] = rng.choice(("", "Bearer", "Basic x", "bearer  ", f"Bearer {_latin(rng)}"))
        if rng.random() < 0.1:
            headers["x-mock-fault"] = rng.choice((*EFFECTS, _latin(rng)))
        path = operation.path.replace("{task_id}", rng.choice((*ids[-20:] * 3, *TEXTS)))
        if rng.random() < 0.03:
            path = f"/{rng.choice(TEXTS)}"
        method = operation.method if rng.random() > 0.03 else rng.choice(METHODS)
        raw = _raw(_with_ids(body, ids, rng), rng)
        if operation.media_type == "multipart/form-data" and rng.random() < 0.9:
            headers["content-type"], raw = multipart(rng.choice(("file", "file", "image")), _file(rng))
        yield Ask(method=method, path=prefix + path, body=raw, query=rng.choice(QUERIES), headers=headers)


def asks_of_control(app: Flask, ids: Callable[[], list[str]], rng: Random) -> Iterator[Ask]:
    """Yield requests to the control plane for ever; none of them forgets everything."""
    plain = frozenset(METHODS) - {"HEAD", "OPTIONS"}
    rules = [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/__admin") and "reset" not in rule.rule]
    while True:
        rule = rng.choice(rules)
        path = re.sub(r"<[^>]*>", lambda _: rng.choice((*ids(), *TEXTS)), rule.rule)
        names = rng.sample(sorted(FIELDS), rng.randint(0, 3)) + _fitting(rule.rule, rng)
        body: Any = {name: rng.choice(FIELDS[name]) for name in names}
        if "account" in body and rng.random() < 0.5:
            body["account"] = rng.choice(ids())
        body = _bent(body, rng) if rng.random() < 0.5 else body
        method = rng.choice(sorted(plain & (rule.methods or plain))) if rng.random() > 0.02 else rng.choice(METHODS)
        headers = {"content-type": TYPES[0] if rng.random() > 0.05 else rng.choice(TYPES)}
        raw = b"" if method in {"GET", "DELETE"} and rng.random() < 0.9 else _raw(body, rng)
        query = rng.choice(QUERIES) if rng.random() < 0.5 else ""
        yield Ask(method=method, path=path, body=raw, query=query, headers=headers)


def bent_snapshot(state: dict[str, Any], rng: Random) -> Ask:
    """Return the restoring of a snapshot in which one place is not what it was."""
    body = copy.deepcopy(state)
    _bend_once(body, rng)
    headers = {"content-type": "application/json"}
    return Ask(method="PUT", path="/__admin/snapshot", body=json.dumps(body).encode(), headers=headers)


def mutated(data: bytes, rng: Random) -> bytes:
    """Return bytes with a few of them changed, taken out, doubled or put in."""
    out = bytearray(data)
    for _ in range(rng.choice((1, 1, 1, 2, 5, 30))):
        at = rng.randrange(len(out) + 1)
        kind = rng.randrange(5)
        if kind == 0:
            out[at:at] = rng.randbytes(rng.choice((1, 1, 4, 200)))
        elif kind == 1:
            del out[at : at + rng.choice((1, 2, 20))]
        elif kind == 2 and at < len(out):
            out[at] = rng.randrange(256)
        elif kind == 3:
            out[at:at] = out[at : at + rng.randrange(40)]
        else:
            out[at:at] = rng.choice(
                (b"\r\n", b"\r\n\r\n", b": ", b"\0", b"chunked", b"Content-Length: 9\r\n", b"/../", b"%00", b"\xff")
            )
    return bytes(out)


def _fitting(rule: str, rng: Random) -> list[str]:
    for part, names in {
        "top-ups": ["amount"],
        "faults": ["effect", "match"],
        "advance": ["seconds", "account"],
        "tasks": ["status"],
        "forex": ["usd_inr"],
    }.items():
        if part in rule:
            return names if rng.random() < 0.9 else names[:1]
    return []


def _schema(document: Any, path: str) -> Any:
    for operation in document["paths"].get(path, {}).values():
        content = operation.get("requestBody", {}).get("content", {}) if isinstance(operation, dict) else {}
        for media in content.values():
            return media["schema"]
    return None


def _from_schema(document: Any, schema: Any, rng: Random, depth: int = 0) -> Any:
    if not isinstance(schema, dict) or depth > 6:
        return {} if depth == 0 else rng.choice(VALUES)
    if "$ref" in schema:
        target = document
        for part in schema["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        return _from_schema(document, target, rng, depth + 1)
    for word in ("oneOf", "anyOf"):
        if word in schema:
            return _from_schema(document, rng.choice(schema[word]), rng, depth + 1)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return rng.choice(schema["enum"])
    return _of_type(document, schema, rng, depth)


def _of_type(document: Any, schema: Any, rng: Random, depth: int) -> Any:
    kind = schema.get("type")
    kind = rng.choice(kind) if isinstance(kind, list) else kind
    if kind == "object" or "properties" in schema:
        required = schema.get("required", [])
        inner = schema.get("properties", {}).items()
        return {
            name: _from_schema(document, of, rng, depth + 1)
            for name, of in inner
            if name in required or rng.random() < 0.4
        }
    if kind == "array":
        return [_from_schema(document, schema.get("items"), rng, depth + 1) for _ in range(rng.randint(0, 3))]
    if kind == "integer":
        return rng.randint(schema.get("minimum", 0), min(schema.get("maximum", 12), 12))
    if kind == "number":
        return rng.uniform(schema.get("minimum", 0), schema.get("maximum", 12))
    if kind == "boolean":
        return rng.random() < 0.5
    return rng.choice(("a lighthouse at dawn", "a cat", *TEXTS)) if kind == "string" else rng.choice(VALUES)


def _bent(body: Any, rng: Random) -> Any:
    body = copy.deepcopy(body)
    for _ in range(rng.choice((0, 0, 0, 1, 1, 2, 6))):
        _bend_once(body, rng)
    return body if rng.random() > 0.02 else copy.deepcopy(rng.choice(VALUES))


def _bend_once(body: Any, rng: Random) -> None:
    """Change one place somewhere inside: a value, a key, an element."""
    while isinstance(body, dict | list) and body:
        keys = list(body) if isinstance(body, dict) else range(len(body))
        key = rng.choice(keys)
        if isinstance(body[key], dict | list) and body[key] and rng.random() < 0.7:
            body = body[key]
            continue
        act = rng.randrange(4)
        if act == 0:
            del body[key]
        elif act == 1 and isinstance(body, dict):
            body[rng.choice(TEXTS)] = body.pop(key)
        else:
            body[key] = copy.deepcopy(rng.choice((*VALUES, *TEXTS)))
        return
    if isinstance(body, dict):
        body[rng.choice(TEXTS)] = copy.deepcopy(rng.choice(VALUES))


def _with_ids(body: Any, ids: list[str], rng: Random) -> Any:
    """Let a reference, now and then, be one that there is."""
    if isinstance(body, dict) and ids and rng.random() < 0.3:
        for name, value in body.items():
            if isinstance(value, dict) and "type" in value:
                body[name] = {"type": "artifact", "artifact_id": rng.choice(ids[-20:])}
    return body


def _file(rng: Random) -> bytes:
    return picture() if rng.random() < 0.4 else mutated(picture(), rng)


def _raw(body: Any, rng: Random) -> bytes:
    raw = json.dumps(body, ensure_ascii=rng.random() < 0.8).encode("utf-8", "surrogatepass")
    return mutated(raw, rng) if rng.random() < 0.1 else raw


def _latin(rng: Random) -> str:
    return rng.choice(TEXTS).encode("utf-8", "surrogatepass").decode("latin-1").replace("\n", "")


def _cgi(name: str) -> str:
    upper = name.upper().replace("-", "_")
    return upper if upper.startswith("CONTENT_") else f"HTTP_{upper}"
