"""The capability of synchronous providers: ask for images, get them in the same answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from flask import Blueprint, request

from pixelproof.problems import BadUsage

from .call import Call
from .parsing import read_body
from .pipeline import run_steps
from .wire import Reply

if TYPE_CHECKING:
    from pixelproof.contract import Operation

    from .call import Environ
    from .provider import Provider, Steps

Handler = Callable[["Environ"], Reply]

#: The capability this blueprint serves.
CAPABILITY = "text_to_image"
#: The operation that lists models.
MODELS = "models"


def blueprint(provider: Provider, name: str) -> Blueprint:
    """Return the routes of a provider, below whatever prefix they are mounted at."""
    routes = Blueprint(name, __name__)
    for operation in provider.contract.operations.values():
        routes.add_url_rule(
            operation.path,
            operation.name,
            _view(handler(provider, operation)),
            methods=[operation.method],
            provide_automatic_options=False,
        )
    return routes


def handler(provider: Provider, operation: Operation) -> Handler:
    """Return the function from a WSGI environment to the answer of one operation."""
    steps = _steps(provider, operation)

    def answer(environ: Environ) -> Reply:
        return Reply(run_steps(Call(provider, operation, environ, read_body(environ)), steps))

    return answer


def _view(answer: Handler) -> Callable[[], Reply]:
    return lambda: answer(request.environ)


def _steps(provider: Provider, operation: Operation) -> Steps:
    if operation.capability == CAPABILITY:
        return provider.image_steps
    if operation.name == MODELS:
        return provider.model_steps
    raise BadUsage(f"the mock cannot serve the operation '{operation.name}'", "known: generate, models")
