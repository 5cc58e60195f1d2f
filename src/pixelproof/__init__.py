"""pixelproof: a conformance harness and a mock provider for image-generation APIs."""

__version__ = "0.1.0"
