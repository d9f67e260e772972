"""Queries: their text, the SQL it becomes, and the rows as the wire shows them."""
