"""Servers that count the characters of a prompt, or the images of a request, in a way of their own."""

from __future__ import annotations

from ..seams import JsonObject, Seams
from .catalogue import liar
from .edits import reasked, refusing

FAMILY = "bounds"
_LIMIT = 4000


@liar("fineapi-prompt-limit-3999", claim="FIN-03", family=FAMILY, intent="refuses a prompt of exactly 4000 characters")
@liar("aicredits-prompt-limit-3999", claim="AIC-04", family=FAMILY, intent="refuses exactly 4000 characters")
@liar("perf-prompt-limit-3999", claim="PRF-02", family=FAMILY, intent="refuses exactly 4000 characters")
def prompt_limit_3999(honest: Seams) -> Seams:
    """Compare with >= where > is documented."""
    return refusing(honest, lambda body: len(_prompt(body)) == _LIMIT, "prompt")


@liar("fineapi-prompt-bytes-counted", claim="FIN-03", family=FAMILY, intent="takes 4000 bytes, not 4000 characters")
@liar("aicredits-prompt-bytes-counted", claim="AIC-04", family=FAMILY, intent="takes 4000 bytes, not characters")
@liar("perf-prompt-bytes-counted", claim="PRF-02", family=FAMILY, intent="takes 4000 bytes, not characters")
def prompt_bytes_counted(honest: Seams) -> Seams:
    """Refuse 4000 characters of four bytes each."""
    return refusing(honest, lambda body: len(_prompt(body).encode()) > _LIMIT, "prompt")


@liar("fineapi-long-prompt-cut", claim="FIN-03", family=FAMILY, intent="cuts a prompt that is too long, silently")
@liar("aicredits-long-prompt-cut", claim="AIC-04", family=FAMILY, intent="cuts a prompt that is too long, silently")
@liar("perf-long-prompt-cut", claim="PRF-02", family=FAMILY, intent="cuts a prompt that is too long, silently")
def long_prompt_cut(honest: Seams) -> Seams:
    """Keep the first 4000 characters."""

    def cut(body: JsonObject) -> None:
        if isinstance(body.get("prompt"), str):
            body["prompt"] = _prompt(body)[:_LIMIT]

    return reasked(honest, cut)


@liar("fineapi-n-0-taken", claim="FIN-04", family=FAMILY, intent="n = 0 is taken for n = 1")
@liar("aicredits-n-0-taken", claim="AIC-05", family=FAMILY, intent="dall-e-3 takes n = 0 for n = 1")
@liar("perf-n-0-taken", claim="PRF-05", family=FAMILY, intent="dall-e-3 takes n = 0 for n = 1")
def n_0_taken(honest: Seams) -> Seams:
    """Bend 0 to 1 for dall-e-3."""

    def bend(body: JsonObject) -> None:
        if body.get("n") == 0 and body.get("model") == "dall-e-3":
            body["n"] = 1

    return reasked(honest, bend)


def _prompt(body: JsonObject) -> str:
    prompt = body.get("prompt")
    return prompt if isinstance(prompt, str) else ""
