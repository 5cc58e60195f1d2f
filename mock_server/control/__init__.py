"""The control plane under ``/__admin``: what a test or a person does to the server from outside."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from flask import Blueprint, request
from werkzeug.exceptions import HTTPException

from . import (
    about,
    accounts,
    clocks,
    faults,
    forex,
    gallery,
    health,
    keys,
    metrics,
    page,
    requests,
    snapshot,
    tasks,
    wallets,
)
from .forms import Wrong, answer_http, answer_wrong
from .guard import closed_to_readers, guard

if TYPE_CHECKING:
    from ..state.world import World

PREFIX = "/__admin"
#: Answered while the state cannot be reached.
_STATELESS = frozenset({f"{PREFIX}/health", f"{PREFIX}/ready"})
_MODULES = (health, about, accounts, keys, wallets, clocks, faults, requests, gallery, tasks, forex, snapshot, metrics)


def blueprint(world: World) -> Blueprint:
    """Return all routes of the control plane for one server."""
    routes = Blueprint("control", __name__, url_prefix=PREFIX)
    routes.before_request(guard(world))
    routes.before_request(_caught_up(world))
    routes.after_request(closed_to_readers)
    routes.register_error_handler(Wrong, answer_wrong)
    routes.register_error_handler(HTTPException, answer_http)
    for module in _MODULES:
        module.add_routes(routes, world)
    return routes


def _caught_up(world: World) -> Callable[[], None]:
    """Return what comes before every request that looks at the state: what other processes changed is known."""

    def catch_up() -> None:
        if request.path not in _STATELESS:
            world.catch_up()

    return catch_up


def page_blueprint(world: World) -> Blueprint:
    """Return the routes of the page for people, which talks to the routes above."""
    return page.blueprint(world, PREFIX)
