"""Errors that need a key, a scope or a failure."""

import pytest

from pixelproof.planning.case import Case
from pixelproof.plugin import Proof


@pytest.mark.capability("errors")
def test_errors(case: Case, proof: Proof) -> None:
    """Every row of the error table has its status, type and envelope."""
    proof.of(case)
