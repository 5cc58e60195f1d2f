"""The walk through the ledger: what each paid request should cost, what the target said, what the wallet showed."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from pixelproof.contract import Contract, Json
from pixelproof.record.recording import Record
from pixelproof.verdict import Verdict

from .marks import anchor
from .summary import trimmed
from .witnesses import Entry, entries_of

#: Rows of the walk; the rest is counted.
_ROWS = 1_500


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One row of the walk, as text; empty where a witness says nothing."""

    seq: int
    case: str
    anchor: str
    step: str
    status: str
    documented: str
    reported: str
    returned: str
    measured: str
    together: int
    running: str
    wallet: str
    #: Which witnesses disagree, empty when none does; ``broken`` where a rule judged the case and it failed.
    differs: str
    broken: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """The money of a run."""

    currency: str
    totals: tuple[tuple[str, str, str], ...]
    steps: tuple[Step, ...]
    more: int
    differing: int
    broken: bool
    #: Requests that had to cost nothing, of which no witness says otherwise.
    free: int
    images: str


def walk(record: Record, contract: Contract | None) -> Walk | None:
    """Return the money of a record, None where no request could cost any."""
    if not record.sent:
        return None
    entries = entries_of(record, contract)
    paid = [entry for entry in entries if _tells(entry)]
    failed = {line.case for line in record.verdicts if line.verdict is Verdict.FAIL}
    steps = tuple(_steps(paid, failed))
    cost = (record.end or {}).get("cost")
    told = cost if isinstance(cost, dict) else {}
    return Walk(
        currency=str(told.get("currency", contract.billing.currency.code if contract is not None else "")),
        totals=_totals(told),
        steps=steps[:_ROWS],
        more=max(0, len(steps) - _ROWS),
        differing=sum(bool(step.differs) for step in steps),
        broken=any(step.differs and step.broken for step in steps),
        free=len(entries) - len(paid),
        images=str(told.get("images", "")),
    )


def _totals(cost: Mapping[str, Json]) -> tuple[tuple[str, str, str], ...]:
    said = {
        "amount": ("Spent", "call by call the largest of the three"),
        "documented": ("Documented", "by the prices of the contract"),
        "reported": ("Reported", "by the answers of the target"),
        "measured": ("Measured", "by what wallets fell while they were watched"),
    }
    return tuple(
        (title, trimmed(cost[name]) if cost[name] is not None else "—", what)
        for name, (title, what) in said.items()
        if name in cost
    )


def _tells(entry: Entry) -> bool:
    return bool(entry.documented is None or entry.documented or entry.reported or entry.measured)


def _steps(entries: list[Entry], failed: Collection[str]) -> Iterator[Step]:
    places = max((_places(amount) for entry in entries for amount in _amounts(entry)), default=2)
    running = Decimal(0)
    group: list[Entry] = []
    for entry in entries:
        running += entry.documented or Decimal(0)
        group.append(entry)
        own = group[-entry.together :] if entry.measured is not None else [entry]
        group = [] if entry.measured is not None else group
        yield Step(
            seq=entry.exchange.seq,
            case=entry.exchange.case,
            anchor=anchor("case", entry.exchange.case),
            step=entry.exchange.step,
            status=str(entry.exchange.status or "no answer"),
            documented=_amount(entry.documented, places),
            reported=_amount(entry.reported, places),
            returned=_amount(entry.returned, places) if entry.returned else "",
            measured=_amount(entry.measured, places),
            together=entry.together,
            running=_amount(running, places),
            wallet=_amount(entry.wallet, places),
            differs=_differs(entry, own),
            broken=entry.exchange.case in failed,
        )


def _differs(entry: Entry, group: list[Entry]) -> str:
    found = []
    if not all(item.fixed for item in group):
        return ""
    if entry.reported is not None and entry.documented is not None and entry.reported != entry.documented:
        found.append("reported is not documented")
    net = [_net(item) for item in group]
    if entry.measured is not None and None not in net:
        owed = sum((amount for amount in net if amount is not None), Decimal(0))
        if abs(entry.measured - owed) > entry.grain:
            found.append(f"measured is not {_amount(owed)}")
    return "; ".join(found)


def _net(entry: Entry) -> Decimal | None:
    """Return what is owed in the end: the document's price without what the target gave back."""
    return None if entry.documented is None else entry.documented - entry.returned


def _amounts(entry: Entry) -> Iterator[Decimal]:
    found = (entry.documented, entry.reported, entry.returned, entry.measured)
    yield from (amount for amount in found if amount is not None)


def _places(amount: Decimal) -> int:
    return len(trimmed(f"{amount:f}").partition(".")[2])


def _amount(amount: Decimal | None, places: int = 0) -> str:
    """Write an amount with as many decimals as the others of its column."""
    return "" if amount is None else f"{amount:,.{places}f}" if places else trimmed(f"{amount:f}")
