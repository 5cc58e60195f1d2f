"""The report as one HTML file: offline, with every finding and how to see it again."""

from __future__ import annotations

from .page import render

__all__ = ["render"]
