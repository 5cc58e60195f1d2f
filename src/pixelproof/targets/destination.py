"""Where requests go: a URL, the key that is sent there, and the control plane that may stand beside it."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlsplit

from pixelproof.client import Wire
from pixelproof.contract import Contract
from pixelproof.problems import BadUsage, Unreachable
from pixelproof.targets.control import ControlPlane
from pixelproof.targets.file import Target

#: Sent on loopback when the user names no key: any mock or gateway there takes one.
LOCAL_KEY = "sk-pixelproof-local"


def addressed(target: Target | None, url: str | None, key: str | None) -> Target:
    """Return the target of a file with the URL and the default key of the command line. Raises BadUsage for no URL."""
    found = target or Target(base_url="")
    if url is not None:
        found = found.with_url(url.rstrip("/"))
    if not _is_url(found.base_url):
        raise BadUsage(f"'{found.base_url}' is no http(s) URL", "for example http://127.0.0.1:9001/v1")
    return found if key is None else replace(found, keys={**found.keys, "default": key})


def with_local_key(target: Target) -> Target:
    """Return a target on this machine with a key. Raises BadUsage for one elsewhere that has none."""
    if not target.loopback:
        raise BadUsage("no key for the target", "give --api-key-env VARIABLE, or keys: {default: …} in a target file")
    return replace(target, keys={**target.keys, "default": LOCAL_KEY})


def control_of(contract: Contract, target: Target, wire: Wire) -> ControlPlane | None:
    """Return the control plane a target file names, or the one a loopback URL turns out to have."""
    if target.control is not None:
        control = ControlPlane(wire, target.control, contract.profile, target.control_token)
        if not control.answers():
            raise Unreachable(f"no pixelproof control plane answers at {target.control}", "correct 'control:'")
        return control
    if not target.loopback or target.keys or target.balance is not None:
        return None
    control = ControlPlane(wire, admin_of(target.base_url), contract.profile)
    return control if control.answers() else None


def admin_of(base_url: str) -> str:
    """Return where the control plane of a pixelproof mock is, by the URL of its API."""
    parts = urlsplit(base_url)
    return f"{parts.scheme}://{parts.netloc}/__admin"


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:  # an IPv6 address without its bracket
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)
