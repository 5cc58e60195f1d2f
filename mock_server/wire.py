"""Answers as WSGI responses: one list of bytes, or a body that breaks off."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from http.client import responses
from typing import TYPE_CHECKING, Any

from flask import Response

if TYPE_CHECKING:
    from .call import Answer

#: What a dropped connection says in the server's log; :mod:`.worker.serving` keeps it out of there.
DROPPED = "dropped on demand"
#: Lets the beginning of a cut body reach the client before the connection goes.
_FLUSH_S = 0.05
_STATUS_LINES = {status: f"{status} {phrase}" for status, phrase in responses.items()}


class Reply(Response):
    """A finished answer: Flask passes it through, WSGI gets status, headers and one block of bytes."""

    def __init__(self, answer: Answer) -> None:
        """Keep the answer; none of Werkzeug's header machinery is needed for it."""
        self.answer = answer

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Send the answer; for HEAD only its headers."""
        answer = self.answer
        headers = [
            ("content-type", answer.content_type),
            ("content-length", str(len(answer.body))),
            *answer.headers,
        ]
        start_response(_STATUS_LINES.get(answer.status, str(answer.status)), headers)
        if answer.cut_at is not None:
            return BrokenBody(answer.body[: answer.cut_at])
        return [answer.body] if environ["REQUEST_METHOD"] != "HEAD" else []


class BrokenBody:
    """Yields the beginning of a body, then fails, so that the server drops the connection."""

    def __init__(self, start: bytes) -> None:
        """Send ``start`` first, when it is not empty."""
        self._left = [start] if start else []
        self._sent = bool(start)

    def __iter__(self) -> Iterator[bytes]:
        """Return itself."""
        return self

    def __next__(self) -> bytes:
        """Return the beginning once, then raise ConnectionAbortedError."""
        if self._left:
            return self._left.pop()
        if self._sent:
            time.sleep(_FLUSH_S)
        raise ConnectionAbortedError(DROPPED)

    def close(self) -> None:
        """Free nothing: WSGI servers call this at the end."""
