"""The Flask application: providers mounted side by side, images, and the control plane."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, request
from flask.sessions import SessionInterface
from werkzeug.exceptions import HTTPException, NotFound

from pixelproof.problems import BadUsage

from . import control, operations
from .call import Answer, Refusal
from .control.forms import Wrong, answer_http, answer_wrong
from .liars import applied
from .provider import Provider, compile_provider
from .state.losses import StateLost
from .state.stores import world_of
from .steps import delivery
from .steps.authentication import known_key
from .steps.errors import render
from .steps.honest import honest
from .steps.parsing import read_body
from .steps.rates import rate_headers
from .wire import Reply

if TYPE_CHECKING:
    from pixelproof.contract import Contract
    from pixelproof.settings import MockSettings

    from .state.world import World

#: Where the state of the server hangs on the Flask application.
EXTENSION = "pixelproof"
_VERSION = "/v1"
_ROWS = {404: "not_found", 405: "method_not_allowed", 413: "too_large"}


class _NoSession(SessionInterface):
    """No cookies: a provider has none."""

    def open_session(self, app: Flask, request: Any) -> Any:  # noqa: ARG002 - Flask's signature
        return {}

    def is_null_session(self, obj: object) -> bool:  # noqa: ARG002 - Flask's signature
        return True


class MockApp(Flask):
    """Flask without what this server never uses: sessions, async views, static files.

    The operations of the providers need none of Flask's contexts and signals, which cost more
    than the whole request otherwise; requests for exactly their paths take the fast lane.
    Everything else (images, control plane, 404 and 405) goes Flask's way.
    """

    session_interface = _NoSession()

    def __init__(self) -> None:
        """Begin without any route."""
        super().__init__(__name__, static_folder=None)
        #: (method, path) → the handler of an operation.
        self.fast_lane: dict[tuple[str, str], operations.Handler] = {}
        #: (method, path before the task id, path after it, handler) of operations on one task.
        self.task_lanes: list[tuple[str, str, str, operations.Handler]] = []

    def wsgi_app(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer an operation of a provider directly, anything else through Flask."""
        handler = self.fast_lane.get((environ["REQUEST_METHOD"], environ["PATH_INFO"]))
        if handler is not None:
            return handler(environ, "")(environ, start_response)
        found = self._on_task(environ["REQUEST_METHOD"], environ["PATH_INFO"])
        if found is not None:
            return found[0](environ, found[1])(environ, start_response)
        return super().wsgi_app(environ, start_response)

    def _on_task(self, method: str, path: str) -> tuple[operations.Handler, str] | None:
        for wanted, before, after, handler in self.task_lanes:
            if method == wanted and path.startswith(before) and path.endswith(after):
                place = path[len(before) : len(path) - len(after)]
                if place and "/" not in place:
                    return handler, place
        return None

    def mount(self, provider: Provider, name: str, prefix: str) -> None:
        """Serve a provider below a prefix."""
        self.register_blueprint(operations.blueprint(provider, name), url_prefix=prefix)
        for operation in provider.contract.operations.values():
            handler = operations.handler(provider, operation)
            around = operations.around_place(prefix + operation.path)
            if around is None:
                self.fast_lane[operation.method, prefix + operation.path] = handler
            else:
                self.task_lanes.append((operation.method, *around, handler))

    def late(self, path: str) -> Answer:
        """Return what a request gets whose body did not come in time, by its path."""
        world: World = self.extensions[EXTENSION]
        what = "the rest of the request body did not arrive in time"
        if path.startswith(control.PREFIX):
            return Answer(status=408, body=answer_wrong(Wrong(408, what)).data)
        return render(_provider(world, path).contract, Refusal("malformed", what))

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return the view itself: none is asynchronous."""
        return func


def create_app(contracts: Sequence[Contract], settings: MockSettings) -> MockApp:
    """Serve every contract at ``/<profile>/v1``, and the first at ``/v1`` too.

    Raises BadUsage when there is no contract, a profile stands twice, or the liar is unknown.
    """
    _check(contracts)
    world = world_of(settings)
    seams = applied(settings.liar, contracts, {c.profile: honest(c) for c in contracts})
    world.providers = tuple(
        compile_provider(number, contract, world, seams[contract.profile]) for number, contract in enumerate(contracts)
    )
    app = MockApp()
    app.url_map.merge_slashes = False
    app.before_request(_refuse_slashes)
    app.extensions[EXTENSION] = world
    _mount(app, world)
    app.register_error_handler(HTTPException, _outside_routes(world))
    app.register_error_handler(StateLost, _lost(world))
    app.register_error_handler(Exception, _unexpected(world))
    return app


def _check(contracts: Sequence[Contract]) -> None:
    profiles = [contract.profile for contract in contracts]
    if not profiles:
        raise BadUsage("no profile was named", "name one, for example: pixelproof serve openai")
    if len(set(profiles)) < len(profiles):
        raise BadUsage("a profile was named twice", "name each profile once")


def _refuse_slashes() -> None:
    # Flask would take "//__admin" for "/__admin", past anybody in front of us who looks at the path
    if request.environ["PATH_INFO"].startswith("//"):
        raise NotFound


def _mount(app: MockApp, world: World) -> None:
    for provider in world.providers:
        app.mount(provider, provider.profile, f"/{provider.profile}{_VERSION}")
    app.mount(world.providers[0], "first", _VERSION)
    app.add_url_rule(
        f"{delivery.PATH}<name>",
        "image",
        lambda name: Reply(delivery.fetch(world, name)),
        provide_automatic_options=False,
    )
    if world.settings.admin:
        app.register_blueprint(control.blueprint(world))
        app.register_blueprint(control.page_blueprint(world))


def _outside_routes(world: World) -> Callable[[HTTPException], Response]:
    def answer(error: HTTPException) -> Response:
        if world.settings.admin and request.path.startswith(control.PREFIX):
            return answer_http(error)
        read_body(request.environ)  # a client that is still sending would see a broken pipe instead of this answer
        status = error.code or 500
        refusal = Refusal(_ROWS.get(status, "server_error"), error.name, status=status)
        provider = _provider(world, request.path)
        rendered = render(provider.contract, refusal)
        rendered.headers += [("x-request-id", world.next_request_id()), *_allow(error)]
        try:
            rendered.headers += rate_headers(provider.contract, known_key(provider, request.environ))
        except StateLost as lost:
            return _lost(world)(lost)
        return Reply(rendered)

    return answer


def _lost(world: World) -> Callable[[StateLost], Response]:
    def answer(lost: StateLost) -> Response:
        if world.settings.admin and request.path.startswith(control.PREFIX):
            return answer_wrong(Wrong(503, str(lost), None, "see whether the store of --state answers"))
        refusal = Refusal("unavailable", "the service is temporarily unavailable")
        rendered = render(_provider(world, request.path).contract, refusal)
        rendered.headers.append(("x-request-id", world.next_request_id()))
        return Reply(rendered)

    return answer


def _unexpected(world: World) -> Callable[[Exception], Response]:
    def answer(error: Exception) -> Response:
        request_id = world.next_request_id()
        world.note_unexpected(error, request_id)
        if world.settings.admin and request.path.startswith(control.PREFIX):
            return answer_wrong(Wrong(500, f"an unexpected error of the mock, noted as {request_id}"))
        refusal = Refusal("server_error", "an unexpected error of the mock")
        rendered = render(_provider(world, request.path).contract, refusal)
        rendered.headers.append(("x-request-id", request_id))
        return Reply(rendered)

    return answer


def _provider(world: World, path: str) -> Provider:
    name = path.split("/", 2)[1]
    return next((provider for provider in world.providers if provider.profile == name), world.providers[0])


def _allow(error: HTTPException) -> list[tuple[str, str]]:
    return [(name, value) for name, value in error.get_headers() if name == "Allow"]


__all__ = ["EXTENSION", "Answer", "MockApp", "create_app"]
