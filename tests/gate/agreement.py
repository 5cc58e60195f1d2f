"""What is known of real gateways, measured by hand, case by case: a gate's record has to say the same.

``python -m tests.gate.agreement NAME RUN`` prints where a record of ``pixelproof gate`` differs.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from pixelproof.exchange import Exchange, Role
from pixelproof.record.recording import Record, read_record
from pixelproof.rules.crossing import told, upstream

#: Status where no answer came.
NONE = 0


@dataclass(frozen=True)
class Fact:
    """What a caller got for one case; how often the upstream was asked for it, None where nobody counted."""

    case: str
    status: int
    calls: int | None = None
    #: Stands in the sentence that tells what the gateway did.
    words: str = ""
    #: Retry-After of the answer in seconds; None when there must be none.
    retry_after_s: int | None = None


PASSED_ON = "body passed on unchanged"
_N = "gate/refused/dall-e-2"
_F = "gate/faults"
_POLICIES = tuple(f"{_F}/content_policy/{model}" for model in ("dall-e-2", "dall-e-3", "gpt-image-1"))
_CUT = ("truncated_body", "lost_response", "reset-after")


def _everywhere(status: int, cases: tuple[str, ...], calls: int | None = None, words: str = "") -> tuple[Fact, ...]:
    return tuple(Fact(case, status, calls, words) for case in cases)


_INVALID = _everywhere(400, ("refusals/body-cut-json", "refusals/body-empty", "refusals/body-not-a-number"))
_FORWARDED = (
    *_everywhere(400, (f"{_N}/n=0", f"{_N}/n=11"), 1, PASSED_ON),
    *_everywhere(400, ("refusals/dall-e-2/unknown-parameter",)),
    *_everywhere(400, _POLICIES, 1, PASSED_ON),
    Fact(f"{_F}/unauthorized", 401, 1),
    Fact(f"{_F}/forbidden", 403, 1),
    Fact(f"{_F}/bad_success-error_body", 200, 1),
    Fact(f"{_F}/hang", 200, 1),
)

FACTS: dict[str, tuple[Fact, ...]] = {
    "nginx": (
        *_FORWARDED,
        *_INVALID,
        Fact(f"{_F}/rate_limited", 429, 1, retry_after_s=1),
        Fact(f"{_F}/server_error", 500, 1),
        Fact(f"{_F}/truncated_body", NONE, 1),
    ),
    "portkey": (
        Fact(f"{_N}/n=0", 200, 1, "clamped n from 0 to 1"),
        Fact(f"{_N}/n=11", 200, 1, "clamped n from 11 to 10"),
        Fact("refusals/dall-e-2/unknown-parameter", 200),
        *_everywhere(500, ("refusals/body-cut-json", "refusals/body-empty", "refusals/body-not-a-number")),
        *(fact for fact in _FORWARDED if fact.case.startswith(_F)),
        Fact(f"{_F}/rate_limited", 429, 1, retry_after_s=1),
        Fact(f"{_F}/server_error", 500, 1),
        *_everywhere(500, tuple(f"{_F}/{name}" for name in _CUT), 1),
        Fact("gate/asked/gpt-image-1/background=transparent", 200, 1, "dropped background"),
    ),
    "openai-forward": (
        *_FORWARDED,
        *_INVALID,
        Fact(f"{_F}/rate_limited", 429, 1),
        Fact(f"{_F}/server_error", 500, 1),
        # now and then it asks twice: when the connection breaks before it has read the head of the answer
        *_everywhere(NONE, tuple(f"{_F}/{name}" for name in _CUT), None, "threw a paid image away"),
    ),
    "litellm": (
        *_everywhere(400, (f"{_N}/n=0", f"{_N}/n=11"), 1),
        *_everywhere(400, ("refusals/dall-e-2/unknown-parameter", "refusals/body-cut-json")),
        *_everywhere(500, ("refusals/body-empty", "refusals/body-not-a-number")),
        *_everywhere(400, _POLICIES, 1),
        Fact(f"{_F}/unauthorized", 401, 1),
        Fact(f"{_F}/rate_limited", 429, 3, "retried: 3 upstream calls"),
        *_everywhere(500, (f"{_F}/server_error",), 3, "retried: 3 upstream calls"),
        *_everywhere(500, tuple(f"{_F}/{name}" for name in _CUT), 3, "3 upstream calls"),
        Fact(f"{_F}/bad_success-error_body", 500),
    ),
}


def disagreements(name: str, record: Record) -> list[str]:
    """Say where a record tells of a gateway otherwise than what was measured by hand."""
    shown = {
        (exchange.case, exchange.step): exchange
        for exchange in record.exchanges
        if exchange.role is Role.API and exchange.step == "main"
    }
    first = {exchange.case: exchange for exchange in reversed(record.exchanges) if exchange.role is Role.API}
    found = []
    for fact in FACTS[name]:
        exchange = shown.get((fact.case, "main")) or first.get(fact.case)
        wrong = "nothing was sent" if exchange is None else _wrong(fact, exchange)
        if wrong:
            found.append(f"{fact.case}: {wrong}")
    return found


def _wrong(fact: Fact, exchange: Exchange) -> str:
    body = exchange.request.body
    said = told(exchange, body if isinstance(body, dict) else {})
    after = exchange.facts.get("retry_after_s")
    differs = (
        exchange.status != fact.status
        or (fact.calls is not None and len(upstream(exchange)) != fact.calls)
        or fact.words not in said
        or (fact.case.endswith("rate_limited") and after != fact.retry_after_s)
    )
    return f"wanted {fact}, got {said}; Retry-After {after}" if differs else ""


if __name__ == "__main__":
    wrong = disagreements(sys.argv[1], read_record(Path(sys.argv[2])))
    sys.stdout.write(("\n".join(wrong) or f"{len(FACTS[sys.argv[1]])} facts agree") + "\n")
    sys.exit(bool(wrong))
