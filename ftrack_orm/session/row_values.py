"""Clean up the values of malformed rows."""

from __future__ import annotations

from typing import Any


def drop_nested(values: dict[str, Any]) -> None:
    """Remove dictionaries and lists, which cannot be keys, from a malformed row."""
    for name, value in tuple(values.items()):
        if type(value) is dict or type(value) is list:
            del values[name]
