"""Names that one change gives up and another one takes (protocol 6.5).

A server refuses a second entity of one name below one parent, and checks each operation
of a batch by itself: the name has to be given up before it is taken.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
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
"""Attributes whose values together belong to one entity only, by base type."""

_ATTRIBUTES: Final = frozenset(name for names in _UNIQUE.values() for name in names)

_Place: TypeAlias = tuple[Any, ...]


def name_predecessors(
    entities: Iterable[Entity], changes: Sequence[Change]
) -> dict[Reference, list[Reference]]:
    """Return, for entities that take a name, those that give it up in the same commit.

    Reads its arguments only; values that are not loaded are not compared.

    Args:
        entities: the entities with changes.
        changes: their changes.
    """
    if not _may_pass_on_names(changes):
        return {}
    kinds: dict[type[Entity], tuple[str, tuple[str, ...]] | None] = {}
    given_up: dict[_Place, Reference] = {}
    taken: list[tuple[_Place, Entity]] = []
    for entity in entities:
        entity_class = type(entity)
        if entity_class not in kinds:
            kinds[entity_class] = _kind(entity_class)
        kind = kinds[entity_class]
        if kind is None:
            continue
        before, after = _places(entity, *kind)
        if before is not None:
            given_up[before] = entity.reference
        if after is not None:
            taken.append((after, entity))
    if not given_up:
        return {}
    return {
        entity.reference: [given_up[place]]
        for place, entity in taken
        if place in given_up and given_up[place] != entity.reference
    }


def _may_pass_on_names(changes: Sequence[Change]) -> bool:
    """Return whether one name is given up and taken, below whichever parents."""
    given_up: set[Any] = set()
    taken: set[Any] = set()
    for change in changes:
        if type(change) is UpdateChange:
            if not _ATTRIBUTES.isdisjoint(change.values):
                before = change.before
                name = before.get("name", before.get("username", change.label))
                given_up.add(name)
                taken.add(change.label)
        else:
            (given_up if type(change) is DeleteChange else taken).add(change.label)
    return not given_up.isdisjoint(taken)


def _kind(entity_class: type[Entity]) -> tuple[str, tuple[str, ...]] | None:
    type_info = entity_class.__ftrack__
    for name, unique in _UNIQUE.items():
        if type_info.is_kind_of(name):
            return name, unique
    return None


def _places(
    entity: Entity, kind: str, names: tuple[str, ...]
) -> tuple[_Place | None, _Place | None]:
    """Return the name that an entity gives up, and the one that it takes."""
    state = entity.__ftrack_state__
    committed = state.committed or {}
    values = vars(entity)
    match state.state:
        case EntityState.PENDING:
            return None, _place(kind, names, values)
        case EntityState.DELETED:
            return _place(kind, names, {**values, **committed}), None
        case EntityState.PERSISTENT if not committed.keys().isdisjoint(names):
            before = _place(kind, names, {**values, **committed})
            after = _place(kind, names, values)
            return (before, after) if before != after else (None, None)
        case _:
            return None, None


def _place(
    kind: str, names: tuple[str, ...], values: Mapping[str, Any]
) -> _Place | None:
    place = tuple(values.get(name, NOT_LOADED) for name in names)
    return None if NOT_LOADED in place else (kind, *place)
