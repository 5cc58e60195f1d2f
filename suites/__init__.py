"""The suites: pytest modules that hand planned cases to the rules."""
