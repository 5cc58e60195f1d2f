"""Where a client knocks and with which key."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from pixelproof.contract import Contract
from pixelproof.porting.change import Change, Effect, Topic, told

#: Builds a change of how one gets in.
_change = partial(told, Topic.ENTRANCE)


def entrance_changes(before: Contract, after: Contract) -> Iterator[Change]:
    """Yield the new address, the new key, and what else opens the door."""
    own, there = before.auth, after.auth
    yield _change(Effect.SETUP, "base URL", ", ".join(before.servers), ", ".join(after.servers), "set the base URL")
    minted = own.mint.replace("{token}", "…"), there.mint.replace("{token}", "…")
    yield _change(
        Effect.SETUP, "key", *minted, "use a key of the new account", own.claimed("key"), there.claimed("key")
    )
    required = own.claimed("required"), there.claimed("required")
    same = own.scheme == there.scheme
    do = "" if same else f"send the key as {there.scheme}"
    effect = Effect.WORKS if same else Effect.BREAKS
    yield _change(effect, "authentication", own.scheme, there.scheme, do, *required)
    if there.scopes:
        needed = sorted({operation.scope for operation in after.operations.values() if operation.scope})
        claims = tuple(claim for operation in after.operations.values() for claim in operation.claimed("scope"))
        before_says = ", ".join(own.scopes) or "no scopes"
        do = f"give the key the scopes {', '.join(needed)}"
        yield _change(Effect.SETUP, "scopes", before_says, ", ".join(there.scopes), do, after_claims=claims)
    if own.test_keys is not None and there.test_keys is None:
        yield _change(
            Effect.COSTS,
            "test keys",
            f"{own.test_keys.mint.replace('{token}', '…')} is not billed",
            "no test keys documented: every success is billed",
            "test against a mock",
            own.test_keys.claim,
        )
