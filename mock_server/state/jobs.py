"""The tasks of one account: filed when they are paid for, settled once when they end."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field

from pixelproof.tasks import Task, TaskState, delivered_at, due_at, state_at

from ..faults import Fault
from ..images.pictures import Picture

#: Tasks that an account keeps unless told otherwise; the oldest final ones go first.
TASKS = 2_000


@dataclass(slots=True, kw_only=True, eq=False)
class Job:
    """A task as an account keeps it: the pure :class:`~pixelproof.tasks.Task`, its money and its results."""

    id: str
    #: Replaced, never changed; read and written under the account's lock.
    task: Task
    capability: str
    model: str
    key_id: str
    #: Units for one image, and units taken when the task was created.
    unit_price: int = 0
    charged: int = 0
    refunded: int = 0
    #: One for each image asked for, delivered or not.
    pictures: tuple[Picture, ...] = ()
    #: One for each picture; known to the account's store once the task has delivered it.
    artifact_ids: tuple[str, ...] = ()
    #: Artifact ids of the references, in the order of the request.
    references: tuple[str, ...] = ()
    #: What went wrong, for a task that fails on demand.
    failure: str | None = None
    #: A fault of delivery that spoils the images of the finished task.
    spoiling: Fault | None = None
    #: Set once, when the task is settled: from then on nothing moves it.
    final: TaskState | None = None
    delivered: int = 0
    #: When it ended, in seconds of the account's clock.
    ended_at: float | None = None

    def state(self, now: float) -> TaskState:
        """Return where the task stands; a settled one stays, whatever the clock of the question says."""
        return self.final or state_at(self.task, now)

    def images(self, now: float) -> int:
        """Return how many images the task has delivered."""
        return self.delivered if self.final is not None else delivered_at(self.task, now)


@dataclass(slots=True, eq=False)
class JobBook:
    """All tasks of one account. Call everything under the account's lock."""

    cap: int = TASKS
    _jobs: dict[str, Job] = field(default_factory=dict)
    #: So many tasks there may be before room is looked for again: those that still run cannot go.
    _crowded: int = 0
    #: (when it is due, id) of tasks that end by time; stale lines are skipped when their time comes.
    _due: list[tuple[float, str]] = field(default_factory=list)

    def __len__(self) -> int:
        """Return how many tasks are kept."""
        return len(self._jobs)

    def __iter__(self) -> Iterator[Job]:
        """Iterate over the tasks, oldest first."""
        return iter(tuple(self._jobs.values()))

    def find(self, job_id: str) -> Job | None:
        """Return a task by its id."""
        return self._jobs.get(job_id)

    def file(self, job: Job) -> list[Job]:
        """Keep a new task; return those that had to go for it."""
        self._jobs[job.id] = job
        self.schedule(job)
        return self._make_room() if len(self._jobs) > max(self.cap, self._crowded) else []

    def schedule(self, job: Job) -> None:
        """Note when a task ends by itself: after it was filed, released, or moved by hand."""
        due = due_at(job.task)
        if due is not None:
            heapq.heappush(self._due, (due, job.id))

    def due(self, now: float) -> Iterator[Job]:
        """Yield, once each, the tasks that time has ended and nobody has settled."""
        while self._due and self._due[0][0] <= now:
            _, job_id = heapq.heappop(self._due)
            job = self._jobs.get(job_id)
            if job is not None and job.final is None and job.state(now).final:
                yield job

    def _make_room(self) -> list[Job]:
        # a tenth at once, so that the walk over all tasks is rare
        tenth = max(1, self.cap // 10)
        gone = [job for job in self._jobs.values() if job.final is not None][:tenth]
        for job in gone:
            del self._jobs[job.id]
        self._crowded = 0 if gone else len(self._jobs) + tenth
        return gone
