"""The pytest plugin: planned cases become tests, findings become failures.

Loaded by ``pixelproof verify``, or by hand:
``pytest --pyargs pixelproof.suites -p pixelproof.plugin --target target.yaml``, also with ``-n``
of pytest-xdist: its workers run the tests, and the process that started them sends and records.
"""

from __future__ import annotations

import re
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import Any

import pytest

from pixelproof.planning.case import Case
from pixelproof.problems import BadUsage, Problem
from pixelproof.running.controller import Controller
from pixelproof.running.envoy import Envoy
from pixelproof.running.prover import Alone, Prover
from pixelproof.running.run import Run
from pixelproof.verdict import CaseVerdict, Verdict

_OPTIONS = {
    "--target": "target file of the server under test (default: an embedded mock)",
    "--profile": "contract to prove, by profile name",
    "--tier": "smoke, core or full",
    "--level": "page, documented or openai",
    "--max-cost": 'most that may be spent, for example "0.50 USD"',
    "--max-images": "most images that may be asked for",
    "--workers": "cases proven at the same time, each worker with a key of its own",
    "--report-dir": "folder of the record",
}
#: Under which name a worker of pytest-xdist finds the invitation of its controller.
_INVITATION = "pixelproof"


class Proof:
    """The plugin object around one run; suites get it as the fixture ``proof``."""

    def __init__(self, prover: Prover) -> None:
        self.prover = prover

    def of(self, case: Case) -> None:
        """Conduct and judge a case; fail the test on a finding, skip it with its reason."""
        lines = self.prover.verdicts(case)
        self._fail_on(lines)
        if all(not line.verdict.judged for line in lines):
            pytest.skip(_reason(lines))

    def walk(self) -> None:
        """Walk at random over tasks and money, at the full tier and where a control plane watches."""
        lines = self.prover.walked()
        if not lines:
            pytest.skip("random walks are for --tier full, tasks, and a control plane")
        self._fail_on(lines)

    def _fail_on(self, lines: list[CaseVerdict]) -> None:
        broken = [line for line in lines if line.verdict in {Verdict.FAIL, Verdict.ERROR}]
        if broken:
            pytest.fail("\n\n".join(self._told(line) for line in broken), pytrace=False)

    def _told(self, line: CaseVerdict) -> str:
        quote = self.prover.quotes.get(line.claim, {})
        source = f"\n  source  {quote['source']}" if quote else ""
        said = f"{line.claim}: {quote.get('statement', '')}{source}\n  case    {line.case} ({line.rule})"
        return f"{said}\n  wanted  {line.wanted}\n  got     {line.got}\n{line.curl}"

    @pytest.hookimpl
    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Give each suite the cases of its capabilities."""
        marker = metafunc.definition.get_closest_marker("capability")
        if marker is None or "case" not in metafunc.fixturenames:
            return
        cases = [case for case in self.prover.cases if case.capability in marker.args]
        metafunc.parametrize("case", cases, ids=[case.id for case in cases])

    @pytest.hookimpl
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Keep the order of the plan: free cases first, then the cheapest."""
        order = {case.id: index for index, case in enumerate(self.prover.cases)}
        items.sort(key=lambda item: order.get(_case_id(item), -1))

    @pytest.hookimpl
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Tell what was selected."""
        if not session.config.option.collectonly:
            self.prover.begin({_case_id(item) for item in session.items})

    @pytest.hookimpl
    def pytest_sessionfinish(self) -> None:
        """Begin nothing more."""
        self.prover.end()

    @pytest.hookimpl
    def pytest_configure(self, config: pytest.Config) -> None:
        """Declare the marker that binds suites to capabilities."""
        config.addinivalue_line("markers", "capability(*names): parts of the plan that a suite proves")

    @pytest.fixture
    def proof(self) -> Proof:
        """Return the run under way."""
        return self


class Desk:
    """The plugin object where pytest-xdist distributes: it invites the workers, and runs no test itself."""

    def __init__(self, run: Run) -> None:
        self._controller = Controller(run)

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Invite a worker, also one that takes a dead one's place."""
        node.workerinput[_INVITATION] = self._controller.invitation

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self) -> None:
        """Begin nothing more, once the workers are through."""
        self._controller.end()


class ByHand:
    """The plugin object around the record of a run that pytest's own command line began."""

    def __init__(self, run: Run, stack: ExitStack) -> None:
        self._run = run
        self._stack = stack

    @pytest.hookimpl
    def pytest_report_header(self) -> str:
        """Say how many cases are conducted at a time: as many as there are accounts."""
        run = self._run
        return f"pixelproof: {len(run.plan.cases)} cases at {run.target.base_url}, {max(1, len(run.crew))} at a time"

    @pytest.hookimpl
    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Remember that somebody broke the run off; -x is nobody."""
        self._run.interrupted = excinfo.type is KeyboardInterrupt

    @pytest.hookimpl
    def pytest_unconfigure(self) -> None:
        """End the record."""
        self._run.finish()
        self._stack.close()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Offer the options of a run by hand."""
    group = parser.getgroup("pixelproof")
    for name, says in _OPTIONS.items():
        group.addoption(name, default=None, help=says)


def pytest_configure(config: pytest.Config) -> None:
    """Start a run by hand, unless ``pixelproof verify`` brought its own."""
    if any(isinstance(plugin, Proof) for plugin in config.pluginmanager.get_plugins()):
        return
    try:
        if hasattr(config, "workerinput"):
            plugins: tuple[object, ...] = (Proof(Envoy(config.workerinput.get(_INVITATION, {}))),)
        else:
            plugins = _begun(config, _processes(config))
    except Problem as problem:
        raise pytest.UsageError(str(problem)) from None
    for plugin in plugins:
        config.pluginmanager.register(plugin, f"pixelproof-{type(plugin).__name__.lower()}")


def _begun(config: pytest.Config, processes: int) -> tuple[object, ...]:
    """Begin a run, for this process alone or for so many of pytest-xdist."""
    stack = ExitStack()
    run = stack.enter_context(_prepared(config, processes))
    return Desk(run) if processes else Proof(Alone(run)), ByHand(run, stack)


def _processes(config: pytest.Config) -> int:
    """Return over how many processes pytest-xdist distributes, 0 when it does not."""
    if getattr(config.option, "dist", "no") == "no" or config.option.collectonly:
        return 0
    counts = (re.match(r"(\d+)\*", text) for text in getattr(config.option, "tx", None) or ())
    return sum(1 if count is None else int(count[1]) for count in counts)


def _prepared(config: pytest.Config, processes: int) -> AbstractContextManager[Run]:
    from pixelproof.deviation import Tier
    from pixelproof.strategies.claims import JudgeLevel
    from pixelproof.targets.file import load_target
    from pixelproof.verification import verifying

    def option(name: str) -> str | None:
        value = config.getoption(name)
        return str(value) if value is not None else None

    target = option("--target")
    options = verifying.VerifyOptions(
        profile=option("--profile"),
        target=load_target(Path(target)) if target else None,
        tier=Tier(option("--tier") or Tier.CORE),
        level=JudgeLevel(option("--level") or JudgeLevel.DOCUMENTED),
        max_cost=option("--max-cost"),
        max_images=_whole(option("--max-images"), "--max-images"),
        workers=_whole(option("--workers"), "--workers") or processes or 1,
        fewer_workers=option("--workers") is None,
        report_dir=Path(option("--report-dir") or "pixelproof-out"),
    )
    contract = verifying.contracts(options)[0]
    return verifying.prepared(options, contract, options.report_dir)


def _whole(text: str | None, name: str) -> int | None:
    if text is not None and not (text.isascii() and text.isdigit()):
        raise BadUsage(f"{name} '{text}' is no whole number", f"for example {name} 4")
    return None if text is None else int(text)


def _case_id(item: pytest.Item) -> str:
    callspec = getattr(item, "callspec", None)
    return str(callspec.id) if callspec is not None else ""


def _reason(lines: list[CaseVerdict]) -> str:
    first = lines[0]
    return f"{first.reason}: {first.got}" + (f" ({first.hint})" if first.hint else "")
