"""Requests by chance leave the mock in order: no error of its own, money that fits, nothing that grows.

``nox -s fuzz`` sends 100,000; here it is a share of that. The seed stands in every failure:
``PIXELPROOF_FUZZ_SEED=7 PIXELPROOF_FUZZ=100000 python -m pytest tests/mock/test_fuzz.py``.
"""

from __future__ import annotations

import json
import os
import resource
import threading
from dataclasses import replace
from itertools import cycle, islice
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from pixelproof import loading
from pixelproof.testing import create_app
from pixelproof.testing.audit import audit
from pixelproof.testing.records import JournalLine, LedgerEntry, Totals

from .fuzzing import Ask, Told, ask, asks_of, asks_of_control, bent_snapshot, mutated
from .live import live, until
from .test_safety_live import TRICKS, descriptors

if TYPE_CHECKING:
    from flask import Flask

#: How many requests in all, and what they follow from.
REQUESTS = int(os.environ.get("PIXELPROOF_FUZZ", "5000"))
SEED = int(os.environ.get("PIXELPROOF_FUZZ_SEED", "1"))
#: A tenth goes over sockets, a fifth to the control plane.
RAW, CONTROL = REQUESTS // 10, REQUESTS // 5
PROFILES = loading.profiles()
NEXT_MINUTE = Ask(
    method="POST",
    path="/__admin/clock/advance",
    body=b'{"seconds": 61}',
    headers={"content-type": "application/json"},
)
#: Growth of memory that caches and the journal explain, in KiB: nothing like a leak of each request.
_GROWTH_KIB = 96 * 1024


def test_a_provider_survives_whatever_it_is_asked() -> None:
    app = create_app(*PROFILES)
    rng = Random(SEED)
    keys = {name: tuple(opened(app, name) for _ in range(4)) for name in PROFILES}
    ids: list[str] = []
    sources = cycle([(name, asks_of(loading.shipped(name), f"/{name}/v1", keys[name], ids, rng)) for name in PROFILES])
    total = REQUESTS - RAW - CONTROL
    for number, (name, source) in enumerate(islice(sources, total)):
        if number == total // 2:
            half_way = condition()
        if number % 40 == 0:  # else the limits of requests answer everything
            ask(app, NEXT_MINUTE)
        one = next(source)
        said = ask(app, one)
        judge(name, one, said, app)
        ids += named(said)
    assert_in_order(app)
    assert_no_growth(half_way)


def test_the_control_plane_survives_whatever_it_is_asked() -> None:
    app = create_app(*PROFILES)
    rng = Random(SEED)
    keys = {name: opened(app, name) for name in PROFILES}
    ids = [str(row["id"]) for row in told(app, "/__admin/accounts")["accounts"]]
    asks = asks_of_control(app, lambda: ids, rng)
    paid = asks_of(loading.shipped("stratizon"), "/stratizon/v1", (keys["stratizon"],), [], rng)
    for number in range(CONTROL):
        one = next(asks) if number % 4 else next(paid)
        if number % 100 == 50:
            one = bent_snapshot(told(app, "/__admin/snapshot"), rng)
        if number % 40 == 0:
            ask(app, Ask(method="DELETE", path="/__admin/faults"))
            ids = [str(row["id"]) for row in told(app, "/__admin/accounts")["accounts"]][-20:] or ["acc_0"]
            ids += [str(row["id"]) for row in told(app, "/__admin/tasks")["tasks"]][:20]
        judge("stratizon" if one.path.startswith("/stratizon") else None, one, ask(app, one), app)
    assert_in_order(app)


def test_the_server_survives_whatever_comes_in_bytes() -> None:
    rng = Random(SEED)
    templates = [sent for sent, begins in TRICKS.values() if begins and len(sent) < 5000]
    with live("aivene", "stratizon", body_s=2, head_s=2) as server:
        for number in range(RAW):
            sent = rng.randbytes(rng.randrange(1, 600)) if number % 10 == 0 else mutated(rng.choice(templates), rng)
            try:
                said = server.talk(sent, ends=True)
            except TimeoutError:
                raise AssertionError(f"seed {SEED}: never answered: {sent!r}") from None
            assert not said or said.startswith(b"HTTP/1."), f"seed {SEED}: {sent!r} -> {said[:200]!r}"
            assert b" 500 " not in said[:20], f"seed {SEED}: {sent!r} -> {said[:500]!r}"
        assert server.is_serving()
        until(lambda: descriptors(server) < 60, f"seed {SEED}: the connections are closed")
        said = server.talk(b"GET /__admin/unexpected HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        assert json.loads(said.partition(b"\r\n\r\n")[2]) == {"errors": []}, f"seed {SEED}"


def test_a_planted_bug_is_found() -> None:
    app = create_app("openai")
    (provider,) = app.extensions["pixelproof"].providers
    honest = provider.seams.shape_violations

    def careless(call: Any) -> Any:
        counts = {"0": ()}
        return counts[str(call.body["n"])] if "n" in call.body and not call.body["n"] else honest(call)

    object.__setattr__(provider, "seams", replace(provider.seams, shape_violations=careless))
    source = asks_of(provider.contract, "/v1", (opened(app, "openai"),), [], Random(SEED))

    def go() -> None:
        for one in islice(source, 5000):
            judge("openai", one, ask(app, one), app)

    with pytest.raises(pytest.fail.Exception, match=f"seed {SEED}.*KeyError"):
        go()


def judge(profile: str | None, one: Ask, said: Told, app: Flask) -> None:
    """Fail on an error of the mock itself, and on a 4xx without the envelope that a client reads."""
    unexpected = app.extensions["pixelproof"].unexpected
    if unexpected:
        pytest.fail(f"seed {SEED}: {list(unexpected)} after {one}")
    if not 400 <= said.status < 500 or not said.is_whole or one.method == "HEAD":
        return
    if one.path.startswith("/images/") and said.status == 403:
        return
    try:
        error = json.loads(said.body)["error"]
        wanted = {"message"} if profile is None else set(loading.shipped(profile).errors.envelope.keys)
        assert wanted <= set(error)
    except (ValueError, TypeError, KeyError, AssertionError):
        pytest.fail(f"seed {SEED}: {said.status} without envelope: {said.body[:300]!r} for {one}")


def named(said: Told) -> list[str]:
    """Return the id of the task or artifact that an answer names."""
    try:
        body = json.loads(said.body) if said.status in {201, 202} else {}
    except ValueError:  # spoilt on demand
        return []
    return [str(body[name]) for name in ("task_id", "artifact_id") if isinstance(body, dict) and name in body]


def assert_in_order(app: Flask) -> None:
    """The server still works, and the money of every account fits what was answered."""
    assert told(app, "/__admin/unexpected") == {"errors": []}, f"seed {SEED}"
    lines = journal(app)
    first = min((line.seq for line in lines), default=0)
    for account in told(app, "/__admin/accounts")["accounts"]:
        path = f"/__admin/accounts/{account['id']}/ledger"
        entries = [LedgerEntry.read(row) for row in told(app, path, "limit=10000")["entries"]]
        totals = Totals.read(told(app, f"{path}/check"))
        mine = [line for line in lines if line.account == account["id"]]
        assert audit(totals, entries, mine) == [], f"seed {SEED}: {account['id']}, journal from {first}"


def journal(app: Flask) -> list[JournalLine]:
    """Return every line that is kept."""
    found: list[JournalLine] = []
    after = 0
    while after is not None:
        page = told(app, "/__admin/requests", f"limit=1000&after={after}")
        found += map(JournalLine.read, page["requests"])
        after = page["next"]
    return found


def assert_no_growth(before: tuple[int, int, int]) -> None:
    """Threads and descriptors are as many as before, and memory is within what caches take."""
    threads, files, peak = condition()
    assert (threads, files) <= before[:2], f"seed {SEED}"
    assert peak - before[2] < _GROWTH_KIB, f"seed {SEED}: {peak - before[2]} KiB more"


def condition() -> tuple[int, int, int]:
    """Return how many threads run and files are open, and the peak of memory in KiB."""
    files = Path("/proc/self/fd")
    count = len(list(files.iterdir())) if files.is_dir() else 0
    return threading.active_count(), count, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def opened(app: Flask, profile: str) -> str:
    """Open an account and return its key."""
    body = json.dumps({"profile": profile, "balance": "100000"}).encode()
    made = ask(
        app, Ask(method="POST", path="/__admin/accounts", body=body, headers={"content-type": "application/json"})
    )
    return str(json.loads(made.body)["key"])


def told(app: Flask, path: str, query: str = "") -> Any:
    """Return what a page of the control plane says."""
    said = ask(app, Ask(method="GET", path=path, query=query))
    assert said.status == 200, f"seed {SEED}: {path} -> {said.body[:300]!r}"
    return json.loads(said.body)
