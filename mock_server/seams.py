"""The steps of one request as replaceable callables: the seams along which a server can lie.

A step takes the :class:`~.call.Call`, reads what earlier steps wrote, writes what later
steps read, and raises :class:`~.call.Refusal` to end the request. A step reaches other
steps only through ``call.seams``, so that replacing one field is enough. A deviation is
``replace(honest, charge=twice(honest.charge))``.

Order of an image request: authenticate, authorize, limit_requests, parse, check_shape,
check_matrix, inject, limit_images, check_policy, price, check_budget, check_funds, run,
generate, charge, respond, deliver. Whatever ends early goes through ``release`` (money
and window places back) and ``shape_error``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pixelproof.contract import Json
    from pixelproof.matrix import Violation

    from .call import Answer, Call, Refusal
    from .pictures import Picture
    from .provider import Provider
    from .tickets import Ticket

Step = Callable[["Call"], None]
Violations = Callable[["Call"], "Iterable[Violation]"]
JsonObject = dict[str, "Json"]

#: The steps of an image request in order. ``respond`` and ``deliver`` make the answer.
IMAGE_STEPS = (
    "authenticate",
    "authorize",
    "limit_requests",
    "parse",
    "check_shape",
    "check_matrix",
    "inject",
    "limit_images",
    "check_policy",
    "price",
    "check_budget",
    "check_funds",
    "run",
    "generate",
    "charge",
    "respond",
    "deliver",
)
#: The steps of a request for the list of models.
MODEL_STEPS = ("authenticate", "authorize", "limit_requests", "inject", "run", "respond_models", "deliver")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seams:
    """One callable for everything a provider promises."""

    #: Reads the Authorization header. Writes ``key account now secret``. Refuses with ``unauthorized``.
    authenticate: Step
    #: Reads ``key.scopes operation.scope``. Refuses with ``forbidden``.
    authorize: Step
    #: Takes a place in the request window and in flight. Refuses with ``rate_limited`` and ``retry_after_s``.
    limit_requests: Step
    #: Reads ``raw`` and the Content-Type. Writes ``body``. Refuses with ``malformed`` or ``too_large``.
    parse: Step
    #: Strips the correlation token into ``trace``; refuses the first of ``shape_violations``.
    check_shape: Step
    #: Yields what is wrong whatever the model (missing, type, unknown name, blank prompt).
    shape_violations: Violations
    #: Refuses the first of ``matrix_violations``; writes ``values`` (effective) and ``fingerprint ordinal``.
    check_matrix: Step
    #: Yields what the model of this request does not take, and disputed values the mock refuses.
    matrix_violations: Violations
    #: Finds the fault for this request (``fault delay_s``) and refuses for effects that are refusals.
    inject: Step
    #: Takes ``n`` places in the image windows. Refuses with ``rate_limited``.
    limit_images: Step
    #: Refuses with ``content_policy``.
    check_policy: Step
    #: Reads ``values``. Writes ``unit_price cost`` (whole units; 0 for an unbilled key).
    price: Step
    #: Takes ``cost`` out of the key's budget (``budgeted``). Refuses with ``budget_exceeded``.
    check_budget: Step
    #: Looks at the balance and holds ``cost`` (``hold``). Refuses with ``insufficient_funds``.
    check_funds: Step
    #: Waits ``delay_s`` and breaks down on demand (``server_error upstream_error unavailable timeout``, reset before).
    run: Step
    #: Writes ``pictures``, and ``billable``: how many of them cost money.
    generate: Step
    #: Captures ``unit_price * billable`` out of ``hold`` (or charges it, when there is none).
    charge: Step
    #: Gives hold, budget and image places back. Runs once, only for a request that ends in an error.
    release: Step
    #: Writes ``answer`` from ``shape_success``.
    respond: Step
    #: Writes ``answer`` from ``list_models``.
    respond_models: Step
    #: Last: spoils ``answer`` when a delivery fault asks for it.
    deliver: Step
    #: Returns the whole success body.
    shape_success: Callable[[Call], JsonObject]
    #: Returns one item of ``data``.
    shape_image_item: Callable[[Call, Picture], JsonObject]
    #: Returns the absolute URL of a picture.
    sign_url: Callable[[Call, Picture], str]
    #: Returns the answer of a refusal: status, envelope, headers such as Retry-After.
    shape_error: Callable[[Call, Refusal], Answer]
    #: Returns the body of the list of models.
    list_models: Callable[[Call], JsonObject]
    #: Turns a picture into a file, for b64_json and for URLs alike.
    encode_image: Callable[[Picture], bytes]
    #: Answers a signed URL: (provider, ticket, now on the account's clock).
    serve_image: Callable[[Provider, Ticket, float], Answer]


def without(violations: Violations, is_overlooked: Callable[[Violation], bool]) -> Violations:
    """Return a check that overlooks some violations: the way to plant a missing validation."""

    def lenient(call: Call) -> Iterator[Violation]:
        return (found for found in violations(call) if not is_overlooked(found))

    return lenient


def then(step: Step, after: Step) -> Step:
    """Return a step that runs another one after it."""

    def both(call: Call) -> None:
        step(call)
        after(call)

    return both
