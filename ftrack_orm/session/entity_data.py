"""Convert the data of immediate operations to server names and values."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ftrack_orm.entity.attribute_info import AttributeInfo
from ftrack_orm.entity.targets import target_of
from ftrack_orm.errors.entity import (
    AttributeValueError,
    EntityKeyError,
    UnknownAttributeError,
)
from ftrack_orm.errors.session import DetachedEntityError
from ftrack_orm.operations import Create, Response
from ftrack_orm.schema.attribute_kind import AttributeKind
from ftrack_orm.types import EntityKey, Reference

if TYPE_CHECKING:
    from ftrack_orm.entity.entity import Entity
    from ftrack_orm.entity.type_info import TypeInfo
    from ftrack_orm.session.core import SessionCore


def sendable_data(
    type_info: TypeInfo, data: Mapping[str, Any] | Entity
) -> dict[str, Any]:
    """Return `data` by server name, entities as references.

    Args:
        type_info: the entity type of the operation.
        data: Python or server names to values, or an entity, whose loaded scalars and
            links are used.

    Raises:
        UnknownAttributeError: the type has no attribute of that name.
        AttributeValueError: the attribute cannot hold the value.
    """
    if not isinstance(data, Mapping):
        return _entity_values(type_info, data)
    values: dict[str, Any] = {}
    for name, value in data.items():
        # Data copied from a response includes it.
        if name == "__entity_type__":
            continue
        attribute = type_info.attributes.get(name) or type_info.by_server_name.get(name)
        if attribute is None:
            raise UnknownAttributeError(type_info.name, name, type_info.attributes)
        try:
            values[attribute.server_name] = _value(type_info, attribute, value)
        except AttributeValueError as error:
            error.locate(type_info.name, f"{type_info.name}.{attribute.name}")
            raise
    return values


def _entity_values(type_info: TypeInfo, entity: Entity) -> dict[str, Any]:
    data_type = getattr(type(entity), "__ftrack__", None)
    if data_type is None or not data_type.is_kind_of(type_info.name):
        raise AttributeValueError(
            type_info.name, "data", entity, f"a mapping or a {type_info.name}"
        )
    from ftrack_orm.unit_of_work.changes import creation_values

    return creation_values(entity)


def _value(type_info: TypeInfo, attribute: AttributeInfo, value: Any) -> Any:
    match attribute.kind:
        case AttributeKind.SCALAR:
            return None if value is None else attribute.validate(value)
        case AttributeKind.LINK:
            return None if value is None else _reference(type_info, attribute, value)
        case AttributeKind.COLLECTION:
            if isinstance(value, str | Mapping) or not hasattr(value, "__iter__"):
                raise AttributeValueError(
                    type_info.name,
                    attribute.name,
                    value,
                    f"a list of {attribute.target_type}",
                )
            return [_reference(type_info, attribute, member) for member in value]
        case AttributeKind.MAPPED:
            raise AttributeValueError(
                type_info.name,
                attribute.name,
                value,
                "to be set on an entity and committed, because its rows are separate "
                "entities",
            )


def _reference(type_info: TypeInfo, attribute: AttributeInfo, value: Any) -> Reference:
    target = target_of(attribute, value)
    if target.reference is None:
        raise DetachedEntityError(
            repr(value), f"send {type_info.name}.{attribute.name}"
        )
    return target.reference


def fill_key(type_info: TypeInfo, data: dict[str, Any]) -> EntityKey | None:
    """Return the key of a new entity; generate it and add it to `data` if need be.

    A generated key proves after a lost reply whether the create was applied. ``None``
    where only the server can generate the key.
    """
    if len(type_info.primary_key) == 1 and type_info.primary_key[0] not in data:
        key = type_info.by_server_name[type_info.primary_key[0]]
        if key.default == "{uid}":
            data[type_info.primary_key[0]] = str(uuid.uuid4())
    if not all(name in data for name in type_info.primary_key):
        return None
    return tuple(data[name] for name in type_info.primary_key)


def create(
    core: SessionCore, type_info: TypeInfo, values: dict[str, Any]
) -> Response[Any]:
    """Create an entity now; generate its key where `values` has none."""
    # A key that the caller chose may exist on the server already, so it proves nothing.
    has_key = all(name in values for name in type_info.primary_key)
    key = fill_key(type_info, values)
    generated_keys = frozenset() if has_key or key is None else frozenset({0})
    return core.call([Create(type_info.name, values, key)], generated_keys)[0]


def id_of(entity: Any, entity_type: str) -> str:
    """Return the id of an entity of that type; an id is returned unchanged.

    Raises:
        EntityKeyError: it is neither an id nor an entity of the type; nothing was
            sent.
    """
    if isinstance(entity, str):
        if not entity:
            raise EntityKeyError(entity_type, ("id",), entity)
        return entity
    type_info = getattr(type(entity), "__ftrack__", None)
    if type_info is None or not type_info.is_kind_of(entity_type):
        raise EntityKeyError(entity_type, ("id",), entity)
    return str(entity.reference.key[0])
