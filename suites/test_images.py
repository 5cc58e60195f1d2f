"""Valid requests: the matrix value by value, then in pairs."""

import pytest

from pixelproof.planning.case import Case
from pixelproof.plugin import Proof


@pytest.mark.capability("images", "models")
def test_images(case: Case, proof: Proof) -> None:
    """Every documented request is served as documented."""
    proof.of(case)
