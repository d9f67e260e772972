"""Build conditions on primary keys."""

from __future__ import annotations

from collections.abc import Sequence

from ftrack_orm.query import ast
from ftrack_orm.query.literals import encode_literal
from ftrack_orm.types import EntityKey


def keyed(names: Sequence[str], keys: Sequence[EntityKey]) -> ast.Criteria:
    """Return the condition that an entity has one of the primary keys.

    Args:
        names: server names of the key attributes, in order.
        keys: the keys, at least one.
    """
    if len(names) == 1:
        path = ast.PathExpression.of(names[0])
        return ast.Membership(path, tuple(encode_literal(key[0]) for key in keys))
    # Keys that are read together often share all but their last value, such as the
    # configuration of custom attribute values: each group needs one `in` list.
    last_values: dict[EntityKey, list[ast.LiteralNode]] = {}
    for key in keys:
        last_values.setdefault(key[:-1], []).append(encode_literal(key[-1]))
    operands = tuple(
        _key_group(names, shared, values) for shared, values in last_values.items()
    )
    return operands[0] if len(operands) == 1 else ast.Or(operands)


def _key_group(
    names: Sequence[str], shared: EntityKey, last_values: Sequence[ast.LiteralNode]
) -> ast.Criteria:
    """Return the condition for the keys that share all values but the last."""
    conditions = (
        ast.Comparison(ast.PathExpression.of(name), "is", encode_literal(part))
        for name, part in zip(names, shared, strict=False)
    )
    return ast.And((*conditions, _one_of(names[-1], last_values)))


def _one_of(name: str, values: Sequence[ast.LiteralNode]) -> ast.Criteria:
    path = ast.PathExpression.of(name)
    if len(values) == 1:
        return ast.Comparison(path, "is", values[0])
    return ast.Membership(path, tuple(values))
