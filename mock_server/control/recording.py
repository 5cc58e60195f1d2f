"""Every route called once, on a mock that is made for it: what it reads, what it answers, how it refuses."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pixelproof.settings import MockSettings

from ..app import EXTENSION, create_app
from .asking import Asked, listener
from .pretty import pretty
from .scenario import CHAPTERS, WHOLE, Call

if TYPE_CHECKING:
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from pixelproof.contract import Contract, Json

    from ..app import MockApp
    from .scenario import Chapter

#: Where everybody's clock stands: 2026-01-01T12:00:00Z.
_NOON = 1_767_268_800.0
_PROMPT = "a lighthouse at dawn"
#: Ids and signatures that are random, each with what stands for it.
_RANDOM = (
    (re.compile(r"\bacc_[0-9a-f]{12}\b"), "acc_5f0c3e2a9b71"),
    (re.compile(r"\breq_[0-9a-f]{16}\b"), "req_9d1e4b7c00000001"),
    (re.compile(r"(?<=\"/images/)[^\"]+(?=\.png\")"), "…"),
    (re.compile(r"\b(?P<form>[a-z]+-)[0-9a-f]{32}\b"), r"\g<form>…"),
    (re.compile(r"\b[0-9a-f]{64}\b"), "…"),
)
_KEY = re.compile(r"\bkey_[0-9a-f]{12}\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """What was sent and what answered, with ids that are the same every time."""

    path: str
    body: str
    status: int
    answer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """One route: the fields that its code asked for, a call that worked, and one that was refused."""

    call: Call
    asked: tuple[Asked, ...]
    done: Exchange
    refused: Exchange | None


class Recorder:
    """Calls the routes of one mock, in the order of the chapters."""

    def __init__(self, contract: Contract) -> None:
        """Serve ``contract`` with a clock that stands still."""
        self.app: MockApp = create_app([contract], MockSettings())
        self._contract = contract
        self._client: FlaskClient = self.app.test_client()
        self._kept: dict[str, Any] = {
            name: contract.auth.mint.replace("{token}", f"docs-{name}") for name in ("first", "second")
        }
        self.app.extensions[EXTENSION].clock.restore(0.0, _NOON)
        self._keys: dict[str, str] = {}

    def chapter(self, chapter: Chapter) -> Iterator[Recorded]:
        """Yield every call of a chapter as it was answered."""
        if chapter.asks_first:
            self._ask_for_an_image()
        for call in chapter.calls:
            refused = self._refused(call)
            asked, done = self._heard(call)
            yield Recorded(call=call, asked=asked, done=done, refused=refused)

    def _ask_for_an_image(self) -> None:
        operation = next(iter(self._contract.creating()))
        bearer = {"Authorization": f"Bearer {self._kept['first']}"}
        body = {"prompt": _PROMPT}
        answer = self._client.open(f"/v1{operation.path}", method=operation.method, json=body, headers=bearer)
        self._kept["task"] = answer.get_json()["task_id"]

    def _heard(self, call: Call) -> tuple[tuple[Asked, ...], Exchange]:
        heard: dict[str, Asked] = {}

        def hear(asked: Asked) -> None:
            heard[asked.name] = asked

        token = listener.set(hear)
        try:
            done, response = self._sent(call, call.query, call.body)
        finally:
            listener.reset(token)
        if response.status_code >= 400:  # noqa: PLR2004 - a refusal, by HTTP
            raise RuntimeError(f"{call.route}: {response.status_code} {response.get_data(as_text=True)}")
        for name, field in call.keep.items():
            self._kept[name] = response.get_json() if name == WHOLE else response.get_json()[field]
        return tuple(heard.values()), done

    def _refused(self, call: Call) -> Exchange | None:
        if call.refused is None:
            return None
        query, body = (call.refused, None) if isinstance(call.refused, str) else ("", call.refused)
        return self._sent(call, query, body)[0]

    def _sent(self, call: Call, query: str, body: Mapping[str, Json] | None) -> tuple[Exchange, TestResponse]:
        method, _, rule = call.route.partition(" ")
        for name, value in call.places.items():
            rule = rule.replace(f"<{name}>", value)
        path = self._filled(f"/__admin{rule}{'?' if query else ''}{query}")
        whole = body is not None and WHOLE in body
        sent = self._kept[WHOLE] if whole else None if body is None else self._filled(dict(body))
        response = self._client.open(path, method=method, json=sent)
        shown = "what GET /__admin/snapshot gave" if whole else "" if sent is None else pretty(sent)
        exchange = Exchange(
            path=self._steady(path),
            body=self._steady(shown),
            status=response.status_code,
            answer=self._steady(_pretty(response)),
        )
        return exchange, response

    def _steady(self, text: str) -> str:
        """Return a text in which everything random is what it is on every run."""
        for pattern, stand_in in _RANDOM:
            text = pattern.sub(stand_in, text)
        return _KEY.sub(lambda found: self._keys.setdefault(found[0], f"key_{len(self._keys) + 1:012x}"), text)

    def _filled(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {name: self._filled(inner) for name, inner in value.items()}
        if isinstance(value, str):
            return re.sub(r"\{(\w+)\}", lambda found: str(self._kept[found[1]]), value)
        return value


def _pretty(response: TestResponse) -> str:
    if response.mimetype != "application/json":
        return response.get_data(as_text=True).rstrip()
    return pretty(response.get_json())


def routes(app: MockApp) -> frozenset[str]:
    """Return every route of the control plane: ``GET /accounts/<account>``."""
    return frozenset(
        f"{method} {rule.rule.removeprefix('/__admin')}"
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("control.")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    )


def untold(app: MockApp) -> frozenset[str]:
    """Return the routes that no chapter calls, and the calls for which there is no route."""
    return routes(app) ^ {call.route for chapter in CHAPTERS for call in chapter.calls}
