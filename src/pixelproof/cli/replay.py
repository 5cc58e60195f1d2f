"""``pixelproof replay``: one recorded case sent again, old and new answers side by side."""

from __future__ import annotations

import json
import tempfile
from itertools import zip_longest
from pathlib import Path
from typing import Any

import click

from pixelproof.cli.judge import contract_of
from pixelproof.cli.options import key_of, wire_of
from pixelproof.cli.page import width
from pixelproof.contract import Contract
from pixelproof.exchange import Exchange
from pixelproof.record.recording import read_record
from pixelproof.record.scrutiny import scrutinised
from pixelproof.targets.file import load_target
from pixelproof.verdict import CaseVerdict
from pixelproof.verification.replaying import Replay, options_of, recorded_case, sent_again
from pixelproof.verification.verifying import VerifyOptions

_FILE = click.Path(dir_okay=False, path_type=Path)
#: Lines of one body that are shown without ``-v``.
_LINES = 12


@click.command(
    epilog="""\b
Examples:
  pixelproof replay pixelproof-out/2026-11-20T18-00-00/aivene money/dall-e-2/one
  pixelproof replay run.jsonl money/dall-e-2/one --url http://127.0.0.1:9001/v1
  pixelproof replay run.jsonl images/dall-e-3/n=1 --api-key-env ACME_KEY --max-cost "0.10 USD"
Keys come from PIXELPROOF_KEY, PIXELPROOF_KEY_BROKE …, as in the curl of a finding."""
)
@click.argument("run", type=click.Path(path_type=Path))
@click.argument("case")
@click.option("--url", help="Server to ask; default: the one of the record, or its mock started again.")
@click.option("--target", "target_file", type=_FILE, help="Target file: keys, levers and maps of the server.")
@click.option("--profile", metavar="P", help="Contract to judge by, by name; default: the record's own.")
@click.option("--contract", "contract_file", type=_FILE, help="Contract of your own instead.")
@click.option("--api-key-env", metavar="VAR", help="Environment variable with the key.")
@click.option("--max-cost", metavar='"0.50 USD"', help="Most that may be spent; needed off this machine.")
@click.option("--timeout", type=click.FloatRange(0.1), default=60.0, show_default=True, help="Seconds a request.")
@click.option("--ca-bundle", metavar="FILE", help="Certificates to trust.")
@click.option("--insecure", is_flag=True, help="Do not check certificates.")
@click.option("--proxy", metavar="URL", help="HTTP proxy to go through.")
@click.option("-o", "--output", type=click.Path(file_okay=False, path_type=Path), help="Keep the new record here.")
@click.option("--json", "as_json", is_flag=True, help="Print both sides as JSON.")
@click.option("-v", "--verbose", is_flag=True, help="Show whole bodies.")
def command(**given: Any) -> int:
    """Send the requests of one recorded case again: old and new answers, verdicts then and now.

    Exit codes are those of verify, by the verdicts of now.
    """
    record = scrutinised(read_record(given["run"]))
    case = recorded_case(record, given["case"])
    contract = contract_of(record, given["profile"], given["contract_file"])
    options = options_of(record, case, _options(given))
    if not given["as_json"]:
        count = f"{len(case.sends())} request{'s' if len(case.sends()) != 1 else ''}"
        click.echo(f"{case.id}: {count}, {contract.billing.currency.show(case.price)}")
    with tempfile.TemporaryDirectory(prefix="pixelproof-") as folder:
        replay = sent_again(record, case, contract, options, given["output"] or Path(folder))
    if given["as_json"]:
        click.echo(json.dumps(_as_json(replay, contract), ensure_ascii=False))
    else:
        _print(replay, verbose=given["verbose"])
    return replay.exit_code


def _options(given: dict[str, Any]) -> VerifyOptions:
    return VerifyOptions(
        url=given["url"],
        profile=given["profile"],
        contract_file=given["contract_file"],
        target=load_target(given["target_file"]) if given["target_file"] else None,
        key=key_of(given["api_key_env"]),
        max_cost=given["max_cost"],
        wire=wire_of(given),
    )


def _as_json(replay: Replay, contract: Contract) -> dict[str, object]:
    currency = contract.billing.currency
    return {
        "case": replay.case.id,
        "price": {"amount": currency.format(replay.case.price), "currency": currency.code},
        "answers": [
            {"step": _either(then, now).step, "then": _answer(then), "now": _answer(now)}
            for then, now in replay.answers()
        ],
        "verdicts": [
            {"claim": one.claim, "rule": one.rule, "then": _verdict(then), "now": _verdict(now)}
            for then, now in replay.verdicts()
            for one in (now or then,)
            if one is not None
        ],
        "exit_code": replay.exit_code,
    }


def _answer(exchange: Exchange | None) -> dict[str, object] | None:
    if exchange is None:
        return None
    body = exchange.response.body if exchange.response else None
    return {"status": exchange.status, "said": _brief(exchange), "body": body, "elapsed_s": exchange.elapsed_s}


def _verdict(line: CaseVerdict | None) -> dict[str, str] | None:
    return None if line is None else {"verdict": line.verdict.value, "wanted": line.wanted, "got": line.got}


def _print(replay: Replay, *, verbose: bool) -> None:
    for then, now in replay.answers():
        shown = _either(then, now)
        click.secho(f"\n{shown.step}  {shown.request.method} {shown.request.url}", bold=True)
        _beside(_lines(then, verbose=verbose), _lines(now, verbose=verbose))
    click.secho("\nverdicts", bold=True)
    for before, after in replay.verdicts():
        one = after or before
        if one is not None:
            words = " then, ".join(line.verdict.value if line else "absent" for line in (before, after))
            click.echo(f"  {one.claim}  {one.rule}: {words} now")
        if after is not None and after.wanted:
            click.echo(f"    wanted  {_visible(after.wanted)}\n    got     {_visible(after.got)}")


def _beside(then: list[str], now: list[str]) -> None:
    column = max(20, (width() - 5) // 2)
    click.secho(f"  {'then':<{column}}   now", dim=True)
    for left, right in zip_longest(then, now, fillvalue=""):
        mark = " " if left == right else "|"
        click.echo(f"  {left[:column]:<{column}} {mark} {right[:column]}".rstrip())


def _lines(exchange: Exchange | None, *, verbose: bool) -> list[str]:
    if exchange is None:
        return ["no such request"]
    body = exchange.response.body if exchange.response and exchange.response.is_json else None
    told = [] if body is None else json.dumps(body, indent=1, ensure_ascii=False).splitlines()
    if not verbose and len(told) > _LINES:
        told = [*told[:_LINES], f"… {len(told) - _LINES} more lines (-v)"]
    return [_visible(line) for line in (_brief(exchange), *told)]


def _brief(exchange: Exchange) -> str:
    if "balance" in exchange.facts:
        return f"a balance of {exchange.facts['balance']} in smallest units"
    images = [f"{image.media_type or image.problem} {image.width}x{image.height}" for image in exchange.images]
    return f"{exchange.status} with {', '.join(images)}" if images else exchange.brief()


def _either(then: Exchange | None, now: Exchange | None) -> Exchange:
    found = now or then
    if found is None:  # a pair has at least one
        raise ValueError("no answer on either side")
    return found


def _visible(text: str) -> str:
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)
