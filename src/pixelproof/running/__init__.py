"""A run from its first case to its last line: workers, accounts, caps, random walks."""
