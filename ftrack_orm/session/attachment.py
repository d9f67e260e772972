"""Add a new entity to a session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ftrack_orm.entity.collection import TrackedList
from ftrack_orm.entity.mapped import MAPPED_CLASSES, METADATA
from ftrack_orm.entity.members import adopt_members
from ftrack_orm.entity.state import EntityState, InstanceState
from ftrack_orm.entity.tracking import unshared_state
from ftrack_orm.errors.session import DetachedEntityError
from ftrack_orm.schema.attribute_kind import AttributeKind
from ftrack_orm.unit_of_work.apply import leave

if TYPE_CHECKING:
    from ftrack_orm.entity.entity import Entity
    from ftrack_orm.session.core import SessionCore


def add(core: SessionCore, entity: Entity) -> None:
    """Make a new entity pending; cancel the removal of one that was marked deleted.

    Raises:
        DetachedEntityError: the entity, or one it leads to, belongs to another
            session; nothing was changed.
        AttributeValueError: it has a custom attribute that is not configured; it was
            not added.
    """
    state = unshared_state(entity)
    if state.owner is core:
        if state.state is EntityState.DELETED:
            state.state = EntityState.PERSISTENT
        return
    if state.owner is not None or state.state is not EntityState.TRANSIENT:
        raise DetachedEntityError(repr(entity), "add it")
    for target in _targets(entity):
        owner = target.__ftrack_state__.owner
        if owner is not None and owner is not core:
            raise DetachedEntityError(repr(target), f"add {entity!r}")
    if _has_custom_attributes(entity):
        core.configure(entity)
    _attach(core, entity, state)


def _attach(core: SessionCore, entity: Entity, state: InstanceState) -> None:
    """Make a checked entity pending; detach it again if its members cannot follow."""
    state.state, state.owner = EntityState.PENDING, core
    state.tables = core.identity_map.tables
    core.identity_map.add(entity)
    release_links(entity)
    core.work.track(entity)
    core.relations.add_entity(entity)
    try:
        adopt_members(entity)
    except BaseException:
        core.work.forget(entity)
        core.relations.remove_entity(entity)
        core.identity_map.discard(entity)
        leave(entity)
        raise


def _targets(entity: Entity) -> list[Any]:
    targets: list[Any] = []
    for value in vars(entity).values():
        if type(value) is TrackedList:
            targets.extend(value)
        elif hasattr(type(value), "__ftrack__"):
            targets.append(value)
    return targets


def _has_custom_attributes(entity: Entity) -> bool:
    return any(
        type(value) in MAPPED_CLASSES and value.target != METADATA and value.edits
        for value in vars(entity).values()
    )


def release_links(entity: Entity) -> None:
    """Replace link targets by their keys, where the session can find or load them.

    A target held by its foreign key alone follows later changes of that key; an
    object in the link would not. A transient target has no place in the identity map
    and stays as an object.
    """
    values = vars(entity)
    for link in type(entity).__ftrack__.relations:
        target = values.get(link.name)
        if link.kind is not AttributeKind.LINK or target is None:
            continue
        if not hasattr(type(target), "__ftrack__"):
            continue
        if target.__ftrack_state__.state is EntityState.TRANSIENT:
            continue
        if link.link_storage.holders:
            del values[link.name]
        else:
            values[link.name] = target.reference
