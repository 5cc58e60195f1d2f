"""Pure judgement: each rule looks at recorded exchanges and says what it saw.

Rules never send, never read a clock, and never ask the mock what is right.
"""

from __future__ import annotations

from pixelproof.rules import (
    balance,
    callerwallet,
    crossing,
    envelope,
    images,
    limits,
    mishaps,
    money,
    passing,
    passingtasks,
    readings,
    refusal,
    success,
    tasks,
    underload,
    upstreamcost,
    urls,
    wallet,
)
from pixelproof.rules.evidence import Evidence
from pixelproof.rules.registry import RULES, Rule, judge, rule

__all__ = [
    "RULES",
    "Evidence",
    "Rule",
    "balance",
    "callerwallet",
    "crossing",
    "envelope",
    "images",
    "judge",
    "limits",
    "mishaps",
    "money",
    "passing",
    "passingtasks",
    "readings",
    "refusal",
    "rule",
    "success",
    "tasks",
    "underload",
    "upstreamcost",
    "urls",
    "wallet",
]
