"""What ``pixelproof load`` tells a person: while it goes, and when it has ended."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from typing import Any

import click

from pixelproof.contract import Json
from pixelproof.loadtest.result import LoadResult

#: Rows of the table over time; a long load is told in as many.
_ROWS = 10
_EXACT = {True: "exact", False: "NOT EXACT", None: "unknown: neither a ledger nor a wallet could be read"}


def told(result: LoadResult) -> str:
    """Return the result as lines for a person."""
    tally, money = result.tally, result.reconciliation
    p50, p95, p99 = (tally.percentile(share) for share in (0.5, 0.95, 0.99))
    lines = [
        f"{result.profile}: {tally.requests} requests in {result.seconds:.1f} s, {result.throughput:.0f} a second",
        f"p50 {p50} ms, p95 {p95} ms, p99 {p99} ms; {tally.error_share:.2%} not served",
        *_over_time(result),
        *_worked(result),
        *(f"soak, {drift.sentence()}" for drift in result.drifts),
        *(_searched(result.limit) if result.limit is not None else ()),
        f"{money.ok} ok, {money.refused} refused, {money.unknown} unknown, {money.unknown_charged} of them charged",
        f"money: {_EXACT[money.exact]}, {money.difference} units off, by {money.by}",
    ]
    if result.bursts is not None:
        lines.append(f"limit of a minute: held against {result.bursts} bursts of one caller")
    if not result.is_served:
        lines.append("nothing was served, so nothing is proven: is the base URL whole, with /v1, and the key right?")
    for offence in money.offences:
        claims = ", ".join(offence.claims) or "no claim of this document"
        lines.append(f"  {offence.wrong.value} ({claims}): {offence.count}")
        lines += [f"    {example}" for example in offence.examples]
    return "\n".join([*lines, *(f"missed: {sentence}" for sentence in result.missed())])


def progress(line: Mapping[str, Any]) -> None:
    """Show how the load goes, on a terminal only."""
    if not sys.stderr.isatty():
        return
    text = "{seconds:.0f} s  {done} answered  {errors} not served  {users} users".format_map(line)
    rate = line.get("rate")
    click.echo(f"\r\x1b[K{text}{f'  at {rate:.1f} a second' if rate else ''}", nl=False, err=True)


def _over_time(result: LoadResult) -> Iterator[str]:
    """Yield how fast it was in each tenth of the time; a load of a few seconds has no course to tell."""
    slots = result.timeline.slots
    if len(slots) < _ROWS:
        return
    yield "  from s    a second   p50 ms   p95 ms   p99 ms   not served"
    for row in range(_ROWS):
        part = result.timeline.between(row / _ROWS, (row + 1) / _ROWS)
        first, last = int(row * len(slots) / _ROWS), int((row + 1) * len(slots) / _ROWS)
        rate = part.requests / ((last - first) * result.timeline.slot_s)
        p50, p95, p99 = (part.percentile(share) or 0.0 for share in (0.5, 0.95, 0.99))
        begin = first * result.timeline.slot_s
        yield f"  {begin:>6.0f} {rate:>11.1f} {p50:>8g} {p95:>8g} {p99:>8g} {part.errors:>12}"


def _worked(result: LoadResult) -> Iterator[str]:
    if result.workers > 1 or result.lost:
        yield f"{result.workers} workers, {result.lost} of them lost"
    if result.tally.unreported:
        yield f"{result.tally.unreported} requests that a lost worker may have sent count as unknown"


def _searched(limit: Mapping[str, Json]) -> Iterator[str]:
    steps = limit["steps"]
    yield "  due/s   answered/s   p95 ms   not served"
    for step in steps if isinstance(steps, list) else []:
        if isinstance(step, dict):
            missed = step["missed"]
            why = "; ".join(map(str, missed)) if isinstance(missed, list) else ""
            share = f"{float(str(step['error_share'])):.2%}"
            figures = f"{step['rate']:>7.5g} {step['answered']:>12.5g} {step['p95_ms'] or 0:>8g} {share:>12}"
            yield f"{figures}   {why}".rstrip()
    if limit["generator_bound"]:
        yield f"generator-bound: {limit['because']}"
    elif limit["rate"] is None:
        yield f"no limit found: {limit['because'] or 'the search was cut short'}"
    elif limit["breaks_at"] is None:
        yield f"the search was cut short: {limit['rate']} requests a second are kept"
    else:
        yield f"limit: {limit['rate']} requests a second; {limit['breaks_at']} break: {limit['because']}"
