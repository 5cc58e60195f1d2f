"""``pixelproof specs list``: the shipped contracts, one line each."""

from __future__ import annotations

import json

import click

from pixelproof import loading
from pixelproof.cli.page import colour
from pixelproof.cli.specs.places import relative


@click.command(epilog="\b\nExamples:\n  pixelproof specs list\n  pixelproof specs list --json | jq '.[].profile'")
@click.option("--json", "as_json", is_flag=True, help="Print the list as JSON.")
def command(*, as_json: bool) -> int:
    """List the shipped contracts: operations, models, money, claims, and when their pages were read."""
    rows = [_row(profile) for profile in loading.profiles()]
    if as_json:
        click.echo(json.dumps(rows, indent=1, ensure_ascii=False))
    else:
        _print(rows)
    return 0


def _row(profile: str) -> dict[str, object]:
    contract = loading.shipped(profile)
    return {
        "profile": profile,
        "title": contract.title,
        "operations": list(contract.operations),
        "models": list(contract.models),
        "currency": contract.billing.currency.code,
        "moment": contract.billing.moment.value,
        "claims": len(contract.claims),
        # the oldest reading is what the contract as a whole can be trusted for
        "read": min((claim.read for claim in contract.claims.values()), default=""),
        "file": relative(str(loading.path_of(profile))),
    }


def _print(rows: list[dict[str, object]]) -> None:
    from pixelproof.cli.specs.paper import Paper

    paper = Paper(colour=colour())
    paper.table(list(rows[0]), [[_cell(name, value) for name, value in row.items()] for row in rows])
    click.echo(paper.text(), nl=False)


def _cell(name: str, value: object) -> str:
    if isinstance(value, list):
        # seven models would fill the screen; 'specs show' names them
        return str(len(value)) if name == "models" else ", ".join(map(str, value))
    return str(value).replace("_", " ") if name == "moment" else str(value)
