"""A server under test: its target file, how its answers are read, its address, and the control plane beside it."""
