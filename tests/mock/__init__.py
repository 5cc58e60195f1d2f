"""The mock, spoken to in process."""
