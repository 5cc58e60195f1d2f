"""Measures the mock beside its peers: `python -m benchmarks`, or `nox -s bench`."""
