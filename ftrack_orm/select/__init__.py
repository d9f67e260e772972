"""Queries that run: the typed select, its results, and rows of plain values."""
