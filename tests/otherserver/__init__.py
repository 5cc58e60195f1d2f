"""A small image provider of somebody else: the standard library only, nothing of pixelproof in it."""
