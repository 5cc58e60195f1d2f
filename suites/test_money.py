"""Money: what requests take, and what they must leave alone."""

import pytest

from pixelproof.planning.case import Case
from pixelproof.plugin import Proof


@pytest.mark.capability("money")
def test_money(case: Case, proof: Proof) -> None:
    """Every charge is the documented one, once, and nothing else is charged."""
    proof.of(case)
