"""Servers that take the wrong money for a task, or at the wrong time, or give the wrong money back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from pixelproof.deviation import Tier
from pixelproof.tasks import TaskState

from ..seams import JsonObject, Seams
from ..tasking import task_of
from .catalogue import liar
from .edits import repriced
from .task_edits import FROM_IMAGES, FROM_TEXT, finishing, is_look, looking, missing, owing, reshaped

if TYPE_CHECKING:
    from ..accounts import Account
    from ..call import Call
    from ..jobs import Job
    from ..provider import Provider

CREATION, PRICE, PARTIAL, FAILED, NET = "charge at creation", "price", "partial refund", "full refund", "net cost"
#: Units of one credit, and from how many units an image is hd.
_CREDIT, _HD = 10_000, 3_000_000


@liar(
    "stratizon-charged-at-the-end",
    claim="STR-13",
    tier=Tier.SMOKE,
    family=CREATION,
    intent="a task is charged when it ends, not when it is created",
)
def charged_at_the_end(honest: Seams) -> Seams:
    """Give the hold back at creation, and take the price before the refund."""

    def finish(provider: Provider, account: Account, job: Job, now: float) -> None:
        account.ledger.charge(job.charged, now, None, job.id)
        honest.finish_task(provider, account, job, now)

    return replace(honest, charge=honest.release, finish_task=finish)


@liar("stratizon-charged-per-request", claim="STR-13", family=CREATION, intent="three images cost what one costs")
def charged_per_request(honest: Seams) -> Seams:
    """Charge for one image whatever n says."""

    def charge(call: Call) -> None:
        call.billable = 1
        honest.charge(call)

    return owing(replace(honest, charge=charge), honest.refund_amount)


@liar(
    "stratizon-first-image-in-advance",
    claim="STR-13",
    family=CREATION,
    intent="takes one image in advance, the rest later",
)
def first_image_in_advance(honest: Seams) -> Seams:
    """Charge one image at creation, and the others, less what is missing, at the end."""

    def charge(call: Call) -> None:
        count, call.billable = call.billable, 1
        honest.charge(call)
        call.billable = count

    def settle_up(account: Account, job: Job, now: float) -> None:
        account.ledger.adjust(job.unit_price - job.unit_price * job.delivered, now)

    def note(_account: Account, job: Job, amount: int, _now: float) -> None:
        job.refunded += amount

    return finishing(replace(honest, charge=charge, refund=note), settle_up)


@liar(
    "stratizon-hd-at-standard-from-images",
    claim="STR-14",
    tier=Tier.SMOKE,
    family=PRICE,
    intent="image-to-image in hd costs what standard costs",
)
def hd_at_standard_from_images(honest: Seams) -> Seams:
    """Price hd as standard for one capability."""
    return _priced(honest, FROM_IMAGES, quality="standard")


@liar(
    "stratizon-images-at-text-price",
    claim="STR-14",
    tier=Tier.SMOKE,
    family=PRICE,
    intent="image-to-image costs what text-to-image costs",
)
def images_at_text_price(honest: Seams) -> Seams:
    """Price one capability as the other."""
    return _priced(honest, FROM_IMAGES, capability=FROM_TEXT)


@liar(
    "stratizon-text-at-image-price", claim="STR-14", tier=Tier.SMOKE, family=PRICE, intent="text costs what images cost"
)
def text_at_image_price(honest: Seams) -> Seams:
    """Price the other capability as the one."""
    return _priced(honest, FROM_TEXT, capability=FROM_IMAGES)


@liar(
    "stratizon-one-unit-more",
    claim="STR-14",
    tier=Tier.SMOKE,
    family=PRICE,
    intent="prices are 1/10000 credit too high",
)
def one_unit_more(honest: Seams) -> Seams:
    """Add the smallest unit to the price."""
    return repriced(honest, lambda call: call.unit_price + 1)


@liar(
    "stratizon-third-image-dearer",
    claim="STR-14",
    family=PRICE,
    intent="from three images on, each costs a credit more",
)
def third_image_dearer(honest: Seams) -> Seams:
    """Raise the price of one with their number."""
    return repriced(honest, lambda call: call.unit_price + (_CREDIT if call.n > 2 else 0))  # noqa: PLR2004 - the intent


@liar("stratizon-no-partial-refund", claim="STR-16", family=PARTIAL, intent="missing images are not paid back")
def no_partial_refund(honest: Seams) -> Seams:
    """Owe nothing once something was delivered."""
    return _unpaid(honest, _is_partial)


@liar("stratizon-no-partial-refund-in-hd", claim="STR-16", family=PARTIAL, intent="missing hd images are not paid back")
def no_partial_refund_in_hd(honest: Seams) -> Seams:
    """Owe nothing for a part of an hd task."""
    return _unpaid(honest, lambda job: _is_partial(job) and job.unit_price >= _HD)


@liar(
    "stratizon-no-partial-refund-from-images",
    claim="STR-16",
    family=PARTIAL,
    intent="image-to-image pays nothing back for missing images",
)
def no_partial_refund_from_images(honest: Seams) -> Seams:
    """Owe nothing for a part of one capability's task."""
    return _unpaid(honest, lambda job: _is_partial(job) and job.capability == FROM_IMAGES)


@liar("stratizon-all-back-for-a-part", claim="STR-16", family=PARTIAL, intent="one missing image pays all of them back")
def all_back_for_a_part(honest: Seams) -> Seams:
    """Owe the whole charge once anything is missing."""
    return owing(honest, lambda job: job.charged if missing(job) else 0)


@liar("stratizon-hd-back-at-standard", claim="STR-16", family=PARTIAL, intent="missing hd images come back at a sixth")
def hd_back_at_standard(honest: Seams) -> Seams:
    """Pay a part of an hd task back at the price of standard."""

    def amount(job: Job) -> int:
        full = honest.refund_amount(job)
        return full // 6 if _is_partial(job) and job.unit_price >= _HD else full

    return owing(honest, amount)


@liar(
    "stratizon-partial-refund-inflated",
    claim="STR-16",
    family=PARTIAL,
    intent="a missing image pays back more than all",
)
def partial_refund_inflated(honest: Seams) -> Seams:
    """Add the whole charge on top of the refund: the wallet is fuller than before."""
    return finishing(honest, lambda account, job, now: _give(account, job.charged, now) if _is_partial(job) else None)


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
    return _unpaid(honest, _has_failed)


@liar("stratizon-no-failed-refund-in-hd", claim="STR-17", family=FAILED, intent="a failed hd task is not paid back")
def no_failed_refund_in_hd(honest: Seams) -> Seams:
    """Owe nothing for a failure in hd."""
    return _unpaid(honest, lambda job: _has_failed(job) and job.unit_price >= _HD)


@liar(
    "stratizon-no-failed-refund-from-images",
    claim="STR-17",
    family=FAILED,
    intent="a failed image-to-image task is not paid back",
)
def no_failed_refund_from_images(honest: Seams) -> Seams:
    """Owe nothing for a failure of one capability."""
    return _unpaid(honest, lambda job: _has_failed(job) and job.capability == FROM_IMAGES)


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
        honest, lambda account, job, now: _give(account, job.charged // 10, now) if _has_failed(job) else None
    )


@liar(
    "stratizon-failed-refund-repeated",
    claim="STR-17",
    family=FAILED,
    intent="pays a failure back again at the second look",
)
def failed_refund_repeated(honest: Seams) -> Seams:
    """Refund a failure again when the task is looked at again."""
    return _repeated(honest, _has_failed)


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
        if _has_failed(job):
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


@liar(
    "stratizon-success-fee",
    claim="STR-25",
    tier=Tier.SMOKE,
    family=NET,
    intent="a task that succeeds costs a credit more",
)
def success_fee(honest: Seams) -> Seams:
    """Take a fee at the end."""
    return finishing(
        honest,
        lambda account, job, now: _give(account, -_CREDIT, now) if job.final is TaskState.SUCCEEDED else None,
    )


@liar(
    "stratizon-charged-again-at-the-end", claim="STR-25", tier=Tier.SMOKE, family=NET, intent="the price is taken twice"
)
def charged_again_at_the_end(honest: Seams) -> Seams:
    """Take the price at creation, and what was delivered once more at the end."""
    return finishing(honest, lambda account, job, now: _give(account, -job.unit_price * job.delivered, now))


@liar(
    "stratizon-success-is-free", claim="STR-25", tier=Tier.SMOKE, family=NET, intent="a task that succeeds is paid back"
)
def success_is_free(honest: Seams) -> Seams:
    """Give the price of a complete task back, showing nothing of it."""
    return finishing(honest, lambda account, job, now: _give(account, job.charged, now) if not missing(job) else None)


@liar(
    "stratizon-looks-cost", claim="STR-25", tier=Tier.SMOKE, family=NET, intent="looking at a task costs 1/10000 credit"
)
def looks_cost(honest: Seams) -> Seams:
    """Take the smallest unit for every look."""
    return looking(honest, lambda call, _job, _look: _give(call.account, -1, call.now) if is_look(call) else None)


@liar("stratizon-refund-fee", claim="STR-25", family=NET, intent="every refund is a credit short, though shown in full")
def refund_fee(honest: Seams) -> Seams:
    """Take a fee for each refund."""
    return finishing(honest, lambda account, job, now: _give(account, -_CREDIT, now) if missing(job) else None)


def _is_partial(job: Job) -> bool:
    return job.final is TaskState.SUCCEEDED and missing(job) > 0


def _has_failed(job: Job) -> bool:
    return job.final is TaskState.FAILED


def _give(account: Account, amount: int, now: float) -> None:
    """Move the balance beside every charge and refund."""
    account.ledger.adjust(amount, now)


def _unpaid(honest: Seams, is_unpaid: Callable[[Job], bool]) -> Seams:
    """Pay nothing back for some tasks."""
    return owing(honest, lambda job: 0 if is_unpaid(job) else honest.refund_amount(job))


def _owing_failed(honest: Seams, amount: Callable[[Job], int]) -> Seams:
    """Pay another amount back for a failure."""
    return owing(honest, lambda job: amount(job) if _has_failed(job) else honest.refund_amount(job))


def _repeated(honest: Seams, is_repeated: Callable[[Job], bool]) -> Seams:
    """Give the refund of some tasks again at the second look."""

    def repeat(call: Call, job: Job, look: int) -> None:
        if look == 2 and is_repeated(job):  # noqa: PLR2004 - the second look
            _give(call.account, job.refunded, call.now)

    return looking(honest, repeat)


def _priced(honest: Seams, concerned: str, **other: str) -> Seams:
    """Price the images of the capability ``concerned`` as if something else had been asked for."""

    def unit_price(call: Call) -> int:
        if call.operation.capability != concerned:
            return call.unit_price
        return call.provider.unit_price({**call.values, **other})

    return repriced(honest, unit_price)
