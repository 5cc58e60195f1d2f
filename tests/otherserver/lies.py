"""Studios that lie, one lie each, and the claim that each of them breaks."""

from __future__ import annotations

from collections.abc import Mapping

from .studio import Customer, Job, Refused, Studio


class Liar(Studio):
    """A studio with one lie; its documentation tells it."""

    #: What the lie breaks.
    claim: str


class RefundsTwice(Liar):
    """The first look at a finished task pays its refund once more."""

    claim = "STR-16"

    def __init__(self, base: str, *, task_s: float) -> None:
        super().__init__(base, task_s=task_s)
        self.paid_again: set[str] = set()

    def look(self, customer: Customer, job_id: str) -> Job:
        job = super().look(customer, job_id)
        if job.end is not None and job.id not in self.paid_again:
            self.paid_again.add(job.id)
            customer.credits += job.returned
        return job


class KeepsTheMoney(Liar):
    """A failed task costs as much as one that worked, though the task shows a refund."""

    claim = "STR-17"

    def give_back(self, job: Job, amount: float) -> None:
        job.returned += amount


class PaysAllBack(Liar):
    """One picture is missing, and everything is paid back."""

    claim = "STR-16"

    def refund(self, job: Job) -> float:
        return job.paid if len(job.made) < job.asked else 0


class PaysBackWhenAsked(Liar):
    """Tasks come to their end only while somebody looks at one; a wallet moves no earlier."""

    claim = "STR-16"

    def credits_of(self, customer: Customer) -> float:
        return customer.credits


class NeverEnds(Liar):
    """Every task stays on its way."""

    claim = "STR-03"

    def due(self, job: Job) -> bool:  # noqa: ARG002 - that is the lie
        return False


class ComesBackToLife(Liar):
    """A finished task is in work again at the second look."""

    claim = "STR-03"

    def state(self, job: Job) -> str:
        return "processing" if job.end and job.looks > 2 else super().state(job)


class UndoesACancel(Liar):
    """A canceled task succeeds a moment later."""

    claim = "STR-03"

    def state(self, job: Job) -> str:
        return "succeeded" if job.end == "canceled" and job.looks > 2 else super().state(job)


class TakesSeventeen(Liar):
    """One reference more than sixteen is as good."""

    claim = "STR-09"

    def most_extra(self) -> int:
        return super().most_extra() + 1


class SharesArtifacts(Liar):
    """Whoever knows its name may use another account's artifact."""

    claim = "STR-11"

    def may_use(self, customer: Customer, artifact: str) -> bool:  # noqa: ARG002 - that is the lie
        return artifact in self.artifacts


class ForgetsReferences(Liar):
    """What was copied in cannot be used again."""

    claim = "STR-11"

    def take_in(self, customer: Customer, item: object) -> str:
        artifact = super().take_in(customer, item)
        if isinstance(item, dict) and item.get("kind") == "inline":
            self.artifacts.pop(artifact)
        return artifact


class ForgetsResults(Liar):
    """The artifact of a result is known to nobody."""

    claim = "STR-12"

    def pictures(self, job: Job) -> list[dict[str, object]]:
        return [{**item, "artifact_id": f"{item['artifact_id']}-x"} for item in super().pictures(job)]


class OneUseUploads(Liar):
    """An upload is gone once it was used."""

    claim = "STR-04"

    def take_in(self, customer: Customer, item: object) -> str:
        artifact = super().take_in(customer, item)
        if isinstance(item, dict) and item.get("kind") == "stored":
            self.artifacts.pop(artifact)
        return artifact


class CheapFromImages(Liar):
    """Image to image, hd costs what standard does."""

    claim = "STR-14"

    def price(self, kind: str, quality: str) -> float:
        return super().price(kind, "standard" if kind == "image" else quality)


class TenPercentMore(Liar):
    """Ten per cent go on top of each price."""

    claim = "STR-14"

    def price(self, kind: str, quality: str) -> float:
        return super().price(kind, quality) * 1.1


class ChargesAtTheEnd(Liar):
    """Nothing leaves the wallet before the pictures are there."""

    claim = "STR-13"

    def debit(self, customer: Customer, amount: float) -> None:
        """Wait."""

    def finish(self, job: Job, end: str, delivered: int) -> None:
        job.customer.credits -= job.paid
        super().finish(job, end, delivered)


class NamesTheFirstOnly(Liar):
    """Only the first picture of a task has an artifact id."""

    claim = "STR-20"

    def pictures(self, job: Job) -> list[dict[str, object]]:
        found = super().pictures(job)
        return [item if index == 0 else {**item, "artifact_id": None} for index, item in enumerate(found)]


class HidesRefunds(Liar):
    """The refund is paid but never shown."""

    claim = "STR-19"

    def shown(self, job: Job) -> dict[str, object]:
        said = super().shown(job)
        bill = said["billing"]
        assert isinstance(bill, dict)
        return {**said, "billing": {key: value for key, value in bill.items() if key != "refunded_credits"}}


class DrawsSquares(Liar):
    """Every picture is square, whatever was asked for."""

    claim = "STR-07"

    def size(self, ratio: str) -> tuple[int, int]:  # noqa: ARG002 - that is the lie
        return super().size("1:1")


class AutoInHd(Liar):
    """The ratio auto runs in hd too."""

    claim = "STR-07"

    def check_together(self, quality: str, ratio: str) -> None:
        """Let everything pass."""


class AnswersAtOnce(Liar):
    """A task is announced with a plain 200."""

    claim = "STR-01"
    accepted = 200


class OnlyInline(Liar):
    """Among the extra images nothing but data counts."""

    claim = "STR-10"

    def begin(self, customer: Customer, kind: str, body: Mapping[str, object]) -> Job:
        extra = body.get("extra_images", [])
        if any(item.get("kind") != "inline" for item in extra if isinstance(item, dict)):
            raise Refused(422, "extra_images", "data only")
        return super().begin(customer, kind, body)


LIES: tuple[type[Liar], ...] = tuple(Liar.__subclasses__())
