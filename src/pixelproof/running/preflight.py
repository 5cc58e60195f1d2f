"""Before anything is paid for: is an image API there, is the key known, which models are listed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from pixelproof.client import Answer, Wire, parse_json
from pixelproof.exchange import Exchange
from pixelproof.planning.case import Case, Key, Send
from pixelproof.problems import BadUsage, KeyRefused, Unreachable
from pixelproof.running.conducting.notrun import NotRun
from pixelproof.running.run import Run
from pixelproof.targets.missing import MissingLever
from pixelproof.targets.modellist import as_json, listed_models
from pixelproof.verdict import Reason

_UNAUTHORIZED = 401
#: What a server answers that has no such route.
_NO_ROUTE = frozenset({404, 405, 501})
#: Beginnings of errors that say: nobody is there.
_ABSENT = ("cannot connect", "timeout", "UnsupportedProtocol", "InvalidURL")
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
#: What a proxy answers for a server behind it that is away.
_AWAY = frozenset({502, 503, 504})
#: What stands in an error → what to do about it; the first that fits.
_HINTS = (
    ("CERTIFICATE_VERIFY_FAILED", "trust it with --ca-bundle FILE, or do not check with --insecure"),
    ("WRONG_VERSION_NUMBER", "is it http:// instead of https://?"),
    ("RECORD_LAYER_FAILURE", "is it http:// instead of https://?"),
    ("not known", "is the host's name right?"),
    ("name resolution", "is the host's name right?"),
    ("getaddrinfo failed", "is the host's name right?"),
    ("timeout", "is it running, is the URL right? --timeout gives it more time"),
)
#: Beginnings of errors that say: our own request cannot be written down.
_UNSENDABLE = ("LocalProtocolError", "UnicodeEncodeError", "TypeError")


def preflight(run: Run, wire: Wire) -> None:
    """Find out whether the target can be verified at all, and which models it lists.

    Raises Unreachable, KeyRefused, or BadUsage for keys and headers that cannot be sent.
    """
    answer = _models(run, wire)
    where = run.target.base_url
    if answer.error.startswith(_UNSENDABLE):
        # without the error's words: they quote the header, and that may be the key
        raise BadUsage("a key or header cannot be sent", "look for line breaks, blanks and letters beyond ASCII in it")
    if answer.error.startswith(_ABSENT):
        raise Unreachable(f"{where} does not answer ({answer.error})", _hint(answer.error))
    if answer.status == _UNAUTHORIZED:
        if _refused_everywhere(run):
            raise KeyRefused(f"{where} refuses the key (401)", "give another one with --api-key-env")
    elif answer.status in _NO_ROUTE or not parse_json(answer.body)[0]:
        _look_for_the_route(run, answer)
    run.listed = _listed(run, answer)


def _models(run: Run, wire: Wire) -> Answer:
    granted = _default_key(run)
    headers = dict(run.target.headers)
    if granted is not None:
        headers["authorization"] = f"Bearer {granted}"
    return wire.send("GET", f"{run.target.base_url}/models", headers=headers)


def _default_key(run: Run) -> str | None:
    try:
        granted = run.levers.keys.grant(Key())
    except MissingLever as missing:
        raise BadUsage(f"the target needs {missing.what}", missing.how) from None
    if granted.key is not None:
        run.recorder.hide(granted.key)
    return granted.key


def _refused_everywhere(run: Run) -> bool:
    """Ask for the first image of the plan, and tell whether the key is refused there too, or nothing is planned."""
    paid = (step for case in run.plan.cases for step in case.sends() if step.positive and step.operation == "generate")
    step = next((step for step in paid if step.key.role.value == "default"), None)
    if step is None:
        return True
    try:
        return _sent(run, replace(step, positive=False)).status == _UNAUTHORIZED
    except NotRun as gone:  # the conductor gives up on a key that is refused everywhere; an empty wallet is none
        return gone.reason is not Reason.FUNDS


def _look_for_the_route(run: Run, listed: Answer) -> None:
    """Ask for an image without saying which, which is free: a wrong address has no such route."""
    where = run.target.base_url
    try:
        exchange = _sent(run, Send(name="main", operation="generate", body={}))
    except NotRun as gone:  # the conductor gives up on a server that is away, and on a key that is refused
        if gone.reason is Reason.FUNDS:
            return
        raise Unreachable(f"{where}: {gone.what}", gone.hint) from None
    got = exchange.response
    if got is None:
        raise Unreachable(f"{where} does not answer ({exchange.error})", "is it an HTTP server?")
    path = run.contract.operations["generate"].path
    if got.status in _NO_ROUTE:
        raise Unreachable(f"{where} has no POST {path} ({exchange.brief()})", "is the URL right? It often ends in /v1")
    if got.status in _REDIRECTS:
        there = got.headers.get("location", "nowhere")
        raise Unreachable(
            f"{where} redirects POST {path} to {there[:200]}", "is the URL right? No key is sent after it"
        )
    if got.status in _AWAY and listed.status in _AWAY and not got.is_json:
        raise Unreachable(
            f"{where} answers {exchange.brief()}: a proxy without its API", "is the API behind it running?"
        )
    if got.ok and _is_page(got.headers) and _is_page(listed.headers):
        raise Unreachable(
            f"{where} answers with web pages ({exchange.brief()})", "is the URL right? It often ends in /v1"
        )


def _is_page(headers: Mapping[str, str]) -> bool:
    return headers.get("content-type", "").lower().startswith("text/html")


def _hint(error: str) -> str:
    return next((hint for sign, hint in _HINTS if sign in error), "is it running, is the URL right?")


def _sent(run: Run, step: Send) -> Exchange:
    return run.conductor.conduct(Case(id="preflight", steps=(step,), checks=()))[-1]


def _listed(run: Run, answer: Answer) -> frozenset[str] | None:
    is_json, value = parse_json(answer.body)
    if answer.status != 200 or not is_json:  # noqa: PLR2004 - the success of a list
        return None
    names = frozenset(listed_models(as_json(value), run.target.map.get("models")) or ())
    return names if names & frozenset(run.contract.models) else None
