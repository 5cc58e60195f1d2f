"""The control plane under ``/__admin``: what a test or a person does to the server from outside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint
from werkzeug.exceptions import HTTPException

from . import accounts, clocks, faults, forex, health, keys, metrics, requests, snapshot, tasks, wallets
from .forms import Wrong, answer_http, answer_wrong
from .guard import guard

if TYPE_CHECKING:
    from ..world import World

PREFIX = "/__admin"


def blueprint(world: World) -> Blueprint:
    """Return all routes of the control plane for one server."""
    routes = Blueprint("control", __name__, url_prefix=PREFIX)
    routes.before_request(guard(world))
    routes.register_error_handler(Wrong, answer_wrong)
    routes.register_error_handler(HTTPException, answer_http)
    for module in (health, accounts, keys, wallets, clocks, faults, requests, tasks, forex, snapshot, metrics):
        module.add_routes(routes, world)
    return routes
