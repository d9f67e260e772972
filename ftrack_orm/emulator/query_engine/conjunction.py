"""Many conditions joined to one, in a form that SQLite takes however many there are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, TypeAlias

import sqlalchemy as sa
from sqlalchemy.sql import operators

Condition: TypeAlias = sa.ColumnElement[bool]

_AT_ONCE: Final = 100
"""Conditions that stand beside each other. SQLite reads ``a OR b OR c`` as a chain,
and refuses expressions more than a thousand deep; halves in parentheses are a tree,
which is never deep. PY populates rows of two keys with a condition for each."""


def join(word: Literal["AND", "OR"], conditions: Sequence[Condition]) -> Condition:
    """Return the condition that all (``AND``) or some (``OR``) of them are met."""
    if not conditions:
        return sa.true() if word == "AND" else sa.false()
    if len(conditions) <= _AT_ONCE:
        return sa.and_(*conditions) if word == "AND" else sa.or_(*conditions)
    middle = len(conditions) // 2
    left, right = (
        join(word, half).self_group(against=operators.eq)
        for half in (conditions[:middle], conditions[middle:])
    )
    # SQLAlchemy's own conjunctions would take the parentheses off again.
    return left.bool_op(word)(right)
