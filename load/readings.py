"""What an answer says of its request: how it ended, what came, and whose it is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b

import orjson

from pixelproof.contract import About, Contract, Json
from pixelproof.loadtest.line import Ending
from pixelproof.rules.envelope import misshapen
from pixelproof.targets.taskview import TaskView

from .caller import Reply

#: What every prompt of a load ends with: a model that repeats its prompt tells whose answer it is.
_STUDY = re.compile(rb"study no\. (\d{8})")
#: Stands for a stranger whose number nobody knows: the answer to a look named another task.
NOBODY = -1
_SERVER_ERROR = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One answer, read."""

    ending: Ending
    images: int | None = None
    marks: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()
    stranger: int | None = None
    task: Mapping[str, Json] | None = None
    #: What is wrong with the shape of an error, in words.
    misshapen: str = ""


def prompt(number: int) -> str:
    """Return the prompt of a request, which no other has."""
    return f"a lighthouse above a calm sea at dawn, study no. {number:08d}"


class Reader:
    """Reads the answers of one provider."""

    def __init__(self, contract: Contract, view: TaskView | None) -> None:
        """Read tasks through ``view``, where there are any."""
        self._view = view
        # a failure that the document does not call free may have cost something
        self._keys = _error_keys(contract)
        self._failure = Ending.REFUSED if contract.billing.claimed("failed_is_free") else Ending.UNKNOWN

    def read(self, reply: Reply, number: int) -> Reading:
        """Return what the answer to request ``number`` says."""
        if reply.is_cut or not reply.status:
            return Reading(ending=Ending.UNKNOWN)
        if reply.status >= _SERVER_ERROR:
            return Reading(ending=self._failure, misshapen=self._misshapen(reply.body))
        if not 200 <= reply.status < 300:  # noqa: PLR2004 - the 2xx class
            if reply.status < 400:  # noqa: PLR2004 - the 4xx class
                return Reading(ending=Ending.UNKNOWN)
            return Reading(ending=Ending.REFUSED, misshapen=self._misshapen(reply.body))
        try:
            body: Json = orjson.loads(reply.body)
        except orjson.JSONDecodeError:
            return Reading(ending=Ending.UNKNOWN)
        return self._success(body, _stranger(reply.body, number))

    def look(self, reply: Reply) -> Mapping[str, Json]:
        """Return what a look at a task shows, by our own names; nothing where the answer is no task."""
        try:
            return self._view.read(orjson.loads(reply.body)) if self._view is not None else {}
        except orjson.JSONDecodeError:
            return {}

    def _misshapen(self, body: bytes) -> str:
        """Return what the documented error object lacks, also when the server has no time for it."""
        try:
            said = orjson.loads(body)
        except orjson.JSONDecodeError:
            return f"no JSON object: {body[:80].decode('utf-8', 'replace')!r}" if self._keys else ""
        inner = said.get("error") if isinstance(said, dict) else None
        if not isinstance(inner, dict):
            return "no object 'error'" if self._keys else ""
        wrong = misshapen(inner, self._keys)
        return "" if wrong is None else f"{wrong[0]} wanted, got {wrong[1]}" if wrong[0] else wrong[1]

    def _success(self, body: Json, stranger: int | None) -> Reading:
        task = self._view.read(body) if self._view is not None else None
        if task is not None and task["id"]:
            return Reading(ending=Ending.OK, task=task, stranger=stranger)
        data = body.get("data") if isinstance(body, dict) else None
        items = [item for item in data if isinstance(item, dict)] if isinstance(data, list) else None
        if items is None:
            return Reading(ending=Ending.UNKNOWN, stranger=stranger)
        urls = tuple(str(item["url"]) for item in items if item.get("url"))
        marks = tuple(mark(str(item.get("url") or item.get("b64_json") or "")) for item in items)
        return Reading(ending=Ending.OK, images=len(items), marks=marks, urls=urls, stranger=stranger)


def mark(text: str) -> str:
    """Return the fingerprint of an image: of its file, or of its URL."""
    return blake2b(text.encode(), digest_size=8).hexdigest()


def _error_keys(contract: Contract) -> Mapping[str, tuple[str, ...]]:
    """Return the keys of an error that the document states and does not dispute; none where it states none."""
    envelope = contract.errors.envelope
    is_disputed = any(point.about is About.ENVELOPE for point in contract.ambiguities)
    shielded = {"code"} if is_disputed else set()
    return {key: kinds for key, kinds in envelope.keys.items() if key not in shielded} if envelope.claim else {}


def _stranger(body: bytes, number: int) -> int | None:
    found = _STUDY.search(body)
    return int(found[1]) if found is not None and int(found[1]) != number else None
