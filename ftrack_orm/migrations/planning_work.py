"""The unit of work of a planning session, and the state of harvested entities."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ftrack_orm.entity.state import EntityState, InstanceState
from ftrack_orm.entity.tracking import set_state
from ftrack_orm.errors.planning import LateEditError
from ftrack_orm.unit_of_work.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from ftrack_orm.entity.entity import Entity
    from ftrack_orm.session.core import SessionCore


class PlanningWork(UnitOfWork):
    """Reports each edited entity, and refuses the edits of harvested ones.

    Attributes:
        late_edit: the first refused edit. A planning function that suppresses the error
            must not give a plan.
    """

    __slots__ = ("_on_touch", "late_edit")

    def __init__(self, on_touch: Callable[[Entity], None]) -> None:
        super().__init__()
        self._on_touch = on_touch
        self.late_edit: LateEditError | None = None

    def track(self, entity: Entity) -> None:
        """Track an entity.

        Raises:
            LateEditError: it was harvested.
        """
        self.require_open(entity)
        self._on_touch(entity)
        super().track(entity)

    def track_last(self, entity: Entity) -> None:
        """Track an entity as the latest change.

        Raises:
            LateEditError: it was harvested.
        """
        self.require_open(entity)
        self._on_touch(entity)
        super().track_last(entity)

    def require_open(self, entity: Entity) -> None:
        """Raise if an entity was harvested.

        Raises:
            LateEditError: it was.
        """
        state = entity.__ftrack_state__
        if state.state is EntityState.DETACHED and state.owner is not None:
            # The next edit must be refused, too.
            state.committed = None
            error = LateEditError(repr(entity))
            self.late_edit = self.late_edit or error
            raise error


def harvested_state(core: SessionCore) -> InstanceState:
    """Return the state that the harvested entities of a session share.

    They keep the session as owner, so that links may lead to them and that their edits
    reach `PlanningWork`.
    """
    return InstanceState(EntityState.DETACHED, core, shared=True)


def forget_entities(
    core: SessionCore, entities: list[Entity], state: InstanceState
) -> None:
    """Remove harvested entities from a session; their values stay.

    Args:
        core: the session.
        entities: the entities.
        state: the result of `harvested_state`.
    """
    core.relations.forget_moves(entities)
    for entity in entities:
        if entity.__ftrack_state__.state is EntityState.PENDING:
            core.configurations.remember_project(entity)
    for entity in entities:
        core.expunge(entity)
        set_state(entity, state)
