"""Looks at tasks through a gateway until they end: several at once, each with the key that asked for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from urllib.parse import quote

from pixelproof.client import Answer, Wire
from pixelproof.contract import Json
from pixelproof.exchange import Exchange, Request, Role
from pixelproof.planning.case import Case, KeyRole, Poll
from pixelproof.running.conducting.downloading import Downloads
from pixelproof.running.run import Run
from pixelproof.targets.openings import Granted
from pixelproof.targets.taskview import TaskView

#: Looks at one task: the upstream's has ended before the first one, so a gateway that is asked again shows it.
_MOST_LOOKS = 5
_PAUSE_S = 0.2
_FINAL = frozenset({"succeeded", "failed", "canceled"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Created:
    """A task that a gateway answered with, and whose it is."""

    exchange: Exchange
    id: str
    granted: Granted


@dataclass(frozen=True, slots=True, kw_only=True)
class Watcher:
    """Looks at the tasks of one case."""

    run: Run
    wire: Wire
    view: TaskView
    #: What an answer holds that it must not.
    leaks: Callable[[Answer], list[Json]]
    sleep: Callable[[float], None]

    def watched(self, case: Case, step: Poll, tasks: Sequence[Created], caller: str) -> list[Exchange]:
        """Look at every task, at the same time; return the looks, and the images under the steps that asked."""
        if not tasks:
            return []
        with ThreadPoolExecutor(max_workers=len(tasks)) as pool:
            found = [pool.submit(self._to_its_end, case, step, task, caller) for task in tasks]
        return [exchange for each in found for exchange in each.result()]

    def _to_its_end(self, case: Case, step: Poll, task: Created, caller: str) -> list[Exchange]:
        looks: list[Exchange] = []
        for _ in range(_MOST_LOOKS if step.until_final else 1):
            if looks:
                self.sleep(_PAUSE_S)
            looks.append(self._look(case, step, task, caller))
            if looks[-1].task().get("state") in _FINAL:
                break
        own = step.key.role is not KeyRole.OTHER
        return [*looks, *(self._images(case, task.exchange.step, looks[-1]) if own else [])]

    def _look(self, case: Case, step: Poll, task: Created, caller: str) -> Exchange:
        path = self.run.contract.operations["task"].path.replace("{task_id}", quote(task.id, safe=""))
        headers = {**self.run.target.headers, "authorization": f"Bearer {task.granted.key}"}
        request = Request(method="GET", url=f"{self.run.target.base_url}{path}", headers=headers)
        answer = self.wire.send(request.method, request.url, headers=headers)
        exchange = self.run.recorder.exchange(case.id, step.name, Role.API, request, answer)
        body = exchange.response.body if exchange.response and exchange.ok else None
        seen: Mapping[str, Json] = {} if body is None else self.view.read(body)
        return replace(exchange, facts={"task": dict(seen), "leaks": self.leaks(answer), "caller": caller})

    def _images(self, case: Case, step: str, last: Exchange) -> list[Exchange]:
        images = last.task().get("images")
        items = [item for item in images if isinstance(item, dict)] if isinstance(images, list) else []
        fetch = Downloads(self.wire, self.run.target.base_url).fetch
        urls = [str(item["url"]) for item in items if item.get("url")]
        return [
            self.run.recorder.exchange(case.id, step, Role.IMAGE, Request(method="GET", url=url), fetch(url))
            for url in urls
        ]
