"""One session per thing a person does here; arguments after ``--`` are passed on."""

from __future__ import annotations

import shutil
from pathlib import Path

import nox

nox.needs_version = ">=2024.10.9"
nox.options.sessions = ["style", "types", "tests"]
nox.options.reuse_existing_virtualenvs = True

#: Pins of LangChain for Python, which is too heavy for the extra ``test``.
LANGCHAIN_PINS = "tests/clients/constraints-langchain.txt"
#: npm packages of the mocks that `bench` measures beside ours.
PEERS = ("@copilotkit/aimock@1.43.0", "@stoplight/prism-cli@5.14.2")
#: Gateways that `gateways` proves, by the folder in docs/gateways: where each comes from.
GATEWAY_NPM = {"portkey": "@portkey-ai/gateway@1.15.2"}
GATEWAY_PIP = {"openai-forward": ("openai-forward==0.8.1", "pyyaml"), "litellm": ("litellm[proxy]==1.106.2",)}


def install(session: nox.Session, *extras: str) -> None:
    """Install the checkout, editable, at the pinned versions."""
    session.install("-q", "-c", "constraints.txt", "-e", f".[{','.join(extras)}]")


@nox.session
def tests(session: nox.Session) -> None:
    """Run the tests of ourselves."""
    install(session, "test")
    session.run("python", "-m", "pytest", *session.posargs)


@nox.session
def types(session: nox.Session) -> None:
    """Check the types of the core and of the mapped folders, strictly."""
    install(session, "test", "dev")
    session.run("mypy", *session.posargs)


@nox.session
def style(session: nox.Session) -> None:
    """Check style and format (``-- --fix`` mends what can be mended)."""
    session.install("-q", "-c", "constraints.txt", "ruff")
    fix = "--fix" in session.posargs
    session.run("ruff", "check", *session.posargs)
    session.run("ruff", "format", *([] if fix else ["--check"]))


@nox.session
def specs(session: nox.Session) -> None:
    """Generate every profile's openapi.yaml anew from its contract."""
    install(session, "test")
    session.run("python", "-c", _GENERATE, *session.posargs)


@nox.session
def docs(session: nox.Session) -> None:
    """Write the reference of the control plane anew, and type every page (``-- -k gateways``)."""
    install(session, "test")
    with Path("docs/control-plane.md").open("w", encoding="utf-8") as page:
        session.run("python", "-m", "pixelproof.mock_server.control.reference", stdout=page)
    session.run("python", "-m", "pytest", "tests/docs", *session.posargs)


@nox.session
def openapi(session: nox.Session) -> None:
    """Let Schemathesis walk and Prism play every openapi.yaml, and print a table (``-- PROFILE --no-prism``)."""
    install(session, "test")
    session.run("python", "tests/openapi/table.py", *session.posargs)


@nox.session
def baseline(session: nox.Session) -> None:
    """Let stock Schemathesis hunt a sample of the liars, and print its score beside ours (``-- --all``)."""
    install(session, "test")
    session.run("python", "tests/openapi/baseline.py", *session.posargs)


@nox.session
def build(session: nox.Session) -> None:
    """Build wheel and sdist, install the wheel alone and let it prove its own mock."""
    session.install("-q", "-c", "constraints.txt", "build")
    out = Path(session.create_tmp())
    for old in out.glob("pixelproof-*"):
        old.unlink()
    session.run("python", "-m", "build", "--outdir", str(out), *session.posargs)
    session.install("-q", "-c", "constraints.txt", "--force-reinstall", *map(str, out.glob("*.whl")))
    with session.chdir(out):  # away from the checkout, which would answer instead of the wheel
        session.run("pixelproof", "verify", "--tier", "smoke")


@nox.session
def demo(session: nox.Session) -> None:
    """Show a whole run: the embedded mock against every shipped contract."""
    session.install("-q", "-c", "constraints.txt", "-e", ".")
    session.run("pixelproof", "verify", *session.posargs)


@nox.session
def clients(session: nox.Session) -> None:
    """Run the stock clients against the mock: OpenAI's, the AI SDK and LangChain, for Python and for Node."""
    install(session, "test")
    session.install("-q", "-c", "constraints.txt", "-c", LANGCHAIN_PINS, "langchain-community")
    with session.chdir("tests/clients/node"):
        session.run("npm", "ci", "--no-audit", "--no-fund", external=True)
    everything = "node or langchain or not (node or langchain)"
    session.run("python", "-m", "pytest", "tests/clients", "-m", everything, *session.posargs)


@nox.session
def gateways(session: nox.Session) -> None:
    """Prove real gateways from both sides: nginx, Portkey, openai-forward (``-- litellm`` downloads 750 MB)."""
    install(session, "test")
    for name in session.posargs or ("nginx", "portkey", "openai-forward"):
        folder = Path(session.create_tmp()) / name
        shutil.copytree(Path("docs/gateways") / name, folder, dirs_exist_ok=True)
        if name in GATEWAY_NPM:
            session.run(
                "npm", "install", "--no-audit", "--no-fund", "--prefix", folder, GATEWAY_NPM[name], external=True
            )
        if name in GATEWAY_PIP:
            session.run("python", "-m", "venv", folder / "venv")
            session.run(folder / "venv/bin/pip", "install", "-q", *GATEWAY_PIP[name], external=True)
        session.run("pixelproof", "gate", str(folder / "gate.yaml"), "--report-dir", str(folder / "report"))


@nox.session
def selftest(session: nox.Session) -> None:
    """Prove the checks: every liar found, every honest server left alone."""
    install(session, "test")
    session.run("pixelproof", "selftest", *session.posargs)


@nox.session
def load(session: nox.Session) -> None:
    """Load the embedded mock with 20,000 paid requests and count the money (``-- --profile stratizon`` for others)."""
    install(session, "test")
    session.run("pixelproof", "load", *(session.posargs or ("--requests", "20000")))


@nox.session
def soak(session: nox.Session) -> None:
    """Load the embedded mock for 30 minutes: memory, latency and money must not drift (``-- --duration 5m``)."""
    install(session, "test")
    session.run("pixelproof", "load", "--shape", "soak", "--rate", "50", *(session.posargs or ("--duration", "30m")))


@nox.session
def defects(session: nox.Session) -> None:
    """Hunt four rare defects among 20,000 paid requests each (``-- 100000`` for others)."""
    install(session, "test")
    environment = {"PIXELPROOF_DEFECTS": (session.posargs or ("20000",))[0]}
    rare = "one_lost_charge or double_charge or mixed_once or leaks_at_the_edge"
    session.run("python", "-m", "pytest", "tests/load/test_under_load.py", "-k", rare, env=environment)


@nox.session
def walk(session: nox.Session) -> None:
    """Walk 10,000 random steps over tasks and money (``-- WALKS STEPS SEED`` for others)."""
    install(session, "test")
    session.run("python", "-m", "pixelproof.selfproof.longwalk", *(session.posargs or ("200", "50", "1")))


@nox.session
def chaos(session: nox.Session) -> None:
    """Kill one of two servers on one Redis amid 200,000 paid requests (``-- 5000 --state redis://…`` for others)."""
    install(session, "test")
    session.run("python", "tests/store/chaos.py", *session.posargs)


@nox.session
def fuzz(session: nox.Session) -> None:
    """Send the mock 100,000 requests by chance (``-- REQUESTS SEED`` for others); the seed stands in a failure."""
    install(session, "test")
    requests, seed = (*session.posargs, *("100000", "1")[len(session.posargs) :])
    environment = {"PIXELPROOF_FUZZ": requests, "PIXELPROOF_FUZZ_SEED": seed}
    session.run("python", "-m", "pytest", "tests/mock/test_fuzz.py", env=environment)


@nox.session
def bench(session: nox.Session) -> None:
    """Measure the mock beside bare Flask and its peers, in turn (``-- --rounds 5 --seconds 10``)."""
    install(session, "test")
    folder = session.create_tmp()
    for peer in PEERS:
        session.run("npm", "install", "--no-audit", "--no-fund", "--silent", "--prefix", folder, peer, external=True)
    session.run("python", "-m", "benchmarks", "--peers", folder, *session.posargs)


_GENERATE = """
from pixelproof import loading, openapi

for profile in loading.profiles():
    path = loading.specs_folder() / profile / "openapi.yaml"
    path.write_text(openapi.dump(openapi.generate(loading.shipped(profile))), "utf-8")
    print(path)
"""
