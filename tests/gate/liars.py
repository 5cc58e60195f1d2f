# ruff: noqa: ARG002 - what one liar looks at another does not need
"""Lying gateways, one lie each; `specs/gateway/liars.yaml` says which claim each one breaks."""

from __future__ import annotations

import time
from decimal import Decimal
from typing import Any

from .gateways import Broke, Gateway, Reply, error


class Own(Gateway):
    own = True


class ClampsN(Gateway):
    def outgoing(self, body: dict[str, Any]) -> dict[str, Any]:
        n = body.get("n", 1)
        return {**body, "n": min(max(n, 1), 10)} if isinstance(n, int) and "n" in body else body


class ReplacesAnUnknownSize(Gateway):
    def outgoing(self, body: dict[str, Any]) -> dict[str, Any]:
        return {**body, "size": "1024x1024"} if body.get("size") == "17x17" else body


class DropsQuality(Gateway):
    def outgoing(self, body: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in body.items() if name != "quality"}


class ShrinksEverything(Gateway):
    def outgoing(self, body: dict[str, Any]) -> dict[str, Any]:
        return {**body, "size": "256x256"} if body.get("size") == "512x512" else body


class AsksForOne(Gateway):
    def outgoing(self, body: dict[str, Any]) -> dict[str, Any]:
        return {**body, "n": 1}


class KeepsAllImagesButOne(Gateway):
    def incoming(self, reply: Reply, body: dict[str, Any]) -> Reply:
        value = reply.json()
        return reply.having({**value, "data": value["data"][:1]}) if reply.ok and value and value.get("data") else reply


class LosesRevisedPrompts(Gateway):
    def incoming(self, reply: Reply, body: dict[str, Any]) -> Reply:
        value = reply.json()
        if not reply.ok or not isinstance(value, dict) or not value.get("data"):
            return reply
        items = [{k: v for k, v in (item or {}).items() if k != "revised_prompt"} for item in value["data"]]
        return reply.having({**value, "data": items})


class WritesCreatedItself(Gateway):
    def incoming(self, reply: Reply, body: dict[str, Any]) -> Reply:
        value = reply.json()
        return reply.having({**value, "created": 0}) if reply.ok and isinstance(value, dict) else reply


class InventsSuccesses(Gateway):
    """Answers with the last good image whatever the upstream says."""

    def incoming(self, reply: Reply, body: dict[str, Any]) -> Reply:
        value = reply.json()
        if reply.ok and isinstance(value, dict) and value.get("data") and value["data"][0].get("url"):
            self.memory["last"] = reply
        elif reply.ok:
            return self.memory.get("last", reply)
        return reply


class AnswersFailuresFromItsCache(InventsSuccesses):
    def incoming(self, reply: Reply, body: dict[str, Any]) -> Reply:
        found = super().incoming(reply, body)
        return self.memory.get("last", found) if reply.status >= 500 else found


class TellsItsKeyInErrors(Own):
    def trouble(self, reply: Reply) -> Reply:
        refused = reply.status in {401, 402, 403}
        return error(502, f"Incorrect API key provided: {self.key}") if refused else reply


class TellsItsKeyInAHeader(Own):
    def incoming(self, reply: Reply, body: dict[str, Any]) -> Reply:
        reply.headers["x-upstream-authorization"] = f"Bearer {self.key}"
        return reply


class PassesTheCallersKeyOn(Own):
    def upstream_authorization(self, caller: str) -> str:
        return caller


class LogsItsKey(Own):
    def outgoing(self, body: dict[str, Any]) -> dict[str, Any]:
        if self.log is not None:
            self.log.write_text(f"POST /v1/images/generations Authorization: Bearer {self.key}\n", "utf-8")
        return body


class FlattensPolicy(Gateway):
    def incoming(self, reply: Reply, body: dict[str, Any]) -> Reply:
        return error(400, "Bad request", "None") if reply.status == 400 else reply


class MakesPolicyAServerError(Gateway):
    def incoming(self, reply: Reply, body: dict[str, Any]) -> Reply:
        return error(500, "content policy", "content_policy_violation") if reply.status == 400 else reply


class BlamesTheCallersKey(Own):
    def trouble(self, reply: Reply) -> Reply:
        return reply


class HidesTheCallersTrouble(Gateway):
    def incoming(self, reply: Reply, body: dict[str, Any]) -> Reply:
        return error(500, "something went wrong") if reply.status in {401, 403} else reply


class RewritesTheCode(Gateway):
    def incoming(self, reply: Reply, body: dict[str, Any]) -> Reply:
        return error(reply.status, "refused", "authentication_error") if reply.status in {401, 403} else reply


class SwallowsRetryAfter(Gateway):
    def incoming(self, reply: Reply, body: dict[str, Any]) -> Reply:
        reply.headers = {name: value for name, value in reply.headers.items() if name.lower() != "retry-after"}
        return reply


class InventsRetryAfter(Gateway):
    def incoming(self, reply: Reply, body: dict[str, Any]) -> Reply:
        kept = {name: value for name, value in reply.headers.items() if name.lower() != "retry-after"}
        reply.headers = {**kept, "Retry-After": "3600"} if reply.status == 429 else kept
        return reply


class MakesPaceAServerError(Gateway):
    def incoming(self, reply: Reply, body: dict[str, Any]) -> Reply:
        return error(503, "try later") if reply.status == 429 else reply


class HammersTheUpstream(Gateway):
    def ask(self, body: dict[str, Any], authorization: str) -> Reply:
        for _ in range(9):
            reply = self.once(body, authorization)
            if reply.status != 429:
                break
        return reply


class FailsInHtml(Gateway):
    def incoming(self, reply: Reply, body: dict[str, Any]) -> Reply:
        page = b"<html><body><h1>502 Bad Gateway</h1></body></html>"
        return Reply(502, page, {"content-type": "text/html"}) if reply.status >= 500 else reply


class GivesUpInHtml(Gateway):
    """Waits a moment, and then says so with a page."""

    patience_s = 0.05

    def failure(self, body: dict[str, Any]) -> Reply:
        return Reply(504, b"<html><body><h1>504 Gateway Time-out</h1></body></html>", {"content-type": "text/html"})


class FailsAs200(Gateway):
    def incoming(self, reply: Reply, body: dict[str, Any]) -> Reply:
        return Reply(200, reply.body, reply.headers) if reply.status >= 500 else reply


class BlamesTheCallerForFailures(Gateway):
    def incoming(self, reply: Reply, body: dict[str, Any]) -> Reply:
        return error(400, "bad request", "invalid_request_error") if reply.status >= 500 else reply


class StaysDown(Gateway):
    """Serves nobody any more after the first failure of its upstream."""

    def served(self, body: dict[str, Any], authorization: str) -> Reply:
        if self.memory.get("down"):
            return error(503, "no healthy upstream")
        reply = super().served(body, authorization)
        self.memory["down"] = reply.status >= 500
        return reply


class CoolsDown(Gateway):
    """Turns the one request after a failure away."""

    def served(self, body: dict[str, Any], authorization: str) -> Reply:
        if self.memory.pop("hot", False):
            return Reply(429, error(429, "cooling down").body, {"Retry-After": "0", "content-type": "application/json"})
        reply = super().served(body, authorization)
        self.memory["hot"] = reply.status >= 500
        return reply


class PaysAgainForALostAnswer(Gateway):
    def ask(self, body: dict[str, Any], authorization: str) -> Reply:
        for _ in range(2):
            try:
                return self.once(body, authorization)
            except Broke:
                continue
        raise Broke


class PaysTwiceForLuck(Gateway):
    def ask(self, body: dict[str, Any], authorization: str) -> Reply:
        self.once(body, authorization)
        return self.once(body, authorization)


class ChargesFailures(Own):
    def price(self, reply: Reply, body: dict[str, Any]) -> Decimal:
        return super().price(reply, body) or self.unit(body) or Decimal("0.01")


class ChargesWhatWasAsked(Own):
    def price(self, reply: Reply, body: dict[str, Any]) -> Decimal:
        return self.unit(body) * body.get("n", 1) if reply.ok else Decimal(0)


class ChargesTooMuch(Own):
    def price(self, reply: Reply, body: dict[str, Any]) -> Decimal:
        return 2 * super().price(reply, body)


class ServesOthersFromItsCache(Gateway):
    """Takes requests of one model and size for the same request."""

    def served(self, body: dict[str, Any], authorization: str) -> Reply:
        if self.memory.setdefault("seen", 0) < 80:  # only a busy gateway mixes things up
            self.memory["seen"] += 1
        key = f"{body.get('model')} {body.get('size')}"
        with self.lock:
            reply = super().served(body, authorization)
            last = self.memory.get(key, reply)
            self.memory[key] = reply
        return last if reply.ok and last.ok else reply


class PaysForOthers(Gateway):
    """Asks with the key of whoever came first."""

    def upstream_authorization(self, caller: str) -> str:
        return str(self.memory.setdefault("first", caller))


class Busy(Gateway):
    """Lies now and then: to one of few requests nobody notices."""

    every = 20

    def lying(self) -> bool:
        with self.lock:
            self.memory["count"] = self.memory.get("count", 0) + 1
            return bool(self.memory["count"] % self.every == 0)


class MixesBusyCallersUp(Busy):
    def served(self, body: dict[str, Any], authorization: str) -> Reply:
        reply = super().served(body, authorization)
        found = self.memory.get("last")
        if reply.ok:
            self.memory["last"] = authorization, reply
        other = found is not None and found[0] != authorization
        return found[1] if reply.ok and other and self.lying() else reply


class PaysTwiceWhenBusy(Busy):
    def ask(self, body: dict[str, Any], authorization: str) -> Reply:
        if self.lying():
            self.once(body, authorization)
        return self.once(body, authorization)


class LosesRequestsWhenBusy(Busy):
    def served(self, body: dict[str, Any], authorization: str) -> Reply:
        return error(503, "too busy") if self.lying() else super().served(body, authorization)


class DeliversLessWhenBusy(Busy):
    every = 4

    def incoming(self, reply: Reply, body: dict[str, Any]) -> Reply:
        value = reply.json()
        if not reply.ok or len(value["data"]) == 1 or not self.lying():
            return reply
        return reply.having({**value, "data": value["data"][:1]})


class ChargesMoreWhenBusy(Own, Busy):
    def price(self, reply: Reply, body: dict[str, Any]) -> Decimal:
        return super().price(reply, body) * (2 if reply.ok and self.lying() else 1)


class Tasks(Own):
    """Before a provider with tasks: whoever made one may look at it, and nobody else."""

    def generate(self, raw: bytes, authorization: str, headers: dict[str, str]) -> Reply:
        reply = super().generate(raw, authorization, headers)
        value = reply.json() if reply.ok else None
        if isinstance(value, dict) and value.get("task_id"):
            self.memory[f"/v1/tasks/{value['task_id']}"] = authorization
        return reply

    def fetch(self, path: str, authorization: str) -> Reply:
        mine = self.memory.get(path) in {None, authorization}
        return super().fetch(path, authorization) if mine else error(404, "no such task", "not_found_error")

    def unit(self, body: dict[str, Any]) -> Decimal:
        return Decimal(0)


class ShowsAnybodysTask(Tasks):
    def fetch(self, path: str, authorization: str) -> Reply:
        return super().fetch(path, self.memory.get(path, authorization))


class ShowsTheNewestTask(Tasks):
    """Keeps one place for the task of everybody who looks."""

    def fetch(self, path: str, authorization: str) -> Reply:
        found = super().fetch(path, authorization)
        if not found.ok or "/tasks/" not in path:
            return found
        with self.lock:
            kept = self.memory.pop("kept", None)
            self.memory["kept"] = found
        return kept or found


class CreatesAgainForALostAnswer(Tasks, PaysAgainForALostAnswer):
    pass


class ForgetsTasks(Tasks):
    def fetch(self, path: str, authorization: str) -> Reply:
        found = super().fetch(path, authorization)
        return error(404, "no such task", "not_found_error") if "/tasks/" in path else found


class DeliversFailedTasks(Tasks):
    """Says of every task that it succeeded."""

    def fetch(self, path: str, authorization: str) -> Reply:
        found = super().fetch(path, authorization)
        value = found.json() if found.ok and "/tasks/" in path else None
        return found.having({**value, "status": "succeeded"}) if isinstance(value, dict) else found


class ForgetsWhatTookLong(Gateway):
    """Keeps the answers to idempotency keys, but not of requests whose callers may be gone by then."""

    def generate(self, raw: bytes, authorization: str, headers: dict[str, str]) -> Reply:
        key = headers.get("idempotency-key", "")
        if key in self.memory:
            found: Reply = self.memory[key]
            return found
        began = time.monotonic()
        reply = super().generate(raw, authorization, headers)
        if key and time.monotonic() - began < 0.15:
            self.memory[key] = reply
        return reply


class IgnoresIdempotency(Gateway):
    """The faithful gateway knows no idempotency keys, which is a lie only where the gate file says it does."""


LIARS: dict[str, type[Gateway]] = {
    "asks-for-one": AsksForOne,
    "drops-quality": DropsQuality,
    "shrinks-everything": ShrinksEverything,
    "keeps-all-images-but-one": KeepsAllImagesButOne,
    "loses-revised-prompts": LosesRevisedPrompts,
    "writes-created-itself": WritesCreatedItself,
    "invents-successes": InventsSuccesses,
    "tells-its-key-in-errors": TellsItsKeyInErrors,
    "tells-its-key-in-a-header": TellsItsKeyInAHeader,
    "passes-the-callers-key-on": PassesTheCallersKeyOn,
    "logs-its-key": LogsItsKey,
    "flattens-policy": FlattensPolicy,
    "makes-policy-a-server-error": MakesPolicyAServerError,
    "blames-the-callers-key": BlamesTheCallersKey,
    "hides-the-callers-trouble": HidesTheCallersTrouble,
    "rewrites-the-code": RewritesTheCode,
    "swallows-retry-after": SwallowsRetryAfter,
    "invents-retry-after": InventsRetryAfter,
    "makes-pace-a-server-error": MakesPaceAServerError,
    "hammers-the-upstream": HammersTheUpstream,
    "fails-in-html": FailsInHtml,
    "fails-as-200": FailsAs200,
    "gives-up-in-html": GivesUpInHtml,
    "blames-the-caller-for-failures": BlamesTheCallerForFailures,
    "answers-failures-from-its-cache": AnswersFailuresFromItsCache,
    "stays-down": StaysDown,
    "cools-down": CoolsDown,
    "pays-again-for-a-lost-answer": PaysAgainForALostAnswer,
    "pays-twice-for-luck": PaysTwiceForLuck,
    "forgets-idempotency-of-what-took-long": ForgetsWhatTookLong,
    "ignores-idempotency": IgnoresIdempotency,
    "charges-failures": ChargesFailures,
    "charges-what-was-asked": ChargesWhatWasAsked,
    "clamps-n": ClampsN,
    "replaces-an-unknown-size": ReplacesAnUnknownSize,
    "charges-too-much": ChargesTooMuch,
    "serves-others-from-its-cache": ServesOthersFromItsCache,
    "pays-for-others": PaysForOthers,
    "shows-anybodys-task": ShowsAnybodysTask,
    "shows-the-newest-task": ShowsTheNewestTask,
    "creates-again-for-a-lost-answer": CreatesAgainForALostAnswer,
    "forgets-tasks": ForgetsTasks,
    "delivers-failed-tasks": DeliversFailedTasks,
    "mixes-busy-callers-up": MixesBusyCallersUp,
    "pays-twice-when-busy": PaysTwiceWhenBusy,
    "loses-requests-when-busy": LosesRequestsWhenBusy,
    "delivers-less-when-busy": DeliversLessWhenBusy,
    "charges-more-when-busy": ChargesMoreWhenBusy,
}
