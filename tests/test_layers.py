"""Imports go one way, and no provider is named in code: both read off the syntax trees."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping
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
LEVEL, LEVEL_MODULES = "openai", ("src/pixelproof/strategies/claims.py", "src/pixelproof/verifying.py")

_BOTTOM = frozenset({"money", "problems"})
_VALUES = frozenset({"contract", "deviation", "settings", "case", "exchange", "verdict"}) | _BOTTOM
_OUTSIDE = frozenset({"plugin", "testing", "cli", "__main__"})

#: Makes traffic, and stays away from the crossing and from everything behind it, also by way of others.
HARNESS = frozenset(
    {
        "allowance",
        "client",
        "conductor",
        "control",
        "controller",
        "course",
        "comparison",
        "deadline",
        "destination",
        "downloading",
        "drought",
        "eager",
        "drift",
        "generating",
        "crew",
        "envoy",
        "levers",
        "loadrecord",
        "measuring",
        "notrun",
        "openings",
        "outage",
        "pace",
        "passbook",
        "preflight",
        "prover",
        "randomly",
        "recorder",
        "recording",
        "references",
        "rejudging",
        "resuming",
        "retryafter",
        "revision",
        "run",
        "scrutiny",
        "soundness",
        "seats",
        "strategies",
        "tasksteps",
        "till",
        "walking",
        "workbench",
    }
)
#: Stands on the crossing: brings a mock of our own and a harness together.
ABOVE = frozenset(
    {
        "coverage",
        "embedded",
        "engine",
        "explaining",
        "gate",
        "gatecoverage",
        "gateexplaining",
        "loadcount",
        "loadprocess",
        "loadrun",
        "longwalk",
        "proving",
        "replaying",
        "selftest",
        "verifying",
    }
)
#: Core modules with a fixed place, and all that each may import from the core.
ALLOWED: Mapping[str, frozenset[str]] = {
    "money": frozenset(),
    "problems": frozenset(),
    "deviation": frozenset(),
    "settings": frozenset(),
    "contract": frozenset({"money"}),
    "silence": frozenset(),
    "decoding": frozenset(),
    "steady": frozenset(),
    "budget": _BOTTOM,
    "patience": _BOTTOM | {"contract"},
    "media": _BOTTOM | {"contract"},
    "matrix": _BOTTOM | {"contract", "media"},
    "pricing": _BOTTOM | {"contract", "matrix"},
    "ledger": _BOTTOM | {"contract"},
    "tasks": _BOTTOM | {"contract"},
    "document": _BOTTOM | {"contract"},
    "reading": _BOTTOM | {"contract", "document"},
    "pruning": _BOTTOM | {"contract", "document"},
    "extending": _BOTTOM | {"contract", "document", "pruning"},
    "lineage": _BOTTOM | {"document", "extending"},
    "loading": _BOTTOM | {"contract", "document", "lineage", "reading"},
    # Reads a contract against itself: documents and what follows from them, no file.
    "linting": _BOTTOM | {"contract", "document", "matrix", "pricing"},
    "openapi": _BOTTOM | {"contract", "media"},
    "wording": frozenset({"contract"}),
    "covering": frozenset(),
    "markdown": _BOTTOM | {"contract", "matrix", "wording"},
    # Answers from two contracts alone: nothing is sent, and the mock is not asked.
    "porting": _BOTTOM | {"contract", "media", "matrix", "pricing", "covering", "wording"},
    "slips": _BOTTOM | {"contract", "document"},
    "target": _BOTTOM | {"contract", "document", "slips"},
    "gatefile": _BOTTOM | {"contract", "document", "slips", "target"},
    "taskview": _BOTTOM | {"contract", "target"},
    "modellist": _BOTTOM | {"contract", "taskview"},
    "case": _BOTTOM | {"contract", "deviation"},
    "exchange": _BOTTOM | {"contract"},
    "imaging": _BOTTOM | {"exchange"},
    "curl": _BOTTOM | {"contract", "exchange"},
    "verdict": _BOTTOM | {"contract", "exchange"},
    "brake": frozenset({"verdict"}),
    "ending": _BOTTOM | {"budget", "verdict", "waivers"},
    # Never the ledger, the tasks or the mock: rules do not ask the mock what is right.
    "rules": frozenset({"money", "contract", "matrix", "pricing", "case", "exchange", "verdict"}),
    # Judges what is recorded, also long after the run: nothing that makes traffic.
    "judging": _VALUES | {"matrix", "pricing", "rules", "reproduction"},
    "waivers": _BOTTOM | {"contract", "document", "verdict"},
    # A case as a line of a record, and a finding as a script: texts from values.
    "caseline": _BOTTOM | {"contract", "deviation", "case"},
    "demand": _BOTTOM | {"contract", "case"},
    "reproduction": _BOTTOM | {"contract", "case", "exchange", "curl", "demand"},
    "causes": _BOTTOM | {"contract", "exchange", "verdict"},
    "origin": frozenset({"contract"}),
    "formats": frozenset(),
    "claimplaces": _BOTTOM | {"contract", "document", "loading"},
    # A load: its requests, its lines, and whether the money was right.
    "loadline": _BOTTOM | {"contract"},
    "loadtally": frozenset({"contract", "loadline"}),
    "thresholds": _BOTTOM | {"contract", "document", "loadtally"},
    "loadlimit": frozenset({"contract"}),
    "loaddrift": frozenset({"contract", "loadtally"}),
    "loadwindow": frozenset(),
    "loadoptions": frozenset({"loadplan", "target", "thresholds"}),
    "loadplan": _BOTTOM | {"contract", "matrix", "media", "pricing", "thresholds"},
    "offence": _BOTTOM | {"contract"},
    "reconciling": _BOTTOM | {"contract", "loadline", "offence"},
    "loadresult": _BOTTOM | {"contract", "loaddrift", "loadtally", "reconciling", "thresholds"},
    "waiving": _BOTTOM | {"causes", "document", "verdict", "waivers"},
}
#: Modules that decide: nothing of the world, and of what is installed only an image decoder.
PURE: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(_VALUES | {"matrix", "media", "pricing", "ledger", "tasks", "budget", "patience"}, frozenset()),
    **dict.fromkeys(("taskview", "modellist", "curl", "judging", "waivers", "linting"), frozenset()),
    **dict.fromkeys(("slips", "silence", "decoding"), frozenset()),
    **dict.fromkeys(("wording", "covering", "markdown", "porting"), frozenset()),
    **dict.fromkeys(("caseline", "demand", "reproduction", "causes", "origin", "waiving"), frozenset()),
    **dict.fromkeys(
        ("loadline", "loadplan", "loadtally", "loaddrift", "loadlimit", "loadwindow", "thresholds"), frozenset()
    ),
    **dict.fromkeys(("offence", "reconciling", "loadresult"), frozenset()),
    **dict.fromkeys(("rules", "imaging"), frozenset({"PIL"})),
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
    frozenset({"rules", "judging", "reproduction", "causes", "waivers", "waiving", "curl", FACADE})
    | HARNESS
    | ABOVE
    | _OUTSIDE
)


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
    """Return the part of ``pixelproof`` that a module belongs to: ``rules``, ``mock_server``."""
    return module.split(".")[1] if module.count(".") else ""


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
    if target == own or target not in units:
        return None
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
def core_units() -> frozenset[str]:
    """Return the names of everything directly under ``pixelproof``."""
    return frozenset({unit(_module(path)) for path in files()} - {""})


@pytest.mark.parametrize("path", files(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_imports_only_what_the_design_allows(path: Path) -> None:
    source = path.read_text("utf-8")
    assert offences(source, _module(path), core_units(), is_package=path.name == "__init__.py") == []


def test_every_module_of_the_core_has_its_place() -> None:
    placed = set(ALLOWED) | HARNESS | ABOVE | _OUTSIDE | {FACADE, *MAPPED}
    assert core_units() - placed == set(), "put it into ALLOWED, HARNESS or ABOVE: what may it import?"
    assert not any(one & other for one, other in combinations((set(ALLOWED), HARNESS, ABOVE, _OUTSIDE), 2))


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


def test_the_core_has_no_import_cycle() -> None:
    edges = core_edges()
    assert [name for name in edges if name in reached(edges, name)] == []


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
        ("pixelproof.media", "from pixelproof.client import Wire"),
        ("pixelproof.media", "from urllib.request import urlopen"),
        ("pixelproof.media", "import urllib.request"),
        ("pixelproof.tasks", "from time import monotonic"),
        ("pixelproof.tasks", "from pixelproof.ledger import Ledger"),
        ("pixelproof.judging", "from pixelproof.recorder import Recorder"),
        ("pixelproof.judging", "from pixelproof.edges import mock"),
        ("pixelproof.waivers", "import socket"),
        ("pixelproof.waivers", "from pixelproof.client import Wire"),
        ("pixelproof.taskview", "from pixelproof.levers import Levers"),
        ("pixelproof.openapi.links", "from pixelproof.loading import shipped"),
        ("pixelproof.porting.trial", "from pixelproof.edges import create_mock"),
        ("pixelproof.porting.samples", "from pixelproof.strategies import corpus"),
        ("pixelproof.markdown.saying", "from pixelproof.loading import shipped"),
        ("pixelproof.run", "from pixelproof.selftest import score"),
        ("pixelproof.conductor", "from pixelproof.edges import mock"),
        ("pixelproof.selftest", "from pixelproof.plugin import run"),
        ("pixelproof.never_heard_of", "from pixelproof.client import Wire"),
        ("pixelproof.mock_server.app", "from pixelproof.judging import judged"),
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
        ("pixelproof.media", "from urllib.parse import quote\nimport base64"),
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
