"""``pixelproof load``: how fast, how often it failed, and whether the money was right."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

from pixelproof.cli.options import key_of
from pixelproof.cli.resume import Duration
from pixelproof.loadresult import LoadResult, Thresholds
from pixelproof.loadrun import RECORD, LoadOptions, run_load
from pixelproof.problems import BadUsage
from pixelproof.target import load_target

#: What is sent when nobody says how much.
_REQUESTS = 1_000
_SHAPES = ("steady", "ramp", "spike", "soak")


@click.command(
    epilog="""\b
Examples:
  pixelproof load                                                the embedded mock, 1,000 requests
  pixelproof load --profile stratizon --users 50 --requests 5000
  pixelproof load http://127.0.0.1:9001/v1 --profile openai --rate 200 --duration 60s --p95 250
  pixelproof load --target vendor.yaml --requests 200 --max-cost "5.00 USD" --error-share 0.01
  pixelproof load --profile aivene --liar aivene-charged-twice   see a finding

Exit codes: 0 exact and within all thresholds, 1 not, 2 usage, 3 unreachable, 4 ours,
5 when neither ledger nor wallet could be read, 130 interrupted."""
)
@click.argument("url", required=False)
@click.option("--profile", metavar="P", help="Contract that prices the requests; default the first shipped one.")
@click.option(
    "--target",
    "target_file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Target file: keys, pool and wallet of the server.",
)
@click.option("--api-key-env", metavar="VAR", help="Environment variable with the key.")
@click.option("--users", type=click.IntRange(1, 10_000), default=20, show_default=True, help="Requests at once.")
@click.option(
    "--rate", type=click.FloatRange(0, min_open=True), metavar="R", help="Send so many a second, however slow they are."
)
@click.option("--requests", type=click.IntRange(1), metavar="N", help=f"End after so many; default {_REQUESTS}.")
@click.option("--duration", type=Duration(), help="End after so long: 60s, 10m.")
@click.option("--shape", type=click.Choice(_SHAPES), default="steady", show_default=True, help="Users over time.")
@click.option("--p95", type=click.FloatRange(0, min_open=True), metavar="MS", help="Most milliseconds for 95 %.")
@click.option("--error-share", type=click.FloatRange(0, 1), metavar="X", help="Most that may fail, from 0 to 1.")
@click.option("--seed", type=int, default=0, show_default=True, help="Same seed, same requests.")
@click.option("--max-cost", metavar='"5.00 USD"', help="Most that may be spent; needed off this machine.")
@click.option("--timeout", type=click.FloatRange(0.1), default=60.0, show_default=True, help="Seconds a request.")
@click.option("--liar", metavar="NAME", help="Embedded mock only: with one planted defect.")
@click.option("--report-dir", type=click.Path(file_okay=False, path_type=Path), help="Default pixelproof-out/<time>.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def command(**given: Any) -> int:
    """Send paid requests at the same time, and reconcile every one of them with the ledger.

    Each request ends ok, refused or unknown; the money is exact when the ledgers took the price
    of every ok one, and of every unknown one all or nothing.
    """
    options = _options(given)
    result = run_load(options, _progress)
    if sys.stderr.isatty():
        click.echo("\r\x1b[K", nl=False, err=True)
    (options.report_dir / "load.json").write_text(f"{json.dumps(result.figures(), indent=2)}\n", "utf-8")
    click.echo(json.dumps(result.figures()) if given["as_json"] else _told(result))
    click.echo(f"record: {options.report_dir / RECORD}", err=True)
    return result.exit_code


def _options(given: dict[str, Any]) -> LoadOptions:
    target_file: Path | None = given["target_file"]
    if given["liar"] and (given["url"] or target_file):
        raise BadUsage("--liar is for the embedded mock", "drop the URL, or serve the liar with `pixelproof serve`")
    if given["requests"] and given["duration"]:
        raise BadUsage("--requests and --duration both say when to end", "leave one of them out")
    if given["rate"] and given["shape"] in {"ramp", "spike"}:
        raise BadUsage(f"--rate is steady, and --shape {given['shape']} moves users", "leave one of them out")
    return LoadOptions(
        url=given["url"],
        profile=given["profile"],
        target=load_target(target_file) if target_file else None,
        key=key_of(given["api_key_env"]),
        users=given["users"],
        rate=given["rate"],
        requests=given["requests"] or (None if given["duration"] else _REQUESTS),
        duration_s=given["duration"],
        shape=given["shape"],
        thresholds=Thresholds(p95_ms=given["p95"], error_share=given["error_share"]),
        seed=given["seed"],
        report_dir=given["report_dir"] or _fresh_folder(),
        max_cost=given["max_cost"],
        timeout_s=given["timeout"],
        liar=given["liar"],
    )


def _told(result: LoadResult) -> str:
    tally, money = result.tally, result.reconciliation
    p50, p95, p99 = (tally.percentile(share) for share in (0.5, 0.95, 0.99))
    lines = [
        f"{result.profile}: {tally.requests} requests in {result.seconds:.1f} s, {result.throughput:.0f} a second",
        f"p50 {p50} ms, p95 {p95} ms, p99 {p99} ms; {tally.error_share:.2%} not served",
        f"{money.ok} ok, {money.refused} refused, {money.unknown} unknown, {money.unknown_charged} of them charged",
    ]
    exact = {True: "exact", False: "NOT EXACT", None: "unknown: neither a ledger nor a wallet could be read"}
    lines.append(f"money: {exact[money.exact]}, {money.difference} units off, by {money.by}")
    for offence in money.offences:
        claims = ", ".join(offence.claims) or "no claim of this document"
        lines.append(f"  {offence.wrong.value} ({claims}): {offence.count}")
        lines += [f"    {example}" for example in offence.examples]
    return "\n".join([*lines, *(f"missed: {sentence}" for sentence in result.missed())])


def _progress(progress: Any) -> None:
    if sys.stderr.isatty():
        text = "{seconds:.0f} s  {done} answered  {errors} not served  {users} users".format_map(progress)
        click.echo(f"\r\x1b[K{text}", nl=False, err=True)


def _fresh_folder() -> Path:
    from datetime import datetime

    return Path("pixelproof-out") / datetime.now().astimezone().strftime("load-%Y-%m-%dT%H-%M-%S")
