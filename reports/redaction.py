"""Secrets taken out once more: recording redacts, and a report that is passed on does not rely on it.

What a record holds may have been written by another version, or by hand. Values of secret
headers are learned and hidden wherever they come back; beyond them only forms that are
unmistakably keys are hidden, so that no finding loses its evidence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from pixelproof.findings.curl import REDACTED
from pixelproof.record.recording import Record
from pixelproof.targets.keyring import INVALID_KEY

#: Names under which secrets stand, in headers, bodies and queries: x-portkey-api-key, client_secret …
SECRET_NAME = re.compile(
    r"(?i)authorization|cookie|^(access|refresh|auth|id|session|admin)?[-_]?token$|secret|password|api[-_]?key$|[-_]token$"
)
_NAMED_IN_TEXT = re.compile(
    r"(?i)(\b(?:[\w-]*api[-_]?key|[\w-]*secret|password|access_token|auth_token|x-[\w-]*token)[\"']?\s*[:=]\s*[\"']?)"
    r"(?!\[redacted|\"?\$|Bearer\b)([^\s\"'&,;}\\]{8,})"
)
_BEARER = re.compile(r"(?i)(bearer\s+)(?!\[redacted|\$|sk-invalid-pixelproof)([^\s\"'\\]{6,})")
_USERINFO = re.compile(r"(?i)(\bhttps?://)[^\s/@\"']{1,200}:[^\s/@\"']{1,200}@")
#: Forms that nothing but a key has: OpenAI-like, cloud and hub keys, JSON web tokens.
_KEY = re.compile(
    r"\b(?:sk|pk|rk)[-_](?!invalid-pixelproof|pixelproof-no-such)[A-Za-z0-9_-]{12,}"
    r"|\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_[A-Za-z0-9]{20,}|\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}"
)
#: What any of the patterns needs: most texts hold none of it, and are passed on as they are.
_SUSPECT = re.compile(r"(?i)bearer\s|://[^\s/]*@|[sprk]k[-_]|akia|gh[pousr]_|eyj|key|secret|password|token")
#: A shorter header value is no secret worth hiding everywhere: a digit stands in every body.
_SHORTEST = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Redaction:
    """Takes secrets out of texts: ``known`` ones, the longest first, and what has the form of one."""

    known: tuple[str, ...] = field(default=())

    def clean(self, text: str) -> str:
        """Return a text without secrets."""
        for secret in self.known:
            text = text.replace(secret, REDACTED)
        if not _SUSPECT.search(text):
            return text
        text = _USERINFO.sub(rf"\g<1>{REDACTED}@", text)
        text = _BEARER.sub(rf"\g<1>{REDACTED}", text)
        text = _NAMED_IN_TEXT.sub(rf"\g<1>{REDACTED}", text)
        return _KEY.sub(REDACTED, text)

    def header(self, name: str, value: str) -> str:
        """Return the value of a header; the key that no server can know is no secret."""
        if INVALID_KEY in value and len(value) <= len(f"Bearer {INVALID_KEY}"):
            return value
        return REDACTED if is_secret_name(name) else self.clean(value)


def is_secret_name(name: str) -> bool:
    """Tell whether what stands under a name is a secret."""
    return SECRET_NAME.search(name) is not None


def redaction_of(record: Record) -> Redaction:
    """Learn what the secret headers of a record carry, where they were not redacted."""
    found = set(_unredacted(record))
    return Redaction(known=tuple(sorted(found, key=lambda secret: (-len(secret), secret))))


def _unredacted(record: Record) -> Iterable[str]:
    for exchange in record.exchanges:
        answered = exchange.response.headers if exchange.response is not None else {}
        for headers in (exchange.request.headers, answered):
            for name, value in headers.items():
                secret = re.sub(r"(?i)^bearer\s+", "", str(value))
                if secret not in {REDACTED, INVALID_KEY} and len(secret) >= _SHORTEST and is_secret_name(name):
                    yield secret
