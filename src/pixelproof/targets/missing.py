"""What a case needs and a target does not offer."""

from __future__ import annotations


class MissingLever(Exception):
    """A case needs what the target does not offer: which lever, and how to supply it."""

    def __init__(self, what: str, how: str) -> None:
        super().__init__(what)
        self.what = what
        self.how = how


class NoRoute(MissingLever):
    """A case needs a route that the provider does not document, and the target file names none."""
