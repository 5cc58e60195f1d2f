"""The pytest plugin: planned cases become tests, findings become failures.

Loaded by ``pixelproof verify``, or by hand:
``pytest --pyargs pixelproof.suites -p pixelproof.plugin --target target.yaml``.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

import pytest

from pixelproof.case import Case
from pixelproof.crew import Crew
from pixelproof.problems import BadUsage, Problem
from pixelproof.run import Run
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


class Proof:
    """The plugin object around one run; suites get it as the fixture ``proof``."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self._crew = Crew(run) if len(run.crew) > 1 else None

    def of(self, case: Case) -> None:
        """Conduct and judge a case; fail the test on a finding, skip it with its reason."""
        lines = self.run.prove(case) if self._crew is None else self._crew.verdicts(case)
        broken = [line for line in lines if line.verdict in {Verdict.FAIL, Verdict.ERROR}]
        if broken:
            pytest.fail("\n\n".join(_told(self.run, line) for line in broken), pytrace=False)
        if all(not line.verdict.judged for line in lines):
            pytest.skip(_reason(lines))

    def walk(self) -> None:
        """Walk at random over tasks and money, at the full tier and where a control plane watches."""
        from pixelproof.randomly import walk

        if "walk/tasks" in self.run.earlier.settled:
            pytest.skip("walked before the run was cut")
        lines = walk(self.run)
        if not lines:
            pytest.skip("random walks are for --tier full, tasks, and a control plane")
        broken = [line for line in self.run.record(lines) if line.verdict is Verdict.FAIL]
        if broken:
            pytest.fail("\n\n".join(_told(self.run, line) for line in broken), pytrace=False)

    @pytest.hookimpl
    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Give each suite the cases of its capabilities."""
        marker = metafunc.definition.get_closest_marker("capability")
        if marker is None or "case" not in metafunc.fixturenames:
            return
        cases = [case for case in self.run.plan.cases if case.capability in marker.args]
        metafunc.parametrize("case", cases, ids=[case.id for case in cases])

    @pytest.hookimpl
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Keep the order of the plan: free cases first, then the cheapest."""
        order = {case.id: index for index, case in enumerate(self.run.plan.cases)}
        items.sort(key=lambda item: order.get(_case_id(item), -1))

    @pytest.hookimpl
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Set the workers to work on what was selected; the tests wait for their verdicts in turn."""
        if self._crew is not None and not session.config.option.collectonly:
            chosen = {_case_id(item) for item in session.items}
            self._crew.begin(case for case in self.run.plan.cases if case.id in chosen)

    @pytest.hookimpl
    def pytest_sessionfinish(self) -> None:
        """Stop the workers: an interrupted session begins nothing more."""
        if self._crew is not None:
            self._crew.end()

    @pytest.hookimpl
    def pytest_configure(self, config: pytest.Config) -> None:
        """Declare the marker that binds suites to capabilities."""
        config.addinivalue_line("markers", "capability(*names): parts of the plan that a suite proves")

    @pytest.fixture
    def proof(self) -> Proof:
        """Return the run under way."""
        return self


def pytest_addoption(parser: pytest.Parser) -> None:
    """Offer the options of a run by hand."""
    group = parser.getgroup("pixelproof")
    for name, says in _OPTIONS.items():
        group.addoption(name, default=None, help=says)


def pytest_configure(config: pytest.Config) -> None:
    """Start a run by hand, unless ``pixelproof verify`` brought its own."""
    if any(isinstance(plugin, Proof) for plugin in config.pluginmanager.get_plugins()):
        return
    if hasattr(config, "workerinput") or getattr(config.option, "numprocesses", None):
        raise pytest.UsageError("pixelproof keeps one record and one budget: use --workers N instead of -n")
    stack = ExitStack()
    try:
        run = stack.enter_context(_prepared(config))
    except Problem as problem:
        raise pytest.UsageError(str(problem)) from None
    config.stash[_STACK] = stack
    config.pluginmanager.register(Proof(run), "pixelproof-proof")


def pytest_unconfigure(config: pytest.Config) -> None:
    """End the record of a run by hand."""
    stack = config.stash.get(_STACK, None)
    proof = config.pluginmanager.get_plugin("pixelproof-proof")
    if stack is not None and isinstance(proof, Proof):
        proof.run.finish()
        stack.close()


_STACK: pytest.StashKey[ExitStack] = pytest.StashKey()


def _prepared(config: pytest.Config) -> AbstractContextManager[Run]:
    from pixelproof import verifying
    from pixelproof.deviation import Tier
    from pixelproof.strategies.claims import JudgeLevel
    from pixelproof.target import load_target

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
        workers=_whole(option("--workers"), "--workers") or 1,
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


def _told(run: Run, line: CaseVerdict) -> str:
    claim = run.contract.claims.get(line.claim)
    source = f"\n  source  {claim.source}" if claim else ""
    statement = claim.statement if claim else ""
    said = f"{line.claim}: {statement}{source}\n  case    {line.case} ({line.rule})"
    return f"{said}\n  wanted  {line.wanted}\n  got     {line.got}\n{line.curl}"


def _reason(lines: list[CaseVerdict]) -> str:
    first = lines[0]
    return f"{first.reason}: {first.got}" + (f" ({first.hint})" if first.hint else "")
