"""Record edits of entities and store values of the server.

An edit records the first committed value. A value of the server replaces that committed
value and not the edit. A change of a key updates the links and collections that depend
on it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from ftrack_orm.entity.state import NEW, EntityState, InstanceState
from ftrack_orm.entity.value_list import ValueList
from ftrack_orm.schema.attribute_kind import AttributeKind
from ftrack_orm.types import NOT_LOADED, EntityKey, Reference

if TYPE_CHECKING:
    from ftrack_orm.entity.attribute_info import AttributeInfo
    from ftrack_orm.entity.entity import Entity

_object_setattr = object.__setattr__


class _KeyEdits:
    """A counter of changed entity keys, by which indexes of keys notice a change."""

    count = 0


KEY_EDITS: Final = _KeyEdits()


def set_state(entity: Entity, state: InstanceState) -> None:
    """Set the state of an entity."""
    _object_setattr(entity, "__ftrack_state__", state)


def unshared_state(entity: Entity) -> InstanceState:
    """Return the state of an entity, which no other entity shares from now on."""
    state = entity.__ftrack_state__
    if state.shared:
        state = state.unshared()
        set_state(entity, state)
    return state


def is_new(entity: Entity) -> bool:
    """Return whether the server does not have the entity yet."""
    return entity.__ftrack_state__.state in NEW


def key_of(entity: Entity) -> EntityKey | None:
    """Return the key of an entity, ``None`` while a part of it is missing."""
    values = vars(entity)
    names = type(entity).__ftrack__.python_primary_key
    if len(names) == 1:  # fast path: most types, and every entity of a commit
        value = values.get(names[0])
        return None if value is None else (value,)
    key = tuple(values.get(name) for name in names)
    return None if None in key else key  # type: ignore[return-value] # None is excluded


def bare_key(entity: Entity) -> Any:
    """Return a key of one value as that value, a longer key as a tuple.

    An incomplete key gives a tuple with the `id` of the object.
    """
    key = key_of(entity)
    if key is None:
        return (id(entity),)
    return key[0] if len(key) == 1 else key


# -- edits -------------------------------------------------------------------------


def server_value(entity: Entity, name: str) -> Any:
    """Return the committed value of an attribute, `NOT_LOADED` if it is not loaded."""
    committed = entity.__ftrack_state__.committed
    if committed and name in committed:
        return committed[name]
    return vars(entity).get(name, NOT_LOADED)


def start_changes(entity: Entity) -> dict[str, Any]:
    """Return the first committed values of an entity; start tracking it if needed."""
    state = unshared_state(entity)
    if state.committed is None:
        state.committed = {}
    if state.owner is not None:
        state.owner.touch(entity)
    return state.committed


def start_relation_changes(entity: Entity) -> None:
    """Track an entity whose rows, members or stored targets change."""
    start_changes(entity)
    entity.__ftrack_state__.has_relation_changes = True


def record(entity: Entity, name: str, value: Any) -> None:
    """Record the first committed value of an attribute, then set the new value."""
    committed = entity.__ftrack_state__.committed
    if committed is None:
        committed = start_changes(entity)
    values = vars(entity)
    if name not in committed:
        before = values.get(name, NOT_LOADED)
        # A `ValueList` changes in place, so its committed content must be a copy.
        committed[name] = list(before) if type(before) is ValueList else before
    _put(values, name, value)


def record_watched(
    entity: Entity, attribute: AttributeInfo, value: Any, target: Entity | None = None
) -> None:
    """Record a value that links, collections or the entity's identity depend on.

    Args:
        entity: the entity.
        attribute: the watched attribute.
        value: the new value.
        target: the entity whose key is `value`, if the caller has it; the links store
            it as long as a lookup by key cannot return it.
    """
    name = attribute.name
    values = vars(entity)
    old = values.get(name, NOT_LOADED)
    is_key = name in type(entity).__ftrack__.python_primary_key
    old_key = bare_key(entity) if is_key else None
    record(entity, name, value)
    if is_key:
        KEY_EDITS.count += 1
    for link in type(entity).__ftrack__.links_by_foreign_key.get(name, ()):
        values.pop(link.name, None)
        if target is not None and _needs_stored_target(entity, target):
            store_target(entity, link, target)
    owner = entity.__ftrack_state__.owner
    if owner is not None:
        if is_key:
            owner.rekey(entity, old_key)
        owner.relations.record_move(entity, name, value)
        owner.relations.apply_key_change(entity, name, old, value)


def _needs_stored_target(entity: Entity, target: Entity) -> bool:
    """Return whether a lookup by key from `entity` would not return `target`."""
    state = entity.__ftrack_state__
    if state.owner is None:
        return True
    if target.__ftrack_state__.state is not EntityState.TRANSIENT:
        return False
    root = type(target).__ftrack__.root
    return bare_key(target) not in state.tables.get(root, ())


def store_target(entity: Entity, link: AttributeInfo, target: Entity) -> None:
    """Store the target of a link in the entity, if the link accepts its type."""
    if type(target).__ftrack__.is_kind_of(link.target_type):
        vars(entity)[link.name] = target
        unshared_state(entity).has_relation_changes = True


# -- values of the server ----------------------------------------------------------


def store(entity: Entity, name: str, value: Any) -> None:
    """Store a value of the server; it replaces the committed value of an edit."""
    committed = entity.__ftrack_state__.committed
    if committed and name in committed:
        committed[name] = value
        return
    values = vars(entity)
    old = values.get(name, NOT_LOADED)
    _put(values, name, value)
    if old != value:
        _update_relations(entity, name, old, value)


def _put(values: dict[str, Any], name: str, value: Any) -> None:
    """Set a value; a `ValueList` that callers may hold gets the new content."""
    current = values.get(name)
    if type(current) is ValueList and isinstance(value, list):
        current.set_content(value)
    else:
        values[name] = value


def unload_value(entity: Entity, name: str) -> None:
    """Unload the committed value of an attribute; an edit stays."""
    committed = entity.__ftrack_state__.committed
    if committed and name in committed:
        committed[name] = NOT_LOADED
        return
    old = vars(entity).pop(name, NOT_LOADED)
    if old is not NOT_LOADED:
        _update_relations(entity, name, old, NOT_LOADED)


def _update_relations(entity: Entity, name: str, old: Any, new: Any) -> None:
    attribute = type(entity).__ftrack__.attributes.get(name)
    owner = entity.__ftrack_state__.owner
    if attribute is not None and attribute.is_watched and owner is not None:
        for link in type(entity).__ftrack__.links_by_foreign_key.get(name, ()):
            vars(entity).pop(link.name, None)
        owner.relations.apply_key_change(entity, name, old, new)


def restore_committed(entity: Entity, names: Iterable[str] | None = None) -> None:
    """Restore the first committed values of attributes.

    Args:
        entity: the entity.
        names: Python names of the attributes; by default all changed ones.
    """
    committed = entity.__ftrack_state__.committed
    if not committed:
        return
    KEY_EDITS.count += 1
    values = vars(entity)
    for name in tuple(committed if names is None else names):
        if name not in committed:
            continue
        before = committed[name]
        old = values.get(name, NOT_LOADED)
        if before is NOT_LOADED:
            values.pop(name, None)
        else:
            _put(values, name, before)
        del committed[name]
        if old != before:
            _update_relations(entity, name, old, before)


# -- the keys and targets of links -------------------------------------------------


def link_key(entity: Entity, link: AttributeInfo) -> Any:
    """Return the bare key of a link's target.

    ``None`` for an empty link, `NOT_LOADED` if the key is not loaded.
    """
    values = vars(entity)
    holders = link.link_storage.holders
    if len(holders) == 1:
        return values.get(holders[0], NOT_LOADED)
    if not holders:
        value = values.get(link.name, NOT_LOADED)
        if isinstance(value, Reference):
            return value.key[0] if len(value.key) == 1 else value.key
        return NOT_LOADED if value is None and link.name not in values else value
    key = tuple(values.get(holder, NOT_LOADED) for holder in holders)
    if NOT_LOADED in key:
        return NOT_LOADED
    return None if None in key else key


def linked(entity: Entity, link: AttributeInfo) -> Any:
    """Return the target of a link, ``None`` if it is empty, or `NOT_LOADED`.

    Nothing is loaded: the target is stored in the entity or in the identity map.
    """
    stored = vars(entity).get(link.name)
    if stored is not None and not isinstance(stored, Reference):
        return stored
    key = link_key(entity, link)
    if key is None or key is NOT_LOADED:
        return key
    storage = link.link_storage
    if not storage.has_targets:
        return NOT_LOADED
    table = entity.__ftrack_state__.tables.get(storage.root)
    target = None if table is None else table.get(key)
    if target is None:
        return NOT_LOADED
    if not type(target).__ftrack__.is_kind_of(storage.target):
        return None
    return target


def store_targets(entity: Entity) -> None:
    """Store the targets of an entity's links before it leaves its session."""
    if not entity.__ftrack_state__.tables:
        return
    for attribute in type(entity).__ftrack__.relations:
        if attribute.kind is AttributeKind.LINK:
            target = linked(entity, attribute)
            if target is not None and target is not NOT_LOADED:
                vars(entity)[attribute.name] = target


def drop_stored_targets(entity: Entity) -> None:
    """Drop the stored targets that the session can look up by key."""
    values = vars(entity)
    names = [
        name for name, value in values.items() if hasattr(type(value), "__ftrack__")
    ]
    for name in names:
        target = values[name]
        owner = target.__ftrack_state__.owner
        link = type(entity).__ftrack__.attributes.get(name)
        if owner is None or owner is not entity.__ftrack_state__.owner or link is None:
            continue
        if link.link_storage.holders:
            del values[name]
        else:
            values[name] = target.reference
