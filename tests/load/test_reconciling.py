"""The arithmetic of a load, without one: lines against entries, in every order."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixelproof import loading
from pixelproof.loadtest.line import Closing, Ending, LoadLine
from pixelproof.loadtest.reconciling import Reconciler
from pixelproof.money import Units

from .builders import charge, found, line, reconciled, refund

UNKNOWN = {"ending": Ending.UNKNOWN, "status": 0, "request": None, "images": None}


def test_what_was_charged_as_documented_is_exact() -> None:
    result = reconciled(line(), charge())
    assert (result.exact, result.ok, result.difference, result.offences) == (True, 1, 0, ())


def test_the_order_of_lines_and_entries_does_not_matter() -> None:
    met = [line(request="a"), charge(request="a"), line(request="b", price=Units(7)), charge(7, request="b")]
    assert {reconciled(*order).exact for order in permutations(met)} == {True}


def test_a_lost_charge_and_a_doubled_one_do_not_make_up_for_each_other() -> None:
    result = reconciled(line(request="a"), line(request="b"), charge(request="b"), charge(request="b"))
    assert result.difference == 0
    assert result.exact is False
    assert found(result) == {"NOT_CHARGED": ("AIV-28",), "CHARGED_TOO_MUCH": ("AIV-28",)}


def test_an_unknown_request_may_be_charged_whole() -> None:
    result = reconciled(line(**UNKNOWN), charge(request="never-shown"))
    assert (result.exact, result.unknown, result.unknown_charged, result.difference) == (True, 1, 1, 0)


def test_an_unknown_request_may_be_free() -> None:
    result = reconciled(line(**UNKNOWN))
    assert (result.exact, result.unknown, result.unknown_charged) == (True, 1, 0)


def test_an_unknown_request_may_not_be_charged_in_part() -> None:
    result = reconciled(line(**UNKNOWN), charge(20, request="never-shown"))
    assert (result.exact, result.unknown_charged, result.difference) == (False, 0, 20)


def test_an_unknown_request_whose_id_is_known_may_not_be_charged_twice() -> None:
    result = reconciled(line(**{**UNKNOWN, "request": "r-1"}), charge(), charge())
    assert result.exact is False
    assert "PARTLY_CHARGED" in found(result)


def test_one_unknown_request_does_not_excuse_a_double_charge_of_another() -> None:
    result = reconciled(line(**UNKNOWN), line(), charge(), charge())
    assert result.exact is False
    assert "CHARGED_TOO_MUCH" in found(result)


@pytest.mark.parametrize(
    ("status", "wrong", "claim"), [(400, "REFUSED_CHARGED", "AIV-28"), (500, "FAILED_CHARGED", "AIV-25")]
)
def test_what_was_refused_is_free(status: int, wrong: str, claim: str) -> None:
    refused = line(ending=Ending.REFUSED, status=status, images=None)
    assert found(reconciled(refused, charge())) == {wrong: (claim,)}
    assert reconciled(refused).exact is True


def test_a_charge_to_another_account_is_named_as_such() -> None:
    result = reconciled(line(), charge(account="payer-1"))
    assert set(found(result)) == {"NOT_CHARGED", "FOREIGN"}
    assert result.difference == 0


def test_a_charge_that_nobody_asked_for_is_found() -> None:
    assert set(found(reconciled(charge(request="nobodys")))) == {"UNASKED"}


def test_a_task_owes_what_it_did_not_deliver() -> None:
    task = {"task": "t-1", "state": "succeeded", "asked": 2, "images": 1, "refund": Units(20)}
    assert reconciled(line(**task), charge(), refund(20, "t-1"), profile="stratizon").exact is True
    missing = reconciled(line(**task), charge(), profile="stratizon")
    assert found(missing) == {"NOT_REFUNDED": ("STR-17", "STR-16", "STR-25")}
    twice = reconciled(line(**task), charge(), refund(20, "t-1"), refund(20, "t-1"), profile="stratizon")
    assert "REFUNDED_TOO_MUCH" in found(twice)
    assert twice.difference == -20


@pytest.mark.parametrize(("state", "wrong"), [("stuck", "STUCK"), ("lost", "LOST")])
def test_a_task_without_an_end_is_named_though_its_money_is_right(state: str, wrong: str) -> None:
    result = reconciled(line(task="t-1", state=state), charge(), profile="stratizon")
    assert result.exact is True
    assert found(result) == {wrong: ("STR-03",)}


def test_two_requests_with_one_id_are_found() -> None:
    result = reconciled(line(account="payer-1"), line(), charge(), charge(account="payer-1"))
    assert "SAME_ID" in found(result)


def test_an_image_that_two_accounts_got_is_found() -> None:
    result = reconciled(
        line(request="a", marks=("m",)), line(request="b", account="payer-1", marks=("m",)),
        charge(request="a"), charge(request="b", account="payer-1"),
    )  # fmt: skip
    assert set(found(result)) == {"SAME_IMAGE"}


def test_two_equal_images_of_one_account_are_its_own_affair() -> None:
    result = reconciled(line(request="a", marks=("m", "m")), charge(request="a"))
    assert result.offences == ()


def test_an_answer_that_speaks_of_another_request_is_found() -> None:
    assert set(found(reconciled(line(stranger=7), charge()))) == {"STRANGER"}


def test_a_balance_below_zero_is_found_where_the_document_says_never() -> None:
    below = (line(), charge(left=Units(-1)))
    assert "BELOW_ZERO" in found(reconciled(*below, profile="stratizon"))
    assert found(reconciled(*below, profile="aivene")) == {}, "AIV-32 leaves open whether one request may overdraw"


def test_money_that_stays_held_is_found() -> None:
    closing = Closing(account="payer-0", balanced=True, held=Units(40), taken=Units(0))
    assert set(found(reconciled(closing))) == {"HELD"}


def test_a_folded_ledger_is_reconciled_by_its_totals() -> None:
    closing = Closing(account="payer-0", balanced=True, held=Units(0), taken=Units(80))
    folded = charge(kind="carried_forward", request=None)
    result = reconciled(line(request="a"), line(request="b"), folded, closing)
    assert (result.exact, result.by) == (True, "totals")


def by_totals(spent: int, *lines: LoadLine) -> tuple[bool | None, int, int]:
    reconciler = Reconciler(loading.shipped("aivene"))
    for item in lines:
        reconciler.line(item)
    result = reconciler.by_totals({"payer-0": Units(spent)})
    return result.exact, result.unknown_charged, result.difference


def test_a_wallet_explains_some_of_the_unknown_requests() -> None:
    unknown = [line(**{**UNKNOWN, "price": Units(price)}) for price in (30, 30, 50)]
    assert by_totals(40 + 80, line(), *unknown) == (True, 2, 0)
    assert by_totals(40 + 20, line(), *unknown) == (False, 1, -10)
    assert by_totals(40, line(), *unknown) == (True, 0, 0)


def test_without_ledger_and_wallet_nothing_is_said_of_the_money() -> None:
    reconciler = Reconciler(loading.shipped("aivene"))
    reconciler.line(line())
    assert reconciler.by_nothing().exact is None


prices = st.integers(1, 5)


@given(st.lists(st.tuples(prices, st.sampled_from([*Ending]), st.booleans()), max_size=30))
def test_an_honest_ledger_is_always_exact(asked: list[tuple[int, Ending, bool]]) -> None:
    met = []
    for number, (price, ending, is_charged) in enumerate(asked):
        name = None if ending is Ending.UNKNOWN else f"r-{number}"
        met.append(line(ending=ending, request=name, price=Units(price)))
        if ending is Ending.OK or (ending is Ending.UNKNOWN and is_charged):
            met.insert(number % 3, charge(price, request=f"r-{number}"))
    assert reconciled(*met).exact is True


@given(st.lists(prices, min_size=1, max_size=20), st.data())
def test_one_charge_that_is_off_is_never_exact(asked: list[int], data: st.DataObject) -> None:
    victim = data.draw(st.integers(0, len(asked) - 1))
    off = data.draw(st.sampled_from([-1, 1, 2]))
    met = [line(request=f"r-{number}", price=Units(price)) for number, price in enumerate(asked)]
    met += [charge(price + off * (number == victim), request=f"r-{number}") for number, price in enumerate(asked)]
    result = reconciled(*met)
    assert (result.exact, result.difference) == (False, off)
