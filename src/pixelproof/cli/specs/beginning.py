"""``pixelproof specs new``: a contract of one's own that serves and verifies at once."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import click

from pixelproof import loading
from pixelproof.money import Units
from pixelproof.problems import BadUsage

_NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_SCHEMAS = ("contract", "claims")


@click.command(
    epilog="""\b
Examples:
  pixelproof specs new acme --extends openai      only what differs from it: some 20 lines
  pixelproof specs new acme                       a whole contract to fill in
  pixelproof specs new acme --extends ../bright/contract.yaml --dir contracts"""
)
@click.argument("name")
@click.option("--extends", "base", metavar="P|FILE", help="Shipped profile or contract.yaml to inherit from.")
@click.option(
    "--dir",
    "parent",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    help="Where the folder NAME is made; here when left out.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the written files as JSON.")
def command(name: str, base: str | None, parent: Path, *, as_json: bool) -> None:
    """Begin a contract of your own: NAME/contract.yaml and NAME/claims.yaml, with comments that guide.

    A copy of the schemas beside them lets editors complete and check every key. Nothing
    that exists is overwritten.
    """
    if not _NAME.fullmatch(name):
        raise BadUsage(f"'{name}' is no name of a profile", "small letters, digits, '-' and '_', a letter first")
    if name in loading.profiles():
        raise BadUsage(f"'{name}' is a shipped profile", f"take another name, and --extends {name} to build on it")
    files = _texts(parent / name, _words(name, base, parent / name), "whole" if base is None else "extending")
    _write(files)
    _tell([str(path) for path in files], str(parent / name / "contract.yaml"), as_json=as_json)


def _words(name: str, base: str | None, folder: Path) -> Mapping[str, str]:
    """Return what stands for the ``@words@`` of a template."""
    words = {
        "name": name,
        "host": name.replace("_", "-"),
        "title": name.replace("_", " ").replace("-", " ").title(),
        "ID": _prefix(name, ()),
        "today": datetime.now(UTC).date().isoformat(),
    }
    return words if base is None else {**words, **_inherited(name, base, folder)}


def _inherited(name: str, base: str, folder: Path) -> Mapping[str, str]:
    contract = loading.named(base)
    currency = contract.billing.currency
    price = max((row.price for row in contract.billing.prices), default=Units(1))
    return {
        "ID": _prefix(name, contract.claims),
        "base": base if base in loading.profiles() else os.path.relpath(base, folder),
        "deletions": "\n".join(f"#   {model}: null" for model in contract.models),
        "currency": currency.code,
        "price": currency.format(price),
        "twice": currency.format(Units(2 * price)),
    }


def _prefix(name: str, taken: Mapping[str, object] | tuple[()]) -> str:
    """Return the letters of the claim ids: the name's, and none that the base has already."""
    prefix = re.sub(r"[^A-Z0-9]", "", name.upper())[:8]
    while any(claim.startswith(f"{prefix}-") for claim in taken):
        prefix += "X"
    return prefix


def _texts(folder: Path, words: Mapping[str, str], template: str) -> Mapping[Path, str]:
    specs = loading.specs_folder()
    written = {
        folder / f"{part}.yaml": _filled((specs / "beginnings" / f"{template}.{part}.yaml").read_text("utf-8"), words)
        for part in _SCHEMAS
    }
    copied = {
        folder / "schema" / f"{part}.schema.json": (specs / "schema" / f"{part}.schema.json").read_text("utf-8")
        for part in _SCHEMAS
    }
    return {**written, **copied}


def _filled(template: str, words: Mapping[str, str]) -> str:
    return re.sub(r"@([A-Za-z]+)@", lambda match: words[match[1]], template)


def _write(files: Mapping[Path, str]) -> None:
    existing = [str(path) for path in files if path.exists()]
    if existing:
        raise BadUsage(f"{existing[0]} is there already; nothing was written", "choose another NAME or --dir")
    try:
        for path, text in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("x", encoding="utf-8") as file:
                file.write(text)
    except OSError as error:
        what = f"{error.filename}: cannot be written: {error.strerror or error}"
        raise BadUsage(what, "choose another --dir") from None


def _tell(files: list[str], contract: str, *, as_json: bool) -> None:
    following = [
        f"pixelproof specs lint {contract}",
        f"pixelproof serve --contract {contract}",
        f"pixelproof verify --contract {contract}",
    ]
    if as_json:
        click.echo(json.dumps({"files": files, "next": following}))
        return
    for path in files:
        click.echo(f"wrote {path}")
    click.echo("\nnext: write down what the page says, one statement a row, in claims.yaml;")
    click.echo("then the entries in contract.yaml that name them. At any time:")
    for line in following:
        click.echo(f"  {line}")
