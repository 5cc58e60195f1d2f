"""Options that ``verify`` and ``plan`` share, and how they become one value."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from pixelproof.cli.resume import Duration
from pixelproof.client import WireOptions
from pixelproof.deviation import Tier
from pixelproof.problems import BadUsage
from pixelproof.strategies.claims import JudgeLevel
from pixelproof.targets.file import load_target
from pixelproof.verification.verifying import VerifyOptions

_FILE = click.Path(dir_okay=False, path_type=Path)

_OPTIONS: tuple[Callable[[Callable[..., Any]], Callable[..., Any]], ...] = (
    click.argument("url", required=False),
    click.option("--profile", metavar="P", help="Contract to prove, by name (see `coverage`)."),
    click.option("--contract", "contract_file", type=_FILE, help="Contract of your own instead."),
    click.option("--target", "target_file", type=_FILE, help="Target file: keys, levers and maps of the server."),
    click.option("--api-key-env", metavar="VAR", help="Environment variable with the key."),
    click.option(
        "--tier", type=click.Choice([tier.value for tier in Tier]), default=Tier.CORE.value, show_default=True
    ),
    click.option(
        "--level",
        type=click.Choice([level.value for level in JudgeLevel]),
        default=JudgeLevel.DOCUMENTED.value,
        show_default=True,
    ),
    click.option("--seed", type=int, default=0, show_default=True),
    click.option("--max-cost", metavar='"0.50 USD"', help="Most that may be spent; needed off this machine."),
    click.option("--max-images", type=click.IntRange(0), metavar="N", help="Most images that may be asked for."),
    click.option(
        "--workers", type=click.IntRange(1, 64), default=1, show_default=True, help="Cases proven at the same time."
    ),
    click.option("--rate", type=click.FloatRange(0, min_open=True), metavar="R", help="Most requests a second."),
    click.option("--deadline", type=Duration(), help="Begin nothing after so long: 300s, 5m."),
    click.option("--task-timeout", type=Duration(), help="Give a task up that runs longer: 90s, 5m."),
    click.option("--select", multiple=True, metavar="ID", help="Only this claim, rule or case glob."),
    click.option("--exclude", multiple=True, metavar="ID", help="Not this claim, rule or case glob."),
    click.option("--liar", metavar="NAME", help="Embedded mock only: with one planted defect."),
    click.option("--timeout", type=click.FloatRange(0.1), default=60.0, show_default=True, help="Seconds a request."),
    click.option("--ca-bundle", metavar="FILE", help="Certificates to trust."),
    click.option("--insecure", is_flag=True, help="Do not check certificates."),
    click.option("--proxy", metavar="URL", help="HTTP proxy to go through."),
)


def shared(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the shared options to a command."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


def verify_options(given: dict[str, Any], **more: Any) -> VerifyOptions:
    """Turn the shared options into one value. Raises BadUsage and BadDocument."""
    target_file: Path | None = given["target_file"]
    if given["liar"] and (given["url"] or target_file):
        raise BadUsage("--liar is for the embedded mock", "drop the URL, or serve the liar with `pixelproof serve`")
    return VerifyOptions(
        url=given["url"],
        profile=given["profile"],
        contract_file=given["contract_file"],
        target=load_target(target_file) if target_file else None,
        key=key_of(given["api_key_env"]),
        tier=Tier(given["tier"]),
        level=JudgeLevel(given["level"]),
        seed=given["seed"],
        max_cost=given["max_cost"],
        max_images=given["max_images"],
        workers=given["workers"],
        rate=given["rate"],
        deadline_s=given["deadline"],
        task_timeout_s=given["task_timeout"],
        select=given["select"],
        exclude=given["exclude"],
        liar=given["liar"],
        wire=wire_of(given),
        **more,
    )


def wire_of(given: dict[str, Any]) -> WireOptions:
    """Return how requests travel: patience, certificates and proxy."""
    return WireOptions(
        timeout_s=given["timeout"],
        ca_bundle=given["ca_bundle"],
        insecure=given["insecure"],
        proxy=given["proxy"],
    )


def key_of(variable: str | None) -> str | None:
    """Return the key in an environment variable, None when none is named. Raises BadUsage."""
    if variable is None:
        return None
    key = os.environ.get(variable)
    if not key:
        raise BadUsage(f"the environment has no variable {variable}", f"export {variable}=… first")
    return key
