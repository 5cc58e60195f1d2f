"""The record of a run: how it is written, gone on with, checked, measured and compared."""
