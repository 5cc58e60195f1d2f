"""The parts of an account that remember what was done to them since the last entry."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import fields
from typing import Any

from pixelproof.ledger import Entry, EntryKind, Ledger, LedgerError, entry_of

from ..artifacts import Artifact, ArtifactStore
from ..jobs import Job, JobBook
from ..windows import RollingWindow, Windows

#: One thing that was done, as JSON takes it.
Deed = list[Any]

_JOB_FIELDS = tuple(field.name for field in fields(Job))
#: Slots of a ledger, which is what a ledger is.
_LEDGER_SLOTS = tuple(Ledger.__slots__)


class RecordedLedger(Ledger):
    """A ledger that remembers its new rows: [columns…], [columns…, reason of a refund], or [forgotten task]."""

    __slots__ = ("deeds",)

    def __init__(self, opening: int, at: float, *, cap: int) -> None:
        """Open a wallet; nobody needs to be told of it."""
        self.deeds: list[Deed] = []
        super().__init__(opening, at, cap=cap)
        self.deeds.clear()

    def become(self, state: dict[str, Any]) -> None:
        """Become the ledger of a state, and stay the same object."""
        other = type(self).restored(state)
        for slot in _LEDGER_SLOTS:
            setattr(self, slot, getattr(other, slot))
        self.deeds.clear()

    def refund(self, task_id: str, reason: str, amount: int, at: float, request_id: str | None = None) -> Entry:
        """Give back a part of a task's charge, and remember why."""
        before = len(self.deeds)
        entry = super().refund(task_id, reason, amount, at, request_id)
        if len(self.deeds) > before:
            self.deeds[-1].append(reason)
        return entry

    def forget_task(self, task_id: str) -> None:
        """Drop what is remembered of a task, everywhere."""
        super().forget_task(task_id)
        self.deeds.append([task_id])

    def redo(self, deed: Deed) -> None:
        """Do what another process did. Raises LedgerError when it does not follow on what is here."""
        if len(deed) == 1:
            super().forget_task(deed[0])
            return
        seq, at, word, amount, balance, request_id, task_id, refers_to, *reason = deed
        kind = EntryKind(word)
        written = super()._write(kind, amount, at, request_id, task_id, refers_to)
        if (written, self.balance) != (seq, balance):
            raise LedgerError(f"row {seq} does not follow on {written - 1}")
        self._follow(kind, seq, abs(amount), task_id, refers_to)
        if reason and task_id is not None:
            self._refunds.setdefault(task_id, {})[reason[0]] = entry_of(self._rows[-1])

    def _follow(self, kind: EntryKind, seq: int, amount: int, task_id: str | None, refers_to: int | None) -> None:
        if kind is EntryKind.HOLD:
            self._holds[seq] = amount
        elif kind is EntryKind.RELEASE and refers_to is not None:
            self._holds.pop(refers_to, None)
        elif kind is EntryKind.CHARGE and task_id is not None:
            self._tasks[task_id] = (seq, amount)
        elif kind is EntryKind.REFUND and task_id is not None:
            charge, left = self._tasks.get(task_id, (0, amount))
            self._tasks[task_id] = (charge, left - amount)

    def _write(  # noqa: PLR0913, PLR0917 - the columns of an entry
        self,
        kind: EntryKind,
        amount: int,
        at: float,
        request_id: str | None = None,
        task_id: str | None = None,
        refers_to: int | None = None,
    ) -> int:
        seq = super()._write(kind, amount, at, request_id, task_id, refers_to)
        self.deeds.append([seq, at, kind, amount, self.balance, request_id, task_id, refers_to])
        return seq


class RecordedWindow(RollingWindow):
    """A window that remembers what it took and gave back: [key or '', name, length, instant or None, weight]."""

    __slots__ = ("_deeds", "place")

    def __init__(self, length_s: float, place: tuple[str, str], deeds: list[Deed]) -> None:
        """Begin empty; ``place`` is the key it belongs to ('' for the account) and its name."""
        super().__init__(length_s)
        self.place = place
        self._deeds = deeds

    def take(self, now: float, weight: int) -> None:
        """Admit ``weight``."""
        super().take(now, weight)
        self._deeds.append([*self.place, self.length_s, now, weight])

    def give_back(self, weight: int) -> None:
        """Take the newest admission of this weight out again."""
        super().give_back(weight)
        self._deeds.append([*self.place, self.length_s, None, weight])

    def redo(self, at: float | None, weight: int) -> None:
        """Do what another process did."""
        if at is None:
            super().give_back(weight)
        else:
            self.used(at)  # what left the window must not pile up here
            super().take(at, weight)


class RecordedWindows(Windows):
    """Windows that tell where they belong."""

    def __init__(self, owner: str, deeds: list[Deed]) -> None:
        """Begin without any; ``owner`` is a key's id, '' for the account."""
        super().__init__()
        self._owner = owner
        self._deeds = deeds

    def opened(self, name: str, length_s: float) -> RecordedWindow:
        """Return a window, a new one where there is none yet."""
        window = self.get(name)
        if not isinstance(window, RecordedWindow):
            window = self[name] = RecordedWindow(length_s, (self._owner, name), self._deeds)
        return window

    def become(self, state: dict[str, Any]) -> None:
        """Become the windows of a state; those that somebody holds stay the same objects."""
        for name in set(self) - set(state):
            self[name].restore(())
        for name, item in state.items():
            self.opened(name, float(item["length_s"])).restore(item["entries"])


class RecordedJobs(JobBook):
    """Tasks of which it is known who was filed, touched and let go."""

    __slots__ = ("_marks", "filed", "gone", "moved")

    def __init__(self) -> None:
        """Begin without any."""
        super().__init__()
        self._marks: dict[str, tuple[Any, ...]] = {}
        self.filed: dict[str, Job] = {}
        self.moved: dict[str, Job] = {}
        self.gone: list[str] = []

    def find(self, job_id: str) -> Job | None:
        """Return a task by its id, and watch it."""
        job = super().find(job_id)
        if job is not None:
            self._watch(job)
        return job

    def file(self, job: Job) -> list[Job]:
        """Keep a new task; return those that had to go for it."""
        self.filed[job.id] = job
        gone = super().file(job)
        self.gone += [old.id for old in gone]
        return gone

    def schedule(self, job: Job) -> None:
        """Note when a task ends: somebody has moved it."""
        super().schedule(job)
        self.moved[job.id] = job

    def due(self, now: float) -> Iterator[Job]:
        """Yield the tasks that time has ended, and watch them."""
        for job in super().due(now):
            self._watch(job)
            yield job

    def changed(self) -> list[Job]:
        """Return the tasks that are other than they were, new ones aside."""
        watched = (self._jobs[name] for name, marks in self._marks.items() if _differs(self._jobs.get(name), marks))
        found = {**self.moved, **{job.id: job for job in watched}}
        return [job for name, job in found.items() if name not in self.filed and name in self._jobs]

    def settle_down(self) -> None:
        """Forget what was done: it is told."""
        self._marks.clear()
        self.filed.clear()
        self.moved.clear()
        self.gone.clear()

    def redo(self, job: Job, *, is_new: bool) -> None:
        """Do what another process did: file a task, or change it in place."""
        there = self._jobs.get(job.id)
        if there is None:
            if is_new:
                self._jobs[job.id] = job
                super().schedule(job)
            return
        for name in _JOB_FIELDS:
            setattr(there, name, getattr(job, name))
        super().schedule(there)

    def drop(self, job_id: str) -> None:
        """Let a task go as another process did."""
        self._jobs.pop(job_id, None)

    def become(self, jobs: Iterable[Job], crowded: int) -> None:
        """Become these tasks; those that somebody holds stay the same objects."""
        before = dict(self._jobs)
        self._jobs.clear()
        self._due.clear()
        self.settle_down()
        for job in jobs:
            old = before.get(job.id)
            if old is not None:
                self._jobs[job.id] = old
            self.redo(job, is_new=True)
        self._crowded = crowded

    @property
    def crowded(self) -> int:
        """Return from how many tasks on room is looked for again."""
        return self._crowded

    @crowded.setter
    def crowded(self, crowded: int) -> None:
        self._crowded = crowded

    def _watch(self, job: Job) -> None:
        if job.id not in self._marks:
            self._marks[job.id] = _marks(job)


class RecordedArtifacts(ArtifactStore):
    """Artifacts of which it is known which are new."""

    __slots__ = ("kept",)

    def __init__(self) -> None:
        """Begin without any."""
        super().__init__()
        self.kept: list[Artifact] = []

    def keep(self, artifact: Artifact) -> None:
        """Store an artifact, and remember it."""
        super().keep(artifact)
        self.kept.append(artifact)

    def redo(self, artifact: Artifact) -> None:
        """Store what another process stored."""
        super().keep(artifact)

    def become(self, artifacts: Iterable[Artifact]) -> None:
        """Have exactly these artifacts."""
        self._kept.clear()
        self._kept.update((artifact.id, artifact) for artifact in artifacts)
        self.kept.clear()


def _marks(job: Job) -> tuple[Any, ...]:
    return tuple([getattr(job, name) for name in _JOB_FIELDS])


def _differs(job: Job | None, marks: tuple[Any, ...]) -> bool:
    return job is not None and _marks(job) != marks
