"""What callers give to create and update, made into operations."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ftrack_orm.entity.attribute import AttributeInfo
from ftrack_orm.errors import (
    AttributeValueError,
    EntityKeyError,
    UnknownAttributeError,
)
from ftrack_orm.schema.model import AttributeKind
from ftrack_orm.types import EntityKey, Reference
from ftrack_orm.unit_of_work.changes import sendable

if TYPE_CHECKING:
    from ftrack_orm.entity.base import Entity
    from ftrack_orm.entity.type_info import TypeInfo


def sendable_data(info: TypeInfo, data: Mapping[str, Any] | Entity) -> dict[str, Any]:
    """Return `data` as operations carry it: by server name, entities as references.

    Args:
        info: the type it is for.
        data: Python or server names to values, or an entity whose loaded scalars and
            links are taken.

    Raises:
        UnknownAttributeError: a name the type does not have.
        AttributeValueError: a value the attribute cannot take.
    """
    if not isinstance(data, Mapping):
        if not type(data).__ftrack__.is_kind_of(info.name):
            raise AttributeValueError(
                info.name, "data", data, f"a mapping or a {info.name}"
            )
        return _of_entity(data)
    found: dict[str, Any] = {}
    for name, value in data.items():
        if name == "__entity_type__":
            continue
        attribute = info.attributes.get(name) or info.by_server_name.get(name)
        if attribute is None:
            raise UnknownAttributeError(info.name, name, info.attributes)
        found[attribute.server_name] = _value(attribute, value)
    return found


def _of_entity(entity: Entity) -> dict[str, Any]:
    info = type(entity).__ftrack__
    found: dict[str, Any] = {}
    for name, value in entity.__dict__.items():
        attribute = info.attributes.get(name)
        if attribute is None or attribute.kind is AttributeKind.MAPPED:
            continue
        if attribute.kind is AttributeKind.COLLECTION and not value:
            continue
        if attribute.kind is AttributeKind.LINK and attribute.foreign_key is not None:
            continue
        found[attribute.server_name] = sendable(entity, attribute, value)
    return found


def _value(attribute: AttributeInfo, value: Any) -> Any:
    match attribute.kind:
        case AttributeKind.SCALAR:
            return None if value is None else attribute.validate(value)
        case AttributeKind.LINK:
            return None if value is None else _reference(attribute, value)
        case AttributeKind.COLLECTION:
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
    if isinstance(value, Reference):
        return value
    if isinstance(value, Mapping) and "__entity_type__" in value:
        facts = attribute.owner.type_named(str(value["__entity_type__"]))
        return Reference(facts.name, tuple(value[name] for name in facts.key))
    target: Any = value
    own: TypeInfo | None = getattr(type(target), "__ftrack__", None)
    if own is None or not own.is_kind_of(str(attribute.target)):
        raise AttributeValueError(
            attribute.owner.name, attribute.name, value, f"a {attribute.target}"
        )
    reference: Reference = target.reference
    return reference


def client_key(info: TypeInfo, data: dict[str, Any]) -> EntityKey | None:
    """Return the key of a new entity, made and put into `data` where need be.

    A key made here lets a repeated create be recognised; ``None`` where only the
    server can make one.
    """
    if len(info.key) == 1 and info.key[0] not in data:
        key = info.by_server_name[info.key[0]]
        if key.default == "{uid}":
            data[info.key[0]] = str(uuid.uuid4())
    if not all(name in data for name in info.key):
        return None
    return tuple(data[name] for name in info.key)


def id_of(entity: Any, entity_type: str) -> str:
    """Return the id of an entity of that type, given as one or as the id itself.

    Raises:
        EntityKeyError: it is neither; nothing was sent.
    """
    if isinstance(entity, str):
        if not entity:
            raise EntityKeyError(entity_type, ("id",), entity)
        return entity
    info = getattr(type(entity), "__ftrack__", None)
    if info is None or not info.is_kind_of(entity_type):
        raise EntityKeyError(entity_type, ("id",), entity)
    return str(entity.reference.key[0])
