"""Points that the documents dispute."""

import pytest

from pixelproof.planning.case import Case
from pixelproof.plugin import Proof


@pytest.mark.capability("readings")
def test_readings(case: Case, proof: Proof) -> None:
    """Every documented reading passes, and is named."""
    proof.of(case)
