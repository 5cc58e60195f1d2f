"""Who may use the control plane: not a web page, not a stranger without the token."""

from __future__ import annotations

from collections.abc import Callable
from hmac import compare_digest
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import request

from .forms import Wrong

if TYPE_CHECKING:
    from flask import Response

    from ..state.world import World


def guard(world: World) -> Callable[[], None]:
    """Return the check before every request of the control plane."""
    public = _public(world)

    def check() -> None:
        _check_token(world)
        _check_host(public, is_local=world.settings.loopback)
        _check_origin()
        _check_site()

    return check


def guard_page(world: World) -> Callable[[], None]:
    """Return the check before the files of the page: they hold no data, so they need no token."""
    public = _public(world)

    def check() -> None:
        _check_host(public, is_local=world.settings.loopback)
        _check_origin()

    return check


def closed_to_readers(response: Response) -> Response:
    """Keep an answer out of caches, and out of what a browser might take for a script or an image."""
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
    return response


def _check_token(world: World) -> None:
    wanted = world.settings.admin_token
    if wanted is None:
        if not world.settings.loopback:
            raise Wrong(403, "beyond loopback the control plane needs a token", None, "start with --admin-token")
        return
    scheme, _, bearer = request.headers.get("Authorization", "").partition(" ")
    given = bearer.strip() if scheme.lower() == "bearer" else request.headers.get("X-Admin-Token", "")
    if not compare_digest(given.encode(), wanted.encode()):
        raise Wrong(401, "the control plane needs its token", None, "send 'Authorization: Bearer TOKEN'")


def _check_host(public: str | None, *, is_local: bool) -> None:
    # a name that a web page has bound to 127.0.0.1 (DNS rebinding) is refused
    name = _hostname(request.host)
    if is_local and name != public and not _is_loopback(name):
        raise Wrong(403, f"the host '{name[:80]}' is not this server", "Host", "use 127.0.0.1 or localhost")


def _check_origin() -> None:
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc != request.host:
        raise Wrong(403, "web pages of other origins may not use the control plane", "Origin")


def _check_site() -> None:
    # browsers say so of images, scripts and frames too, which come without an Origin; a person may follow a link
    site = request.headers.get("Sec-Fetch-Site", "none")
    is_followed = request.method == "GET" and request.headers.get("Sec-Fetch-Dest") == "document"
    if site not in {"none", "same-origin"} and not is_followed:
        raise Wrong(403, "web pages of other origins may not use the control plane", "Sec-Fetch-Site")


def _public(world: World) -> str | None:
    return urlsplit(world.settings.public_url).hostname if world.settings.public_url else None


def _hostname(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _is_loopback(name: str) -> bool:
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False
