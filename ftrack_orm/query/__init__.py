"""Queries: paths and criteria, expression nodes, their text, their results."""
