"""No paid call starts past the cap: whatever a vendor charges, and whatever it says of it."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from pixelproof.running.run import Run
from pixelproof.verdict import Reason, Verdict

from .vendor import Vendor, run_at


class Lines:
    """A sink that keeps its lines."""

    def __init__(self) -> None:
        self.lines: list[Mapping[str, object]] = []

    def line(self, value: Mapping[str, object]) -> None:
        self.lines.append(value)

    def image(self, sha256: str, data: bytes) -> None:
        """Forget the image."""

    def file(self, name: str, data: bytes) -> None:
        """Forget the file."""

    def kind(self, kind: str) -> list[Mapping[str, object]]:
        return [line for line in self.lines if line["kind"] == kind]


def proven(run: Run) -> Run:
    run.begin()
    for case in run.plan.cases:
        run.prove(case)
    run.finish()
    return run


def planned_price() -> int:
    return run_at(Vendor()).plan.price


def test_a_cap_of_exactly_the_plan_lets_an_honest_vendor_be_judged_whole() -> None:
    vendor = Vendor()
    run = proven(run_at(vendor, cap=planned_price(), watched=True))
    assert (vendor.taken, run.budget.spent, run.budget.stopped) == (planned_price(), planned_price(), False)


def test_one_unit_less_than_the_plan_stops_before_the_last_call() -> None:
    vendor = Vendor()
    run = proven(run_at(vendor, cap=planned_price() - 1, watched=True))
    assert run.budget.stopped
    assert vendor.taken < planned_price()


def test_a_cap_of_nothing_pays_nothing() -> None:
    vendor = Vendor()
    run = proven(run_at(vendor, cap=0, watched=True, select=()))
    assert (vendor.taken, vendor.paid) == (0, [])
    assert {line.reason for line in run.verdicts if line.verdict is Verdict.NOT_RUN} >= {Reason.BUDGET}


@pytest.mark.parametrize("factor", [2, 10])
@pytest.mark.parametrize("says", [None, 0, 0.1, 1, "all"], ids=["silent", "nothing", "less", "list-price", "truth"])
def test_an_overcharging_vendor_is_stopped_at_the_next_call(factor: int, says: float | str | None) -> None:
    """Its wallet is looked at: it may say what it likes."""
    cap = planned_price() // 2
    vendor = Vendor(factor=factor, says=factor if says == "all" else says)  # type: ignore[arg-type]  # the truth is its factor
    run = proven(run_at(vendor, cap=cap, watched=True))
    *_, last = vendor.charges
    assert run.budget.stopped
    assert run.budget.spent >= vendor.taken, "what was taken is known"
    assert vendor.taken - last <= cap, "the last call was started within the cap"
    assert vendor.taken - cap <= last * (factor - 1) // factor, "it overshot by the overcharge of one call at most"


@pytest.mark.parametrize("factor", [2, 10])
def test_a_vendor_that_reports_its_overcharge_needs_no_wallet_to_be_stopped(factor: int) -> None:
    cap = planned_price() // 2
    vendor = Vendor(factor=factor, says=factor)
    proven(run_at(vendor, cap=cap))
    assert vendor.taken - vendor.charges[-1] <= cap


def test_a_vendor_that_nobody_can_check_is_booked_by_its_list_prices() -> None:
    vendor = Vendor(factor=3, says=None)
    run = proven(run_at(vendor, cap=planned_price() // 2))
    assert run.budget.spent == run.budget.documented <= planned_price() // 2


def test_refunds_do_not_lift_the_cap() -> None:
    vendor = Vendor()

    def refund(_request: object) -> None:
        vendor.refunded = vendor.taken

    vendor.mood = refund
    run = proven(run_at(vendor, cap=planned_price() // 2, watched=True))
    assert run.budget.stopped
    assert vendor.taken <= planned_price() // 2


def test_the_wallet_is_looked_at_once_for_each_paid_call_and_not_without_a_cap() -> None:
    capped, free = Vendor(), Vendor()
    unwatched = ("images/*/another-prompt", "images/*/further-parameters")  # no case of these looks by itself
    proven(run_at(capped, cap=planned_price(), watched=True, select=unwatched))
    proven(run_at(free, watched=True, select=unwatched))
    assert capped.paid
    assert capped.looks == len(capped.paid) + 1
    assert free.looks == 0


def test_every_paid_call_was_announced_before_it_was_sent() -> None:
    sink = Lines()
    proven(run_at(Vendor(), sink=sink))
    kinds = [(line["kind"], line["case"], line["step"]) for line in sink.lines if line["kind"] in {"sent", "exchange"}]
    paid = [line for line in sink.kind("sent") if str(line["price"]).strip("0.")]
    assert paid
    for line in paid:
        announced = kinds.index(("sent", line["case"], line["step"]))
        assert announced < kinds.index(("exchange", line["case"], line["step"]))


def test_the_last_line_names_every_witness() -> None:
    sink = Lines()
    vendor = Vendor(factor=2, says=3)
    proven(run_at(vendor, cap=10**9, watched=True, sink=sink))
    (end,) = sink.kind("end")
    cost = end["cost"]
    assert isinstance(cost, dict)
    documented, reported, measured = (float(cost[name]) for name in ("documented", "reported", "measured"))
    assert (round(measured / documented, 6), round(reported / documented, 6)) == (2, 3)
    assert float(cost["amount"]) == reported


def test_images_are_capped_where_no_price_is_known() -> None:
    vendor = Vendor()
    run = proven(run_at(vendor, most_images=3))
    stopped = [line for line in run.verdicts if line.reason == Reason.BUDGET]
    assert run.budget.images == 3
    assert stopped[0].hint == "raise --max-images"
