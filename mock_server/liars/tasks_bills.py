"""Servers whose money is right, and whose tasks show another amount."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from pixelproof.deviation import Tier
from pixelproof.tasks import TaskState

from ..seams import JsonObject, Seams
from ..steps.tasking import task_of
from .catalogue import liar
from .task_edits import FROM_IMAGES, is_partial, missing, rebilled, reshaped

if TYPE_CHECKING:
    from ..call import Call
    from ..state.jobs import Job

CHARGED, REFUNDED, DISPUTED = "charge shown", "refund shown", "charge after a refund"
#: Credits of one dollar.
_DOLLAR = 1000


@liar("stratizon-no-billing", claim="STR-18", tier=Tier.SMOKE, family=CHARGED, intent="a task has no billing")
def no_billing(honest: Seams) -> Seams:
    """Drop billing."""
    return reshaped(honest, lambda _call, body: _drop(body, "billing"))


@liar(
    "stratizon-charge-renamed", claim="STR-18", tier=Tier.SMOKE, family=CHARGED, intent="the charge is called credits"
)
def charge_renamed(honest: Seams) -> Seams:
    """Rename charged_credits."""
    return rebilled(honest, lambda _call, billing: billing.update(credits=billing.pop("charged_credits")))


@liar("stratizon-charge-of-one-shown", claim="STR-18", family=CHARGED, intent="shows the charge of one image for three")
def charge_of_one_shown(honest: Seams) -> Seams:
    """Show the price of one image, as long as nothing was paid back."""
    return _showing(honest, lambda job: job.charged if job.refunded else job.unit_price)


@liar("stratizon-charge-in-dollars", claim="STR-18", tier=Tier.SMOKE, family=CHARGED, intent="the charge is in dollars")
def charge_in_dollars(honest: Seams) -> Seams:
    """Show dollars where credits stand."""
    return _showing(honest, lambda job: job.charged if job.refunded else job.charged // _DOLLAR)


@liar(
    "stratizon-charge-vanishes",
    claim="STR-18",
    tier=Tier.SMOKE,
    family=CHARGED,
    intent="the charge shown is 0 at the end",
)
def charge_vanishes(honest: Seams) -> Seams:
    """Show what is open, and nothing is once a task is complete."""
    return _showing(honest, lambda job: 0 if _is_complete(job) else job.charged)


@liar("stratizon-refund-not-shown", claim="STR-19", family=REFUNDED, intent="pays back, and shows nothing of it")
def refund_not_shown(honest: Seams) -> Seams:
    """Drop refunded_credits."""
    return rebilled(honest, lambda _call, billing: _drop(billing, "refunded_credits"))


@liar("stratizon-refund-shown-as-zero", claim="STR-19", family=REFUNDED, intent="shows a refund of 0 for ever")
def refund_shown_as_zero(honest: Seams) -> Seams:
    """Show 0 whatever was paid back."""
    return _returning(honest, lambda _job: 0)


@liar("stratizon-refund-of-one-shown", claim="STR-19", family=REFUNDED, intent="shows one image paid back, never more")
def refund_of_one_shown(honest: Seams) -> Seams:
    """Show the price of one image where anything was paid back."""
    return _returning(honest, lambda job: min(job.refunded, job.unit_price))


@liar("stratizon-refund-shown-whole", claim="STR-19", family=REFUNDED, intent="shows all paid back where a part was")
def refund_shown_whole(honest: Seams) -> Seams:
    """Show the whole charge where anything was paid back."""
    return _returning(honest, lambda job: job.charged if job.refunded else 0)


@liar(
    "stratizon-refund-hidden-from-images",
    claim="STR-19",
    family=REFUNDED,
    intent="image-to-image shows no partial refund",
)
def refund_hidden_from_images(honest: Seams) -> Seams:
    """Show 0 for a part of one capability's task."""
    return _returning(honest, lambda job: 0 if is_partial(job) and job.capability == FROM_IMAGES else job.refunded)


@liar(
    "stratizon-charge-neither-gross-nor-net", claim="STR-26", family=DISPUTED, intent="shows the refund as the charge"
)
def charge_neither(honest: Seams) -> Seams:
    """Show what was paid back for what was taken, after a partial delivery."""
    return _showing(honest, lambda job: job.refunded if is_partial(job) else job.charged)


@liar("stratizon-charge-netted-twice", claim="STR-26", family=DISPUTED, intent="takes the refund off the charge twice")
def charge_netted_twice(honest: Seams) -> Seams:
    """Show a charge that fell by two times the refund."""
    return _showing(honest, lambda job: job.charged - 2 * job.refunded if is_partial(job) else job.charged)


@liar("stratizon-charge-gone-after-refund", claim="STR-26", family=DISPUTED, intent="shows no charge after a refund")
def charge_gone(honest: Seams) -> Seams:
    """Drop charged_credits after a partial delivery."""
    return rebilled(
        honest, lambda call, billing: _drop(billing, "charged_credits") if is_partial(task_of(call)) else None
    )


def _is_complete(job: Job) -> bool:
    return job.final is TaskState.SUCCEEDED and not missing(job)


def _showing(honest: Seams, amount: Callable[[Job], int]) -> Seams:
    def show(call: Call) -> int:
        return amount(task_of(call))

    return replace(honest, show_charged=show)


def _returning(honest: Seams, amount: Callable[[Job], int]) -> Seams:
    def show(call: Call) -> int:
        return amount(task_of(call))

    return replace(honest, show_refunded=show)


def _drop(body: JsonObject, key: str) -> None:
    body.pop(key, None)
