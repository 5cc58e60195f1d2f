"""The steps of asynchronous cases: uploads, polling, and references to earlier results."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from pixelproof.contract import Json
from pixelproof.exchange import Exchange, Request, Role, as_text
from pixelproof.planning.case import REFERENCE_KEY, Cancel, Fetch, Poll, Send, Upload
from pixelproof.running.conducting.course import Course, Hands
from pixelproof.running.conducting.references import data_uri, multipart, picture, reference_json
from pixelproof.targets.missing import MissingLever, NoRoute
from pixelproof.targets.taskview import look_up, task_view

#: Looks in a row that may fail by bad luck (429, 5xx, no answer) before they are judged.
_UNLUCKY_LOOKS = 2
#: Looks at a task whose state is a word that nobody mapped: it will not become clearer.
_UNKNOWN_LOOKS = 8
_TOO_MANY = 429
#: A URL that a mock takes without fetching it.
_ANY_URL = "https://images.example.com/pixelproof/reference.png"
_FINAL = frozenset({"succeeded", "failed", "canceled"})
_RUNS_TO_ITS_END = frozenset({"succeeded", "failed"})


def take(hands: Hands, course: Course, step: Upload | Poll | Cancel) -> None:
    """Take one step of an asynchronous case."""
    match step:
        case Upload():
            upload(hands, course, step)
        case Poll():
            poll(hands, course, step)
        case Cancel():
            cancel(hands, course, step)


def upload(hands: Hands, course: Course, step: Upload) -> None:
    """Store a small picture and remember its artifact id."""
    media = hands.contract.media
    operation = hands.contract.operations["upload"]
    if media is None or media.upload is None:
        raise MissingLever("uploads", "the contract has none")
    mapped = hands.target.map.get("upload")
    own = mapped if isinstance(mapped, dict) else {}
    media_type, content = multipart(str(own.get("field", media.upload.field)), picture())
    sent = Request(
        method=operation.method, url=operation.path, headers={"content-type": media_type}, **as_text(content)
    )
    pointer = str(own.get("artifact_id", media.upload.artifact_id))

    def stored(exchange: Exchange) -> Mapping[str, Json]:
        body = exchange.response.body if exchange.response and exchange.ok else None
        return {"artifact_id": look_up(body, pointer)}

    found = hands.call(course, step, sent, content, stored).facts.get("artifact_id")
    if isinstance(found, str) and found:
        course.artifacts[step.name] = [found]


def poll(hands: Hands, course: Course, step: Poll) -> None:
    """Look at a task until it is final, letting time pass between looks.

    A valid request whose task fails is tried once more, as one that is answered with a 5xx:
    only what repeats is judged.
    """
    sent = _task_request(hands, course, step)
    if sent is None:
        return
    if not step.until_final:
        _look(hands, course, step, sent)
    elif _watch(hands, course, step, sent) == "failed":
        _watch_another(hands, course, step)
    _remember(hands, course, step)


def _task_request(hands: Hands, course: Course, step: Poll) -> Request | None:
    task_id = _task_id(course, step.of)
    if task_id is None:
        return None
    path = hands.contract.operations["task"].path.replace("{task_id}", quote(task_id, safe=""))
    return Request(method="GET", url=path)


def _watch(hands: Hands, course: Course, step: Poll, sent: Request) -> Json:
    """Look until the task is final, broken or overdue; return the state it was last seen in."""
    watched_s, unlucky = 0.0, 0
    for attempt in range(hands.levers.clock.most_looks):
        watched_s += hands.levers.clock.pass_time(hands.grant(course, step.key), attempt)
        exchange = _look(hands, course, step, sent)
        watched_s += exchange.elapsed_s
        unlucky = unlucky + 1 if _bad_luck(exchange) else 0
        if _is_over(exchange, attempt) or (not exchange.ok and unlucky > _UNLUCKY_LOOKS):
            break
        if step.ended and exchange.ok and hands.levers.control is None:
            how = "map: {task: {longest_s: …}} in the target file"
            raise MissingLever("a task that ends in the time that nobody looks", how)
        if hands.levers.clock.overdue(watched_s):
            break
    state = exchange.task().get("state")
    if state in _RUNS_TO_ITS_END and not step.ended:
        hands.levers.clock.learn_duration(watched_s)
    return state


def _is_over(exchange: Exchange, attempt: int) -> bool:
    """Tell whether another look could say nothing new."""
    task = exchange.task()
    if not exchange.ok:
        return not _bad_luck(exchange)
    unknown = task.get("state") is None and (task.get("word") is None or attempt >= _UNKNOWN_LOOKS)
    return unknown or task.get("state") in _FINAL


def _watch_another(hands: Hands, course: Course, step: Poll) -> None:
    """Send a valid request once more and watch its task; one that may fail is left as it is."""
    sender = course.case.step(step.of)
    if not isinstance(sender, Send) or not sender.positive:
        return
    hands.send_again(course, sender)
    sent = _task_request(hands, course, step)
    if sent is not None:
        _watch(hands, course, step, sent)


def _look(hands: Hands, course: Course, step: Poll, sent: Request) -> Exchange:
    return hands.call(course, step, sent, None, lambda found: {"task": view(hands, found)})


def _bad_luck(exchange: Exchange) -> bool:
    return exchange.response is None or exchange.status == _TOO_MANY or exchange.status >= 500  # noqa: PLR2004 - 5xx


def cancel(hands: Hands, course: Course, step: Cancel) -> None:
    """Cancel a task, where the target file says how, else by the contract's own route."""
    task_id = _task_id(course, step.of)
    if task_id is None:
        return
    operation = hands.contract.operations.get("cancel")
    mapped = hands.target.map.get("cancel")
    if not isinstance(mapped, str) and operation is None:
        raise NoRoute("a way to cancel a task", "map: {cancel: …} in the target file")
    route = mapped if isinstance(mapped, str) else f"{operation.method} {operation.path}" if operation else ""
    method, _, path = route.partition(" ")
    sent = Request(method=method, url=path.replace("{task_id}", quote(task_id, safe="")))
    hands.call(course, step, sent, None, lambda found: {"task": view(hands, found)})


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
