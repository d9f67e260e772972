"""The jobs of `tests.benchmarks.jobs` as scripts with the official Python client.

They are written after public scripts: the number and the order of their commits are
theirs, their texts are not. Each has a function ``run``.
"""
