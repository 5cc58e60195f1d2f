"""Reference images of a load: sent along, uploaded before, or what an earlier task delivered."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

import orjson

from pixelproof.contract import Contract, Json, Upload
from pixelproof.contract.media import write_reference
from pixelproof.loadtest.plan import CHAIN, INLINE, LoadPlan, Shot
from pixelproof.running.conducting.references import data_uri, multipart, picture
from pixelproof.targets.taskview import look_up

from .caller import Caller

#: Shows a request in Locust's statistics: name, milliseconds, bytes, whether it failed.
Log = Callable[[str, float, int, bool], None]


class Artifacts:
    """What the accounts of a load have in store."""

    def __init__(self, contract: Contract, plan: LoadPlan, log: Log) -> None:
        """Know no artifact yet."""
        self._media = contract.media
        self._shapes = {**(self._media.kinds if self._media is not None else {}), **_own(plan.map, "media")}
        self._path = contract.operations["upload"].path if "upload" in contract.operations else ""
        self._own_upload = _own(plan.map, "upload")
        self._log = log
        self._inline = write_reference(self._shapes.get(INLINE), INLINE, data_uri(picture()))
        #: account → the newest image that a task of it delivered
        self._delivered: dict[str, str] = {}

    def keep(self, account: str, image: Mapping[str, Json]) -> None:
        """Remember an image that a task delivered: the next request may build on it."""
        name = image.get("artifact_id")
        if isinstance(name, str):
            self._delivered[account] = name

    def reference(self, shot: Shot, account: str, caller: Caller, keyed: bytes) -> Json:
        """Return the reference of a request; uploads one where it wants that, or where there is nothing to chain."""
        upload = self._media.upload if self._media is not None else None
        if shot.source == INLINE or upload is None:
            return self._inline
        name = self._delivered.get(account) if shot.source == CHAIN else None
        name = name or self._uploaded(upload, caller, keyed)
        return self._inline if name is None else write_reference(self._shapes["artifact"], "artifact", name)

    def _uploaded(self, upload: Upload, caller: Caller, keyed: bytes) -> str | None:
        began = time.perf_counter()
        kind, body = multipart(str(self._own_upload.get("field", upload.field)), picture())
        reply = caller.send("POST", self._path, keyed + f"Content-Type: {kind}\r\n".encode(), body)
        try:
            said = orjson.loads(reply.body)
        except orjson.JSONDecodeError:
            said = None
        name = look_up(said, str(self._own_upload.get("artifact_id", upload.artifact_id)))
        is_stored = isinstance(name, str) and not reply.is_cut
        self._log(f"POST {self._path}", (time.perf_counter() - began) * 1000, len(reply.body), not is_stored)
        return name if isinstance(name, str) and is_stored else None


def _own(found: Mapping[str, Json], name: str) -> Mapping[str, Json]:
    value = found.get(name)
    return value if isinstance(value, dict) else {}
