"""How much of a record stands on a page: it has to open at once, also on a telephone."""

from __future__ import annotations

from ..reader import Limits

PAGE = Limits(
    name=200,
    said=1_500,
    command=12_000,
    value=600,
    body=3_000,
    entries=60,
    depth=8,
    values=400,
    claims=2_000,
    headers=True,
)
