"""A backend of Hypothesis whose draws follow from the seed alone.

Its own also draws constants from whatever modules of ours happen to be loaded, so that a plan
would come out otherwise when it is made again for an old record.
"""

from __future__ import annotations

from typing import Any

from hypothesis.internal.conjecture.providers import AVAILABLE_PROVIDERS, HypothesisProvider


class Steady(HypothesisProvider):
    """Draws what Hypothesis draws, except those constants."""

    def _maybe_draw_constant(self, *_: Any, **__: Any) -> None:
        """Draw none."""


#: What ``settings(backend=…)`` is given.
BACKEND = "pixelproof-steady"
AVAILABLE_PROVIDERS[BACKEND] = f"{__name__}.{Steady.__name__}"
