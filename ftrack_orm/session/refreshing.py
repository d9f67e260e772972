"""Reading an entity anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ftrack_orm.entity.tracking import own_state, restore_committed
from ftrack_orm.entity.state import EntityState
from ftrack_orm.errors import DetachedEntityError, NotLoadedError

if TYPE_CHECKING:
    from ftrack_orm.entity.base import Entity
    from ftrack_orm.session.workspace import Workspace


def refresh(space: Workspace, entity: Entity) -> None:
    """Forget local edits and what was loaded, and load the stored scalars.

    When that fails the entity is as it was, without its local edits.

    Raises:
        DetachedEntityError: the entity is not the session's, or not committed yet.
        NotLoadedError: the server no longer has it.
    """
    state = own_state(entity)
    if state.owner is not space or state.state is EntityState.PENDING:
        raise DetachedEntityError(repr(entity), "refresh it")
    restore_committed(entity)
    state.state = EntityState.PERSISTENT
    space.work.forget(entity)
    values = vars(entity)
    before = dict(values)
    info = type(entity).__ftrack__
    for name in before.keys() - set(info.key_names):
        del values[name]
    try:
        space.lazy.load_scalars([entity])
    except BaseException:
        values.update(before)
        raise
    lacking = [one for one in info.stored_scalars if one.name not in values]
    if lacking:
        values.update(before)
        raise NotLoadedError(
            repr(entity), lacking[0].name, "The server no longer has the entity."
        )
