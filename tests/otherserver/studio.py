"""The provider itself, without HTTP: wallets, tasks, pictures and artifacts of its customers.

Written from the provider's page alone. The page promises prices, refunds, ratios, counts,
references and artifacts; what it leaves open is decided here as nobody else decided it.
"""

from __future__ import annotations

import base64
import binascii
import itertools
import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from .pictures import SIGNATURE, SIZES, draw

#: Credits of one picture, from the page.
PRICES = {("text", "standard"): 50, ("text", "hd"): 300, ("image", "standard"): 60, ("image", "hd"): 320}
MODELS = ("auto", "gpt-image-2")
MOST_PICTURES = 4
MOST_EXTRA = 15
FAIL, LOSE = "please fail", "please lose one"


class Refused(Exception):
    """A request that is not carried out: the status, and a word for machines."""

    def __init__(self, status: int, kind: str, says: str) -> None:
        super().__init__(says)
        self.status, self.kind, self.says = status, kind, says


@dataclass
class Customer:
    name: str
    credits: float


@dataclass
class Job:
    id: str
    customer: Customer
    prompt: str
    size: tuple[int, int]
    asked: int
    paid: float
    ends_at: float
    #: Artifacts that it works from.
    sources: list[str]
    #: Artifacts that it made; each is a picture.
    made: list[str] = field(default_factory=list)
    returned: float = 0
    end: str | None = None
    looks: int = 0


class Studio:
    """An honest provider."""

    #: The answer to an accepted request.
    accepted = 202

    def __init__(self, base: str, *, task_s: float = 0.3) -> None:
        self.base, self.task_s = base, task_s
        self.lock = threading.RLock()
        default, other, broke = Customer("default", 500_000), Customer("other", 500_000), Customer("broke", 0)
        self.keys = {"sk-studio-default": default, "sk-studio-other": other, "sk-studio-broke": broke}
        self.jobs: dict[str, Job] = {}
        #: artifact → its owner's name and its file
        self.artifacts: dict[str, tuple[str, bytes]] = {}
        #: name in a URL → file; what is here is public
        self.files = {"reference.png": draw((60, 45), 1)}
        self._numbers = itertools.count(2)

    # what a customer can ask for

    def begin(self, customer: Customer, kind: str, body: Mapping[str, object]) -> Job:
        """Take the money and begin a task."""
        self.settle()
        quality, ratio = _choice(body, "quality", ("standard", "hd")), _choice(body, "aspect_ratio", tuple(SIZES))
        _choice(body, "model", MODELS)
        count = self._count(body)
        prompt = body.get("prompt")
        if not isinstance(prompt, str) or not prompt:
            raise Refused(422, "prompt", "say what to draw")
        self.check_together(quality or "standard", ratio or "1:1")
        sources = self._sources(customer, body) if kind == "image" else []
        price = count * self.price(kind, quality or "standard")
        if customer.credits < price:
            raise Refused(402, "no-credit", f"this costs {price} credits")
        self.debit(customer, price)
        job = Job(
            id=f"job-{secrets.token_hex(8)}",
            customer=customer,
            prompt=prompt,
            size=self.size(ratio or "1:1"),
            asked=count,
            paid=price,
            ends_at=time.monotonic() + self.task_s,
            sources=sources,
        )
        self.jobs[job.id] = job
        return job

    def look(self, customer: Customer, job_id: str) -> Job:
        """Return a task to its owner."""
        self.settle()
        job = self.jobs.get(job_id)
        if job is None or job.customer is not customer:
            raise Refused(404, "no-task", "there is no such task")
        job.looks += 1
        return job

    def cancel(self, customer: Customer, job_id: str) -> Job:
        """End a task that still runs; its money goes back."""
        job = self.look(customer, job_id)
        if job.end is None:
            self.finish(job, "canceled", 0)
        return job

    def keep(self, customer: Customer, data: bytes) -> str:
        """Store a picture and return the artifact it becomes."""
        if not data.startswith((SIGNATURE, b"\xff\xd8\xff", b"RIFF")):
            raise Refused(422, "picture", "PNG, JPEG or WebP, please")
        artifact = f"art-{secrets.token_hex(8)}"
        self.artifacts[artifact] = (customer.name, data)
        return artifact

    def credits_of(self, customer: Customer) -> float:
        """Return what is left in a wallet."""
        self.settle()
        return customer.credits

    # how tasks end

    def settle(self) -> None:
        """End every task that is due, whoever asks: nobody has to look for the money to come back."""
        for job in list(self.jobs.values()):
            if job.end is None and self.due(job):
                self.conclude(job)

    def due(self, job: Job) -> bool:
        return time.monotonic() >= job.ends_at

    def conclude(self, job: Job) -> None:
        if job.prompt == FAIL:
            self.finish(job, "error", 0)
        else:
            self.finish(job, "succeeded", job.asked - (job.prompt == LOSE))

    def finish(self, job: Job, end: str, delivered: int) -> None:
        job.made = [self.keep(job.customer, draw(job.size, next(self._numbers))) for _ in range(delivered)]
        job.end = end
        self.give_back(job, self.refund(job))

    # seams: each liar moves one of them

    def price(self, kind: str, quality: str) -> float:
        return PRICES[kind, quality]

    def debit(self, customer: Customer, amount: float) -> None:
        customer.credits -= amount

    def refund(self, job: Job) -> float:
        return job.paid / job.asked * (job.asked - len(job.made))

    def give_back(self, job: Job, amount: float) -> None:
        job.customer.credits += amount
        job.returned += amount

    def check_together(self, quality: str, ratio: str) -> None:
        if (quality, ratio) == ("hd", "auto"):
            raise Refused(422, "aspect_ratio", "auto only runs at standard quality")

    def size(self, ratio: str) -> tuple[int, int]:
        return SIZES[ratio]

    def most_extra(self) -> int:
        return MOST_EXTRA

    def may_use(self, customer: Customer, artifact: str) -> bool:
        return self.artifacts.get(artifact, ("",))[0] == customer.name

    def state(self, job: Job) -> str:
        if job.end is not None:
            return job.end
        return "pending" if time.monotonic() < job.ends_at - self.task_s / 2 else "processing"

    def shown(self, job: Job) -> dict[str, object]:
        """Return a task as its owner sees it."""
        bill = {"charged_credits": job.paid - job.returned, "per": "picture"}
        if job.end is not None:
            bill["refunded_credits"] = job.returned
        return {
            "task_id": job.id,
            "state": self.state(job),
            "input": {"sources": [{"artifact": {"artifact_id": name}} for name in job.sources]},
            "result": {"pictures": self.pictures(job), "wanted": job.asked},
            "billing": bill,
            "trouble": "the painter gave up" if job.end == "error" else None,
        }

    def pictures(self, job: Job) -> list[dict[str, object]]:
        return [{"url": self.publish(name), "artifact_id": name, "size": list(job.size)} for name in job.made]

    def publish(self, artifact: str) -> str:
        name = f"{artifact}.png"
        self.files[name] = self.artifacts[artifact][1]
        return f"{self.base}/files/{name}"

    # how references come in

    def _count(self, body: Mapping[str, object]) -> int:
        count = body.get("n", 1)
        if type(count) is not int or not 1 <= count <= MOST_PICTURES:
            raise Refused(422, "n", "one to four pictures")
        return count

    def _sources(self, customer: Customer, body: Mapping[str, object]) -> list[str]:
        extra = body.get("extra_images", [])
        if not isinstance(extra, list) or len(extra) > self.most_extra():
            raise Refused(422, "extra_images", "at most fifteen more")
        return [self.take_in(customer, item) for item in (body.get("image"), *extra)]

    def take_in(self, customer: Customer, item: object) -> str:
        """Return the artifact that a reference is or becomes."""
        match item:
            case {"kind": "stored", "id": str(artifact)}:
                if not self.may_use(customer, artifact):
                    raise Refused(404, "no-artifact", "there is no such artifact")
                return artifact
            case {"kind": "remote", "href": str(url)}:
                return self.keep(customer, self._fetched(url))
            case {"kind": "inline", "data": str(uri)}:
                return self.keep(customer, _decoded(uri))
        raise Refused(422, "image", "a reference is remote, stored or inline")

    def _fetched(self, url: str) -> bytes:
        """Return a picture of our own: this studio goes nowhere else."""
        name = url.removeprefix(f"{self.base}/files/")
        if name == url or name not in self.files:
            raise Refused(422, "image", "there is no picture at this address")
        return self.files[name]


def _choice(body: Mapping[str, object], name: str, known: tuple[str, ...]) -> str | None:
    value = body.get(name)
    if name in body and value not in known:
        raise Refused(422, name, f"one of {', '.join(known)}")
    return value if isinstance(value, str) else None


def _decoded(uri: str) -> bytes:
    head, _, payload = uri.partition(",")
    if not (head.startswith("data:image/") and head.endswith(";base64")):
        raise Refused(422, "image", "a data URI in base64")
    try:
        return base64.b64decode(payload, validate=True)
    except binascii.Error:
        raise Refused(422, "image", "this is no base64") from None
