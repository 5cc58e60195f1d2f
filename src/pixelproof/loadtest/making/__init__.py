"""A load as it is made: processes, wallets, counting, and the callers who know no measure."""
