"""Rules about a gateway under load: what its callers were served, held against what its upstream took."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from pixelproof.contract import Json
from pixelproof.rules.evidence import Evidence
from pixelproof.rules.registry import failed, moot, passed, rule, text, unseen
from pixelproof.verdict import Outcome

#: Share of the requests that a short load may lose: a gateway may limit its callers for a moment.
MOST_LOST = 0.01


@rule
def load_paid_once(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """Under load the upstream takes no more than callers were served for."""
    figures, upstream = _told(evidence, args, "load"), _told(evidence, args, "upstream")
    if not figures.get("requests"):
        return unseen("nothing was sent")
    extra = _whole(upstream, "difference")
    if extra <= 0:
        return passed()
    money = evidence.contract.billing.currency.show
    return failed("the upstream paid for what callers were served", f"{money(extra)} more; {_endings(upstream)}")


@rule
def load_delivered(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """Under load every image comes from the upstream, and as many as were asked for."""
    figures, upstream = _told(evidence, args, "load"), _told(evidence, args, "upstream")
    if not figures.get("requests"):
        return unseen("nothing was sent")
    short = _offences(figures, "another number of images than asked for")
    if short:
        return failed("as many images as asked for", short)
    missing = -_whole(upstream, "difference")
    if missing <= 0:
        return passed()
    money = evidence.contract.billing.currency.show
    return failed(
        "images that the upstream was paid for", f"{money(missing)} less was paid upstream; {_endings(upstream)}"
    )


@rule
def load_wallets(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """Under load every caller's wallet loses the price of what the caller was served."""
    if args.get("auth") != "own":
        return moot("the caller's wallet is the upstream's")
    money = _reconciliation(_told(evidence, args, "load"))
    if money.get("exact") is None:
        return unseen("the callers' balances could not be read")
    if money.get("exact") is True:
        return passed()
    show = evidence.contract.billing.currency.show
    return failed("wallets that lost what was served", f"{show(_whole(money, 'difference'))} off; {_endings(money)}")


@rule
def load_unmixed(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """Under load nobody gets the image or the answer of somebody else."""
    figures = _told(evidence, args, "load")
    mixed = _offences(figures, "two accounts got the same image", "an answer belongs to another request")
    if mixed:
        return failed("each caller's own images", mixed)
    return passed() if figures.get("requests") else unseen("nothing was sent")


@rule
def load_served(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """Under load the gateway goes on serving, for its upstream does."""
    figures = _told(evidence, args, "load")
    if not figures.get("requests"):
        return unseen("nothing was sent")
    share, errors = figures.get("error_share"), _whole(figures, "errors")
    if not isinstance(share, int | float) or share <= MOST_LOST:
        return passed()
    return failed(f"at most {MOST_LOST:.0%} of the requests lost", f"{errors} of {figures['requests']}, {share:.1%}")


def _told(evidence: Evidence, args: Mapping[str, Json], name: str) -> Mapping[str, Json]:
    return _map(evidence.of(text(args, "step", "load")).facts.get(name))


def _reconciliation(figures: Mapping[str, Json]) -> Mapping[str, Json]:
    return _map(figures.get("reconciliation"))


def _offences(figures: Mapping[str, Json], *words: str) -> str:
    """Say which of some kinds of wrong a load met, with examples; empty when it met none."""
    found = _reconciliation(figures).get("offences")
    rows = [_map(row) for row in found] if isinstance(found, list) else []
    return "; ".join(
        f"{row['what']} ({row['count']} times): {', '.join(map(str, cast('list[Json]', row['examples'])))}"
        for row in rows
        if row["what"] in words
    )


def _endings(money: Mapping[str, Json]) -> str:
    return f"{money.get('ok')} served, {money.get('refused')} refused, {money.get('unknown')} without a clear end"


def _whole(values: Mapping[str, Json], name: str) -> int:
    found = values.get(name)
    return found if isinstance(found, int) else 0


def _map(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, dict) else {}
