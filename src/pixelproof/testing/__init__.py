"""A mock provider for pytest: ``pytest_plugins = ["pixelproof.testing"]``, or ``-p pixelproof.testing``.

It is not an entry point: an installed package that puts fixtures into every project's tests
is a surprise, and this one would cost each of them its import.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence

import pytest

from pixelproof import loading
from pixelproof.problems import Problem
from pixelproof.settings import MockSettings

from .account import MockAccount
from .plane import MockRefused
from .provider import MockProvider, create_app, serving
from .records import JournalLine, LedgerEntry, Totals

_INI, _MARKER = "mock_profiles", "mock_account"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Offer the setting that names the providers."""
    parser.addini(_INI, "providers that the mock plays: shipped profiles, or contract files", type="args", default=[])


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker of an account's demands."""
    said = "what mock_account is opened with: profile, balance, limits, scopes, tier, budget"
    config.addinivalue_line("markers", f"{_MARKER}(profile=None, **demand): {said}")


@pytest.fixture(scope="session")
def mock_profiles(pytestconfig: pytest.Config) -> Sequence[str]:
    """Return the providers to play, from the setting of the same name; override it to choose in code."""
    return tuple(str(name) for name in pytestconfig.getini(_INI))


@pytest.fixture(scope="session")
def mock_settings() -> MockSettings:
    """Return what the mock is started with; override it for a seed, labelled images or a liar."""
    return MockSettings()


@pytest.fixture(scope="session")
def mock_provider(mock_profiles: Sequence[str], mock_settings: MockSettings) -> Iterator[MockProvider]:
    """Serve the mock on a free loopback port for the whole session; every xdist worker has its own."""
    try:
        app = create_app(*(mock_profiles or loading.profiles()), settings=mock_settings)
    except Problem as problem:
        pytest.fail(str(problem), pytrace=False)
    with serving(app) as provider:
        yield provider


@pytest.fixture
def mock_account(
    request: pytest.FixtureRequest, mock_provider: MockProvider, mock_profiles: Sequence[str]
) -> MockAccount:
    """Open an account for one test, which fails when the money or the mock is not in order at its end."""
    marker = request.node.get_closest_marker(_MARKER)
    demand = dict(marker.kwargs) if marker is not None else {}
    profile = demand.pop("profile", None)
    if profile is None and not mock_profiles:
        known = ", ".join(mock_provider.profiles)
        pytest.fail(f"which provider? Set {_INI} in the pytest configuration to some of: {known}", pytrace=False)
    try:
        return mock_provider.account(profile, **demand)
    except Problem as problem:
        pytest.fail(str(problem), pytrace=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Look at the account once the test is through: as part of the test, so that the test itself fails."""
    try:
        result = yield
    except BaseException:
        problems = _problems(item)
        if problems:
            item.add_report_section("call", "pixelproof", "\n".join(problems))
        raise
    problems = _problems(item)
    if problems:
        pytest.fail("\n  ".join(["mock_account is not in order:", *problems]), pytrace=False)
    return result


def _problems(item: pytest.Item) -> list[str]:
    account = getattr(item, "funcargs", {}).get(_MARKER)
    return account.problems() if isinstance(account, MockAccount) else []


__all__ = [
    "JournalLine",
    "LedgerEntry",
    "MockAccount",
    "MockProvider",
    "MockRefused",
    "Totals",
    "create_app",
    "serving",
]
