"""A shelf of small liars: servers with exactly one planted defect each, and honest variations.

A deviation is one decorated function from honest seams to deviating ones, in a module of
this folder named after its family. Its docstring-sized ``intent`` says what lie it tells.
"""

from __future__ import annotations

from .catalogue import applied, catalogue, liar, variation

__all__ = ["applied", "catalogue", "liar", "variation"]
