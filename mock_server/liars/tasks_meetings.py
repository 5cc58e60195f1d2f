"""Servers whose tasks fail where two things meet: quality and ratio, model and price, the second image, no credit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from pixelproof.tasks import TaskState

from ..seams import JsonObject, Seams
from ..steps.tasking import task_of
from .catalogue import liar
from .edits import redrawn, refusing, repriced
from .task_edits import FROM_TEXT, creates, missing, relisted

if TYPE_CHECKING:
    from ..call import Call
    from ..images.pictures import Picture
    from ..provider import Provider
    from ..state.accounts import Account
    from ..state.artifacts import Artifact
    from ..state.jobs import Job

RATIO, PRICE, CHAINING, WALLET = "aspect ratio", "price", "chaining", "wallet"
_FOUR = 4
#: Units of one credit.
_CREDIT = 10_000


@liar("stratizon-hd-is-square", claim="STR-07", family=RATIO, intent="hd comes as a square whatever the ratio")
def hd_is_square(honest: Seams) -> Seams:
    """Draw the better quality square."""
    return redrawn(honest, lambda call, _index, p: _squared(p) if call.values.get("quality") == "hd" else p)


@liar("stratizon-fourth-image-square", claim="STR-07", family=RATIO, intent="the fourth image is a square")
def fourth_image_square(honest: Seams) -> Seams:
    """Forget the ratio at the last of four images."""
    return redrawn(honest, lambda _call, index, p: _squared(p) if index == _FOUR - 1 else p)


@liar("stratizon-named-model-dearer", claim="STR-14", family=PRICE, intent="naming the model costs a tenth more")
def named_model_dearer(honest: Seams) -> Seams:
    """Raise the price of the model that auto stands for."""
    return repriced(honest, lambda call: call.unit_price * (11 if call.model == "gpt-image-2" else 10) // 10)


@liar("stratizon-tall-taken-twice", claim="STR-13", family=PRICE, intent="3:4 shows its price, and takes it twice")
def tall_taken_twice(honest: Seams) -> Seams:
    """Take the price of one ratio once more."""

    def charge(call: Call) -> None:
        honest.charge(call)
        if call.values.get("aspect_ratio") == "3:4":
            with call.account.lock:
                call.account.ledger.charge(call.cost, call.now, call.request_id)

    return replace(honest, charge=charge)


@liar("stratizon-no-credit-needed-from-images", claim="STR-13", family=WALLET, intent="image-to-image needs no credit")
def no_credit_needed_from_images(honest: Seams) -> Seams:
    """Look at the balance for one capability alone."""

    def check(call: Call) -> None:
        if creates(call, FROM_TEXT):
            honest.check_funds(call)

    return replace(honest, check_funds=check)


@liar("stratizon-named-model-without-hd", claim="STR-06", family=PRICE, intent="the model by its name refuses hd")
def named_model_without_hd(honest: Seams) -> Seams:
    """Refuse a quality of one name."""
    return refusing(honest, lambda body: (body.get("model"), body.get("quality")) == ("gpt-image-2", "hd"), "quality")


@liar("stratizon-other-scripts-cost", claim="STR-13", family=PRICE, intent="takes a credit more for other scripts")
def other_scripts_cost(honest: Seams) -> Seams:
    """Take a fee that nothing shows."""

    def charge(call: Call) -> None:
        honest.charge(call)
        if not call.prompt.isascii():
            with call.account.lock:
                call.account.ledger.charge(_CREDIT, call.now, call.request_id)

    return replace(honest, charge=charge)


@liar("stratizon-no-credit-needed", claim="STR-13", family=WALLET, intent="makes tasks for an empty wallet")
def no_credit_needed(honest: Seams) -> Seams:
    """Never look at the balance."""
    return replace(honest, check_funds=lambda _call: None)


@liar(
    "stratizon-refund-of-nothing", claim="STR-19", family=WALLET, intent="a complete task shows a refund of one image"
)
def refund_of_nothing(honest: Seams) -> Seams:
    """Show the price of one image as paid back where nothing was missing."""

    def show(call: Call) -> int:
        job = task_of(call)
        return job.unit_price if job.final is TaskState.SUCCEEDED and not missing(job) else job.refunded

    return replace(honest, show_refunded=show)


@liar("stratizon-second-artifact-dead", claim="STR-12", family=CHAINING, intent="only the first artifact can be used")
def second_artifact_dead(honest: Seams) -> Seams:
    """Forget every artifact of a result but the first."""
    return _forgetting(honest, lambda job: job.artifact_ids[1:])


@liar("stratizon-text-artifacts-dead", claim="STR-12", family=CHAINING, intent="images of texts cannot be used further")
def text_artifacts_dead(honest: Seams) -> Seams:
    """Forget the artifacts of one capability."""
    return _forgetting(honest, lambda job: job.artifact_ids if job.capability == FROM_TEXT else ())


@liar("stratizon-second-url-relative", claim="STR-20", family=CHAINING, intent="the url of a second image has no host")
def second_url_relative(honest: Seams) -> Seams:
    """Cut scheme and host off every URL but the first."""

    def cut(call: Call, index: int, item: JsonObject) -> None:
        if index:
            item["url"] = str(item["url"]).removeprefix(call.base_url)

    return relisted(honest, cut)


def _squared(picture: Picture) -> Picture:
    return picture._replace(width=1024, height=1024)


def _forgetting(honest: Seams, names: Callable[[Job], tuple[str, ...]]) -> Seams:
    """Let nobody find some artifacts of finished tasks."""
    gone: set[str] = set()

    def finish(provider: Provider, account: Account, job: Job, now: float) -> None:
        honest.finish_task(provider, account, job, now)
        gone.update(names(job))

    def find(call: Call, name: str) -> Artifact | None:
        return None if name in gone else honest.find_artifact(call, name)

    return replace(honest, finish_task=finish, find_artifact=find)
