"""Imports go one way, and no provider is named in code: both read off the syntax trees."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from itertools import combinations
from pathlib import Path

import pytest

from pixelproof import loading

ROOT = Path(__file__).resolve().parents[1]
CORE = ROOT / "src" / "pixelproof"
#: Top-level folders that are mapped to ``pixelproof.<folder>``.
MAPPED = ("specs", "mock_server", "suites", "load", "reports")
#: The one module that crosses into a mapped folder, and only through import_module.
FACADE = "edges"
#: Plain ``locust -f`` loads this file outside its package, so it cannot import relatively.
ABSOLUTE_BY_NEED = "load/locustfile.py"
#: ``--level openai`` bears the name of the reference: the level's own name, and the contract behind it.
#: Nothing else may name a profile.
LEVEL, LEVEL_MODULES = "openai", ("src/pixelproof/strategies/claims.py", "src/pixelproof/verification/verifying.py")


def _in(package: str, *modules: str) -> frozenset[str]:
    """Return units by their full names: a unit is a module or a package, and the finest that fits a module counts."""
    return frozenset(f"{package}.{module}" for module in modules)


_BOTTOM = frozenset({"money", "problems"})
_VALUES = frozenset({"contract", "deviation", "settings", "planning.case", "exchange", "verdict"}) | _BOTTOM
_OUTSIDE = frozenset({"plugin", "testing", "cli", "__main__"})

#: Makes traffic, and stays away from the crossing and from everything behind it, also by way of others.
HARNESS = frozenset(
    {
        "client",
        "levers",
        "strategies",
        *_in("targets", "clock", "control", "destination", "keyring", "missing", "openings", "wallet"),
        *_in("traffic", "deadline", "pace", "retryafter"),
        *_in("running", "allowance", "controller", "crew", "envoy", "preflight", "prover", "randomly", "run", "seats"),
        *_in("running", "walking", "workbench"),
        *_in("running.conducting", "conductor", "course", "downloading", "drought", "notrun", "outage", "references"),
        *_in("running.conducting", "tasksteps", "till"),
        *_in("record", "comparison", "drift", "measuring", "recorder", "recording", "resuming", "revision"),
        *_in("record", "loadrecord", "scrutiny", "soundness"),
        *_in("loadtest.making", "eager", "passbook"),
        "verification.rejudging",
    }
)
#: Stands on the crossing: brings a mock of our own and a harness together.
ABOVE = frozenset(
    {
        "engine",
        "gate",
        *_in("gate", "coverage", "explaining"),
        *_in("loadtest.making", "count", "process", "run"),
        *_in("selfproof", "coverage", "explaining", "longwalk", "proving", "selftest"),
        *_in("verification", "embedded", "replaying", "verifying"),
    }
)
#: Core modules with a fixed place, and all that each may import from the core.
ALLOWED: Mapping[str, frozenset[str]] = {
    "money": frozenset(),
    "problems": frozenset(),
    "deviation": frozenset(),
    "settings": frozenset(),
    "exchange": _BOTTOM | {"contract"},
    "verdict": _BOTTOM | {"contract", "exchange"},
    "contract": frozenset({"money"}),
    "contract.media": _BOTTOM | {"contract"},
    "contract.wording": frozenset({"contract"}),
    "matrix": _BOTTOM | {"contract", "contract.media"},
    "pricing": _BOTTOM | {"contract", "matrix"},
    "ledger": _BOTTOM | {"contract"},
    "tasks": _BOTTOM | {"contract"},
    "openapi": _BOTTOM | {"contract", "contract.media"},
    # Answers from two contracts alone: nothing is sent, and the mock is not asked.
    "porting": _BOTTOM | {"contract", "contract.media", "contract.wording", "matrix", "pricing", "planning.covering"},
    "documents.document": _BOTTOM | {"contract"},
    "documents.reading": _BOTTOM | {"contract", "documents.document"},
    "documents.pruning": _BOTTOM | {"contract", "documents.document"},
    "documents.extending": _BOTTOM | {"contract"} | _in("documents", "document", "pruning"),
    "documents.lineage": _BOTTOM | _in("documents", "document", "extending"),
    # Reads a contract against itself: documents and what follows from them, no file.
    "documents.linting": _BOTTOM | {"contract", "documents.document", "matrix", "pricing"},
    "documents.markdown": _BOTTOM | {"contract", "contract.wording", "matrix"},
    "loading": _BOTTOM | {"contract"} | _in("documents", "document", "lineage", "reading"),
    "planning.case": _BOTTOM | {"contract", "deviation"},
    # A case as a line of a record, and a finding as a script: texts from values.
    "planning.caseline": _BOTTOM | {"contract", "deviation", "planning.case"},
    "planning.demand": _BOTTOM | {"contract", "planning.case"},
    "planning.covering": frozenset(),
    "planning.budget": _BOTTOM,
    "strategies.steady": frozenset(),
    "traffic.silence": frozenset(),
    "traffic.decoding": frozenset(),
    "traffic.patience": _BOTTOM | {"contract"},
    "targets.slips": _BOTTOM | {"contract", "documents.document"},
    "targets.file": _BOTTOM | {"contract", "documents.document", "targets.slips"},
    "targets.taskview": _BOTTOM | {"contract", "targets.file"},
    "targets.modellist": _BOTTOM | {"contract", "targets.taskview"},
    "gate.file": _BOTTOM | {"contract", "documents.document"} | _in("targets", "file", "slips"),
    # Never the ledger, the tasks or the mock: rules do not ask the mock what is right.
    "rules": frozenset({"money", "contract", "matrix", "pricing", "planning.case", "exchange", "verdict"}),
    # Judges what is recorded, also long after the run: nothing that makes traffic.
    "findings.judging": _VALUES | {"matrix", "pricing", "rules", "findings.reproduction"},
    "findings.curl": _BOTTOM | {"contract", "exchange"},
    "findings.reproduction": _BOTTOM | {"contract", "exchange", "findings.curl"} | _in("planning", "case", "demand"),
    "findings.causes": _BOTTOM | {"contract", "exchange", "verdict"},
    "findings.waivers": _BOTTOM | {"contract", "documents.document", "verdict"},
    "findings.waiving": _BOTTOM | {"documents.document", "verdict"} | _in("findings", "causes", "waivers"),
    "findings.claimplaces": _BOTTOM | {"contract", "documents.document", "loading"},
    "record.imaging": _BOTTOM | {"exchange"},
    "record.origin": frozenset({"contract"}),
    "record.formats": frozenset(),
    "running.ending": _BOTTOM | {"planning.budget", "verdict", "findings.waivers"},
    "running.conducting.brake": frozenset({"verdict"}),
    # A load: its requests, its lines, and whether the money was right.
    "loadtest.line": _BOTTOM | {"contract"},
    "loadtest.tally": frozenset({"contract", "loadtest.line"}),
    "loadtest.thresholds": _BOTTOM | {"contract", "documents.document", "loadtest.tally"},
    "loadtest.limit": frozenset({"contract"}),
    "loadtest.drift": frozenset({"contract", "loadtest.tally"}),
    "loadtest.window": frozenset(),
    "loadtest.options": _in("loadtest", "plan", "thresholds") | {"targets.file"},
    "loadtest.plan": _BOTTOM | {"contract", "contract.media", "matrix", "pricing", "loadtest.thresholds"},
    "loadtest.offence": _BOTTOM | {"contract"},
    "loadtest.reconciling": _BOTTOM | {"contract"} | _in("loadtest", "line", "offence"),
    "loadtest.result": _BOTTOM | {"contract"} | _in("loadtest", "drift", "reconciling", "tally", "thresholds"),
}
#: Modules that decide: nothing of the world, and of what is installed only an image decoder.
PURE: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(_VALUES | {"matrix", "pricing", "ledger", "tasks", "porting"}, frozenset()),
    **dict.fromkeys(_in("contract", "media", "wording") | _in("documents", "linting", "markdown"), frozenset()),
    **dict.fromkeys(_in("planning", "budget", "caseline", "covering", "demand"), frozenset()),
    **dict.fromkeys(_in("traffic", "decoding", "patience", "silence"), frozenset()),
    **dict.fromkeys(_in("targets", "modellist", "slips", "taskview") | {"record.origin"}, frozenset()),
    **dict.fromkeys(_in("findings", "causes", "curl", "judging", "reproduction", "waivers", "waiving"), frozenset()),
    **dict.fromkeys(_in("loadtest", "drift", "limit", "line", "plan", "tally", "thresholds", "window"), frozenset()),
    **dict.fromkeys(_in("loadtest", "offence", "reconciling", "result"), frozenset()),
    **dict.fromkeys(("rules", "record.imaging"), frozenset({"PIL"})),
}
#: Parts of the standard library that touch the world: network, processes, clocks, chance.
WORLD = frozenset(
    {
        "asyncio",
        "http",
        "multiprocessing",
        "os",
        "random",
        "secrets",
        "selectors",
        "signal",
        "socket",
        "socketserver",
        "ssl",
        "subprocess",
        "tempfile",
        "time",
        "urllib.request",
        "uuid",
    }
)
#: What the mock must not know: it is judged, it does not judge.
CLOSED_TO_MOCK = (
    frozenset({"rules", FACADE})
    | _in("findings", "causes", "curl", "judging", "reproduction", "waivers", "waiving")
    | HARNESS
    | ABOVE
    | _OUTSIDE
)
#: Where modules may import each other in a circle, and why; nowhere in the core.
CIRCULAR: Mapping[str, str] = {
    "mock_server": "its seams name the parts that fill them, and each part is typed by the seams",
}
#: Every unit that has a place of its own.
PLACED = frozenset(ALLOWED) | HARNESS | ABOVE | _OUTSIDE | {FACADE, *MAPPED}


def imported(source: str, module: str, *, is_package: bool = False) -> Iterator[str]:
    """Yield every module that ``source`` imports, in full: ``pixelproof.contract``, ``json``."""
    package = module if is_package else module.rpartition(".")[0]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from _from(node, package)


def _from(node: ast.ImportFrom, package: str) -> Iterator[str]:
    base = node.module or ""
    if node.level:
        parts = package.split(".")
        base = ".".join([*parts[: len(parts) - node.level + 1], *([node.module] if node.module else [])])
    # ``from pixelproof import document`` names a module, so names count as possible modules.
    yield from (f"{base}.{alias.name}" for alias in node.names)


def unit(module: str) -> str:
    """Return the part of ``pixelproof`` that a module belongs to: ``rules``, ``gate.file`` rather than ``gate``."""
    parts = module.split(".")[1:]
    names = [".".join(parts[:count]) for count in range(len(parts), 0, -1)]
    placed = next((name for name in names if name in PLACED), None)
    # What nobody placed is a unit of its own, so that nothing is open to it and it is open to nobody.
    return placed or next((name for name in names if name in modules()), names[-1] if names else "")


def offences(source: str, module: str, units: frozenset[str], *, is_package: bool = False) -> list[str]:
    """Return every import of ``source`` that the design forbids, as sentences."""
    own = unit(module)
    found = [
        offence
        for name in imported(source, module, is_package=is_package)
        if (offence := _offence(own, name, units)) is not None
    ]
    return sorted(
        {f"{module} {offence}" for offence in [*found, *_absolute_own(source, module), *_crossings(source, module)]}
    )


def _offence(own: str, name: str, units: frozenset[str]) -> str | None:
    top, target = name.split(".", maxsplit=1)[0], unit(name)
    if top != "pixelproof":
        return f"imports {name}, but decides without I/O" if own in PURE and not _is_harmless(own, name) else None
    if target == own or target not in units | shells():
        return None
    if target in shells():
        return f"imports {target} as a whole, and with it whatever lies there"
    if target in MAPPED:
        return f"imports the mapped folder {target} statically"
    if target not in open_to(own, units):
        return f"imports {target}"
    return None


def _is_harmless(own: str, name: str) -> bool:
    top = name.split(".", maxsplit=1)[0]
    worldly = top in WORLD or any(name == part or name.startswith(f"{part}.") for part in WORLD)
    return top in PURE[own] or (top in sys.stdlib_module_names and not worldly)


def open_to(own: str, units: frozenset[str]) -> frozenset[str]:
    """Return the core units that a unit may import."""
    if own == "mock_server":
        return units - CLOSED_TO_MOCK
    if own in MAPPED or own in _OUTSIDE:
        return units
    if own == FACADE:
        return units - _OUTSIDE - ABOVE
    if own in HARNESS:
        return units - _OUTSIDE - ABOVE - {FACADE}
    if own in ABOVE:
        # The engine is pytest, which must be told the name of our plugin.
        return units - (_OUTSIDE - {"plugin"} if own == "engine" else _OUTSIDE)
    return ALLOWED.get(own, _VALUES)


def _absolute_own(source: str, module: str) -> Iterator[str]:
    own = unit(module)
    if own not in MAPPED or module == _module(ROOT / ABSOLUTE_BY_NEED):
        return
    for node in ast.walk(ast.parse(source)):
        names = [node.module] if isinstance(node, ast.ImportFrom) and not node.level else []
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else names
        if any(name and unit(name) == own and name.startswith("pixelproof.") for name in names):
            yield "imports its own folder absolutely"


def _crossings(source: str, module: str) -> Iterator[str]:
    if unit(module) == FACADE:
        return
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and _called(node) in {"import_module", "__import__"}:
            texts = [argument.value for argument in node.args if isinstance(argument, ast.Constant)]
            folders = {unit(text) for text in texts if isinstance(text, str) and text.startswith("pixelproof.")}
            yield from (f"crosses into {folder}" for folder in folders & set(MAPPED) - {unit(module)})


def _called(node: ast.Call) -> str:
    return getattr(node.func, "attr", getattr(node.func, "id", ""))


def _module(path: Path) -> str:
    if path.is_relative_to(CORE):
        parts = path.relative_to(CORE.parent).with_suffix("").parts
    else:
        parts = ("pixelproof", *path.relative_to(ROOT).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def files() -> tuple[Path, ...]:
    """Return every Python file of the product."""
    folders = (CORE, *(ROOT / name for name in MAPPED))
    return tuple(sorted(path for folder in folders for path in folder.rglob("*.py")))


@cache
def modules() -> Mapping[str, Path]:
    """Return every module of the product by its name below ``pixelproof``: ``gate.file``."""
    return {_module(path).partition(".")[2]: path for path in files()}


@cache
def shells() -> frozenset[str]:
    """Return the packages that only hold others: it is those that have a place, never the package."""
    return frozenset(name for name, path in modules().items() if path.name == "__init__.py") - {""} - _homes()


def _homes() -> frozenset[str]:
    return frozenset(name for name in modules() if any(f"{name}.".startswith(f"{unit}.") for unit in PLACED))


@cache
def core_units() -> frozenset[str]:
    """Return the units under ``pixelproof``: modules and packages with a place, and modules that have none yet."""
    return frozenset({unit(_module(path)) for path in files()} - {""}) - shells()


@pytest.mark.parametrize("path", files(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_imports_only_what_the_design_allows(path: Path) -> None:
    source = path.read_text("utf-8")
    assert offences(source, _module(path), core_units(), is_package=path.name == "__init__.py") == []


def test_every_module_of_the_core_has_its_place() -> None:
    assert core_units() - PLACED == set(), "put it into ALLOWED, HARNESS or ABOVE: what may it import?"
    assert PLACED - core_units() == set(), "it is gone: take it out of the tables"
    assert not any(one & other for one, other in combinations((set(ALLOWED), HARNESS, ABOVE, _OUTSIDE), 2))


@pytest.mark.parametrize("name", sorted(shells()))
def test_a_package_that_only_holds_others_is_a_docstring(name: str) -> None:
    body = ast.parse(modules()[name].read_text("utf-8")).body
    assert [type(node) for node in body] == [ast.Expr], "importing one module of it would import this as well"


@cache
def core_edges() -> dict[str, set[str]]:
    """Return, for every unit of the core, the units of the core that it imports."""
    edges: dict[str, set[str]] = {name: set() for name in core_units() - set(MAPPED)}
    for path in files():
        own = unit(_module(path))
        names = imported(path.read_text("utf-8"), _module(path), is_package=path.name == "__init__.py")
        if own in edges:
            edges[own] |= {unit(name) for name in names if name.startswith("pixelproof.")} & set(edges) - {own}
    return edges


def reached(edges: Mapping[str, set[str]], start: str) -> set[str]:
    """Return everything that ``start`` imports, itself or by way of others."""
    found: set[str] = set()
    ahead = [start]
    while ahead:
        new = edges.get(ahead.pop(), set()) - found
        found |= new
        ahead += new
    return found


@cache
def module_edges() -> dict[str, set[str]]:
    """Return, for every module of the product, the modules that it imports by name."""
    known = modules()
    edges: dict[str, set[str]] = {name: set() for name in known}
    for own, path in known.items():
        for name in imported(path.read_text("utf-8"), _module(path), is_package=path.name == "__init__.py"):
            if name.startswith("pixelproof."):
                inner = name.partition(".")[2]
                edges[own].add(inner if inner in known else inner.rpartition(".")[0])
        edges[own] &= set(known) - {own, ""}
    return edges


def folded(edges: Mapping[str, set[str]], place: Callable[[str], str]) -> dict[str, set[str]]:
    """Return the edges between the places of modules, without those inside one place."""
    found: dict[str, set[str]] = {}
    for own, targets in edges.items():
        found.setdefault(place(own), set()).update(place(target) for target in targets)
    return {own: targets - {own} for own, targets in found.items()}


def entry(module: str) -> str:
    """Return the entry of ``src/pixelproof`` that a module lies in: ``documents``, ``money``."""
    return module.partition(".")[0]


def folder(module: str) -> str:
    """Return the innermost package that a module lies in; a module beside the packages is a place of its own."""
    is_package = modules().get(module, Path()).name == "__init__.py"
    return module if is_package or "." not in module else module.rpartition(".")[0]


def cycles(edges: Mapping[str, set[str]]) -> list[str]:
    """Return everything that imports itself by way of others."""
    return sorted(name for name in edges if name in reached(edges, name))


def test_the_core_has_no_import_cycle() -> None:
    assert cycles(core_edges()) == []


@pytest.mark.parametrize("place", [str, folder], ids=["modules", "folders"])
def test_nothing_imports_itself_by_way_of_others(place: Callable[[str], str]) -> None:
    assert {entry(name) for name in cycles(folded(module_edges(), place))} == set(CIRCULAR)


def test_the_entries_of_the_package_have_no_import_cycle() -> None:
    assert cycles(folded(module_edges(), entry)) == []


@pytest.mark.parametrize("name", sorted(HARNESS | set(ALLOWED)))
def test_nothing_below_the_crossing_reaches_it_by_way_of_others(name: str) -> None:
    assert reached(core_edges(), name) & ({FACADE} | ABOVE | _OUTSIDE) == set()


@pytest.mark.parametrize("name", sorted(PURE))
def test_what_decides_reaches_no_traffic_by_way_of_others(name: str) -> None:
    assert reached(core_edges(), name) & (HARNESS | ABOVE | _OUTSIDE | {FACADE}) == set()


def test_a_planted_detour_and_a_planted_cycle_are_caught() -> None:
    edges = {"client": {"budget"}, "budget": {"glue"}, "glue": {FACADE, "budget"}}
    assert FACADE in reached(edges, "client")
    assert "budget" in reached(edges, "budget")
    assert cycles(edges) == ["budget", "glue"]


def test_a_planted_cycle_between_packages_is_caught_where_modules_have_none() -> None:
    edges = {
        "record.drift": {"running.run"},
        "running.ending": {"record.drift"},
        "running.run": {"money"},
        "money": set(),
    }
    assert cycles(edges) == []
    assert cycles(folded(edges, entry)) == cycles(folded(edges, folder)) == ["record", "running"]


@pytest.mark.parametrize(
    ("module", "expected"),
    [
        ("pixelproof", ""),
        ("pixelproof.money.Units", "money"),
        ("pixelproof.gate.probing", "gate"),
        ("pixelproof.gate.file.GateFile", "gate.file"),
        ("pixelproof.running.conducting.till.Till", "running.conducting.till"),
        ("pixelproof.documents.reading.node", "documents.reading"),
        ("pixelproof.documents", "documents"),
        ("pixelproof.never_heard_of.thing", "never_heard_of"),
        ("pixelproof.mock_server.control.about", "mock_server"),
    ],
)
def test_the_finest_unit_counts(module: str, expected: str) -> None:
    assert unit(module) == expected


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("pixelproof.money", "from pixelproof.contract import Contract"),
        ("pixelproof.contract", "import pixelproof.pricing"),
        ("pixelproof.contract", "import yaml"),
        ("pixelproof.pricing", "def f():\n    from pixelproof import ledger"),
        ("pixelproof.rules.money", "from pixelproof.ledger import Ledger"),
        ("pixelproof.rules.money", "from pixelproof.tasks import Task"),
        ("pixelproof.rules.money", "from pixelproof.mock_server import app"),
        ("pixelproof.rules.money", "import httpx"),
        ("pixelproof.rules.money", "from ..ledger import Ledger"),
        ("pixelproof.rules.money", "import time"),
        ("pixelproof.contract.media", "from pixelproof.client import Wire"),
        ("pixelproof.contract.media", "from urllib.request import urlopen"),
        ("pixelproof.contract.media", "import urllib.request"),
        ("pixelproof.tasks", "from time import monotonic"),
        ("pixelproof.tasks", "from pixelproof.ledger import Ledger"),
        ("pixelproof.findings.judging", "from pixelproof.record.recorder import Recorder"),
        ("pixelproof.findings.judging", "from pixelproof.edges import mock"),
        ("pixelproof.findings.waivers", "import socket"),
        ("pixelproof.findings.waivers", "from pixelproof.client import Wire"),
        ("pixelproof.targets.taskview", "from pixelproof.levers import Levers"),
        ("pixelproof.openapi.links", "from pixelproof.loading import shipped"),
        ("pixelproof.porting.trial", "from pixelproof.edges import create_mock"),
        ("pixelproof.porting.samples", "from pixelproof.strategies import corpus"),
        ("pixelproof.documents.markdown.saying", "from pixelproof.loading import shipped"),
        ("pixelproof.running.run", "from pixelproof.selfproof.selftest import score"),
        ("pixelproof.running.conducting.conductor", "from pixelproof.edges import mock"),
        ("pixelproof.selfproof.selftest", "from pixelproof.plugin import run"),
        ("pixelproof.running.run", "from pixelproof import verification"),
        ("pixelproof.running.run", "from pixelproof.gate.coverage import coverage"),
        ("pixelproof.running.run", "from ..verification.verifying import prepared"),
        ("pixelproof.running.ending", "from pixelproof.running.run import Run"),
        ("pixelproof.running.ending", "from .run import Run"),
        ("pixelproof.running.conducting.brake", "from pixelproof.running.conducting.till import Till"),
        ("pixelproof.gate.file", "from pixelproof.gate.gating import gated"),
        ("pixelproof.gate.file", "from . import gating"),
        ("pixelproof.documents.linting.names", "from pixelproof.documents.lineage import files"),
        ("pixelproof.documents.pruning", "from .extending import woven"),
        ("pixelproof.contract", "from pixelproof.contract.media import read_reference"),
        ("pixelproof.loadtest.result", "from pixelproof.loadtest.making.passbook import Passbook"),
        ("pixelproof.loadtest.line", "import socket"),
        ("pixelproof.strategies.steady", "from pixelproof.planning.case import Case"),
        ("pixelproof.running.never_heard_of", "from pixelproof.client import Wire"),
        ("pixelproof.never_heard_of", "from pixelproof.client import Wire"),
        ("pixelproof.mock_server.app", "from pixelproof.findings.judging import judged"),
        ("pixelproof.mock_server.app", "from pixelproof.findings.curl import as_curl"),
        ("pixelproof.mock_server.app", "from pixelproof import running"),
        ("pixelproof.client", "from pixelproof.cli import main"),
        ("pixelproof.client", "from pixelproof.edges import mock"),
        ("pixelproof.cli.serve", "from pixelproof.mock_server.app import create_app"),
        ("pixelproof.cli.serve", "from importlib import import_module\nimport_module('pixelproof.mock_server')"),
        ("pixelproof.cli.serve", "import importlib\nimportlib.import_module('pixelproof.suites.x')"),
        ("pixelproof.edges", "import pixelproof.mock_server"),
        ("pixelproof.edges", "from pixelproof.cli import main"),
        ("pixelproof.mock_server.app", "from pixelproof.rules import judge"),
        ("pixelproof.mock_server.app", "from pixelproof import rules"),
        ("pixelproof.mock_server.app", "from pixelproof.suites import x"),
        ("pixelproof.mock_server.app", "from ..reports import html"),
        ("pixelproof.mock_server.app", "from pixelproof.mock_server.wallet import Wallet"),
        ("pixelproof.reports.html", "if TYPE_CHECKING:\n    from pixelproof.load.users import User"),
    ],
)
def test_a_planted_bad_import_is_caught(module: str, source: str) -> None:
    units = core_units() | {"client", "cli", "edges", "ledger", "tasks", "rules", "money"}
    assert offences(source, module, units)


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("pixelproof.rules.money", "from PIL import Image\nfrom pixelproof.contract import Contract\nimport decimal"),
        ("pixelproof.rules.money", "from .evidence import Evidence\nfrom pixelproof.rules.evidence import Evidence"),
        (
            "pixelproof.mock_server.app",
            "from .wallet import Wallet\nfrom pixelproof.ledger import Ledger\nimport flask",
        ),
        ("pixelproof.contract.media", "from urllib.parse import quote\nimport base64"),
        ("pixelproof.engine", "from pixelproof import plugin\nimport os"),
        ("pixelproof.edges", "from importlib import import_module\nimport_module('pixelproof.mock_server.app')"),
        ("pixelproof.cli.serve", "from pixelproof.edges import mock\nfrom pixelproof import __version__"),
        ("pixelproof.load.locustfile", "from pixelproof.load.users import Buyer"),
    ],
)
def test_a_good_import_is_left_alone(module: str, source: str) -> None:
    assert offences(source, module, core_units() | {"client", "cli", "edges", "ledger"}) == []


def named_profiles(source: str, profiles: frozenset[str]) -> set[str]:
    """Return the profiles that stand in ``source`` as a string literal."""
    texts = {node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant)}
    return {profile for profile in profiles if profile in texts}


@pytest.mark.parametrize("path", files(), ids=lambda path: str(path.relative_to(ROOT)))
def test_no_provider_is_named_in_code(path: Path) -> None:
    named = named_profiles(path.read_text("utf-8"), frozenset(loading.profiles()))
    allowed = {LEVEL} if path.relative_to(ROOT).as_posix() in LEVEL_MODULES else set()
    assert named - allowed == set()


def test_a_planted_provider_name_is_caught() -> None:
    source = 'def f(profile):\n    """Not openai."""\n    return profile == "aivene"'
    assert named_profiles(source, frozenset({"aivene", "openai"})) == {"aivene"}
