"""Undo an assignment that a model validator of a subclass rejects."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeAlias

from ftrack_orm.entity import members, relations
from ftrack_orm.entity.relation_storage import ReverseStorage
from ftrack_orm.entity.tracking import record_watched, restore_committed
from ftrack_orm.entity.value_list import ValueList
from ftrack_orm.schema.attribute_kind import AttributeKind
from ftrack_orm.types import NOT_LOADED

if TYPE_CHECKING:
    from ftrack_orm.entity.attribute_info import AttributeInfo
    from ftrack_orm.entity.collection import TrackedList
    from ftrack_orm.entity.entity import Entity

Undo: TypeAlias = Callable[[], None]
"""Undoes an assignment; the entity is then as it was before."""


def undo_of(entity: Entity, attribute: AttributeInfo, value: Any) -> Undo:
    """Return a function that undoes the assignment of `value` to an attribute.

    Call this function before the assignment.

    Args:
        entity: the entity.
        attribute: the attribute.
        value: the value; the members of a collection as a list.

    Raises:
        AttributeValueError: a member has the wrong type.
        DetachedEntityError: a member belongs to another session.
    """
    match attribute.kind:
        case AttributeKind.SCALAR:
            return _undo_of_values(entity, [attribute.name])
        case AttributeKind.LINK:
            holders = attribute.link_storage.holders
            return _undo_of_values(entity, holders or [attribute.name])
        case AttributeKind.COLLECTION:
            return _undo_of_members(getattr(entity, attribute.name), value)
        case AttributeKind.MAPPED:
            rows = getattr(entity, attribute.name)
            edits = dict(rows.edits)
            return lambda: rows.reset(edits)


def _undo_of_values(entity: Entity, names: Iterable[str]) -> Undo:
    """Return a function that restores values and the targets of their links."""
    values, type_info = vars(entity), type(entity).__ftrack__
    committed = entity.__ftrack_state__.committed or {}
    # A `ValueList` changes in place, so its former content must be a copy.
    before = {
        name: list(value) if type(value) is ValueList else value
        for name, value in ((name, values.get(name, NOT_LOADED)) for name in names)
    }
    edited = {name for name in before if name in committed}
    links = [
        link.name
        for name in before
        for link in type_info.links_by_foreign_key.get(name, ())
    ]
    targets = {name: values[name] for name in links if name in values}

    def undo() -> None:
        for name, value in before.items():
            attribute = type_info.attributes[name]
            # The session registers a changed key in `record_watched` only.
            is_key = name in type_info.python_primary_key
            if value is NOT_LOADED or not (is_key or name in edited):
                continue
            if attribute.is_watched:
                record_watched(entity, attribute, value)
            else:
                relations.assign(entity, attribute, value)
        restore_committed(entity, [name for name in before if name not in edited])
        for name in links:
            vars(entity).pop(name, None)
        vars(entity).update(targets)

    return undo


def _undo_of_members(collection: TrackedList[Any], value: Iterable[Any]) -> Undo:
    before = list(collection)
    assigned = [members.member_of(collection, member) for member in value]
    storage = collection._storage
    undo_keys: list[Undo] = []
    if isinstance(storage, ReverseStorage):
        by_id = {id(member): member for member in (*before, *assigned)}
        names = (storage.remote, *storage.filters, "parent_type")
        undo_keys = [
            _undo_of_values(member, _attributes_of(member, names))
            for member in by_id.values()
        ]

    def undo() -> None:
        kept = {id(member) for member in before}
        for member in [one for one in collection if id(one) not in kept]:
            members.remove_member(collection, member)
        present = {id(member) for member in collection}
        for member in [one for one in before if id(one) not in present]:
            members.add_member(collection, member)
        for undo_key in undo_keys:
            undo_key()
        collection.sort_like(before)

    return undo


def _attributes_of(entity: Entity, names: Iterable[str]) -> list[str]:
    attributes = type(entity).__ftrack__.attributes
    return [name for name in names if name in attributes]
