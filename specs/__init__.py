"""The contracts: data only."""
