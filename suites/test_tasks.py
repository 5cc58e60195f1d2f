"""Asynchronous tasks: from creation to their end."""

import pytest

from pixelproof.planning.case import Case
from pixelproof.plugin import Proof


@pytest.mark.capability("tasks")
def test_tasks(case: Case, proof: Proof) -> None:
    """Every documented request becomes a task that ends well and delivers what it says."""
    proof.of(case)
