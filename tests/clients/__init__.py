"""Stock client libraries against a mock that was started as people start it."""
