"""The entities of a session that have changes: added, modified and removed ones."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ftrack_orm.entity.state import EntityState

if TYPE_CHECKING:
    from ftrack_orm.entity.entity import Entity


class UnitOfWork:
    """The entities with changes to send, in the order of their first change.

    Entities are compared by identity, because a new one may have an incomplete key.
    """

    __slots__ = ("_tracked",)

    def __init__(self) -> None:
        self._tracked: dict[int, Entity] = {}

    def track(self, entity: Entity) -> None:
        """Track `entity`; an entity that is tracked already keeps its position."""
        self._tracked.setdefault(id(entity), entity)

    def track_last(self, entity: Entity) -> None:
        """Track `entity` as the latest change; an earlier position is dropped."""
        self._tracked.pop(id(entity), None)
        self._tracked[id(entity)] = entity

    def forget(self, entity: Entity) -> None:
        """Remove `entity`; does nothing when it is not tracked."""
        self._tracked.pop(id(entity), None)

    def clear(self) -> None:
        """Remove every entity."""
        self._tracked.clear()

    def __iter__(self) -> Iterator[Entity]:
        # A copy, as callers remove entities while they iterate.
        return iter(tuple(self._tracked.values()))

    def __len__(self) -> int:
        return len(self._tracked)

    def __contains__(self, entity: Entity) -> bool:
        return id(entity) in self._tracked

    def in_state(self, state: EntityState) -> list[Entity]:
        """Return the tracked entities in `state`, in order."""
        return [
            entity
            for entity in self._tracked.values()
            if entity.__ftrack_state__.state is state
        ]
