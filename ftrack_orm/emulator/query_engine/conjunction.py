"""Join any number of conditions to one that SQLite's parser accepts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, TypeAlias

import sqlalchemy as sa
from sqlalchemy.sql import operators

Condition: TypeAlias = sa.ColumnElement[bool]

_MAX_CHAIN: Final = 100
"""Most conditions in one chain.

SQLite parses ``a OR b OR c`` as nested pairs and rejects expressions that are more
than 1,000 deep. Halves in parentheses form a balanced tree, which stays shallow. PY
loads rows of two keys with one condition for each row.
"""


def join(word: Literal["AND", "OR"], conditions: Sequence[Condition]) -> Condition:
    """Return the condition that all (``AND``) or any (``OR``) of them hold."""
    if not conditions:
        return sa.true() if word == "AND" else sa.false()
    if len(conditions) <= _MAX_CHAIN:
        return sa.and_(*conditions) if word == "AND" else sa.or_(*conditions)
    middle = len(conditions) // 2
    left, right = (
        join(word, half).self_group(against=operators.eq)
        for half in (conditions[:middle], conditions[middle:])
    )
    # `sa.and_` and `sa.or_` flatten nested conditions and remove the parentheses.
    return left.bool_op(word)(right)
