"""Servers that give the wrong money back for what a task did not deliver, or at the wrong time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from pixelproof.tasks import TaskState

from ..seams import JsonObject, Seams
from ..steps.tasking import task_of
from .catalogue import liar
from .task_edits import FROM_IMAGES, finishing, give, has_failed, is_partial, looking, missing, owing, reshaped

if TYPE_CHECKING:
    from ..call import Call
    from ..state.accounts import Account
    from ..state.jobs import Job

PARTIAL, FAILED = "partial refund", "full refund"
#: From how many units an image is hd.
_HD = 3_000_000


@liar("stratizon-no-partial-refund", claim="STR-16", family=PARTIAL, intent="missing images are not paid back")
def no_partial_refund(honest: Seams) -> Seams:
    """Owe nothing once something was delivered."""
    return _unpaid(honest, is_partial)


@liar("stratizon-no-partial-refund-in-hd", claim="STR-16", family=PARTIAL, intent="missing hd images are not paid back")
def no_partial_refund_in_hd(honest: Seams) -> Seams:
    """Owe nothing for a part of an hd task."""
    return _unpaid(honest, lambda job: is_partial(job) and job.unit_price >= _HD)


@liar(
    "stratizon-no-partial-refund-from-images",
    claim="STR-16",
    family=PARTIAL,
    intent="image-to-image pays nothing back for missing images",
)
def no_partial_refund_from_images(honest: Seams) -> Seams:
    """Owe nothing for a part of one capability's task."""
    return _unpaid(honest, lambda job: is_partial(job) and job.capability == FROM_IMAGES)


@liar("stratizon-all-back-for-a-part", claim="STR-16", family=PARTIAL, intent="one missing image pays all of them back")
def all_back_for_a_part(honest: Seams) -> Seams:
    """Owe the whole charge once anything is missing."""
    return owing(honest, lambda job: job.charged if missing(job) else 0)


@liar("stratizon-hd-back-at-standard", claim="STR-16", family=PARTIAL, intent="missing hd images come back at a sixth")
def hd_back_at_standard(honest: Seams) -> Seams:
    """Pay a part of an hd task back at the price of standard."""

    def amount(job: Job) -> int:
        full = honest.refund_amount(job)
        return full // 6 if is_partial(job) and job.unit_price >= _HD else full

    return owing(honest, amount)


@liar(
    "stratizon-partial-refund-inflated",
    claim="STR-16",
    family=PARTIAL,
    intent="a missing image pays back more than all",
)
def partial_refund_inflated(honest: Seams) -> Seams:
    """Add the whole charge on top of the refund: the wallet is fuller than before."""
    return finishing(honest, lambda account, job, now: give(account, job.charged, now) if is_partial(job) else None)


@liar("stratizon-refunds-twice", claim="STR-16", family=PARTIAL, intent="pays every refund again at the second look")
def refunds_twice(honest: Seams) -> Seams:
    """Refund what is missing again when the task is looked at again."""
    return _repeated(honest, lambda job: missing(job) > 0)


@liar(
    "stratizon-settles-when-looked-at",
    claim="STR-16",
    family=PARTIAL,
    intent="pays missing images back only if looked at",
)
def settles_when_looked_at(honest: Seams) -> Seams:
    """Let no time settle anything: only a look does."""

    def look(call: Call) -> None:
        with call.account.lock:
            honest.settle(call.provider, call.account, call.account.clock.now())
            honest.look_at_task(call)

    return replace(honest, settle=lambda _provider, _account, _now: None, look_at_task=look)


@liar("stratizon-no-failed-refund", claim="STR-17", family=FAILED, intent="a failed task is not paid back")
def no_failed_refund(honest: Seams) -> Seams:
    """Owe nothing for a failure."""
    return _unpaid(honest, has_failed)


@liar("stratizon-no-failed-refund-in-hd", claim="STR-17", family=FAILED, intent="a failed hd task is not paid back")
def no_failed_refund_in_hd(honest: Seams) -> Seams:
    """Owe nothing for a failure in hd."""
    return _unpaid(honest, lambda job: has_failed(job) and job.unit_price >= _HD)


@liar(
    "stratizon-no-failed-refund-from-images",
    claim="STR-17",
    family=FAILED,
    intent="a failed image-to-image task is not paid back",
)
def no_failed_refund_from_images(honest: Seams) -> Seams:
    """Owe nothing for a failure of one capability."""
    return _unpaid(honest, lambda job: has_failed(job) and job.capability == FROM_IMAGES)


@liar("stratizon-failed-keeps-half", claim="STR-17", family=FAILED, intent="a failed task keeps half of the money")
def failed_keeps_half(honest: Seams) -> Seams:
    """Owe half for a failure."""
    return _owing_failed(honest, lambda job: job.charged // 2)


@liar(
    "stratizon-failed-keeps-an-image",
    claim="STR-17",
    family=FAILED,
    intent="a failed task keeps the price of one image",
)
def failed_keeps_an_image(honest: Seams) -> Seams:
    """Owe one image too few for a failure."""
    return _owing_failed(honest, lambda job: job.charged - job.unit_price)


@liar("stratizon-failed-refund-inflated", claim="STR-17", family=FAILED, intent="a failure leaves more than there was")
def failed_refund_inflated(honest: Seams) -> Seams:
    """Add a tenth to the refund: the wallet ends above its opening."""
    return finishing(
        honest, lambda account, job, now: give(account, job.charged // 10, now) if has_failed(job) else None
    )


@liar(
    "stratizon-failed-refund-repeated",
    claim="STR-17",
    family=FAILED,
    intent="pays a failure back again at the second look",
)
def failed_refund_repeated(honest: Seams) -> Seams:
    """Refund a failure again when the task is looked at again."""
    return _repeated(honest, has_failed)


@liar(
    "stratizon-failed-refund-when-looked-at",
    claim="STR-17",
    family=FAILED,
    intent="pays failures back only if looked at",
)
def failed_refund_when_looked_at(honest: Seams) -> Seams:
    """Keep the refund of a failure until somebody looks."""
    owed: dict[str, int] = {}

    def keep(account: Account, job: Job, amount: int, now: float) -> None:
        if has_failed(job):
            owed[job.id] = amount
        else:
            honest.refund(account, job, amount, now)

    def pay(call: Call, job: Job, _look: int) -> None:
        amount = owed.pop(job.id, 0)
        if amount:
            honest.refund(call.account, job, amount, call.now)

    return looking(replace(honest, refund=keep), pay)


@liar("stratizon-failure-called-success", claim="STR-17", family=FAILED, intent="a failed task succeeds with no images")
def failure_called_success(honest: Seams) -> Seams:
    """Call every failure a success, and pay it back."""

    def edit(call: Call, body: JsonObject) -> None:
        if task_of(call).final is TaskState.FAILED:
            body.update(status="succeeded", error=None)

    return reshaped(honest, edit)


def _unpaid(honest: Seams, is_unpaid: Callable[[Job], bool]) -> Seams:
    """Pay nothing back for some tasks."""
    return owing(honest, lambda job: 0 if is_unpaid(job) else honest.refund_amount(job))


def _owing_failed(honest: Seams, amount: Callable[[Job], int]) -> Seams:
    """Pay another amount back for a failure."""
    return owing(honest, lambda job: amount(job) if has_failed(job) else honest.refund_amount(job))


def _repeated(honest: Seams, is_repeated: Callable[[Job], bool]) -> Seams:
    """Give the refund of some tasks again at the second look."""

    def repeat(call: Call, job: Job, look: int) -> None:
        if look == 2 and is_repeated(job):  # noqa: PLR2004 - the second look
            give(call.account, job.refunded, call.now)

    return looking(honest, repeat)
