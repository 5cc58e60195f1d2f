"""The edits that deviations are made of: each returns honest seams with one thing changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import orjson

from pixelproof.matrix import Fault, Violation

from ..seams import JsonObject, Seams

if TYPE_CHECKING:
    from ..call import Answer, Call, Refusal
    from ..images.pictures import Picture

#: Looks at a request body as it was sent, without its correlation token.
Asks = Callable[[JsonObject], bool]
HTML = b"<!doctype html><html><body><h1>Something went wrong</h1></body></html>"


def reasked(honest: Seams, change: Callable[[JsonObject], None]) -> Seams:
    """Change the request before anything looks at it: what is dropped or bent silently."""

    def check(call: Call) -> None:
        change(call.body)
        honest.check_shape(call)

    return replace(honest, check_shape=check)


def lenient(honest: Seams, is_overlooked: Callable[[Call, Violation], bool]) -> Seams:
    """Overlook some violations, of the shape and of the matrix alike."""

    def shape(call: Call) -> Iterator[Violation]:
        return (found for found in honest.shape_violations(call) if not is_overlooked(call, found))

    def matrix(call: Call) -> Iterator[Violation]:
        return (found for found in honest.matrix_violations(call) if not is_overlooked(call, found))

    return replace(honest, shape_violations=shape, matrix_violations=matrix)


def refusing(honest: Seams, asks: Asks, parameter: str, *, error: str = "invalid_request") -> Seams:
    """Refuse some requests before anything else is checked; ``error`` names the row that answers."""
    wrong = Violation(
        parameter=parameter, fault=Fault.ENUM, message=f"'{parameter}' cannot be used", error=error, claim=()
    )

    def shape(call: Call) -> Iterator[Violation]:
        if asks(call.body):
            yield wrong
        yield from honest.shape_violations(call)

    return replace(honest, shape_violations=shape)


def crashing(honest: Seams, asks: Asks, parameter: str) -> Seams:
    """Break down on some requests."""
    return refusing(honest, asks, parameter, error="server_error")


def redrawn(honest: Seams, change: Callable[[Call, int, Picture], Picture]) -> Seams:
    """Change every picture, given its index; what is charged stays."""

    def generate(call: Call) -> None:
        honest.generate(call)
        call.pictures = [change(call, index, picture) for index, picture in enumerate(call.pictures)]

    return replace(honest, generate=generate)


def resized(honest: Seams, size: Callable[[Call, Picture], tuple[int, int]]) -> Seams:
    """Deliver every picture in another size (width, height)."""

    def change(call: Call, _index: int, picture: Picture) -> Picture:
        width, height = size(call, picture)
        return picture._replace(width=width, height=height)

    return redrawn(honest, change)


def recounted(honest: Seams, count: Callable[[Call], int]) -> Seams:
    """Deliver another number of pictures; what is charged stays."""

    def generate(call: Call) -> None:
        honest.generate(call)
        wanted = count(call)
        first = call.pictures[0]
        more = (first._replace(colour=index.to_bytes(8, "big")) for index in range(wanted))
        call.pictures = [*call.pictures, *more][:wanted]

    return replace(honest, generate=generate)


def rewritten(honest: Seams, change: Callable[[Call, JsonObject], None]) -> Seams:
    """Change the success body in place."""

    def shape(call: Call) -> JsonObject:
        body = honest.shape_success(call)
        change(call, body)
        return body

    return replace(honest, shape_success=shape)


def itemised(honest: Seams, change: Callable[[Call, JsonObject], None]) -> Seams:
    """Change every item of ``data`` in place."""

    def shape(call: Call, picture: Picture) -> JsonObject:
        item = honest.shape_image_item(call, picture)
        change(call, item)
        return item

    return replace(honest, shape_image_item=shape)


def answered(honest: Seams, change: Callable[[Call, Answer], None]) -> Seams:
    """Change the answer of a success in place: status, headers, bytes."""

    def respond(call: Call) -> None:
        honest.respond(call)
        if call.answer is not None:
            change(call, call.answer)

    return replace(honest, respond=respond)


def excused(honest: Seams, change: Callable[[Call, Refusal, Answer], None], *rows: str) -> Seams:
    """Change the answer of errors in place: of the named rows, or of all."""

    def shape(call: Call, refusal: Refusal) -> Answer:
        answer = honest.shape_error(call, refusal)
        if not rows or refusal.row in rows:
            change(call, refusal, answer)
        return answer

    return replace(honest, shape_error=shape)


def worded(honest: Seams, change: Callable[[JsonObject], None], *rows: str) -> Seams:
    """Change the object under ``error`` in place: of the named rows, or of all."""

    def edit(_call: Call, _refusal: Refusal, answer: Answer) -> None:
        body = orjson.loads(answer.body)
        change(body["error"])
        answer.body = orjson.dumps(body)

    return excused(honest, edit, *rows)


def moved(honest: Seams, status: int, *rows: str) -> Seams:
    """Answer errors of the named rows with another status; the body stays."""

    def edit(_call: Call, _refusal: Refusal, answer: Answer) -> None:
        answer.status = status

    return excused(honest, edit, *rows)


def repriced(honest: Seams, unit_price: Callable[[Call], int]) -> Seams:
    """Charge another price for each image."""

    def price(call: Call) -> None:
        honest.price(call)
        call.unit_price = unit_price(call)
        call.cost = call.unit_price * call.n

    return replace(honest, price=price)


def fined(honest: Seams, fee: int, *rows: str) -> Seams:
    """Take ``fee`` units for each error of the named rows, once it is certain."""

    def edit(call: Call, _refusal: Refusal, _answer: Answer) -> None:
        with call.account.lock:
            call.account.ledger.charge(fee, call.now, call.request_id)

    return excused(honest, edit, *rows)
