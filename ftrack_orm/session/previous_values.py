"""Return the values that writes replace, as far as they are in memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ftrack_orm.entity.tracking import server_value
from ftrack_orm.errors.entity import UnknownEntityTypeError
from ftrack_orm.operations import AnyOperation, Delete, Update
from ftrack_orm.schema.attribute_kind import AttributeKind
from ftrack_orm.types import NOT_LOADED, EntityKey, Reference

if TYPE_CHECKING:
    from ftrack_orm.entity.entity import Entity


def previous_values(
    find: Callable[[str, EntityKey], Entity | None],
    operations: Sequence[AnyOperation],
) -> dict[int, dict[str, Any]]:
    """Return the values that updates and deletes replace, by index and server name.

    Args:
        find: returns an entity of the session by type and key.
        operations: the operations to send.
    """
    previous = {}
    for index, operation in enumerate(operations):
        if not isinstance(operation, Update | Delete):
            continue
        try:
            entity = find(operation.entity_type, operation.entity_key)
        except UnknownEntityTypeError:
            continue
        if entity is not None:
            data = {} if isinstance(operation, Delete) else operation.entity_data
            previous[index] = _committed_values(entity, data)
    return previous


def _committed_values(entity: Entity, data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the server's values of the attributes in `data`, by server name."""
    type_info = type(entity).__ftrack__
    values: dict[str, Any] = {}
    for name in data:
        attribute = type_info.by_server_name.get(name)
        if attribute is None:
            continue
        if attribute.kind is AttributeKind.SCALAR:
            values[name] = server_value(entity, attribute.name)
        elif attribute.kind is AttributeKind.LINK and attribute.foreign_key:
            [holder] = attribute.link_storage.holders
            key = server_value(entity, holder)
            if key is not NOT_LOADED:
                target = attribute.link_storage.target
                values[name] = None if key is None else Reference(target, (key,))
    return values
