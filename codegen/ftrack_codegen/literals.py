"""JSON values and served names as Python source."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def literal(value: Any) -> str:
    """Return the Python expression that gives `value` again.

    Keys of mappings are sorted: their order means nothing in a schema, and a server
    may send another one each time.
    """
    if isinstance(value, Mapping):
        items = (f"{key!r}: {literal(value[key])}" for key in sorted(value))
        return "{" + ", ".join(items) + "}"
    if isinstance(value, tuple):
        # A comma after the last item would make ruff give each a line of its own.
        only = "," if len(value) == 1 else ""
        return "(" + ", ".join(literal(item) for item in value) + only + ")"
    if isinstance(value, list):
        return "[" + ", ".join(literal(item) for item in value) + "]"
    # `repr` has no form for what JSON writes as NaN and Infinity.
    if isinstance(value, float) and (value != value or abs(value) == float("inf")):
        return f'float("{value}")'
    return repr(value)


def quoted(name: str) -> str:
    """Return a served name for a docstring or comment: visible, on one line."""
    escaped = repr(name)[1:-1].replace('"', "'")
    return escaped.replace("\\'", "'").replace("\\", "/")
