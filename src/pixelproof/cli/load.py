"""``pixelproof load``: how fast, how often it failed, and whether the money was right."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

from pixelproof.cli import loadpage
from pixelproof.cli.options import key_of
from pixelproof.cli.resume import Duration
from pixelproof.cli.writing import format_option, write_reports
from pixelproof.loadtest.making.process import working
from pixelproof.loadtest.making.run import RECORD, run_load
from pixelproof.loadtest.options import LoadOptions
from pixelproof.loadtest.plan import FIND_LIMIT, Post
from pixelproof.loadtest.thresholds import Thresholds, read_thresholds
from pixelproof.problems import BadUsage
from pixelproof.record.loadrecord import RESULT, load_record
from pixelproof.targets.file import load_target

#: What is sent when nobody says how much.
_REQUESTS = 1_000
#: Requests at once, and at most at once while a limit is searched for.
_USERS, _SEARCHING_USERS = 20, 100
_SHAPES = ("steady", "ramp", "spike", "soak", FIND_LIMIT)
_POSITIVE = click.FloatRange(0, min_open=True)
_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command(
    epilog="""\b
Examples:
  pixelproof load                                                the embedded mock, 1,000 requests
  pixelproof load --profile stratizon --users 50 --requests 5000
  pixelproof load http://127.0.0.1:9001/v1 --profile openai --rate 200 --duration 60s --p95 250
  pixelproof load --target vendor.yaml --requests 200 --max-cost "5.00 USD" --error-share 0.01
  pixelproof load http://127.0.0.1:9001/v1 --profile openai --shape find-limit --p95 250
  pixelproof load --master --expect-workers 2 --requests 20000   and twice: pixelproof load --worker
  pixelproof load --profile aivene --liar aivene-charged-twice   see a finding

Exit codes: 0 exact and within all thresholds, 1 not, 2 usage, 3 unreachable, 4 ours,
5 when neither ledger nor wallet could be read, or no limit could be found, 130 interrupted."""
)
@click.argument("url", required=False)
@click.option("--profile", metavar="P", help="Contract that prices the requests; default the first shipped one.")
@click.option("--contract", "contract_file", type=_FILE, help="Contract of your own instead.")
@click.option("--target", "target_file", type=_FILE, help="Target file: keys, pool and wallet of the server.")
@click.option("--api-key-env", metavar="VAR", help="Environment variable with the key.")
@click.option(
    "--users",
    type=click.IntRange(1, 10_000),
    help=f"Requests at once; default {_USERS}, or {_SEARCHING_USERS} to find a limit.",
)
@click.option(
    "--rate",
    type=_POSITIVE,
    metavar="R",
    help="Send so many a second, however slow they are; find-limit begins with it.",
)
@click.option("--requests", type=click.IntRange(1), metavar="N", help=f"End after so many; default {_REQUESTS}.")
@click.option("--duration", type=Duration(), help="End after so long: 60s, 10m.")
@click.option("--shape", type=click.Choice(_SHAPES), default="steady", show_default=True, help="Users over time.")
@click.option("--think", type=Duration(), help="How long each user waits before the next request.")
@click.option("--step", type=Duration(), default="5s", show_default=True, help="How long find-limit holds a rate.")
@click.option("--p50", type=_POSITIVE, metavar="MS", help="Most milliseconds for half of the answers.")
@click.option("--p95", type=_POSITIVE, metavar="MS", help="Most milliseconds for 95 %.")
@click.option("--p99", type=_POSITIVE, metavar="MS", help="Most milliseconds for 99 %.")
@click.option("--error-share", type=click.FloatRange(0, 1), metavar="X", help="Most that may fail, from 0 to 1.")
@click.option("--throughput", type=_POSITIVE, metavar="R", help="Least requests a second.")
@click.option("--thresholds", "thresholds_file", type=_FILE, help="File of thresholds; flags go before it.")
@click.option("--seed", type=int, default=0, show_default=True, help="Same seed, same requests.")
@click.option("--max-cost", metavar='"5.00 USD"', help="Most that may be spent; needed off this machine.")
@click.option("--timeout", type=click.FloatRange(0.1), default=60.0, show_default=True, help="Seconds a request.")
@click.option("--master", is_flag=True, help="Send nothing here: deal it out to workers.")
@click.option("--worker", is_flag=True, help="Work for a master, which knows everything else.")
@click.option("--master-host", metavar="HOST", default="127.0.0.1", show_default=True, help="Where the master listens.")
@click.option("--master-port", type=click.IntRange(1, 65535), default=5557, show_default=True)
@click.option("--expect-workers", type=click.IntRange(1), default=1, show_default=True, help="Begin with so many.")
@click.option("--web", type=click.IntRange(1, 65535), metavar="PORT", help="Show Locust's page at this port.")
@click.option("--ca-bundle", metavar="FILE", help="Certificates to trust.")
@click.option("--insecure", is_flag=True, help="Do not check certificates.")
@click.option("--proxy", metavar="URL", help="HTTP proxy to go through.")
@click.option("--liar", metavar="NAME", help="Embedded mock only: with one planted defect.")
@click.option("--report-dir", type=click.Path(file_okay=False, path_type=Path), help="Default pixelproof-out/<time>.")
@format_option
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def command(**given: Any) -> int:
    """Send paid requests at the same time, and reconcile every one of them with the ledger.

    Each request ends ok, refused or unknown; the money is exact when the ledgers took the price
    of every ok one, and of every unknown one all or nothing.
    """
    if given["worker"]:
        return _work(given)
    options = _options(given)
    result = run_load(options, loadpage.progress)
    if sys.stderr.isatty():
        click.echo("\r\x1b[K", nl=False, err=True)
    path = options.report_dir / RESULT
    path.write_text(f"{json.dumps(result.figures(), indent=2)}\n", "utf-8")
    write_reports(load_record(path, result.figures()), given["formats"], options.report_dir)
    click.echo(json.dumps(result.figures()) if given["as_json"] else loadpage.told(result))
    click.echo(f"record: {options.report_dir / RECORD}", err=True)
    return result.exit_code


def _options(given: dict[str, Any]) -> LoadOptions:
    _hold_together(given)
    target_file: Path | None = given["target_file"]
    is_search = given["shape"] == FIND_LIMIT
    return LoadOptions(
        url=given["url"],
        profile=given["profile"],
        contract_file=given["contract_file"],
        target=load_target(target_file) if target_file else None,
        key=key_of(given["api_key_env"]),
        users=given["users"] or (_SEARCHING_USERS if is_search else _USERS),
        rate=given["rate"],
        requests=given["requests"] or (None if given["duration"] or is_search else _REQUESTS),
        duration_s=given["duration"],
        shape=given["shape"],
        step_s=given["step"],
        think_s=given["think"] or 0.0,
        post=_post(given),
        web=given["web"],
        thresholds=_thresholds(given),
        seed=given["seed"],
        report_dir=given["report_dir"] or _fresh_folder(),
        max_cost=given["max_cost"],
        timeout_s=given["timeout"],
        ca_bundle=given["ca_bundle"],
        insecure=given["insecure"],
        proxy=given["proxy"],
        liar=given["liar"],
    )


def _hold_together(given: dict[str, Any]) -> None:
    """Refuse options that say two things. Raises BadUsage."""
    if given["liar"] and (given["url"] or given["target_file"] or given["contract_file"]):
        raise BadUsage("--liar is for the embedded mock", "drop the URL, or serve the liar with `pixelproof serve`")
    if given["contract_file"] and given["profile"]:
        raise BadUsage("--contract and --profile both name a contract", "leave one of them out")
    if given["requests"] and given["duration"]:
        raise BadUsage("--requests and --duration both say when to end", "leave one of them out")
    if given["rate"] and given["shape"] in {"ramp", "spike"}:
        raise BadUsage(f"--rate is steady, and --shape {given['shape']} moves users", "leave one of them out")
    if given["master"] and given["shape"] == FIND_LIMIT:
        raise BadUsage("a limit is searched for by one process", "raise --rate by hand with --master")


def _work(given: dict[str, Any]) -> int:
    if given["master"] or given["url"] or given["target_file"]:
        raise BadUsage("--worker learns everything from its master", "give it --master-host and --master-port only")
    sent = working(given["master_host"], given["master_port"])
    click.echo(f"{sent} requests sent for the master at {given['master_host']}:{given['master_port']}")
    return 0


def _post(given: dict[str, Any]) -> Post | None:
    if not given["master"]:
        return None
    return Post(host=given["master_host"], port=given["master_port"], workers=given["expect_workers"])


def _thresholds(given: dict[str, Any]) -> Thresholds:
    flags = Thresholds(
        p50_ms=given["p50"],
        p95_ms=given["p95"],
        p99_ms=given["p99"],
        error_share=given["error_share"],
        throughput=given["throughput"],
    )
    return flags.over(read_thresholds(given["thresholds_file"])) if given["thresholds_file"] else flags


def _fresh_folder() -> Path:
    from datetime import datetime

    return Path("pixelproof-out") / datetime.now().astimezone().strftime("load-%Y-%m-%dT%H-%M-%S")
