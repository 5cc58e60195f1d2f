"""The stock OpenAI client for Python, told what to do as JSON."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

import openai

from .reply import Reply

#: Seconds after which a request is given up, unless an order says otherwise.
LIMIT_S = 60.0


class OpenAIForPython:
    """Orders are ``{call, body, retries, timeout_s}``, with ``call`` such as ``images.generate``."""

    #: The class of an error status that has none of its own.
    plain = "APIStatusError"
    timeout = "APITimeoutError"
    #: Where an answer gets lost: the class, and the requests with one retry allowed.
    when_lost = frozenset({("APIConnectionError", 2)})

    @staticmethod
    def shown(code: str | int | None) -> str | None:
        """Return a code as this client shows it: a number as text."""
        return None if code is None else str(code)

    def ask(self, order: dict[str, Any]) -> Reply:
        sdk = _sdk(order["base_url"]).with_options(
            api_key=order["key"], max_retries=order.get("retries", 0), timeout=order.get("timeout_s", LIMIT_S)
        )
        try:
            return _CALLS[order.get("call", "images.generate")](sdk, order.get("body", {}))
        except openai.APIError as error:
            return refusal(error)

    def ask_all(self, orders: list[dict[str, Any]]) -> list[Reply]:
        with ThreadPoolExecutor(len(orders)) as threads:
            return list(threads.map(self.ask, orders))


@cache
def _sdk(base_url: str) -> openai.OpenAI:
    return openai.OpenAI(base_url=base_url, api_key="of-the-caller")


def _generate(sdk: openai.OpenAI, body: dict[str, Any]) -> Reply:
    raw = sdk.images.with_raw_response.generate(**body)
    made = raw.parse()
    extra = {"created": made.created, "usage": made.usage and made.usage.to_dict(), "data_is_missing": not made.data}
    images = tuple(item.to_dict() for item in made.data or ())
    return Reply(images=images, headers=dict(raw.headers), extra=extra)


def _edit(sdk: openai.OpenAI, body: dict[str, Any]) -> Reply:
    made = sdk.images.edit(image=("image.png", b"\x89PNG", "image/png"), **body)
    return Reply(images=tuple(item.to_dict() for item in made.data or ()))


def _models(sdk: openai.OpenAI, _: dict[str, Any]) -> Reply:
    return Reply(extra={"models": [model.id for model in sdk.models.list()]})


_CALLS = {"images.generate": _generate, "images.edit": _edit, "models.list": _models}


def refusal(error: openai.APIError) -> Reply:
    """Return what an error of this client shows."""
    response = getattr(error, "response", None)
    return Reply(
        error=type(error).__name__,
        status=getattr(error, "status_code", None),
        message=error.message,
        code=error.code,
        type=error.type,
        headers=dict(response.headers) if response is not None else {},
    )
