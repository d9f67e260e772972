"""Build the conditions that an attribute has a value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ftrack_orm.query import ast
from ftrack_orm.query.literals import encode_literal
from ftrack_orm.schema.attribute_kind import AttributeKind
from ftrack_orm.session.row_comparison import as_stored

if TYPE_CHECKING:
    from ftrack_orm.entity.attribute_info import AttributeInfo


def conditions_of(attribute: AttributeInfo, value: Any) -> list[ast.Comparison]:
    """Return the conditions that a scalar or link has a value.

    Args:
        attribute: the attribute.
        value: a scalar, a `Reference`, or ``None``.

    Raises:
        CriterionError: the language has no literal for the value.
    """
    name = attribute.server_name
    if attribute.kind is AttributeKind.SCALAR:
        return [_is(name, as_stored(value))]
    if attribute.foreign_key is not None:
        return [_is(attribute.foreign_key, None if value is None else value.key[0])]
    if value is None:
        return [_is(name, None)]
    names = attribute.owner.type_named(value.entity_type).primary_key
    return [
        _is(f"{name}.{part}", key) for part, key in zip(names, value.key, strict=True)
    ]


def _is(path: str, value: Any) -> ast.Comparison:
    return ast.Comparison(ast.PathExpression.of(path), "is", encode_literal(value))
