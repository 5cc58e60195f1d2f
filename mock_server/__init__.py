"""The mock provider: a Flask application that keeps, or breaks, every promise of a contract."""

from __future__ import annotations

from .app import create_app
from .liars import catalogue
from .worker.serving import serve

__all__ = ["catalogue", "create_app", "serve"]
