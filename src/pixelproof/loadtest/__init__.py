"""A load as values: what is sent, what came of it, whether the money was right, which limits were kept."""
