"""Reference images: every kind, as many as there may be, and what comes back used again."""

import pytest

from pixelproof.planning.case import Case
from pixelproof.plugin import Proof


@pytest.mark.capability("references")
def test_references(case: Case, proof: Proof) -> None:
    """Every documented reference works, and nobody else's does."""
    proof.of(case)
