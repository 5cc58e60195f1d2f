"""A gateway with both ends in hand: started, judged from both sides, and stopped again."""

from __future__ import annotations

from pixelproof.gate.gating import Gated, gated

__all__ = ["Gated", "gated"]
