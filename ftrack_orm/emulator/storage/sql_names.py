"""Name tables and columns so that SQLite can distinguish them.

SQLite ignores the case of names, and a schema does not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable


def sql_names(names: Iterable[str]) -> dict[str, str]:
    """Return the names for SQLite by the names of the schema, in the same order.

    A name is kept unless another one differs from it by case only. Those get a suffix
    with the positions of their capitals, which does not depend on the other names: a
    database stays readable when its schema grows.
    """
    listed = [*names]
    counts = Counter(name.lower() for name in listed)
    return {
        name: name if counts[name.lower()] == 1 else _with_capitals(name)
        for name in listed
    }


def _with_capitals(name: str) -> str:
    capitals = sum(
        1 << position
        for position, character in enumerate(name)
        if character != character.lower()
    )
    # Names of schemas have no colon.
    return f"{name}:{capitals:x}" if capitals else name
