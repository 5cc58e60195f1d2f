"""Limits: enforced, announced, and lifted when announced."""

import pytest

from pixelproof.planning.case import Case
from pixelproof.plugin import Proof


@pytest.mark.capability("limits")
def test_limits(case: Case, proof: Proof) -> None:
    """A limit holds, and its Retry-After is true."""
    proof.of(case)
