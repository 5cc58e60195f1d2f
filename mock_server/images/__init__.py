"""Pictures, as values and as files."""
