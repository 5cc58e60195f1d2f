"""Servers under test: a target file, how answers are read, an address, and the control plane beside it."""
