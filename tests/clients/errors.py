"""The error rows that a prompt can provoke, and what OpenAI's clients make of their statuses."""

from __future__ import annotations

from pixelproof.contract import ErrorRow

from .offers import PROMPT, SYNCHRONOUS, USUAL
from .provider import Caller, Provider

#: Rows of every error table, each the name of a magic prompt too.
ROWS = (
    "invalid_request",
    "content_policy",
    "unauthorized",
    "insufficient_funds",
    "forbidden",
    "rate_limited",
    "server_error",
    "upstream_error",
    "unavailable",
    "timeout",
)
#: Each row of each profile.
PROVOKED = tuple((profile, row) for profile in SYNCHRONOUS for row in ROWS)
#: The same without what a client with retries of its own would repeat.
PROVOKED_ONCE = tuple((profile, row) for profile, row in PROVOKED if row in {"content_policy", "forbidden"})

#: Statuses that have a class of their own in OpenAI's clients; from 500 on there is one for all.
_CLASSES = {
    400: "BadRequestError",
    401: "AuthenticationError",
    403: "PermissionDeniedError",
    404: "NotFoundError",
    429: "RateLimitError",
}


def provoking(row: str, times: int | None = None) -> str:
    """Return the prompt that fails with a row: always, or so many times."""
    return f"mock:{row}{'' if times is None else f'={times}'} {PROMPT}"


def row_of(profile: str, name: str) -> ErrorRow:
    """Return the row that answers the profile's usual model."""
    offer = USUAL[profile]
    return offer.contract.error(name, offer.model.id)


def class_of(status: int, plain: str) -> str:
    """Return the class of a status in OpenAI's clients; ``plain`` is the one without a meaning."""
    return _CLASSES.get(status) or ("InternalServerError" if status >= 500 else plain)


def sentence(mock: Provider, caller: Caller) -> str:
    """Return the message that the last request of an account was answered with."""
    return str(mock.journal(caller)[-1]["response"]["error"]["message"])
