"""Servers that lose, refuse or give away reference images: uploads, copies, results."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from pixelproof.deviation import Tier
from pixelproof.tasks import TaskState

from ..call import Refusal
from ..seams import JsonObject, Seams
from ..state.artifacts import Artifact, Origin
from ..steps.naming import stray_id
from .catalogue import liar
from .task_edits import planned, relisted, reshaped

if TYPE_CHECKING:
    from pixelproof.contract.media import Reference
    from pixelproof.tasks import Plan

    from ..call import Call

UPLOADS, KINDS, COPIES, CHAINS = "uploads", "reference types", "copied references", "chaining"
_COPIES = frozenset({Origin.URL, Origin.DATA_URI})


@liar("stratizon-upload-not-stored", claim="STR-04", tier=Tier.SMOKE, family=UPLOADS, intent="an upload is not stored")
def upload_not_stored(honest: Seams) -> Seams:
    """Answer with an artifact that nobody keeps."""
    return _keeping(honest, lambda artifact: artifact.origin is not Origin.UPLOAD)


@liar(
    "stratizon-upload-usable-once",
    claim="STR-04",
    tier=Tier.SMOKE,
    family=UPLOADS,
    intent="an upload is used up by a task",
)
def upload_usable_once(honest: Seams) -> Seams:
    """Find an upload the first time only."""
    found: Counter[str] = Counter()

    def is_there(artifact: Artifact) -> bool:
        found[artifact.id] += 1
        return artifact.origin is not Origin.UPLOAD or found[artifact.id] == 1

    return _finding(honest, is_there)


@liar(
    "stratizon-upload-unnamed", claim="STR-04", tier=Tier.SMOKE, family=UPLOADS, intent="an upload has no artifact_id"
)
def upload_unnamed(honest: Seams) -> Seams:
    """Call the artifact a file id."""

    def shape(call: Call, artifact: Artifact) -> JsonObject:
        body = honest.shape_upload(call, artifact)
        body["file_id"] = body.pop("artifact_id")
        return body

    return replace(honest, shape_upload=shape)


@liar("stratizon-upload-breaks", claim="STR-04", tier=Tier.SMOKE, family=UPLOADS, intent="every upload is a 500")
def upload_breaks(honest: Seams) -> Seams:
    """Break down where uploads are stored."""

    def store(_call: Call) -> None:
        raise Refusal("server_error", "the file could not be stored")

    return replace(honest, store_upload=store)


@liar(
    "stratizon-upload-makes-tasks-fail",
    claim="STR-04",
    tier=Tier.SMOKE,
    family=UPLOADS,
    intent="uploads make tasks fail",
)
def upload_makes_tasks_fail(honest: Seams) -> Seams:
    """Store an upload that no task can read."""
    return _failing(honest, Origin.UPLOAD)


@liar("stratizon-data-uri-refused", claim="STR-10", family=KINDS, intent="refuses references in base64")
def data_uri_refused(honest: Seams) -> Seams:
    """Refuse one of three types."""
    return _refusing(honest, "data_uri")


@liar("stratizon-url-refused", claim="STR-10", family=KINDS, intent="refuses references by url")
def url_refused(honest: Seams) -> Seams:
    """Refuse another of three types."""
    return _refusing(honest, "url")


@liar("stratizon-url-makes-tasks-fail", claim="STR-10", family=KINDS, intent="tasks with a url fail, money back")
def url_makes_tasks_fail(honest: Seams) -> Seams:
    """Accept a URL, and never reach it."""
    return _failing(honest, Origin.URL)


@liar(
    "stratizon-foreign-artifact-usable", claim="STR-11", family=COPIES, intent="takes the artifact of another account"
)
def foreign_artifact_usable(honest: Seams) -> Seams:
    """Search every account's storage."""

    def find(call: Call, artifact_id: str) -> Artifact | None:
        own = honest.find_artifact(call, artifact_id)
        others = (account.artifacts.find(artifact_id) for account in call.provider.world.book.accounts())
        return own or next((found for found in others if found is not None), None)

    return replace(honest, find_artifact=find)


@liar("stratizon-copies-not-kept", claim="STR-11", family=COPIES, intent="names the copies of references, keeps none")
def copies_not_kept(honest: Seams) -> Seams:
    """Drop every copy once it was used."""
    return _keeping(honest, lambda artifact: artifact.origin not in _COPIES)


@liar("stratizon-url-copy-unusable", claim="STR-11", family=COPIES, intent="the copy of a url cannot be used again")
def url_copy_unusable(honest: Seams) -> Seams:
    """Find no copy that came from a URL."""
    return _finding(honest, lambda artifact: artifact.origin is not Origin.URL)


@liar(
    "stratizon-data-uri-copy-unusable", claim="STR-11", family=COPIES, intent="the copy of a data_uri is not reusable"
)
def data_uri_copy_unusable(honest: Seams) -> Seams:
    """Find no copy that came in base64."""
    return _finding(honest, lambda artifact: artifact.origin is not Origin.DATA_URI)


@liar("stratizon-copies-misnamed", claim="STR-11", family=COPIES, intent="names copies by ids that do not exist")
def copies_misnamed(honest: Seams) -> Seams:
    """Show an id of nothing for every reference."""

    def misname(_call: Call, body: JsonObject) -> None:
        given = body.get("input")
        images = given.get("images") if isinstance(given, dict) else None
        for item in images if isinstance(images, list) else ():
            if isinstance(item, dict):
                item["artifact_id"] = stray_id("art")

    return reshaped(honest, misname)


@liar("stratizon-result-unknown", claim="STR-12", family=CHAINS, intent="a result's artifact is unknown afterwards")
def result_unknown(honest: Seams) -> Seams:
    """Find no artifact that is a result."""
    return _finding(honest, lambda artifact: artifact.origin is not Origin.RESULT)


@liar("stratizon-result-misnamed", claim="STR-12", family=CHAINS, intent="a result is named by an id of nothing")
def result_misnamed(honest: Seams) -> Seams:
    """Show another artifact_id at every look."""
    return relisted(honest, lambda _call, _index, item: item.update(artifact_id=stray_id("art")))


@liar("stratizon-chained-task-fails", claim="STR-12", family=CHAINS, intent="a task that takes a result fails")
def chained_task_fails(honest: Seams) -> Seams:
    """Accept a result as a reference, and never deliver."""
    return _failing(honest, Origin.RESULT)


def _keeping(honest: Seams, is_kept: Callable[[Artifact], bool]) -> Seams:
    """Store some artifacts only."""

    def store(call: Call, artifact: Artifact) -> None:
        if is_kept(artifact):
            honest.store_artifact(call, artifact)

    return replace(honest, store_artifact=store)


def _finding(honest: Seams, is_there: Callable[[Artifact], bool]) -> Seams:
    """Find some artifacts only."""

    def find(call: Call, artifact_id: str) -> Artifact | None:
        found = honest.find_artifact(call, artifact_id)
        return found if found is not None and is_there(found) else None

    return replace(honest, find_artifact=find)


def _refusing(honest: Seams, kind: str) -> Seams:
    """Refuse references of one type wherever they stand."""

    def ingest(call: Call, reference: Reference) -> Artifact:
        if reference.kind == kind:
            raise Refusal("invalid_request", f"references of type {kind} are not supported", parameter="image")
        return honest.ingest_reference(call, reference)

    return replace(honest, ingest_reference=ingest)


def _failing(honest: Seams, origin: Origin) -> Seams:
    """Accept references of one origin, and end their tasks in failure."""

    def change(call: Call, plan: Plan) -> Plan:
        unlucky = any(artifact.origin is origin for artifact in call.references)
        return replace(plan, outcome=TaskState.FAILED, delivered=0) if unlucky else plan

    return planned(honest, change)
