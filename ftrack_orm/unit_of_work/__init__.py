"""The unit of work: changes collected, planned, ordered and applied."""
