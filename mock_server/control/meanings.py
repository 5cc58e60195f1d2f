"""What the fields of the control plane mean to people, with their units; the reference is written of it."""

from __future__ import annotations

from collections.abc import Mapping

from .vocabulary import ARGUMENTS, COMMON

_FAULT = {name: argument.about for name, argument in {**COMMON, **ARGUMENTS}.items()}
_ACCOUNT = "id of an account, or one of its keys"

#: Field → what it means. ``route field`` goes before ``field``.
MEANINGS: Mapping[str, str] = {
    **_FAULT,
    "key": "the key itself; minted when it is left out. A key that is known already is a 409",
    "profile": "whose contract the account lives under; needed where several are served",
    "balance": "what the wallet opens with, in the profile's currency; the contract's opening when left out",
    "task_polls": "looks after which a task ends, in place of time; null goes back to time",
    "scopes": "what the key may do; null means everything",
    "tier": "whose limits hold, by the provider's name for them",
    "limits": "limits of one's own, by name: requests or images in a minute or a day, or at once; null lifts one",
    "budget": "what the key may spend, in the profile's currency; null means no bound",
    "billed": "false makes a test key, where the provider has them",
    "adjustment": "added to the balance, or taken from it when negative; it has an entry in the ledger",
    "amount": "more than zero, in the profile's currency",
    "search": "part of an id or of a profile",
    "offset": "accounts that are left out first",
    "limit": "how many are answered at most",
    "after": "only what has a greater number",
    "before": "only what has a smaller number, the newest of it",
    "account": _ACCOUNT,
    "seconds": "seconds to go forward; never back",
    "effect": "what goes wrong",
    "match": "which requests are meant, all of what is named; without path, those that make images",
    "match.account": _ACCOUNT,
    "match.path": "path of an operation, `/images/generations` for instance",
    "match.model": "the model that is asked for",
    "match.prompt": "part of the prompt",
    "match.trace": "the token of a prompt that begins with `[pp-TOKEN]`",
    "POST /faults seconds": _FAULT["seconds"],
    "POST /faults after": _FAULT["after"],
    "POST /faults images": _FAULT["images"],
    "trace": "the token of prompts that begin with `[pp-TOKEN]`",
    "path": "the whole path of requests",
    "path_part": "part of the path of requests",
    "GET /requests status": "HTTP status of answers",
    "status_class": "first digit of the status: 4 for 400 to 499",
    "latest": "the newest N instead of the oldest",
    "GET /tasks status": "queued, running, succeeded, failed or canceled",
    "POST /tasks/<task_id> status": "where the task is put, for good unless it is running",
    "POST /tasks/<task_id> images": "how many images it has; all that were asked for when left out",
    "hold": "true: time does not move it; false: time goes on",
    "usd_inr": "rupees for a dollar, more than zero",
}


def meaning(route: str, field: str) -> str:
    """Return what a field of a route (``POST /faults``) means. Raises KeyError when nobody has said it."""
    return MEANINGS.get(f"{route} {field}") or MEANINGS[field]
