"""Rows of the standard seed, and the planter that adds rows of a seed."""
