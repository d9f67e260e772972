"""The limit and offset of a select."""

from __future__ import annotations

from ftrack_orm.errors.query import QueryError
from ftrack_orm.errors.root import shortened


def whole_number(name: str, count: object) -> int:
    """Return a limit or offset.

    Raises:
        QueryError: it is no whole number, or below 0.
    """
    if isinstance(count, bool) or not isinstance(count, int) or count < 0:
        raise QueryError(f"{name}({shortened(count)}): pass an int of 0 or more.")
    return int(count)
