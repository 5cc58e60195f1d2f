"""Invalid requests: the nearest neighbours of valid ones."""

import pytest

from pixelproof.planning.case import Case
from pixelproof.plugin import Proof


@pytest.mark.capability("refusals")
def test_refusals(case: Case, proof: Proof) -> None:
    """Whatever the document rules out is refused, in the documented envelope."""
    proof.of(case)
