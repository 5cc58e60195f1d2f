"""What this server serves, so that a person knows what to ask it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pixelproof import __version__

from ..state.accounts import mint
from .forms import query, reply

if TYPE_CHECKING:
    from flask import Blueprint, Response

    from pixelproof.contract import Contract, Json

    from ..state.world import World

#: What the example asks for.
_PROMPT = "a lighthouse at dawn"


def add_routes(routes: Blueprint, world: World) -> None:
    """Add the route about the server."""

    @routes.get("/about")
    def show_about() -> Response:
        query(())
        return reply(
            {
                "version": __version__,
                "profiles": [_profile(provider.contract) for provider in world.providers],
                "faults_open": world.faults_open,
                "opens_accounts": world.opens_accounts,
                "liar": world.settings.liar,
            }
        )


def _profile(contract: Contract) -> dict[str, Json]:
    forex = contract.billing.forex
    return {
        "profile": contract.profile,
        "title": contract.title,
        "currency": contract.billing.currency.code,
        "base": f"/{contract.profile}/v1",
        "models": [*contract.models],
        "has_tasks": contract.tasks is not None,
        "forex": {"base": forex.base, "rate": str(forex.rate)} if forex is not None else None,
        "example": _example(contract),
    }


def _example(contract: Contract) -> dict[str, Json]:
    """Return a request that is answered with success by a server that opens accounts for unknown keys."""
    operation = next(iter(contract.creating()))
    body: dict[str, Json] = {"prompt": _PROMPT}
    model = contract.parameters.get("model")
    if model is not None and model.required:
        body["model"] = next(iter(contract.models))
    return {"method": operation.method, "path": operation.path, "key": mint(contract), "body": body}
