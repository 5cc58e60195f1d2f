"""Conducting one case: its steps, uploads and downloads, outages, dry wallets, and the till before each call."""
