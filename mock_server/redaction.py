"""Keys do not stand in what is kept or said: not the caller's own, and nothing that looks like one.

What a key looks like is learnt from the contracts that this process serves.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pixelproof.contract import Contract

#: What stands in a key's place.
REDACTED = "[redacted]"
#: Shortest tail that makes a prefix a key, not a word.
_TAIL = 12
#: Beginnings of keys: the commonest one of the whole field, and those of the contracts.
_prefixes: dict[str, bytes] = {"sk-": b"sk-"}


class _Looks:
    """The compiled look of all keys known so far."""

    text: re.Pattern[str]
    raw: re.Pattern[bytes]
    #: Finds the beginning of a key, which hardly any text has: much cheaper than the look of a whole one.
    hint: re.Pattern[str]


def learn(contract: Contract) -> None:
    """Take a provider's keys for keys from now on."""
    auth = contract.auth
    for form in (auth.mint, *((auth.test_keys.mint,) if auth.test_keys is not None else ())):
        prefix = form.partition("{")[0]
        if prefix:
            _prefixes[prefix] = prefix.encode()
    _compile()


def redacted(text: str, secret: str | None = None) -> str:
    """Return a text without the caller's key and without anything that looks like a key."""
    if secret and secret in text:
        text = text.replace(secret, REDACTED)
    return _Looks.text.sub(REDACTED, text) if _Looks.hint.search(text) else text


def redacted_bytes(body: bytes, secret: str | None) -> bytes:
    """Return the same of a body."""
    if secret:
        key = secret.encode("utf-8", "replace")
        if key in body:
            body = body.replace(key, REDACTED.encode())
    for prefix in _prefixes.values():
        if prefix in body:
            return _Looks.raw.sub(REDACTED.encode(), body)
    return body


def _compile() -> None:
    forms = "|".join(re.escape(prefix) for prefix in sorted(_prefixes, key=len, reverse=True))
    look = rf"(?<![A-Za-z0-9])(?:{forms})[A-Za-z0-9_-]{{{_TAIL},}}"
    _Looks.hint = re.compile(forms)
    _Looks.text, _Looks.raw = re.compile(look), re.compile(look.encode())


_compile()
