"""A running mock in the hands of a test session."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, cast

from pixelproof import edges, loading
from pixelproof.contract import Json
from pixelproof.documents.document import nearest
from pixelproof.problems import BadUsage
from pixelproof.settings import MockSettings
from pixelproof.verification.embedded import listening

from .account import MockAccount, read_journal, unexpected_errors
from .plane import Plane, rows
from .records import JournalLine, instant

if TYPE_CHECKING:
    from flask import Flask

_DEFAULT = MockSettings()


def create_app(*profiles: str, liar: str | None = None, settings: MockSettings = _DEFAULT) -> Flask:
    """Return the mock as a WSGI application, with ``test_client()`` for tests without a socket.

    Each profile is a shipped one or the path of a contract file; the first is served at ``/v1`` too.
    ``liar`` plants one defect by name (``pixelproof selftest --list``). Raises BadUsage for an unknown name.
    """
    chosen = settings if liar is None else _lying(settings, liar)
    return cast("Flask", edges.create_mock([loading.named(name) for name in profiles], chosen))


@contextmanager
def serving(app: Flask) -> Iterator[MockProvider]:
    """Serve an application of :func:`create_app` on a free loopback port, in a thread of this process."""
    with listening(app) as port:
        provider = MockProvider(f"http://127.0.0.1:{port}")
        try:
            yield provider
        finally:
            provider.close()


class MockProvider:
    """A mock that answers over HTTP, and what a test does to all of it at once.

    Prefer an account of its own for each test, and its methods: what is done here, others notice.
    """

    def __init__(self, root: str) -> None:
        """Use the mock at ``root``: scheme, host and port, without a path."""
        self._root = root
        self._plane = Plane(root)
        served = self._plane.ask("GET", "/health")["profiles"]
        self.profiles: tuple[str, ...] = tuple(str(name) for name in served) if isinstance(served, list) else ()

    @property
    def base_url(self) -> str:
        """Return the base URL of the first profile, with ``/v1``."""
        return f"{self._root}/v1"

    def url(self, profile: str) -> str:
        """Return the base URL of a profile, with ``/v1``. Raises BadUsage when it is not served."""
        if profile not in self.profiles:
            raise BadUsage(f"the mock does not serve '{profile}'", nearest(profile, self.profiles))
        return f"{self._root}/{profile}/v1"

    def account(self, profile: str | None = None, **demand: Json) -> MockAccount:
        """Open an account with a fresh key, at the first profile unless one is named.

        ``demand`` is what ``POST /__admin/accounts`` takes: ``balance="1.00"``, ``scopes``, ``tier``, ``limits``,
        ``budget``, ``billed``, ``task_polls``.
        """
        name = profile if profile is not None else self.profiles[0]
        base_url = self.url(name)
        before = frozenset(unexpected_errors(self._plane))
        made = self._plane.ask("POST", "/accounts", {"profile": name, **demand})
        return MockAccount(
            id=str(made["id"]),
            key=str(made["key"]),
            profile=name,
            base_url=base_url,
            currency=str(made["currency"]),
            _plane=self._plane,
            _before=before,
        )

    def fault(
        self, effect: str, *, times: int | None = None, match: Mapping[str, Json] | None = None, **arguments: Json
    ) -> str:
        """Put up a fault for everybody who fits ``match``; return its id."""
        limited: dict[str, Json] = {} if times is None else {"times": times}
        wanted: dict[str, Json] = {} if match is None else {"match": dict(match)}
        return str(self._plane.ask("POST", "/faults", {"effect": effect, **wanted, **limited, **arguments})["id"])

    def faults(self) -> list[dict[str, Json]]:
        """Return every standing fault with its ``hits``, of all accounts."""
        return rows(self._plane.ask("GET", "/faults")["faults"])

    def clear_fault(self, fault_id: str) -> None:
        """Take one fault down."""
        self._plane.ask("DELETE", f"/faults/{fault_id}")

    def requests(self, **query: str | int) -> tuple[JournalLine, ...]:
        """Return lines of the journal, oldest first: ``requests(status=500)``, ``requests(trace="pp-0a1b2c")``."""
        return read_journal(self._plane, query)

    def now(self) -> datetime:
        """Return the time on everybody's clock."""
        return instant(self._plane.ask("GET", "/clock")["now"])

    def advance(self, seconds: float) -> datetime:
        """Move everybody's clock; returns its time when everything due has been settled."""
        return instant(self._plane.ask("POST", "/clock/advance", {"seconds": seconds})["now"])

    def freeze(self) -> datetime:
        """Stop everybody's clock and return its time."""
        return instant(self._plane.ask("POST", "/clock/freeze")["now"])

    def resume(self) -> datetime:
        """Let everybody's clock run again."""
        return instant(self._plane.ask("POST", "/clock/resume")["now"])

    def unexpected_errors(self) -> tuple[str, ...]:
        """Return the errors of the mock itself, each with the id of its request; the last hundred."""
        return unexpected_errors(self._plane)

    def close(self) -> None:
        """Let the connections to the control plane go."""
        self._plane.close()


def _lying(settings: MockSettings, liar: str) -> MockSettings:
    from dataclasses import replace

    names = [deviation.name for deviation in edges.deviations()]
    if liar not in names:
        raise BadUsage(f"there is no liar '{liar}'", nearest(liar, names))
    return replace(settings, liar=liar)
