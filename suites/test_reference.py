"""The OpenAI reference as a stricter layer."""

import pytest

from pixelproof.planning.case import Case
from pixelproof.plugin import Proof


@pytest.mark.capability("reference")
def test_reference(case: Case, proof: Proof) -> None:
    """With --level openai, what the profile does not contradict holds too."""
    proof.of(case)
