"""``pixelproof specs export``: a contract as OpenAPI 3.1 or as a Markdown page."""

from __future__ import annotations

import json
from pathlib import Path

import click

from pixelproof import loading
from pixelproof.contract import Contract
from pixelproof.problems import BadUsage

_OPENAPI, _MARKDOWN = "openapi", "markdown"


@click.command(
    epilog="\b\nExamples:\n"
    "  pixelproof specs export aivene --format openapi -o openapi.yaml\n"
    "  pixelproof specs export ./acme/contract.yaml --format openapi --json | jq .paths\n"
    "  pixelproof specs export stratizon --format markdown -o stratizon.md"
)
@click.argument("name", metavar="P|FILE")
@click.option(
    "--format",
    "form",
    type=click.Choice([_OPENAPI, _MARKDOWN]),
    default=_OPENAPI,
    show_default=True,
    help="OpenAPI 3.1 for tools, Markdown for people.",
)
@click.option("--json", "as_json", is_flag=True, help="OpenAPI as JSON instead of YAML.")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), metavar="FILE", help="Write here; an existing file is replaced."
)
def command(name: str, *, form: str, as_json: bool, output: Path | None) -> int:
    """Write a contract as OpenAPI 3.1 or Markdown, to the terminal or to a file."""
    if as_json and form != _OPENAPI:
        raise BadUsage("--json is a form of OpenAPI", "drop it, or export with --format openapi")
    text = _exported(loading.named(name), form, as_json=as_json)
    if output is None or str(output) == "-":
        click.echo(text, nl=False)
    else:
        _write(output, text)
    return 0


def _exported(contract: Contract, form: str, *, as_json: bool) -> str:
    if form == _MARKDOWN:
        from pixelproof.documents.markdown import page

        return page(contract)
    from pixelproof.openapi import dump, generate

    document = generate(contract)
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n" if as_json else dump(document)


def _write(path: Path, text: str) -> None:
    if path.is_dir():
        raise BadUsage(f"{path} is a directory", "name a file in it")
    try:
        path.write_text(text, "utf-8", newline="\n")
    except OSError as error:
        raise BadUsage(
            f"{path} cannot be written: {error.strerror}", "choose a folder that exists and is yours"
        ) from None
    click.echo(f"wrote {path}", err=True)
