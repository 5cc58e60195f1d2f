"""Downloads what a target says its images are, and nothing else that a URL can point at.

The address comes from a server under test, so it is not trusted: only http and https, no key,
no cookie, none of the target file's headers, few redirects. A target elsewhere does not get
the harness to look into this machine or its network.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable
from ipaddress import IPv6Address, ip_address
from urllib.parse import urljoin, urlsplit

from pixelproof.client import Answer, Wire

#: Redirects of one image that are followed.
MAX_HOPS = 5
#: Downloads in a row that may run into the time limit; later ones are not tried.
MAX_TIMEOUTS = 3
_REDIRECTS = frozenset({301, 302, 303, 307, 308})

#: Returns the addresses of a host name.
Resolve = Callable[[str], Iterable[str]]


def resolved(host: str) -> tuple[str, ...]:
    """Return the addresses of a host; none when the name is unknown."""
    try:
        return tuple(str(found[4][0]) for found in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM))
    except (OSError, UnicodeError):
        return ()


class Downloads:
    """Fetches the images of one target."""

    def __init__(self, wire: Wire, base_url: str, resolve: Resolve = resolved) -> None:
        """Know the target: what is on its own host, or beside it on a private network, is its own affair."""
        self._wire = wire
        self._base_url = base_url
        self._resolve = resolve
        self._home = _host(base_url)
        self._is_public: bool | None = None
        self._timeouts = 0

    def fetch(self, url: str) -> Answer:
        """Return the file behind a URL, or an answer whose ``error`` says why it was not fetched."""
        if self._timeouts >= MAX_TIMEOUTS:
            return Answer(error=f"not tried: {MAX_TIMEOUTS} downloads in a row ran into the time limit")
        answer = self._followed(url)
        self._timeouts = self._timeouts + 1 if answer.error.startswith("timeout") else 0
        return answer

    def _followed(self, url: str) -> Answer:
        for _ in range(MAX_HOPS + 1):
            refusal = self._refusal(url)
            if refusal:
                return Answer(error=refusal)
            answer = self._wire.send("GET", url)
            location = answer.headers.get("location")
            if answer.error or answer.status not in _REDIRECTS or not location:
                return answer
            try:
                url = urljoin(url, location)
            except ValueError:
                return Answer(error="a redirect to no URL")
        return Answer(error=f"more than {MAX_HOPS} redirects")

    def _refusal(self, url: str) -> str:
        if not url.lower().startswith(("http://", "https://")):
            return "no absolute http(s) URL"
        host = _host(url)
        if host is None:
            return "no absolute http(s) URL"
        if host == self._home or not self._home_is_public():
            return ""
        inside = next((address for address in self._addresses(host) if not _is_public(address)), None)
        return f"not fetched: {host} is {inside}, inside the network of the harness" if inside else ""

    def _home_is_public(self) -> bool:
        if self._is_public is None:
            self._is_public = all(map(_is_public, self._addresses(self._home or "")))
        return self._is_public

    def _addresses(self, host: str) -> Iterable[str]:
        return [host] if _is_address(host) else self._resolve(host)


def _host(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:  # an IPv6 address without its bracket
        return None


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _is_public(address: str) -> bool:
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    inner = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return (inner or found).is_global
