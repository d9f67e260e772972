"""Data for immediate operations: names and values as operations have them."""

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
        type_info: the type it is for.
        data: Python or server names to values, or an entity whose loaded scalars and
            links are taken.

    Raises:
        UnknownAttributeError: a name the type does not have.
        AttributeValueError: a value the attribute cannot take.
    """
    if not isinstance(data, Mapping):
        given = getattr(type(data), "__ftrack__", None)
        if given is None or not given.is_kind_of(type_info.name):
            raise AttributeValueError(
                type_info.name, "data", data, f"a mapping or a {type_info.name}"
            )
        from ftrack_orm.unit_of_work.changes import creation_values

        return creation_values(data)
    values: dict[str, Any] = {}
    for name, value in data.items():
        if name == "__entity_type__":
            continue
        attribute = type_info.attributes.get(name) or type_info.by_server_name.get(name)
        if attribute is None:
            raise UnknownAttributeError(type_info.name, name, type_info.attributes)
        values[attribute.server_name] = _value(attribute, value)
    return values


def _value(attribute: AttributeInfo, value: Any) -> Any:
    match attribute.kind:
        case AttributeKind.SCALAR:
            return None if value is None else attribute.validate(value)
        case AttributeKind.LINK:
            return None if value is None else _reference(attribute, value)
        case AttributeKind.COLLECTION:
            if isinstance(value, str | Mapping) or not hasattr(value, "__iter__"):
                raise AttributeValueError(
                    attribute.owner.name,
                    attribute.name,
                    value,
                    f"a list of {attribute.target_type}",
                )
            return [_reference(attribute, member) for member in value]
        case AttributeKind.MAPPED:
            raise AttributeValueError(
                attribute.owner.name,
                attribute.name,
                value,
                "to be set on an entity and committed: its rows are entities of "
                "their own",
            )


def _reference(attribute: AttributeInfo, value: Any) -> Reference:
    target = target_of(attribute, value)
    if target.reference is None:
        raise DetachedEntityError(
            repr(value), f"send {attribute.owner.name}.{attribute.name}"
        )
    return target.reference


def client_key(type_info: TypeInfo, data: dict[str, Any]) -> EntityKey | None:
    """Return the key of a new entity, made and put into `data` where need be.

    A key made here lets a repeated create be recognised; ``None`` where only the
    server can make one.
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
    """Create an entity now; the key is made here where `values` has none."""
    is_given = all(name in values for name in type_info.primary_key)
    key = client_key(type_info, values)
    generated_keys = frozenset() if is_given or key is None else frozenset({0})
    return core.call([Create(type_info.name, values, key)], generated_keys)[0]


def id_of(entity: Any, entity_type: str) -> str:
    """Return the id of an entity of that type, given as one or as the id itself.

    Raises:
        EntityKeyError: it is neither; nothing was sent.
    """
    if isinstance(entity, str):
        if not entity:
            raise EntityKeyError(entity_type, ("id",), entity)
        return entity
    type_info = getattr(type(entity), "__ftrack__", None)
    if type_info is None or not type_info.is_kind_of(entity_type):
        raise EntityKeyError(entity_type, ("id",), entity)
    return str(entity.reference.key[0])
