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
    from pixelproof.contract.media import Reference
    from pixelproof.matrix import Violation
    from pixelproof.tasks import Plan

    from .call import Answer, Call, Headers, Refusal
    from .images.pictures import Picture
    from .provider import Provider
    from .state.accounts import Account
    from .state.artifacts import Artifact
    from .state.jobs import Job
    from .state.tickets import Ticket

Step = Callable[["Call"], None]
Steps = tuple[tuple[str, Step], ...]
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
#: The steps of a look at the wallet.
WALLET_STEPS = ("authenticate", "authorize", "limit_requests", "inject", "run", "respond_wallet", "deliver")
#: The steps of a request that creates a task: as for images up to the price, then no image but a promise.
CREATE_STEPS = (
    "authenticate",
    "authorize",
    "limit_requests",
    "parse",
    "check_shape",
    "check_matrix",
    "inject",
    "limit_images",
    "check_policy",
    "ingest",
    "price",
    "check_budget",
    "check_funds",
    "prepare_task",
    "run",
    "generate",
    "create_task",
    "respond_task",
    "deliver",
)
#: The steps of a look at a task, and of canceling it.
TASK_STEPS = (
    "authenticate",
    "authorize",
    "limit_requests",
    "inject",
    "run",
    "find_task",
    "look_at_task",
    "respond_task",
    "deliver",
)
CANCEL_STEPS = (
    "authenticate",
    "authorize",
    "limit_requests",
    "inject",
    "run",
    "find_task",
    "cancel_task",
    "respond_task",
    "deliver",
)
#: The steps of an upload.
UPLOAD_STEPS = (
    "authenticate",
    "authorize",
    "limit_requests",
    "parse_upload",
    "inject",
    "run",
    "store_upload",
    "deliver",
)


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
    #: Writes ``answer`` from ``shape_wallet``.
    respond_wallet: Step
    #: Settles what is due and returns the body that shows the wallet of the key.
    shape_wallet: Callable[[Call], JsonObject]
    #: Returns the headers that tell what is left of the request limit, for every answer: also of errors,
    #: and of requests whose key nobody knows (then ``call.key`` is not set).
    show_rate: Callable[[Call], Headers]
    #: Turns a picture into a file, for b64_json and for URLs alike.
    encode_image: Callable[[Picture], bytes]
    #: Answers a signed URL: (provider, ticket, now on the account's clock).
    serve_image: Callable[[Provider, Ticket, float], Answer]

    # Tasks. Money moves in two places only: ``charge`` inside ``create_task``, ``refund`` inside ``finish_task``.

    #: Writes ``references`` (one artifact each, by ``ingest_reference``). Refuses bad and unknown ones.
    ingest: Step
    #: Returns the artifact of one reference: found by ``find_artifact``, or a copy that ``create_task`` stores.
    #: Raises :class:`~.images.samples.Unusable` (a 400) or a Refusal (``not_found``).
    ingest_reference: Callable[[Call, Reference], Artifact]
    #: Returns an artifact that this account may use, None otherwise.
    find_artifact: Callable[[Call, str], Artifact | None]
    #: Keeps an artifact in the account's store: an upload, or a copy of a reference.
    store_artifact: Callable[[Call, Artifact], None]
    #: Returns how long a new task waits and runs, how it ends and how much it delivers.
    plan_task: Callable[[Call], Plan]
    #: Writes ``job`` from ``plan_task``; nothing is paid or filed yet, ``run`` may still break down.
    prepare_task: Step
    #: In one lock: ``charge``, file ``job``, ``store_artifact`` for every copied reference.
    create_task: Step
    #: Writes ``job`` by the id in ``place``. Refuses with ``not_found``.
    find_task: Step
    #: Counts a look, then ``settle``. After it ``job`` shows what the answer will say.
    look_at_task: Step
    #: Cancels ``job`` and finishes it. Refuses with ``conflict`` when it is final.
    cancel_task: Step
    #: Writes ``answer`` from ``shape_task``, for creation (202), look and cancel (200) alike.
    respond_task: Step
    #: Finishes every task of an account that is due at an instant: before every read that can see money.
    settle: Callable[[Provider, Account, float], None]
    #: Ends one task for ever: writes ``final delivered``, stores its results, refunds. Runs once for each task.
    finish_task: Callable[[Provider, Account, Job, float], None]
    #: Returns the units that a finished task owes.
    refund_amount: Callable[[Job], int]
    #: Gives units back, to wallet and key: (account, job, amount, now). Writes ``job.refunded``.
    refund: Callable[[Account, Job, int, float], None]
    #: Returns the body of a task.
    shape_task: Callable[[Call], JsonObject]
    #: Returns item ``index`` of the delivered images.
    shape_result: Callable[[Call, Job, int], JsonObject]
    #: Return the units shown as charged, and as refunded.
    show_charged: Callable[[Call], int]
    show_refunded: Callable[[Call], int]
    #: Reads a multipart body. Writes ``upload`` (bytes). Refuses with ``missing_parameter malformed too_large``.
    parse_upload: Step
    #: Stores ``upload`` by ``store_artifact`` and writes ``answer`` from ``shape_upload``.
    store_upload: Step
    #: Returns the body of an upload's answer.
    shape_upload: Callable[[Call, Artifact], JsonObject]


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
