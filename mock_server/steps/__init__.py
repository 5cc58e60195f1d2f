"""The honest steps of a request, one noun a module; ``honest`` puts them together."""
