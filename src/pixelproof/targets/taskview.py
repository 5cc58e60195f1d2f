"""Reads a task's JSON by pointers: the contract's, or those a target file maps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pixelproof.contract import Contract, Json, Tasks
from pixelproof.money import Currency, MoneyError
from pixelproof.targets.file import Target

#: Where an item of a task's images or references keeps what, unless the target file maps it.
#: The empty pointer is the item itself: a list of plain URLs or ids.
ITEM_POINTERS: Mapping[str, str] = {
    "image_url": "/url",
    "image_artifact_id": "/artifact_id",
    "reference_artifact_id": "/artifact_id",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskView:
    """Where one target keeps what in a task, and its words for the states."""

    pointers: Mapping[str, str]
    #: provider's word → canonical state
    words: Mapping[str, str]
    currency: Currency

    def read(self, body: Json) -> dict[str, Json]:
        """Return a task by our own names; amounts in smallest units, None where absent."""
        word = self._at(body, "status")
        return {
            "id": _text(self._at(body, "id")),
            "word": _text(word),
            "state": self.words.get(str(word).lower()),
            "images": self._images(body),
            "references": self._artifacts(body),
            "charged": self._amount(body, "charged"),
            "refunded": self._amount(body, "refunded"),
            "refunded_shown": _present(body, self.pointers.get("refunded", "")),
        }

    def _images(self, body: Json) -> Json:
        found = self._at(body, "images")
        if not isinstance(found, list):
            return None
        return [
            {"url": self._in(item, "image_url"), "artifact_id": self._in(item, "image_artifact_id")} for item in found
        ]

    def _artifacts(self, body: Json) -> Json:
        found = self._at(body, "references")
        named = (self._in(item, "reference_artifact_id") for item in (found if isinstance(found, list) else ()))
        return [name for name in named if name]

    def _in(self, item: Json, name: str) -> str | None:
        return _text(look_up(item, self.pointers.get(name, ITEM_POINTERS[name])))

    def _amount(self, body: Json, name: str) -> int | None:
        value = self._at(body, name)
        if value is None or isinstance(value, bool):
            return None
        try:
            return self.currency.nearest(value)
        except MoneyError:
            return None

    def _at(self, body: Json, name: str) -> Json:
        pointer = self.pointers.get(name)
        return look_up(body, pointer) if pointer else None


def task_view(contract: Contract, tasks: Tasks, target: Target) -> TaskView:
    """Return the view of a target: the contract's pointers and words, with those it maps."""
    mapped = target.map.get("task")
    own = mapped if isinstance(mapped, dict) else {}
    pointers = {**tasks.pointers, **{key: item for key, item in own.items() if isinstance(item, str)}}
    words = {word: state for state, spelled in tasks.states.items() for word in (state, *spelled)}
    states = own.get("states")
    for state, spelled in (states if isinstance(states, dict) else {}).items():
        names = spelled if isinstance(spelled, list) else [spelled]
        words.update({str(word).lower(): state for word in names})
    return TaskView(pointers=pointers, words=words, currency=contract.billing.currency)


def look_up(body: Json, pointer: str) -> Json:
    """Return what a JSON pointer names, None when there is nothing."""
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        if isinstance(body, dict):
            body = body.get(key)
        elif isinstance(body, list) and key.isdigit() and int(key) < len(body):
            body = body[int(key)]
        else:
            return None
    return body


def _present(body: Json, pointer: str) -> bool:
    return bool(pointer) and look_up(body, pointer) is not None


def _text(value: Json) -> str | None:
    return value if isinstance(value, str) and value else None
