"""The few ways anything is written to an entity, below its public attributes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ftrack_orm.entity.mapped import MappedValues
from ftrack_orm.entity.state import InstanceState
from ftrack_orm.types import NOT_LOADED, EntityKey

if TYPE_CHECKING:
    from ftrack_orm.entity.base import Entity

_object_setattr = object.__setattr__


def set_state(entity: Entity, state: InstanceState) -> None:
    """Give the entity another state."""
    _object_setattr(entity, "__ftrack_state__", state)


def own_state(entity: Entity) -> InstanceState:
    """Return a state that is the entity's alone, made if it shared one."""
    state = entity.__ftrack_state__
    if state.shared:
        state = state.own()
        set_state(entity, state)
    return state


def key_of(entity: Entity) -> EntityKey | None:
    """Return the entity's key, ``None`` while a part of it is missing."""
    values = vars(entity)
    names = type(entity).__ftrack__.key_names
    if len(names) == 1:  # nearly every type, and asked for every entity of a commit
        value = values.get(names[0])
        return None if value is None else (value,)
    key = tuple(values.get(name) for name in names)
    return None if None in key else key  # type: ignore[return-value] # None is excluded


def start_changes(entity: Entity) -> dict[str, Any]:
    """Return the entity's record of first committed values, begun if need be."""
    state = own_state(entity)
    if state.committed is None:
        state.committed = {}
    if state.owner is not None:
        state.owner.touch(entity)
    return state.committed


def record(entity: Entity, name: str, value: Any) -> None:
    """Keep the first committed value of an attribute, then set it.

    `NOT_LOADED` as the value forgets what was loaded.
    """
    committed = entity.__ftrack_state__.committed
    if committed is None:
        committed = start_changes(entity)
    if name not in committed:
        committed[name] = vars(entity).get(name, NOT_LOADED)
    if value is NOT_LOADED:
        vars(entity).pop(name, None)
    else:
        vars(entity)[name] = value


def record_content(entity: Entity, name: str, snapshot: Any) -> None:
    """Keep a copy of what a list or mapping held before it changes in place."""
    committed = entity.__ftrack_state__.committed
    if committed is None:
        committed = start_changes(entity)
    committed.setdefault(name, snapshot)


def restore_committed(entity: Entity) -> None:
    """Put every attribute back to its first committed value, in place."""
    state = entity.__ftrack_state__
    values = vars(entity)
    for name, committed in (state.committed or {}).items():
        current = values.get(name)
        if committed is NOT_LOADED:
            values.pop(name, None)
        elif isinstance(current, list) and isinstance(committed, list):
            list.__setitem__(current, slice(None), committed)
        elif isinstance(current, MappedValues) and isinstance(committed, dict):
            current.values_by_key = dict(committed)
        else:
            values[name] = committed
    if state.committed is not None:
        own_state(entity).committed = None
