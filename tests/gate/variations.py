# ruff: noqa: ARG002 - what one liar looks at another does not need
"""Honest gateways that differ where they may."""

from __future__ import annotations

import gzip
from typing import Any

from .gateways import Gateway, Reply, error
from .liars import Own


class RehostsImages(Gateway):
    """Serves the upstream's images under addresses of its own."""

    def incoming(self, reply: Reply, body: dict[str, Any]) -> Reply:
        value = reply.json()
        if not reply.ok or not isinstance(value, dict) or not value.get("data"):
            return reply
        items = [self._rehosted(item) for item in value["data"]]
        return reply.having({**value, "data": items})

    def _rehosted(self, item: Any) -> Any:
        if not isinstance(item, dict) or not item.get("url"):
            return item
        name = f"/hosted/{len(self.memory)}"
        self.memory[name] = item["url"].removeprefix(self.url)
        return {**item, "url": f"{self.url}{name}"}

    def fetch(self, path: str, authorization: str) -> Reply:
        return super().fetch(self.memory.get(path, path), authorization)


class RetriesWhatSurelyFailed(Gateway):
    def ask(self, body: dict[str, Any], authorization: str) -> Reply:
        for _ in range(3):
            reply = self.once(body, authorization)
            if reply.status not in {429, 500, 502, 503}:
                break
        return reply


class WritesNulls(Gateway):
    def incoming(self, reply: Reply, body: dict[str, Any]) -> Reply:
        value = reply.json()
        if not reply.ok or not isinstance(value, dict) or not value.get("data"):
            return reply
        items = [{"url": None, "b64_json": None, **item} for item in value["data"] if isinstance(item, dict)]
        return reply.having({**value, "data": items})


class Zips(Gateway):
    def finished(self, reply: Reply) -> Reply:
        return Reply(reply.status, gzip.compress(reply.body, 1), {**reply.headers, "Content-Encoding": "gzip"})


class ShoutsHeaders(Gateway):
    def finished(self, reply: Reply) -> Reply:
        return Reply(reply.status, reply.body, {name.upper(): value for name, value in reply.headers.items()})


class WritesDefaultsOut(Gateway):
    """Says to the upstream what the caller left to its default."""

    def outgoing(self, body: dict[str, Any]) -> dict[str, Any]:
        return {"n": 1, **body}


class AsksOneByOne(Gateway):
    """Makes n images of n calls."""

    def ask(self, body: dict[str, Any], authorization: str) -> Reply:
        n = body.get("n", 1)
        if not isinstance(n, int) or not 1 < n <= 10 or body.get("model") == "dall-e-3":
            return self.once(body, authorization)
        replies = [self.once({**body, "n": 1}, authorization) for _ in range(n)]
        wrong = next((reply for reply in replies if not reply.ok or not isinstance(reply.json(), dict)), None)
        if wrong is not None:
            return wrong
        values = [reply.json() for reply in replies]
        return replies[0].having({**values[0], "data": [item for value in values for item in value["data"]]})


class KnowsFewModels(AsksOneByOne):
    """Has the models that somebody configured, and not their look-alikes."""

    def served(self, body: dict[str, Any], authorization: str) -> Reply:
        if "mini" in str(body.get("model")) or "1.5" in str(body.get("model")):
            return error(400, "no such model", "invalid_request_error")
        return super().served(body, authorization)


class RemembersRequests(Gateway):
    """Answers a repeated idempotency key from memory."""

    def generate(self, raw: bytes, authorization: str, headers: dict[str, str]) -> Reply:
        key = headers.get("idempotency-key")
        if key is None:
            return super().generate(raw, authorization, headers)
        if key not in self.memory:
            self.memory[key] = super().generate(raw, authorization, headers)
        found: Reply = self.memory[key]
        return found


class TurnsBadSuccessesIntoErrors(Gateway):
    def incoming(self, reply: Reply, body: dict[str, Any]) -> Reply:
        value = reply.json()
        good = (
            isinstance(value, dict) and value.get("data") and all(item and any(item.values()) for item in value["data"])
        )
        return self.failure(body) if reply.ok and not good else reply


HONEST: dict[str, type[Gateway]] = {
    "faithful": Gateway,
    "faithful with keys of its own": Own,
    "re-hosts images": RehostsImages,
    "retries what surely failed": RetriesWhatSurelyFailed,
    "writes nulls": WritesNulls,
    "gzip": Zips,
    "header case": ShoutsHeaders,
    "writes defaults out": WritesDefaultsOut,
    "asks one by one": AsksOneByOne,
    "remembers requests": RemembersRequests,
    "turns bad successes into errors": TurnsBadSuccessesIntoErrors,
}
