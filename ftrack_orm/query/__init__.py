"""The query language: paths, criteria, expression nodes and their text."""
