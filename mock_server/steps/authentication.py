"""Who asks, and whether the key may do this."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..call import Call, Environ, Refusal
from ..state.accounts import Key, KeyTaken, well_formed

if TYPE_CHECKING:
    from ..provider import Provider

#: What clients send whose variable was never set: nobody's key.
_UNSET = frozenset({"undefined", "null", "None"})


def authenticate(call: Call) -> None:
    """Find or open the account of the key in the Authorization header."""
    scheme, secret = _sent(call.environ)
    call.secret = secret or None
    if scheme != call.provider.contract.auth.scheme or not secret:
        raise _unauthorized(call, "no API key was sent: use the header 'Authorization: Bearer KEY'")
    book = call.provider.world.book
    key = book.find(call.provider.profile, secret) or _open(call, secret)
    if key is None or key.revoked:
        raise _unauthorized(call, "the API key is not valid")
    call.key = key
    call.account = account = key.account
    call.now = account.last_seen = account.clock.now()


def authorize(call: Call) -> None:
    """Refuse a key that lacks the scope of the operation."""
    scope, scopes = call.operation.scope, call.key.scopes
    if scope is not None and scopes is not None and scope not in scopes:
        message = f"the key lacks the scope '{scope}'"
        raise Refusal("forbidden", message, claim=call.operation.claimed("scope"))


def known_key(provider: Provider, environ: Environ) -> Key | None:
    """Return the key of a request that goes to no operation: looked up, never opened."""
    secret = _sent(environ)[1]
    key = provider.world.book.find(provider.profile, secret) if secret else None
    return None if key is None or key.revoked else key


def _sent(environ: Environ) -> tuple[str, str]:
    scheme, _, secret = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    return scheme.lower(), secret.strip()


def _open(call: Call, secret: str) -> Key | None:
    contract = call.provider.contract
    book = call.provider.world.book
    if not call.provider.world.opens_accounts or secret in _UNSET or not well_formed(contract, secret):
        return None
    try:
        return book.open(contract, secret, opening=contract.billing.opening, by_key=True)
    except KeyTaken:  # another request of this key was faster
        return book.find(contract.profile, secret)


def _unauthorized(call: Call, message: str) -> Refusal:
    return Refusal("unauthorized", message, claim=call.provider.contract.auth.claimed("required"))
