"""The connection to Redis or Valkey: scripts in, plain lists out, one error for everything."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha1
from typing import Any
from urllib.parse import parse_qs, urlsplit, urlunsplit

import hiredis
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from pixelproof.problems import BadUsage, Unreachable

from ..losses import StateLost

#: What goes wrong on the way to the store, or in it.
_FAILURES = (redis.RedisError, OSError)
_CONNECT_S, _ANSWER_S = 2.0, 5.0
_SCHEMES = ("redis", "rediss", "valkey", "valkeys", "unix")


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where the store is, and the namespace in it; ``shown`` is fit for people: without the password."""

    url: str
    namespace: str
    shown: str


def read_address(text: str) -> Address:
    """Return the address that ``--state`` names. Raises BadUsage."""
    hint = "memory, or redis://HOST:PORT/DB?namespace=NAME"
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise BadUsage("--state is no valid URL", hint) from None
    query = parse_qs(parts.query)
    if parts.scheme not in _SCHEMES:
        raise BadUsage(f"--state cannot be '{parts.scheme or text[:40]}'", hint)
    namespace = query.pop("namespace", ["default"])[0]
    if query:
        raise BadUsage(f"--state has no option '{next(iter(query))[:40]}'", "namespace is the only one")
    scheme = parts.scheme.replace("valkey", "redis")
    url = urlunsplit((scheme, parts.netloc, parts.path, "", ""))
    host = f"{parts.hostname or ''}:{port}" if port is not None else parts.hostname or ""
    return Address(url=url, namespace=namespace, shown=f"{parts.scheme}://{host}{parts.path}")


class Script:
    """Lua that the store knows by its digest."""

    __slots__ = ("digest", "text")

    def __init__(self, text: str) -> None:
        """Compute the digest once."""
        self.text = text
        self.digest = sha1(text.encode(), usedforsecurity=False).hexdigest()


class Connection:
    """Runs scripts in one namespace. Every method raises StateLost when the store cannot answer."""

    def __init__(self, address: Address) -> None:
        """Connect with the first command, not before."""
        self.address = address
        self._lines: list[Any] = []
        self.prefix = f"pixelproof:{{{address.namespace}}}:"
        try:
            self._client: Any = redis.Redis.from_url(
                address.url,
                socket_connect_timeout=_CONNECT_S,
                socket_timeout=_ANSWER_S,
                retry=Retry(NoBackoff(), 0),
            )
        except ValueError:
            raise BadUsage(f"--state {address.shown} is no address of a store", "redis://HOST:PORT/DB") from None

    def run(self, script: Script, *arguments: str | bytes | float) -> list[Any]:
        """Run a script whole or not at all, and return its answer."""
        try:
            answer: list[Any] = self._asked(("EVALSHA", script.digest, 1, self.prefix, *arguments))
        except redis.exceptions.NoScriptError:
            answer = self.call("EVAL", script.text, 1, self.prefix, *arguments)
        except _FAILURES as error:
            raise self._lost(error) from error
        return answer

    def call(self, *words: str | bytes | float) -> Any:
        """Run one command of the store; its key must begin with the prefix."""
        try:
            return self._asked(words)
        except _FAILURES as error:
            raise self._lost(error) from error

    def greet(self) -> None:
        """Make sure that the store answers. Raises Unreachable."""
        try:
            self._client.ping()
        except _FAILURES as error:
            what = f"the state at {self.address.shown} cannot be reached: {_sentence(error)}"
            raise Unreachable(what, "start it, or correct --state") from None

    def close(self) -> None:
        """Let the sockets go."""
        self._lines.clear()
        self._client.close()

    def _asked(self, words: tuple[str | bytes | float, ...]) -> Any:
        """Send a command and read its answer; once more when the line was broken: every script may come twice."""
        packed = [hiredis.pack_command(words)]  # type: ignore[arg-type]  # its stub knows commands of one word only
        try:
            return self._exchanged(packed)
        except (redis.ConnectionError, redis.TimeoutError, OSError):
            self._lines.clear()
            return self._exchanged(packed)

    def _exchanged(self, packed: list[bytes]) -> Any:
        # the client's own way through its pool costs five times as much
        pool = self._client.connection_pool
        try:
            line = self._lines.pop()
        except IndexError:
            line = pool.get_connection()
        try:
            line.send_packed_command(packed, check_health=False)
            answer = line.read_response()
        except redis.ResponseError:
            self._lines.append(line)
            raise
        except BaseException:
            line.disconnect()
            pool.release(line)
            raise
        self._lines.append(line)
        return answer

    def _lost(self, error: BaseException) -> StateLost:
        return StateLost(f"{self.address.shown} does not answer: {_sentence(error)}")


def _sentence(error: BaseException) -> str:
    # the client's own texts name hosts and ports, never a password
    return str(error).partition("\n")[0].rstrip(".") or type(error).__name__
