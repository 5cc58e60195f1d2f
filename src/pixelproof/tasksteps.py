"""The steps of asynchronous cases: uploads, polling, and references to earlier results."""

from __future__ import annotations

from collections.abc import Mapping

from pixelproof.case import REFERENCE_KEY, Fetch, Poll, Upload
from pixelproof.contract import Json
from pixelproof.course import Course, Hands
from pixelproof.exchange import Exchange, Request, Role
from pixelproof.levers import MissingLever
from pixelproof.references import data_uri, multipart, picture, reference_json
from pixelproof.taskview import look_up, task_view

#: Looks at one task before it counts as stuck: with growing waits about five minutes.
_MOST_POLLS = 40
#: A URL that a mock takes without fetching it.
_ANY_URL = "https://images.example.com/pixelproof/reference.png"
_FINAL = frozenset({"succeeded", "failed", "canceled"})


def upload(hands: Hands, course: Course, step: Upload) -> None:
    """Store a small picture and remember its artifact id."""
    media = hands.contract.media
    operation = hands.contract.operations["upload"]
    if media is None or media.upload is None:
        raise MissingLever("uploads", "the contract has none")
    mapped = hands.target.map.get("upload")
    own = mapped if isinstance(mapped, dict) else {}
    media_type, content = multipart(str(own.get("field", media.upload.field)), picture())
    sent = Request(method=operation.method, url=operation.path, headers={"content-type": media_type}, raw="<picture>")
    pointer = str(own.get("artifact_id", media.upload.artifact_id))

    def stored(exchange: Exchange) -> Mapping[str, Json]:
        body = exchange.response.body if exchange.response and exchange.ok else None
        return {"artifact_id": look_up(body, pointer)}

    found = hands.call(course, step, sent, content, stored).facts.get("artifact_id")
    if isinstance(found, str) and found:
        course.artifacts[step.name] = [found]


def poll(hands: Hands, course: Course, step: Poll) -> None:
    """Look at a task until it is final, letting time pass between looks."""
    task_id = _task_id(course, step.of)
    if task_id is None:
        return
    path = hands.contract.operations["task"].path.replace("{task_id}", task_id)
    for attempt in range(_MOST_POLLS if step.until_final else 1):
        if step.until_final:
            hands.levers.pass_time(hands.grant(course, step.key), attempt)
        sent = Request(method="GET", url=path)
        exchange = hands.call(course, step, sent, None, lambda found: {"task": view(hands, found)})
        if not exchange.ok or exchange.task().get("state") in _FINAL:
            break
    _remember(hands, course, step)


def view(hands: Hands, exchange: Exchange) -> Json:
    """Return what a response says of a task, by our own names."""
    tasks = hands.contract.tasks
    body = exchange.response.body if exchange.response and exchange.ok else None
    if tasks is None or body is None:
        return {}
    return task_view(hands.contract, tasks, hands.target).read(body)


def reference(hands: Hands, course: Course, wanted: Mapping[str, Json]) -> Json:
    """Return the JSON of a planned reference image."""
    media = hands.contract.media
    if media is None:
        raise MissingLever("reference images", "the contract has none")
    kind = str(wanted[REFERENCE_KEY])
    return reference_json(media, hands.target, kind, _value(hands, course, kind, wanted))


def _value(hands: Hands, course: Course, kind: str, wanted: Mapping[str, Json]) -> str:
    if kind == "data_uri":
        return data_uri(picture((46, 117, 89)))
    if kind == "url":
        if hands.target.reference_url is not None:
            return hands.target.reference_url
        if hands.levers.control is None:
            raise MissingLever("an image that the target can reach", "reference_url: in the target file")
        return _ANY_URL
    artifacts = course.artifacts.get(str(wanted.get("of", "")), [])
    index = wanted.get("index", 0)
    if not isinstance(index, int) or index >= len(artifacts):
        raise MissingLever(f"the artifact of step {wanted.get('of')}", "an earlier step did not deliver it")
    return artifacts[index]


def _task_id(course: Course, step: str) -> str | None:
    for exchange in reversed(course.exchanges):
        if exchange.step == step and exchange.role is Role.API and exchange.ok:
            found = exchange.task().get("id")
            return found if isinstance(found, str) else None
    return None


def _remember(hands: Hands, course: Course, step: Poll) -> None:
    last = next((item for item in reversed(course.exchanges) if item.step == step.name), None)
    task = last.task() if last is not None else {}
    images = task.get("images")
    items = [item for item in images if isinstance(item, dict)] if isinstance(images, list) else []
    course.artifacts[step.name] = [str(item["artifact_id"]) for item in items if item.get("artifact_id")]
    references = task.get("references")
    course.artifacts[f"{step.name}/input"] = [str(item) for item in references] if isinstance(references, list) else []
    course.urls[step.name] = [str(item["url"]) for item in items if item.get("url")]
    if step.fetch is Fetch.ALL:
        for url in course.urls[step.name]:
            hands.download(course, step.name, url)
