"""The operations of a provider: each is a chain of steps behind its path."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from flask import Blueprint, request

from pixelproof.problems import BadUsage

from .call import Call
from .pipeline import run_steps
from .seams import CANCEL_STEPS, CREATE_STEPS, IMAGE_STEPS, MODEL_STEPS, TASK_STEPS, UPLOAD_STEPS, WALLET_STEPS
from .steps import uploads
from .steps.parsing import MAX_BODY, MAX_MEDIA_BODY, read_body
from .wire import Reply

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pixelproof.contract import Operation

    from .call import Environ
    from .provider import Provider

Handler = Callable[["Environ", str], Reply]

#: The operations that make no image, by the names that every contract gives them.
_NAMED: Mapping[str, tuple[str, ...]] = {
    "models": MODEL_STEPS,
    "wallet": WALLET_STEPS,
    "task": TASK_STEPS,
    "cancel": CANCEL_STEPS,
    "upload": UPLOAD_STEPS,
}
#: The one thing that a path can name.
_PLACE = "{task_id}"


def blueprint(provider: Provider, name: str) -> Blueprint:
    """Return the routes of a provider, below whatever prefix they are mounted at."""
    routes = Blueprint(name, __name__)
    for operation in provider.contract.operations.values():
        routes.add_url_rule(
            operation.path.replace(_PLACE, "<place>"),
            operation.name,
            _view(handler(provider, operation)),
            methods=[operation.method],
            provide_automatic_options=False,
        )
    return routes


def handler(provider: Provider, operation: Operation) -> Handler:
    """Return the function from a WSGI environment, and what the path names, to the answer of one operation."""
    seams = provider.seams
    steps = tuple((name, getattr(seams, name)) for name in _steps(operation))
    longest = _longest(provider, operation)

    def answer(environ: Environ, place: str) -> Reply:
        return Reply(run_steps(Call(provider, operation, environ, read_body(environ, longest), place), steps))

    return answer


def around_place(path: str) -> tuple[str, str] | None:
    """Return what stands before and after the task id in an operation's path, None without one."""
    before, place, after = path.partition(_PLACE)
    return (before, after) if place else None


def _view(answer: Handler) -> Callable[..., Reply]:
    return lambda place="": answer(request.environ, place)


def _steps(operation: Operation) -> tuple[str, ...]:
    if operation.creates_task:
        return CREATE_STEPS
    if operation.capability is not None:
        return IMAGE_STEPS
    if operation.name in _NAMED:
        return _NAMED[operation.name]
    raise BadUsage(f"the mock cannot serve the operation '{operation.name}'", f"known: {', '.join(_NAMED)}")


def _longest(provider: Provider, operation: Operation) -> int:
    media = provider.contract.media
    upload = uploads.longest(media.upload if media is not None else None, operation)
    if upload is not None:
        return upload
    if operation.max_bytes is not None:
        return operation.max_bytes
    return MAX_MEDIA_BODY if provider.media_parameters.get(operation.capability or "") else MAX_BODY
