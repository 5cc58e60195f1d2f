"""What happens when a shared state cannot be reached or was taken over meanwhile."""

from __future__ import annotations


class StateLost(Exception):
    """The state cannot be read or written now: the request ends in the provider's ``unavailable``."""
