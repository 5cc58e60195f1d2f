"""One session per thing a person does here; arguments after ``--`` are passed on."""

from __future__ import annotations

from pathlib import Path

import nox

nox.needs_version = ">=2024.10.9"
nox.options.sessions = ["style", "types", "tests"]
nox.options.reuse_existing_virtualenvs = True


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
    """Run the stock OpenAI clients, for Python and for Node, against the mock."""
    install(session, "test")
    with session.chdir("tests/clients/node"):
        session.run("npm", "ci", "--no-audit", "--no-fund", external=True)
    session.run("python", "-m", "pytest", "tests/clients", "-m", "node or not node", *session.posargs)


@nox.session
def selftest(session: nox.Session) -> None:
    """Prove the checks: every liar found, every honest server left alone."""
    install(session, "test")
    session.run("pixelproof", "selftest", *session.posargs)


@nox.session
def walk(session: nox.Session) -> None:
    """Walk 10,000 random steps over tasks and money (``-- WALKS STEPS SEED`` for others)."""
    install(session, "test")
    session.run("python", "-m", "pixelproof.longwalk", *(session.posargs or ("200", "50", "1")))


_GENERATE = """
from pixelproof import loading, openapi

for profile in loading.profiles():
    path = loading.specs_folder() / profile / "openapi.yaml"
    path.write_text(openapi.dump(openapi.generate(loading.shipped(profile))), "utf-8")
    print(path)
"""
