"""Ids and names that every server has: data only."""
