"""LangChain's ``DallEAPIWrapper`` for Python, told what to do as JSON."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import openai

from .openai_python import refusal
from .reply import Reply

if TYPE_CHECKING:
    from langchain_community.utilities.dalle_image_generator import DallEAPIWrapper


class LangChainForPython:
    """Orders are ``{prompt, fields}``, where ``fields`` are the wrapper's own."""

    def ask(self, order: dict[str, Any]) -> Reply:
        wrapper = _wrapper()(api_key=order["key"], base_url=order["base_url"], **order.get("fields", {}))
        try:
            text = wrapper.run(order["prompt"])
        except openai.APIError as error:
            return refusal(error)
        except TypeError as error:
            return Reply(error="TypeError", message=str(error))
        return Reply(images=tuple({"url": line} for line in text.split(wrapper.separator)), extra={"text": text})


def _wrapper() -> type[DallEAPIWrapper]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the package announces its own end, and we treat warnings as errors
        from langchain_community.utilities.dalle_image_generator import DallEAPIWrapper
    return DallEAPIWrapper
