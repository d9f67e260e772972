"""The jobs of `tests.benchmarks.jobs` as scripts with the official Python client.

They are written after public scripts: the number and the order of their commits are
theirs, their texts are not. Each has a function ``run``.
"""

from __future__ import annotations

import warnings

with warnings.catch_warnings():
    # The client's copy of pyparsing imports a deprecated module.
    warnings.simplefilter("ignore", DeprecationWarning)
    import ftrack_api.exception

ServerError = ftrack_api.exception.ServerError
