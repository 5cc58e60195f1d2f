"""Random walks over tasks, uploads, chaining, cancelling, two accounts, faults and the clock."""

from pixelproof.plugin import Proof


def test_walk(proof: Proof) -> None:
    """After every step of a random walk the money adds up."""
    proof.walk()
