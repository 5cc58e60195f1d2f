"""Pure judgement: each rule looks at recorded exchanges and says what it saw.

Rules never send, never read a clock, and never ask the mock what is right.
"""

from __future__ import annotations

from pixelproof.rules import balance, crossing, envelope, gateway, images, limits, money, readings, refusal, success, tasks, urls, wallet
from pixelproof.rules.evidence import Evidence
from pixelproof.rules.registry import RULES, Rule, judge, rule

__all__ = [
    "RULES",
    "Evidence",
    "Rule",
    "balance",
    "crossing",
    "envelope",
    "gateway",
    "images",
    "judge",
    "limits",
    "money",
    "readings",
    "refusal",
    "rule",
    "success",
    "tasks",
    "urls",
    "wallet",
]
