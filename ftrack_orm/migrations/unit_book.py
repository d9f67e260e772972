"""Which entities share a unit, as `Planner.unit` groups them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeAlias

from ftrack_orm.entity.mapped import MappedValues
from ftrack_orm.entity.state import EntityState
from ftrack_orm.entity.tracking import unshared_state
from ftrack_orm.migrations.planned_change import PlannedEffect

if TYPE_CHECKING:
    from ftrack_orm.entity.entity import Entity

UnitId: TypeAlias = int
"""The number of a unit by the order in which it was opened."""


class UnitBook:
    """The units that a planning function opened, with their entities and effects.

    An entity outside of such a unit is a unit alone. An entity that is edited in two
    units joins them to one.

    Attributes:
        broken: the first error that left the block of a unit after some of its edits.
            A planning function that suppresses it must not give a plan.
    """

    def __init__(self) -> None:
        self.broken: BaseException | None = None
        self._last: UnitId = 0
        self._current: UnitId | None = None
        self._depth = 0
        # Edits of rows by `Values` show in no entity.
        self._touches = 0
        self._unit_of: dict[int, UnitId] = {}
        self._members: dict[UnitId, dict[int, Entity]] = {}
        self._effects: dict[UnitId, list[PlannedEffect]] = {}
        # Entities whose edits do not all pass `touch`: only the first edit of a scalar
        # does, and it may be older than the unit.
        self._watched: dict[int, tuple[Entity, Any]] = {}
        self._recent: dict[int, Entity] = {}

    # -- called by the planner -------------------------------------------------------

    @contextmanager
    def unit(self) -> Iterator[None]:
        """Put the edits of the block into one unit; a unit inside another joins it."""
        if self._depth == 0:
            self._current = self._next()
            self._watched = {}
            for entity in self._recent.values():
                self.watch(entity)
                _observe(entity)
            self._recent = {}
        before = self._edits_of_unit() if self._depth else {}
        self._depth += 1
        try:
            yield
        except BaseException as error:
            if self.broken is None and self._edits_of_unit() != before:
                self.broken = error
            raise
        finally:
            self._depth -= 1
            if self._depth == 0:
                self._close()

    def touch(self, entity: Entity) -> None:
        """Record the edit of an entity."""
        if self._current is None:
            self._recent[id(entity)] = entity
        else:
            self._touches += 1
            self._assign(entity, self._current)

    def watch(self, entity: Entity) -> None:
        """Compare the edits of an entity at the end of the current unit."""
        if self._current is None:
            self._recent[id(entity)] = entity
        elif id(entity) not in self._watched:
            self._watched[id(entity)] = (entity, _edits(entity))

    def add_effect(self, effect: PlannedEffect) -> None:
        """Add an effect to the current unit, or to a new one."""
        unit = self._current or self._next()
        self._effects.setdefault(unit, []).append(effect)

    # -- called by the harvest -------------------------------------------------------

    def unit_of(self, entity: Entity) -> UnitId | None:
        """Return the unit of an entity, ``None`` where it is alone."""
        return self._unit_of.get(id(entity))

    def is_open(self, unit: UnitId) -> bool:
        """Return whether the block of a unit has not ended yet."""
        return unit == self._current

    def members(self, unit: UnitId) -> list[Entity]:
        """Return the entities of a unit."""
        return list(self._members.get(unit, {}).values())

    def take_effects(
        self, units: Iterable[UnitId]
    ) -> dict[UnitId, list[PlannedEffect]]:
        """Remove and return the effects of `units`, and of units without entities."""
        ready = set(units)
        ready.update(unit for unit in self._effects if unit not in self._members)
        ready.discard(self._current or 0)
        return {
            unit: self._effects.pop(unit)
            for unit in sorted(ready)
            if unit in self._effects
        }

    def forget(self, entities: Iterable[Entity]) -> None:
        """Forget harvested entities."""
        for entity in entities:
            self._recent.pop(id(entity), None)
            self._watched.pop(id(entity), None)
            unit = self._unit_of.pop(id(entity), None)
            if unit is not None:
                members = self._members[unit]
                del members[id(entity)]
                if not members:
                    del self._members[unit]

    # -- internal --------------------------------------------------------------------

    def _next(self) -> UnitId:
        self._last += 1
        return self._last

    def _edits_of_unit(self) -> dict[int, tuple[Any, int]]:
        """Return the pending edits of the current unit, and the numbers of others.

        Entities that were not edited in it are left out.
        """
        unit = self._current or 0
        edits = {
            identity: (_edits(entity), self._touches)
            for identity, entity in self._members.get(unit, {}).items()
        }
        for identity, (entity, former) in self._watched.items():
            if (now := _edits(entity)) != former:
                edits[identity] = (now, self._touches)
        if unit in self._effects:
            edits[0] = (len(self._effects[unit]), 0)
        return edits

    def _close(self) -> None:
        for entity, before in self._watched.values():
            if self._current is not None and _edits(entity) != before:
                self._assign(entity, self._current)
        for entity in self._members.get(self._current or 0, {}).values():
            _observe(entity)
        self._watched = {}
        self._current = None

    def _assign(self, entity: Entity, unit: UnitId) -> None:
        earlier = self._unit_of.get(id(entity))
        if earlier == unit:
            return
        if earlier is not None:
            self._join(earlier, unit)
            return
        self._unit_of[id(entity)] = unit
        self._members.setdefault(unit, {})[id(entity)] = entity

    def _join(self, earlier: UnitId, later: UnitId) -> None:
        """Make an earlier unit part of a later one."""
        members = self._members.pop(earlier)
        self._members.setdefault(later, {}).update(members)
        for identity in members:
            self._unit_of[identity] = later
        effects = self._effects.pop(earlier, [])
        if effects:
            self._effects[later] = [*effects, *self._effects.get(later, [])]


def _observe(entity: Entity) -> None:
    """Let the next edit of a new entity pass `touch` again."""
    if entity.__ftrack_state__.state is EntityState.PENDING:
        # A new entity is sent whole, so the values before its edits are not needed.
        unshared_state(entity).committed = None


def _edits(entity: Entity) -> Any:
    """Return the pending edits of an entity, to compare them later."""
    values = vars(entity)
    committed = entity.__ftrack_state__.committed or ()
    scalars = {name: _copied(values.get(name)) for name in committed}
    rows = {
        name: {key: _copied(edit) for key, edit in value.edits.items()}
        for name, value in values.items()
        if type(value) is MappedValues and value.edits
    }
    return entity.__ftrack_state__.state, scalars, rows


def _copied(value: Any) -> Any:
    return list(value) if isinstance(value, list) else value
