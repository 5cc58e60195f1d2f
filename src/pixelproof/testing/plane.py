"""The control plane as a test uses it: one call, parsed JSON back, and a sentence when it refuses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import httpx

from pixelproof.contract import Json
from pixelproof.problems import Problem

#: Longest wait for one call, in seconds.
_WAIT_S = 30.0


class MockRefused(Problem):
    """The mock did not do what the test asked of it: correct the call."""


class Plane:
    """Calls the control plane of one server. Threads may share it."""

    def __init__(self, root: str) -> None:
        """Talk to the server at ``root``, a base URL without any path."""
        # a proxy of the environment would be asked for 127.0.0.1
        self._client = httpx.Client(base_url=f"{root}/__admin", trust_env=False, timeout=_WAIT_S)

    def ask(
        self,
        method: str,
        path: str,
        body: Mapping[str, Json] | None = None,
        query: Mapping[str, str | int] | None = None,
    ) -> dict[str, Json]:
        """Return the JSON object of an answer. Raises MockRefused for anything but a 2xx."""
        answer = self._client.request(method, path, json=body, params=query)
        value = cast("dict[str, Json]", answer.json())
        if not answer.is_success:
            raise _refused(value)
        return value

    def close(self) -> None:
        """Let the connections go."""
        self._client.close()


def rows(value: Json) -> list[dict[str, Json]]:
    """Return a list of objects from an answer."""
    return cast("list[dict[str, Json]]", value)


def _refused(value: Mapping[str, Json]) -> MockRefused:
    error = cast("dict[str, str | None]", value.get("error") or {})
    field = error.get("field")
    what = error.get("message") or "the mock refused"
    return MockRefused(f"{field}: {what}" if field else what, error.get("suggestion") or "")
