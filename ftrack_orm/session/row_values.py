"""Values inside the rows of a response."""

from __future__ import annotations

from typing import Any


def drop_nested(values: dict[str, Any]) -> None:
    """Remove values that are no keys, where a malformed row has them for keys."""
    for name, value in tuple(values.items()):
        if type(value) is dict or type(value) is list:
            del values[name]
