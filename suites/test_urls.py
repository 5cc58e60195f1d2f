"""Image URLs on the clock."""

import pytest

from pixelproof.planning.case import Case
from pixelproof.plugin import Proof


@pytest.mark.capability("urls")
def test_urls(case: Case, proof: Proof) -> None:
    """An image URL lives as long as documented."""
    proof.of(case)
