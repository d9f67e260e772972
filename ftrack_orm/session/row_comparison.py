"""Compare the values of operations with the rows of a server."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ftrack_orm.codec import decode_key, decode_scalar
from ftrack_orm.query import ast
from ftrack_orm.schema.attribute_kind import AttributeKind

if TYPE_CHECKING:
    from ftrack_orm.entity.attribute_info import AttributeInfo
    from ftrack_orm.entity.type_info import TypeInfo


def compared_paths(type_info: TypeInfo, name: str) -> list[ast.PathExpression]:
    """Return the projections that `agrees` needs to compare an attribute.

    Args:
        type_info: the type of the rows.
        name: the attribute's server name.
    """
    attribute = type_info.by_server_name[name]
    if attribute.kind is AttributeKind.SCALAR:
        return [ast.PathExpression.of(name)]
    if attribute.kind is AttributeKind.LINK and attribute.foreign_key is not None:
        return [ast.PathExpression.of(attribute.foreign_key)]
    target = type_info.type_named(attribute.target_type)
    return [ast.PathExpression.of(f"{name}.{part}") for part in target.primary_key]


def agrees(
    type_info: TypeInfo, attribute: AttributeInfo, row: Mapping[str, Any], value: Any
) -> bool:
    """Return whether a row holds `value`, in the precision that the server stores.

    Args:
        type_info: the type of the row.
        attribute: the attribute compared.
        row: the row, with the projections of `compared_paths`.
        value: a value of an operation: a scalar, a `Reference`, or several.
    """
    if attribute.kind is AttributeKind.SCALAR:
        stored = decode_scalar(row.get(attribute.server_name))
        return bool(as_stored(stored) == as_stored(value))
    if attribute.kind is AttributeKind.LINK and attribute.foreign_key is not None:
        expected = None if value is None else value.key[0]
        return bool(row.get(attribute.foreign_key) == expected)
    key = type_info.type_named(attribute.target_type).primary_key
    stored = row.get(attribute.server_name)
    if attribute.kind is AttributeKind.LINK:
        stored_key = None if stored is None else decode_key(stored, key)
        return stored_key == (None if value is None else value.key)
    return {decode_key(member, key) for member in stored or ()} == {
        member.key for member in value
    }


def as_stored(value: Any) -> Any:
    """Return a value as a server stores it: time without fractions (protocol 3.1)."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(microsecond=0)
    if isinstance(value, list | tuple):
        return tuple(as_stored(part) for part in value)
    return value
