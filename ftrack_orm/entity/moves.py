"""Find members that an uncommitted edit of the session has given to an owner."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ftrack_orm.entity.state import EntityState

if TYPE_CHECKING:
    from ftrack_orm.entity.entity import Entity
    from ftrack_orm.entity.relation_storage import ReverseStorage


def is_moved_here(member: Entity, storage: ReverseStorage, key: Any) -> bool:
    """Return whether an uncommitted edit, not the server, made an entity a member."""
    state = member.__ftrack_state__
    if state.state is EntityState.PENDING:
        return True
    committed = state.committed or {}
    return storage.remote in committed and vars(member).get(storage.remote) == key


def moves_to(owner: Entity, storage: ReverseStorage, key: Any) -> list[Any]:
    """Return the entities that uncommitted edits have moved to an owner's key."""
    session = owner.__ftrack_state__.owner
    return [] if session is None else list(session.relations.moves_to(storage, key))
