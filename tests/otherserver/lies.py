"""Studios that lie, one lie each, and the claim that each of them breaks."""

from __future__ import annotations

from collections.abc import Mapping

from .studio import Customer, Job, Refused, Studio


class RefundsTwice(Studio):
    """The second look at a finished task pays its refund once more."""

    claim = "STR-16"

    def look(self, customer: Customer, job_id: str) -> Job:
        job = super().look(customer, job_id)
        if job.end is not None and job.looks > 1 and job.returned == self.refund(job):
            customer.credits += job.returned
        return job


class KeepsTheMoney(Studio):
    """A failed task costs as much as one that worked, though the task shows a refund."""

    claim = "STR-17"

    def give_back(self, job: Job, amount: float) -> None:
        job.returned += amount


class PaysAllBack(Studio):
    """One picture is missing, and everything is paid back."""

    claim = "STR-16"

    def refund(self, job: Job) -> float:
        return job.paid if len(job.made) < job.asked else 0


class PaysBackWhenAsked(Studio):
    """Tasks come to their end only while somebody looks at one; a wallet moves no earlier."""

    claim = "STR-16"

    def credits_of(self, customer: Customer) -> float:
        return customer.credits


class NeverEnds(Studio):
    """Every task stays on its way."""

    claim = "STR-03"

    def due(self, job: Job) -> bool:
        return False


class ComesBackToLife(Studio):
    """A finished task is in work again at the second look."""

    claim = "STR-03"

    def state(self, job: Job) -> str:
        return "processing" if job.end and job.looks > 2 else super().state(job)


class UndoesACancel(Studio):
    """A canceled task succeeds a moment later."""

    claim = "STR-03"

    def state(self, job: Job) -> str:
        return "succeeded" if job.end == "canceled" and job.looks > 2 else super().state(job)


class TakesSeventeen(Studio):
    """One reference more than sixteen is as good."""

    claim = "STR-09"

    def most_extra(self) -> int:
        return super().most_extra() + 1


class SharesArtifacts(Studio):
    """Whoever knows its name may use another account's artifact."""

    claim = "STR-11"

    def may_use(self, customer: Customer, artifact: str) -> bool:
        return artifact in self.artifacts


class ForgetsReferences(Studio):
    """What was copied in cannot be used again."""

    claim = "STR-11"

    def take_in(self, customer: Customer, item: object) -> str:
        artifact = super().take_in(customer, item)
        if isinstance(item, dict) and item.get("kind") == "inline":
            self.artifacts.pop(artifact)
        return artifact


class ForgetsResults(Studio):
    """The artifact of a result is known to nobody."""

    claim = "STR-12"

    def pictures(self, job: Job) -> list[dict[str, object]]:
        return [{**item, "artifact_id": f"{item['artifact_id']}-x"} for item in super().pictures(job)]


class OneUseUploads(Studio):
    """An upload is gone once it was used."""

    claim = "STR-04"

    def take_in(self, customer: Customer, item: object) -> str:
        artifact = super().take_in(customer, item)
        if isinstance(item, dict) and item.get("kind") == "stored":
            self.artifacts.pop(artifact)
        return artifact


class CheapFromImages(Studio):
    """Image to image, hd costs what standard does."""

    claim = "STR-14"

    def price(self, kind: str, quality: str) -> float:
        return super().price(kind, "standard" if kind == "image" else quality)


class TenPercentMore(Studio):
    """Ten per cent go on top of each price."""

    claim = "STR-14"

    def price(self, kind: str, quality: str) -> float:
        return super().price(kind, quality) * 1.1


class ChargesAtTheEnd(Studio):
    """Nothing leaves the wallet before the pictures are there."""

    claim = "STR-13"

    def debit(self, customer: Customer, amount: float) -> None:
        """Wait."""

    def finish(self, job: Job, end: str, delivered: int) -> None:
        job.customer.credits -= job.paid
        super().finish(job, end, delivered)


class NamesTheFirstOnly(Studio):
    """Only the first picture of a task has an artifact id."""

    claim = "STR-20"

    def pictures(self, job: Job) -> list[dict[str, object]]:
        found = super().pictures(job)
        return [item if index == 0 else {**item, "artifact_id": None} for index, item in enumerate(found)]


class HidesRefunds(Studio):
    """The refund is paid but never shown."""

    claim = "STR-19"

    def shown(self, job: Job) -> dict[str, object]:
        said = super().shown(job)
        bill = said["billing"]
        assert isinstance(bill, dict)
        return {**said, "billing": {key: value for key, value in bill.items() if key != "refunded_credits"}}


class DrawsSquares(Studio):
    """Every picture is square, whatever was asked for."""

    claim = "STR-07"

    def size(self, ratio: str) -> tuple[int, int]:
        return super().size("1:1")


class AutoInHd(Studio):
    """The ratio auto runs in hd too."""

    claim = "STR-07"

    def check_together(self, quality: str, ratio: str) -> None:
        """Let everything pass."""


class AnswersAtOnce(Studio):
    """A task is announced with a plain 200."""

    claim = "STR-01"
    accepted = 200


class OnlyInline(Studio):
    """Among the extra images nothing but data counts."""

    claim = "STR-10"

    def begin(self, customer: Customer, kind: str, body: Mapping[str, object]) -> Job:
        extra = body.get("extra_images", [])
        if any(item.get("kind") != "inline" for item in extra if isinstance(item, dict)):
            raise Refused(422, "extra_images", "data only")
        return super().begin(customer, kind, body)


LIES: tuple[type[Studio], ...] = tuple(Studio.__subclasses__())
