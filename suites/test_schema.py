"""Requests that Schemathesis makes up from the OpenAPI document."""

import pytest

from pixelproof.planning.case import Case
from pixelproof.plugin import Proof


@pytest.mark.capability("schema")
def test_schema(case: Case, proof: Proof) -> None:
    """What the document allows is served, and what it rules out is refused, however it was made up."""
    proof.of(case)
