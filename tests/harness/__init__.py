"""The core of the harness: plans, traffic, rules, records, verdicts, reports and the command line."""
