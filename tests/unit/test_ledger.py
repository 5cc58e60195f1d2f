"""The ledger keeps its invariant whatever happens, and never moves money twice."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixelproof.contract import Overdraft
from pixelproof.ledger import EntryKind, Ledger, LedgerError


def ledger(opening: int = 1000, *, cap: int = 1000) -> Ledger:
    return Ledger(opening, 0.0, cap=cap)


def test_a_captured_hold_leaves_exactly_the_charge() -> None:
    wallet = ledger(100)
    hold = wallet.hold(40, 1.0, "req_1")
    wallet.capture(hold, 30, 2.0, "req_1")
    assert (wallet.balance, wallet.held, wallet.charged) == (70, 0, 30)
    assert [(e.seq, e.kind, e.amount, e.balance_after, e.refers_to) for e in wallet.entries()] == [
        (1, EntryKind.OPENING, 100, 100, None),
        (2, EntryKind.HOLD, -40, 60, None),
        (3, EntryKind.RELEASE, 40, 100, 2),
        (4, EntryKind.CHARGE, -30, 70, 2),
    ]


def test_a_hold_is_settled_once() -> None:
    wallet = ledger(100)
    hold = wallet.hold(40, 1.0)
    wallet.release(hold, 2.0)
    with pytest.raises(LedgerError):
        wallet.capture(hold, 40, 3.0)
    assert wallet.balance == 100


def test_nothing_is_held_beyond_the_balance() -> None:
    wallet = ledger(100)
    with pytest.raises(LedgerError):
        wallet.hold(101, 1.0)


def test_a_capture_never_takes_more_than_was_held() -> None:
    wallet = ledger(100)
    hold = wallet.hold(40, 1.0)
    with pytest.raises(LedgerError):
        wallet.capture(hold, 41, 2.0)
    assert wallet.held == 40


def test_refunds_never_exceed_the_charge() -> None:
    wallet = ledger(100)
    wallet.charge(40, 1.0, task_id="task_1")
    wallet.refund("task_1", "partial", 30, 2.0)
    with pytest.raises(LedgerError):
        wallet.refund("task_1", "failed", 11, 3.0)
    assert (wallet.balance, wallet.refunded) == (90, 30)


def test_the_same_refund_again_changes_nothing() -> None:
    wallet = ledger(100)
    wallet.charge(40, 1.0, task_id="task_1")
    first = wallet.refund("task_1", "failed", 40, 2.0)
    assert wallet.refund("task_1", "failed", 40, 3.0) == first
    assert wallet.balance == 100


def test_an_adjustment_may_go_down() -> None:
    wallet = ledger(100)
    wallet.adjust(-150, 1.0)
    assert wallet.balance == -50
    assert wallet.check().balanced


@pytest.mark.parametrize(
    ("policy", "balance", "price", "may"),
    [
        (Overdraft.NEVER, 10, 10, True),
        (Overdraft.NEVER, 9, 10, False),
        (Overdraft.ONE_REQUEST, 1, 10, True),
        (Overdraft.ONE_REQUEST, 0, 10, False),
        (Overdraft.UNSPECIFIED, 9, 10, False),
    ],
)
def test_the_overdraft_policy_decides_who_may_begin(policy: Overdraft, balance: int, price: int, *, may: bool) -> None:
    assert ledger(balance).affords(price, policy) is may


@pytest.mark.parametrize("amount", [-1, 0.5, "1", True, None])
def test_only_whole_amounts_enter(amount: object) -> None:
    with pytest.raises(LedgerError):
        ledger().top_up(amount, 1.0)  # type: ignore[arg-type]  # the point of the test


def test_folding_keeps_the_totals_and_numbers() -> None:
    wallet = ledger(1000, cap=10)
    for _ in range(50):
        wallet.capture(wallet.hold(3, 1.0), 3, 1.0)
    entries = list(wallet.entries())
    assert entries[0].kind is EntryKind.CARRIED_FORWARD
    assert sum(entry.amount for entry in entries) == wallet.balance == 850
    assert entries[-1].seq == 151
    assert len(entries) <= 11
    assert wallet.check().balanced


def test_a_page_begins_after_the_number_asked_for() -> None:
    wallet = ledger()
    for _ in range(5):
        wallet.charge(1, 1.0)
    assert [entry.seq for entry in wallet.entries(after=2, limit=2)] == [3, 4]


_MOVES = st.lists(
    st.tuples(
        st.sampled_from(["top_up", "adjust", "hold", "release", "capture", "charge", "refund"]),
        st.integers(0, 60),
        st.integers(0, 5),
    ),
    max_size=60,
)


@given(moves=_MOVES, opening=st.integers(0, 100), cap=st.sampled_from([4, 1000]))
def test_opening_and_additions_equal_balance_held_and_net_charges(
    moves: list[tuple[str, int, int]], opening: int, cap: int
) -> None:
    wallet = ledger(opening, cap=cap)
    holds: list[int] = []
    for at, (move, amount, choice) in enumerate(moves):
        with suppress(LedgerError):
            _apply(wallet, move, amount, choice, holds, float(at))
        totals = wallet.check()
        assert totals.balanced
        came = totals.opening + totals.top_ups + totals.adjustments
        assert came == totals.balance + totals.held + totals.charged - totals.refunded
        assert totals.held >= 0
        assert totals.refunded <= totals.charged


def _apply(  # noqa: PLR0913, PLR0917 - one move of the property above
    wallet: Ledger, move: str, amount: int, choice: int, holds: list[int], at: float
) -> None:
    task = f"task_{choice}"
    if move == "top_up":
        wallet.top_up(amount, at)
    elif move == "adjust":
        wallet.adjust(amount - 30, at)
    elif move == "hold":
        holds.append(wallet.hold(amount, at))
    elif move == "release":
        wallet.release(holds[choice % len(holds)] if holds else 0, at)
    elif move == "capture":
        wallet.capture(holds[choice % len(holds)] if holds else 0, amount, at)
    elif move == "charge":
        wallet.charge(amount, at, task_id=None if task in _charged(wallet) else task)
    else:
        wallet.refund(task, str(amount % 3), amount, at)


def _charged(wallet: Ledger) -> set[str]:
    return {entry.task_id for entry in wallet.entries() if entry.task_id is not None}
