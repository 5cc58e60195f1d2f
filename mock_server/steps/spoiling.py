"""Answers that arrive broken: cut, mislabelled, or a success that is none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import orjson

from ..faults import Effect, Fault, Variant, When

if TYPE_CHECKING:
    from ..call import Answer, Call
    from ..seams import JsonObject

_HTML = b"<!doctype html><html><body><h1>502 Bad Gateway</h1></body></html>"


def spoil(call: Call, fault: Fault, answer: Answer) -> None:
    """Change a finished answer as the fault says; its work is done and paid by now."""
    if fault.effect is Effect.LOST_RESPONSE or (fault.effect is Effect.RESET and fault.when is When.AFTER):
        answer.cut_at = 0
    elif fault.effect is Effect.TRUNCATED_BODY:
        answer.cut_at = len(answer.body) // 2
    elif fault.effect is Effect.WRONG_CONTENT_TYPE:
        answer.content_type = fault.content_type
    elif fault.effect is Effect.BAD_SUCCESS:
        _VARIANTS[fault.variant](call, answer)


def _error_body(call: Call, answer: Answer) -> None:
    from ..call import Refusal

    answer.body = call.seams.shape_error(call, Refusal("server_error", "an error in a success")).body


def _empty(_: Call, answer: Answer) -> None:
    answer.body = b""


def _html(_: Call, answer: Answer) -> None:
    answer.body, answer.content_type = _HTML, "text/html"


def _text_plain(_: Call, answer: Answer) -> None:
    answer.content_type = "text/plain"


def _no_created(call: Call, answer: Answer) -> None:
    _change(answer, call.provider.keys["created"], lambda holder, key: holder.pop(key, None))


def _created_string(call: Call, answer: Answer) -> None:
    _change(answer, call.provider.keys["created"], lambda holder, key: holder.update({key: str(holder.get(key))}))


def _no_data(call: Call, answer: Answer) -> None:
    _change(answer, call.provider.keys["images"], lambda holder, key: holder.pop(key, None))


def _empty_data(call: Call, answer: Answer) -> None:
    _change(answer, call.provider.keys["images"], lambda holder, key: holder.update({key: []}))


def _null_items(call: Call, answer: Answer) -> None:
    def hollow(holder: JsonObject, key: str) -> None:
        items = holder.get(key)
        if isinstance(items, list):
            holder[key] = [dict.fromkeys(item) for item in items if isinstance(item, dict)]

    _change(answer, call.provider.keys["images"], hollow)


def _change(answer: Answer, path: tuple[str, ...], edit: Callable[[JsonObject, str], object]) -> None:
    """Edit the object that holds a key, however deep; a body without it has nothing to spoil."""
    holder = body = orjson.loads(answer.body)
    for name in path[:-1]:
        holder = holder.get(name, {})
    if path:
        edit(holder, path[-1])
    answer.body = orjson.dumps(body)


_VARIANTS: Mapping[Variant, Callable[[Call, Answer], None]] = {
    Variant.ERROR_BODY: _error_body,
    Variant.EMPTY: _empty,
    Variant.HTML: _html,
    Variant.TEXT_PLAIN: _text_plain,
    Variant.NO_CREATED: _no_created,
    Variant.CREATED_STRING: _created_string,
    Variant.NO_DATA: _no_data,
    Variant.EMPTY_DATA: _empty_data,
    Variant.NULL_ITEMS: _null_items,
}
