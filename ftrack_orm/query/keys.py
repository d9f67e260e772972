"""Conditions on primary keys."""

from __future__ import annotations

from collections.abc import Sequence

from ftrack_orm.query import ast
from ftrack_orm.query.literals import encode_literal
from ftrack_orm.types import EntityKey


def keyed(names: Sequence[str], keys: Sequence[EntityKey]) -> ast.Criteria:
    """Return the condition that an entity has one of `keys`; at least one is given.

    Args:
        names: server names of the primary key.
        keys: values in that order.
    """
    if len(names) == 1:
        path = ast.PathExpression.of(names[0])
        return ast.Membership(path, tuple(encode_literal(key[0]) for key in keys))
    operands = tuple(
        ast.And(
            tuple(
                ast.Comparison(ast.PathExpression.of(name), "is", encode_literal(value))
                for name, value in zip(names, key, strict=True)
            )
        )
        for key in keys
    )
    return operands[0] if len(operands) == 1 else ast.Or(operands)
