"""Servers that take the wrong money for a task, or at the wrong time."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pixelproof.deviation import Tier
from pixelproof.tasks import TaskState

from ..seams import Seams
from .catalogue import liar
from .edits import repriced
from .task_edits import FROM_IMAGES, FROM_TEXT, finishing, give, is_look, looking, missing, owing

if TYPE_CHECKING:
    from ..call import Call
    from ..provider import Provider
    from ..state.accounts import Account
    from ..state.jobs import Job

CREATION, PRICE, NET = "charge at creation", "price", "net cost"
#: Units of one credit.
_CREDIT = 10_000


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
        lambda account, job, now: give(account, -_CREDIT, now) if job.final is TaskState.SUCCEEDED else None,
    )


@liar(
    "stratizon-charged-again-at-the-end", claim="STR-25", tier=Tier.SMOKE, family=NET, intent="the price is taken twice"
)
def charged_again_at_the_end(honest: Seams) -> Seams:
    """Take the price at creation, and what was delivered once more at the end."""
    return finishing(honest, lambda account, job, now: give(account, -job.unit_price * job.delivered, now))


@liar(
    "stratizon-success-is-free", claim="STR-25", tier=Tier.SMOKE, family=NET, intent="a task that succeeds is paid back"
)
def success_is_free(honest: Seams) -> Seams:
    """Give the price of a complete task back, showing nothing of it."""
    return finishing(honest, lambda account, job, now: give(account, job.charged, now) if not missing(job) else None)


@liar(
    "stratizon-looks-cost", claim="STR-25", tier=Tier.SMOKE, family=NET, intent="looking at a task costs 1/10000 credit"
)
def looks_cost(honest: Seams) -> Seams:
    """Take the smallest unit for every look."""
    return looking(honest, lambda call, _job, _look: give(call.account, -1, call.now) if is_look(call) else None)


@liar("stratizon-refund-fee", claim="STR-25", family=NET, intent="every refund is a credit short, though shown in full")
def refund_fee(honest: Seams) -> Seams:
    """Take a fee for each refund."""
    return finishing(honest, lambda account, job, now: give(account, -_CREDIT, now) if missing(job) else None)


def _priced(honest: Seams, concerned: str, **other: str) -> Seams:
    """Price the images of the capability ``concerned`` as if something else had been asked for."""

    def unit_price(call: Call) -> int:
        if call.operation.capability != concerned:
            return call.unit_price
        return call.provider.unit_price({**call.values, **other})

    return repriced(honest, unit_price)
