"""Fill entities from data that pydantic validates, such as the JSON of an entity.

Unlike the arguments of a constructor, such data may contain read-only attributes, and
nulls for attributes that require a value.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ftrack_orm.entity import relations
from ftrack_orm.entity.collection import TrackedList
from ftrack_orm.entity.copies import bare_entity
from ftrack_orm.entity.serialization import untagged
from ftrack_orm.entity.state import EntityState
from ftrack_orm.entity.targets import target_of
from ftrack_orm.entity.tracking import record, record_watched
from ftrack_orm.schema.attribute_kind import AttributeKind

if TYPE_CHECKING:
    from ftrack_orm.entity.attribute_info import AttributeInfo
    from ftrack_orm.entity.entity import Entity
    from ftrack_orm.entity.type_info import TypeInfo


def in_setting_order(type_info: TypeInfo, data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the data in the order in which it can be set.

    A link is set after its foreign key, so that the link's target is stored. An empty
    link is set first: it clears its foreign key, which another link may share.
    """
    empty_links: dict[str, Any] = {}
    values: dict[str, Any] = {}
    links: dict[str, Any] = {}
    for name, value in data.items():
        attribute = type_info.attributes.get(name) or type_info.by_server_name.get(name)
        if attribute is None or attribute.kind is not AttributeKind.LINK:
            values[name] = value
        elif value is None:
            empty_links[name] = value
        else:
            links[name] = value
    return {**empty_links, **values, **links}


def prepare(entity: Entity, attribute: AttributeInfo, value: Any) -> relations.Write:
    """Check a value of validated data and return the write of it.

    Raises:
        AttributeValueError: the value is not valid for the attribute.
        DetachedEntityError: the value belongs to another session.
        EntityKeyError: the key of a reference is not complete.
        ValueError: a value has the tag of a datetime, but its text is not one.
    """
    match attribute.kind:
        case AttributeKind.SCALAR if value is None:
            return lambda: _write_null(entity, attribute)
        case AttributeKind.SCALAR:
            if attribute.type in ("variable", None):
                value = untagged(value)
            return relations.prepare(entity, attribute, value)
        case AttributeKind.LINK if value is None:
            return lambda: relations.write_link(entity, attribute, None)
        case AttributeKind.LINK:
            target = _target(entity, attribute, value)
            return relations.prepare(entity, attribute, target)
        case AttributeKind.COLLECTION:
            return _prepare_members(entity, attribute, value)
        case AttributeKind.MAPPED:
            return _prepare_rows(entity, attribute, value)


def _write_null(entity: Entity, attribute: AttributeInfo) -> None:
    if attribute.is_watched:
        record_watched(entity, attribute, None)
    else:
        record(entity, attribute.name, None)


def _target(entity: Entity, attribute: AttributeInfo, value: Any) -> Any:
    """Return a link's target or a member; a reference becomes a bare entity."""
    target = target_of(attribute, value)
    if target.entity is not None or target.reference is None:
        return value
    return bare_entity(type(entity).__ftrack__.registry, target.reference)


def _prepare_members(
    entity: Entity, attribute: AttributeInfo, value: Any
) -> relations.Write:
    if not isinstance(value, list | tuple):
        return relations.prepare(entity, attribute, value)
    members = [_target(entity, attribute, member) for member in value]
    if any(_is_not_detached(member) for member in members):
        return relations.prepare(entity, attribute, members)

    def write() -> None:
        # No key of a member changes, so this is allowed for read-only collections too.
        vars(entity)[attribute.name] = TrackedList._of(entity, attribute, members)

    return write


def _is_not_detached(member: Entity) -> bool:
    return member.__ftrack_state__.state is not EntityState.DETACHED


def _prepare_rows(
    entity: Entity, attribute: AttributeInfo, value: Any
) -> relations.Write:
    if isinstance(value, Mapping):
        value = {key: untagged(part) for key, part in value.items()}
    return relations.prepare(entity, attribute, value)
