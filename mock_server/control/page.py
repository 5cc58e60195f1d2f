"""The page for people: static files that hold no data, so that they need no token themselves."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Blueprint, Response
from werkzeug.exceptions import HTTPException

from .forms import Wrong, answer_http, answer_wrong
from .guard import guard_page

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..state.world import World

#: What the page may do, in a browser: use its own files and its own server, and nothing else.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
_HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_FOLDER = Path(__file__).parents[1] / "page"
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
}
_INDEX = "index.html"


def blueprint(world: World, prefix: str) -> Blueprint:
    """Return the routes of the page below the control plane's prefix."""
    routes = Blueprint("page", __name__, url_prefix=prefix)
    routes.before_request(guard_page(world))
    routes.register_error_handler(Wrong, answer_wrong)
    routes.register_error_handler(HTTPException, answer_http)

    @routes.get("/")
    def show_page() -> Response:
        return _file(_INDEX)

    @routes.get("/page/<name>")
    def show_file(name: str) -> Response:
        return _file(name)

    return routes


def _file(name: str) -> Response:
    kept = _files().get(name)
    if kept is None:
        raise Wrong(404, "the page has no such file", None, "it begins at /__admin/")
    content, content_type = kept
    return Response(content, content_type=content_type, headers=_HEADERS)


@cache
def _files() -> Mapping[str, tuple[bytes, str]]:
    # read when somebody first looks: a server that nobody looks at starts without it
    files = (path for path in _FOLDER.iterdir() if path.suffix in _TYPES)
    return {path.name: (path.read_bytes(), _TYPES[path.suffix]) for path in files}
