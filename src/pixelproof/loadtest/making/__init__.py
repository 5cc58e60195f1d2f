"""A load as it is made: processes, wallets, counting, and the record it leaves."""
