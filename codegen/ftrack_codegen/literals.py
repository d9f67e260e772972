"""Write JSON values and names from a schema as Python source."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

Sources: TypeAlias = tuple[tuple[str, str], ...]
"""Arguments of a call: names and Python expressions."""


def literal(value: Any) -> str:
    """Return a Python expression for `value`.

    Keys of mappings are sorted: their order has no meaning in a schema, and a server
    may send another one each time.
    """
    if isinstance(value, Mapping):
        items = (f"{key!r}: {literal(value[key])}" for key in sorted(value))
        return "{" + ", ".join(items) + "}"
    if value is ...:
        return "..."
    if isinstance(value, tuple):
        # With a trailing comma ruff would put each item on a separate line.
        only = "," if len(value) == 1 else ""
        return "(" + ", ".join(literal(item) for item in value) + only + ")"
    if isinstance(value, list):
        return "[" + ", ".join(literal(item) for item in value) + "]"
    # The `repr` of NaN and Infinity is no Python expression.
    if isinstance(value, float) and (value != value or abs(value) == float("inf")):
        return f'float("{value}")'
    return repr(value)


def sources(arguments: Mapping[str, Any]) -> Sources:
    """Return the arguments with their values as Python expressions."""
    return tuple((name, literal(value)) for name, value in arguments.items())


def quoted(name: str) -> str:
    """Return a name for a docstring: on one line, without backslash or quote."""
    escaped = repr(name)[1:-1].replace('"', "'")
    return escaped.replace("\\'", "'").replace("\\", "/")
