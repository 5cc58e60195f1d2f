"""The stock OpenAI client for Python works with nothing changed but base URL and key (AIV-02)."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable

import httpx
import openai
import pytest
from conftest import Caller, Provider
from PIL import Image


def client_of(mock: Provider, key: str, *, retries: int = 0) -> openai.OpenAI:
    return openai.OpenAI(base_url=mock.base_url, api_key=key, max_retries=retries)
