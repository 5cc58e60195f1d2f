"""A verification put together: a server of our own or another's, a run over it, and that run once more."""
