"""Honest studios that are odd: what they do is allowed, so nothing may be held against them."""

from __future__ import annotations

import time
from collections.abc import Mapping

from .studio import Customer, Job, Refused, Studio


class Unlucky(Studio):
    """The first task of each prompt fails, and is paid back."""

    def __init__(self, base: str, *, task_s: float) -> None:
        super().__init__(base, task_s=task_s)
        self.tried: set[str] = set()

    def conclude(self, job: Job) -> None:
        known = job.prompt in self.tried
        self.tried.add(job.prompt)
        super().conclude(job) if known else self.finish(job, "error", 0)


class AlwaysUnlucky(Studio):
    """Every task fails: that is bad luck no more."""

    def conclude(self, job: Job) -> None:
        self.finish(job, "error", 0)


class Stumbling(Studio):
    """The first look at each task is answered with a 503."""

    def look(self, customer: Customer, job_id: str) -> Job:
        job = super().look(customer, job_id)
        if job.looks == 1:
            raise Refused(503, "busy", "come back later")
        return job


class Down(Studio):
    """Tasks are accepted, and no look at them is ever answered with more than a 503."""

    def look(self, customer: Customer, job_id: str) -> Job:  # noqa: ARG002 - whoever asks
        raise Refused(503, "busy", "come back later")


class Shouting(Studio):
    """States in capital letters."""

    def state(self, job: Job) -> str:
        return super().state(job).upper()


class Generous(Studio):
    """Three pictures are asked for, two come, and the third is paid back."""

    def conclude(self, job: Job) -> None:
        if job.asked == 3:
            self.finish(job, "succeeded", 2)
        else:
            super().conclude(job)


class LateBooks(Studio):
    """A wallet shows a charge a moment after it was made, and a refund some moments later."""

    def __init__(self, base: str, *, task_s: float) -> None:
        super().__init__(base, task_s=task_s)
        #: when a move shows, and the amount
        self.moves: list[tuple[float, float]] = []

    def debit(self, customer: Customer, amount: float) -> None:
        self.moves.append((time.monotonic() + 0.02, -amount))
        super().debit(customer, amount)

    def give_back(self, job: Job, amount: float) -> None:
        self.moves.append((job.ends_at + 0.25, amount))
        super().give_back(job, amount)

    def credits_of(self, customer: Customer) -> float:
        settled = super().credits_of(customer)
        return settled - sum(amount for shows_at, amount in self.moves if time.monotonic() < shows_at)


class Terse(Studio):
    """Sources are named by plain ids, and references are taken as plain text."""

    def shown(self, job: Job) -> dict[str, object]:
        return {**super().shown(job), "input": {"sources": job.sources}}

    def take_in(self, customer: Customer, item: object) -> str:
        if not isinstance(item, str):
            raise Refused(422, "image", "a reference is text")
        kind, _, value = item.partition(" ")
        names = {"remote": "href", "stored": "id", "inline": "data"}
        return super().take_in(customer, {"kind": kind, names.get(kind, ""): value})


def edited(mapping: Mapping[str, object], **task: object) -> dict[str, object]:
    """Return the ``map`` of a target file with other entries under ``task``; None takes one away."""
    known = {**mapping["task"], **task}  # type: ignore[dict-item]
    return {**mapping, "task": {key: value for key, value in known.items() if value is not None}}
