"""Renderers of run records: one module a format, each with ``render(record) -> str``."""
