"""What is found: judged, grouped by cause, written as commands, waived, and traced to its place in a contract."""
