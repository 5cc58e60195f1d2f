"""Strategies: from a contract to the fixed, ordered list of cases that proves it."""

from __future__ import annotations

from pixelproof.strategies.plan import Plan, PlanRequest, make_plan, requests_of

__all__ = ["Plan", "PlanRequest", "make_plan", "requests_of"]
