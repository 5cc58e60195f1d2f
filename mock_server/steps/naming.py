"""Ids of tasks and artifacts: functions of the account's seed, the request and its ordinal.

The same seed, key and distinct requests give the same ids in every run, process and store,
under any concurrency. An account's seed is keyed by the caller's key, so nobody else can
guess them. Ids of accounts and keys are random: derived ones would tell whose they are.
"""

from __future__ import annotations

import secrets
from hashlib import blake2b
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..call import Call


def task_id(call: Call) -> str:
    """Return the id of the task that a request creates."""
    return _derived(call, "task", b"task", 0)


def result_id(call: Call, index: int) -> str:
    """Return the artifact id of a request's image, counted from 0."""
    return _derived(call, "art", b"result", index)


def copy_id(call: Call) -> str:
    """Return the artifact id of the next file that a request brings: an upload, or a copy of a reference."""
    return _derived(call, "art", b"copy", len(call.references))


def stray_id(kind: str) -> str:
    """Return an id that nothing has: ``task_…``, ``art_…``."""
    return f"{kind}_{secrets.token_hex(12)}"


def count_upload(call: Call, data: bytes) -> None:
    """Write fingerprint and ordinal of an upload: the same file again is another artifact."""
    call.fingerprint = fingerprint = blake2b(data, digest_size=12, person=b"upload").digest()
    with call.account.lock:
        call.ordinal = call.account.ordinal(fingerprint)


def _derived(call: Call, kind: str, what: bytes, index: int) -> str:
    text = b"%b:%b:%d:%d" % (call.operation.path.encode(), call.fingerprint, call.ordinal, index)
    return f"{kind}_{blake2b(text, key=call.account.seed, digest_size=12, person=what).hexdigest()}"
