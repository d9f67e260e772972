"""Make a new entity with the values of another one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from ftrack_orm.entity.mapped import METADATA, MappedValues
from ftrack_orm.entity.tracking import is_new, linked
from ftrack_orm.errors.entity import UnknownAttributeError
from ftrack_orm.schema.attribute_kind import AttributeKind
from ftrack_orm.types import NOT_LOADED

if TYPE_CHECKING:
    from ftrack_orm.entity.attribute_info import AttributeInfo
    from ftrack_orm.entity.entity import Entity
    from ftrack_orm.entity.type_info import TypeInfo

_SET_BY_SERVER: Final = {
    "AssetVersion": ("version",),
    "Context": ("context_type", "object_type_id"),
    "TypedContext": ("project_id",),
}
"""Attributes that clients may set and servers derive: the next version number, the
type, and the project of the parent (protocol 6.1)."""


def clone(entity: Entity, changes: Mapping[str, Any]) -> Any:
    """Return a new entity with the values that a client may set.

    Raises:
        NotLoadedError: a value is not loaded, and the entity cannot load it.
        UnknownAttributeError: a change is no attribute of the type.
        AttributeValueError, ReadOnlyAttributeError: a change is not valid.
    """
    type_info = type(entity).__ftrack__
    changed = {_attribute(type_info, name): value for name, value in changes.items()}
    skipped = set(_replaced_names(type_info, changed))
    copied = [
        attribute
        for attribute in _copied_attributes(type_info)
        if attribute.name not in skipped
    ]
    owner = entity.__ftrack_state__.owner
    if owner is not None:
        owner.load_together(entity, copied)
    values = {
        attribute.name: value
        for attribute in copied
        for value in _values(entity, attribute)
    }
    _replace_keys(entity, values)
    for attribute, value in changed.items():
        values[attribute.name] = value
    return type(entity)(**values)


def _attribute(type_info: TypeInfo, name: str) -> AttributeInfo:
    attribute = type_info.attributes.get(name) or type_info.by_server_name.get(name)
    if attribute is None:
        raise UnknownAttributeError(type_info.name, name, type_info.attributes)
    return attribute


def _replaced_names(
    type_info: TypeInfo, changed: Mapping[AttributeInfo, Any]
) -> Iterator[str]:
    """Yield the names that changes replace: a link replaces its foreign key."""
    for attribute in changed:
        yield attribute.name
        if attribute.kind is AttributeKind.LINK:
            yield from attribute.link_storage.holders
        for link in type_info.links_by_foreign_key.get(attribute.name, ()):
            yield link.name


def _copied_attributes(type_info: TypeInfo) -> Iterator[AttributeInfo]:
    """Yield the attributes to copy: those that a client may set on a new entity."""
    left_out = {
        name
        for base, names in _SET_BY_SERVER.items()
        if type_info.is_kind_of(base)
        for name in names
    }
    left_out.update(type_info.all_options.immutable)
    key = type_info.primary_key
    if len(key) == 1:
        left_out.update(key)
    else:
        # Such a key consists of links. A change replaces one, the others stay.
        left_out.difference_update(key)
    for attribute in type_info.attributes.values():
        name = attribute.server_name
        if attribute.read_only or name in left_out:
            continue
        if attribute.restricted_projection or attribute.type == "object":
            continue
        if attribute.kind is AttributeKind.COLLECTION:
            continue
        if attribute.kind is AttributeKind.LINK and attribute.link_storage.holders:
            continue  # its foreign key is copied
        yield attribute


def _replace_keys(entity: Entity, values: dict[str, Any]) -> None:
    """Replace copied foreign keys by the targets in memory.

    The clone is in no session at first and could not look them up by key.
    """
    for holder, links in type(entity).__ftrack__.links_by_foreign_key.items():
        if holder not in values:
            continue
        for link in links:
            target = linked(entity, link)
            if target is not None and target is not NOT_LOADED:
                del values[holder]
                values[link.name] = target
                break


def _values(entity: Entity, attribute: AttributeInfo) -> Iterator[Any]:
    """Yield the value to copy, or nothing where the server's default applies."""
    if is_new(entity) and attribute.name not in vars(entity):
        return  # not set yet: the copy gets the same default
    if attribute.kind is AttributeKind.MAPPED:
        rows: MappedValues[Any] = getattr(entity, attribute.name)
        stored = dict(_stored_values(entity, rows))
        if stored:
            yield stored
        return
    value = getattr(entity, attribute.name)
    if isinstance(value, list):
        value = list(value)
    if value is not None:
        yield value


def _stored_values(
    entity: Entity, rows: MappedValues[Any]
) -> Iterator[tuple[str, Any]]:
    """Yield the stored values of a mapping by row name, without defaults."""
    if is_new(entity) or rows.target == METADATA:
        for key, value in rows.items():
            yield key, value
        return
    len(rows)  # loads the rows of the load group
    for name, configuration_id in tuple(rows.row_keys.items()):
        if rows.is_set(configuration_id):
            value = rows[configuration_id]
            yield name, list(value) if isinstance(value, list) else value
