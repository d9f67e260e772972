"""After a commit: the only place where committed values are written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from ftrack_orm.entity.tracking import own_state, restore_committed, set_state
from ftrack_orm.entity.relations import leave_collections
from ftrack_orm.entity.state import (
    DETACHED,
    Batch,
    EntityState,
    InstanceState,
    Owner,
)

if TYPE_CHECKING:
    from ftrack_orm.entity.base import Entity
    from ftrack_orm.unit_of_work.identity_map import IdentityMap
    from ftrack_orm.unit_of_work.unit_of_work import UnitOfWork


def apply_results(
    work: UnitOfWork,
    identity_map: IdentityMap,
    owner: Owner,
    results: Sequence[Any],
    merge: Callable[[list[Any]], object],
) -> None:
    """Make memory what the server now has, after every operation has succeeded.

    Args:
        work: the entities whose changes were sent; it is empty afterwards.
        identity_map: gains the created entities and loses the deleted ones.
        owner: the session, as entities see it.
        results: the data of the replies, in the order of the operations.
        merge: takes the data of entities into memory.
    """
    batch = Batch()
    created = InstanceState(EntityState.PERSISTENT, owner, batch, shared=True)
    for entity in work:
        match entity.__ftrack_state__.state:
            case EntityState.PENDING:
                set_state(entity, created)
                identity_map.add(entity)
                batch.members.setdefault(type(entity), []).append(entity)
            case EntityState.DELETED:
                leave_collections(entity)
                identity_map.discard(entity)
                set_state(entity, DETACHED)
            case _:
                own_state(entity).committed = None
    work.clear()
    merge([data for data in results if isinstance(data, dict)])


def detach(entity: Entity, work: UnitOfWork, identity_map: IdentityMap) -> None:
    """Make an entity nobody's: it keeps its values and loads no more."""
    work.forget(entity)
    if entity.__ftrack_state__.state is EntityState.PENDING:
        set_state(entity, InstanceState(EntityState.TRANSIENT))
        return
    identity_map.discard(entity)
    set_state(entity, DETACHED)


def roll_back(work: UnitOfWork, entities: Iterable[Entity] | None = None) -> None:
    """Put entities back to what was committed.

    New ones leave the session and keep their values, removed ones stay, changed ones
    get their committed values back.

    Args:
        work: loses the entities.
        entities: which ones; every tracked one when not given.
    """
    for entity in tuple(work if entities is None else entities):
        state = own_state(entity)
        if state.state is EntityState.PENDING:
            state.state = EntityState.TRANSIENT
            state.owner = None
            state.committed = None
        else:
            restore_committed(entity)
            if state.state is EntityState.DELETED:
                state.state = EntityState.PERSISTENT
        work.forget(entity)
