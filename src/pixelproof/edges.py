"""The one place where the core reaches the mapped folders, typed and by name only."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol, cast

from pixelproof.contract import Contract
from pixelproof.deviation import Deviation
from pixelproof.record.formats import FORMATS
from pixelproof.record.recording import Record
from pixelproof.settings import MockSettings

if TYPE_CHECKING:
    from pixelproof.record.comparison import Comparison  # a mock that starts does not wait for what compares

#: A WSGI callable.
WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class _Mock(Protocol):
    def create_app(self, contracts: Sequence[Contract], settings: MockSettings) -> WsgiApp: ...

    def serve(
        self, contracts: Sequence[Contract], settings: MockSettings, host: str, port: int, workers: int
    ) -> None: ...

    def catalogue(self) -> tuple[Deviation, ...]: ...


def create_mock(contracts: Sequence[Contract], settings: MockSettings) -> WsgiApp:
    """Return the mock as a WSGI application."""
    return _mock().create_app(contracts, settings)


def serve_mock(contracts: Sequence[Contract], settings: MockSettings, host: str, port: int, workers: int) -> None:
    """Serve the mock until SIGTERM; prints its base URLs first."""
    _mock().serve(contracts, settings, host, port, workers)


def deviations() -> tuple[Deviation, ...]:
    """Return every liar and every variation that the mock can play."""
    return _mock().catalogue()


class Renderer(Protocol):
    """A module of ``reports``."""

    def render(self, record: Record, **how: object) -> str:
        """Return the report as text."""


def renderer(name: str) -> Renderer:
    """Return the report renderer of a format. Raises KeyError for a name that is not in ``FORMATS``."""
    return cast("Renderer", import_module(f"pixelproof.reports.{FORMATS[name].module}"))


class _Legible(Protocol):
    def legible(self, record: Record) -> Record: ...


class ComparisonRenderer(Protocol):
    """A module of ``reports`` that renders comparisons."""

    def render(self, comparison: Comparison, **how: object) -> str:
        """Return the comparison as text."""


def legible(record: Record) -> Record:
    """Return a record as every format may show it: bounded, without keys, every odd character visible."""
    return cast("_Legible", import_module("pixelproof.reports.legible")).legible(record)


def compared(name: str) -> ComparisonRenderer:
    """Return the renderer of comparisons in a format: terminal, markdown or json."""
    return cast("ComparisonRenderer", import_module(f"pixelproof.reports.compared_{name}"))


class _Load(Protocol):
    def command(self) -> list[str]: ...


def load_command() -> list[str]:
    """Return the command of the process that makes a load; its plan is one line on its standard input."""
    return cast("_Load", import_module("pixelproof.load")).command()


def _mock() -> _Mock:
    return cast("_Mock", import_module("pixelproof.mock_server"))
