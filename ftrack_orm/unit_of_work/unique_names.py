"""Find names that one entity gives up and another takes in one commit (protocol 6.5).

A server refuses a second entity of one name below one parent. It checks each operation
of a batch separately, so the name has to be given up before it is taken.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from ftrack_orm.entity.state import EntityState
from ftrack_orm.types import NOT_LOADED, Reference
from ftrack_orm.unit_of_work.changes import Change, DeleteChange, UpdateChange

if TYPE_CHECKING:
    from ftrack_orm.entity.entity import Entity

_UNIQUE: Final = {
    "Asset": ("context_id", "name"),
    "Project": ("name",),
    "TypedContext": ("parent_id", "name"),
    "User": ("username",),
}
"""Attributes whose values together are unique, by base type."""

_ATTRIBUTES: Final = frozenset(name for names in _UNIQUE.values() for name in names)

_UniqueName: TypeAlias = tuple[Any, ...]
"""A base type and the values of its unique attributes."""


def name_predecessors(
    entities: Iterable[Entity], changes: Sequence[Change]
) -> dict[Reference, list[Reference]]:
    """Return, for entities that take a name, those that give it up in the same commit.

    Only reads its arguments; values that are not loaded are not compared.

    Args:
        entities: the entities with changes.
        changes: their changes.
    """
    entities = tuple(entities)
    # Nearly always false, and faster than looking at every entity.
    if not _may_pass_on_names(entities, changes):
        return {}
    old_names, new_names = _name_changes(entities)
    return {
        entity.reference: [old_names[name]]
        for name, entity in new_names
        if name in old_names and old_names[name] != entity.reference
    }


def _name_changes(
    entities: Iterable[Entity],
) -> tuple[dict[_UniqueName, Reference], list[tuple[_UniqueName, Entity]]]:
    """Return the names that entities give up, and those that entities take."""
    rules: dict[type[Entity], tuple[str, tuple[str, ...]] | None] = {}
    old_names: dict[_UniqueName, Reference] = {}
    new_names: list[tuple[_UniqueName, Entity]] = []
    for entity in entities:
        entity_class = type(entity)
        if entity_class not in rules:
            rules[entity_class] = _rule(entity_class)
        rule = rules[entity_class]
        if rule is None:
            continue
        before, after = _name_change(entity, *rule)
        if before is not None:
            old_names[before] = entity.reference
        if after is not None:
            new_names.append((after, entity))
    return old_names, new_names


def _may_pass_on_names(entities: Iterable[Entity], changes: Sequence[Change]) -> bool:
    """Return whether a name is given up and taken, below the same parent or not."""
    old_names: set[Any] = set()
    new_names: set[Any] = set()
    if any(type(change) is DeleteChange for change in changes):
        old_names.update(_names_before_removal(entities))
    keeps_names = _ATTRIBUTES.isdisjoint
    for change in changes:
        if type(change) is UpdateChange:
            if not keeps_names(change.values):
                before = change.before
                name = before.get("name", before.get("username", change.label))
                old_names.add(name)
                new_names.add(change.label)
        else:
            names = old_names if type(change) is DeleteChange else new_names
            names.add(change.label)
    return not old_names.isdisjoint(new_names)


def _names_before_removal(entities: Iterable[Entity]) -> Iterator[Any]:
    """Yield the names on the server of entities that were renamed, then deleted.

    The label of a deletion is the new name, which the commit does not send.
    """
    for entity in entities:
        state = entity.__ftrack_state__
        if state.state is EntityState.DELETED and state.committed:
            yield from map(state.committed.get, ("name", "username"))


def _rule(entity_class: type[Entity]) -> tuple[str, tuple[str, ...]] | None:
    """Return the base type and unique attributes of a class, ``None`` without any."""
    type_info = entity_class.__ftrack__
    for name, unique in _UNIQUE.items():
        if type_info.is_kind_of(name):
            return name, unique
    return None


def _name_change(
    entity: Entity, base_type: str, names: tuple[str, ...]
) -> tuple[_UniqueName | None, _UniqueName | None]:
    """Return the name that an entity gives up, and the one that it takes."""
    state = entity.__ftrack_state__
    committed = state.committed or {}
    values = vars(entity)
    match state.state:
        case EntityState.PENDING:
            return None, _unique_name(base_type, names, values)
        case EntityState.DELETED:
            return _unique_name(base_type, names, {**values, **committed}), None
        case EntityState.PERSISTENT if not committed.keys().isdisjoint(names):
            before = _unique_name(base_type, names, {**values, **committed})
            after = _unique_name(base_type, names, values)
            return (before, after) if before != after else (None, None)
        case _:
            return None, None


def _unique_name(
    base_type: str, names: tuple[str, ...], values: Mapping[str, Any]
) -> _UniqueName | None:
    parts = tuple(values.get(name, NOT_LOADED) for name in names)
    return None if NOT_LOADED in parts else (base_type, *parts)
