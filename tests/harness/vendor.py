"""A vendor that may cheat: an honest mock behind a till of its own, which charges and reports as it is told."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from pixelproof import loading
from pixelproof.client import Wire
from pixelproof.deviation import Tier
from pixelproof.levers import Levers
from pixelproof.matrix import Matrix
from pixelproof.money import Units
from pixelproof.planning.budget import Budget
from pixelproof.pricing import charge
from pixelproof.record.recording import Forgetful, Sink
from pixelproof.running.run import Run, RunSettings
from pixelproof.running.workbench import Workbench, make_run
from pixelproof.settings import MockSettings
from pixelproof.strategies import PlanRequest, make_plan
from pixelproof.targets.file import BalanceLever, Target
from pixelproof.verification.embedded import in_process

BASE = "http://127.0.0.1/v1"
KEY = "pk_live_vendor"


@dataclass
class Vendor(httpx.BaseTransport):
    """What it takes for each served request, ``factor`` times the price, and what it says of it."""

    profile: str = "perf"
    factor: int = 1
    #: Factor of what it reports; None: nothing.
    says: float | None = 1
    #: Called before each request; may answer in the mock's place.
    mood: Callable[[httpx.Request], httpx.Response | None] = lambda _request: None
    taken: int = 0
    refunded: int = 0
    #: Bodies of the requests that it served and charged.
    paid: list[bytes] = field(default_factory=list)
    charges: list[int] = field(default_factory=list)
    looks: int = 0

    def __post_init__(self) -> None:
        self.contract = loading.shipped(self.profile)
        self._inner = in_process(self.contract, MockSettings())
        self._lock = threading.Lock()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        with self._lock:
            if request.url.path.endswith("/vendor/wallet"):
                self.looks += 1
                left = 10**12 - self.taken + self.refunded
                return said(200, {"left": self.contract.billing.currency.format(left)})
            early = self.mood(request)
            if early is not None:
                return early
            answer = self._inner.handle_request(request)
            return self._charged(request, answer) if request.method == "POST" and answer.status_code == 200 else answer

    def _charged(self, request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        answer.read()
        body: dict[str, Any] = json.loads(answer.content)
        price = charge(self.contract, Matrix(self.contract, "text_to_image"), json.loads(request.content))
        self.taken += price * self.factor
        self.charges.append(price * self.factor)
        self.paid.append(request.content)
        told = body.get("perf")
        if isinstance(told, dict):
            told.pop("cost_usd", None)
            if self.says is not None:
                told["cost_usd"] = float(self.contract.billing.currency.format(round(price * self.says)))
        return said(200, body)


def said(status: int, body: object, **headers: str) -> httpx.Response:
    """Return a response that is read as one from the network."""
    content = json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    known = {"content-type": "application/json", "content-length": str(len(content)), **named}
    return httpx.Response(status, headers=known, stream=httpx.ByteStream(content))


def run_at(  # noqa: PLR0913 - everything that a test says of a run, by name
    vendor: Vendor,
    *,
    cap: int | None = None,
    most_images: int | None = None,
    watched: bool = False,
    tier: Tier = Tier.CORE,
    select: tuple[str, ...] = ("images*",),
    sink: Sink | None = None,
    waits: list[float] | None = None,
    **more: Any,
) -> Run:
    """Return a run against a vendor, as against a stranger: no control plane, ``watched`` with a wallet to look at."""
    contract = vendor.contract
    lever = BalanceLever(method="GET", path="/vendor/wallet", pointer="/left", exclusive=True)
    target = Target(base_url=BASE, keys={"default": KEY}, balance=lever if watched else None)
    wire = Wire(transport=vendor)
    slept = waits if waits is not None else []
    return make_run(
        Workbench(
            plan=make_plan(PlanRequest(contract=contract, tier=tier, select=select)),
            target=target,
            settings=RunSettings(tier=tier.value, level="documented"),
            wire=wire,
            levers=Levers(contract, target, wire, None, sleep=slept.append),
            sink=sink or Forgetful(),
            budget=Budget(
                currency=contract.billing.currency, cap=None if cap is None else Units(cap), most_images=most_images
            ),
            **more,
        )
    )
