"""The internals of a planner: edited, pinned and harvested entities."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, TypeVar

from ftrack_orm.entity.state import EntityState
from ftrack_orm.entity.tracking import bare_key
from ftrack_orm.migrations.before_values import Stored, store_rows, stored_expression
from ftrack_orm.migrations.earlier_runs import EarlierRuns
from ftrack_orm.migrations.entity_pages import EntityPages, Newcomers
from ftrack_orm.migrations.harvest import Harvester, Pending, owners_of
from ftrack_orm.migrations.plan_file import PlanFile
from ftrack_orm.migrations.planned_change import Missing
from ftrack_orm.migrations.planning_session import open_planning_session
from ftrack_orm.migrations.planning_work import forget_entities, harvested_state
from ftrack_orm.migrations.unit_book import UnitBook
from ftrack_orm.migrations.wire_values import WireValues
from ftrack_orm.query import ast
from ftrack_orm.session.session import Session
from ftrack_orm.types import EntityKey
from ftrack_orm.unit_of_work.changes import Change
from ftrack_orm.unit_of_work.plan import FlushPlan
from ftrack_orm.unit_of_work.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from ftrack_orm.entity.custom_rows import Configuration
    from ftrack_orm.entity.entity import Entity
    from ftrack_orm.select.select import Select
    from ftrack_orm.session.core import SessionCore

E = TypeVar("E", bound="Entity")

PAGE: Final = 500

_OF_PROJECTS: Final = ("Context", "Asset", "AssetVersion", "Note", "Component")


class PlanningCore:
    """The parts of a planner, wired together.

    Attributes:
        session: the planning session.
        core: its internals.
        work: its unit of work.
        transport: its transport.
        file: the plan file.
        book: the units.
        rows: edits of custom values.
        found: the entities of `Planner.find` by expression.
        harvester: writes the plan.
    """

    def __init__(
        self, session: Session, file: PlanFile, earlier: EarlierRuns | None = None
    ) -> None:
        self.book = UnitBook()
        self.session, self.work, self.transport = open_planning_session(
            session, self.book.touch
        )
        self.core = self.session._core
        self.file = file
        self.rows = RowStore(self)
        self.found: dict[str, Any] = {}
        self.harvester = Harvester(self.core, file, earlier)
        self.selects_everything = False
        self._pinned: dict[int, Entity] = {}
        self._harvested = harvested_state(self.core)

    def pin(self, *entities: Entity) -> None:
        """Keep entities in memory until the plan is made."""
        self._pinned.update((id(entity), entity) for entity in entities)

    def note_select(self, select: Select[Any]) -> None:
        """Record a select whose entities the function walks through."""
        query: ast.Query = select._query
        type_info = select._class.__ftrack__
        is_bounded = query.criteria is not None or query.limit is not None
        if not is_bounded and any(map(type_info.is_kind_of, _OF_PROJECTS)):
            self.selects_everything = True

    @contextmanager
    def page_loop(self) -> Iterator[PageLoop]:
        """Return the loop over pages that starts now."""
        loop = PageLoop(self)
        try:
            yield loop
        finally:
            loop.close()

    # -- harvest -------------------------------------------------------------------

    def harvest_page(self, entities: Iterable[Entity]) -> None:
        """Take the edits of entities into the plan and forget the entities.

        Pinned entities, and those that share a unit with one, stay.
        """
        ready = {
            id(entity): entity for entity in entities if id(entity) not in self._pinned
        }
        for entity in tuple(ready.values()):
            unit = self.book.unit_of(entity)
            if unit is None:
                continue
            members = self.book.members(unit)
            is_whole = all(id(member) in ready for member in members)
            if self.book.is_open(unit) or not is_whole:
                for member in members:
                    ready.pop(id(member), None)
        self._harvest(ready)
        leaving = list(ready.values())
        self.book.forget(leaving)
        self.rows.forget(leaving)
        forget_entities(self.core, leaving, self._harvested)

    def harvest_all(self) -> None:
        """Take all edits into the plan; the function has ended."""
        edited = [*self.work, *self.rows.owners()]
        self._harvest({id(entity): entity for entity in edited})

    def _harvest(self, ready: dict[int, Entity]) -> None:
        """Take the edits of entities into the plan.

        Adds the new entities to `ready` that these refer to.
        """
        plan = self._flush_plan(ready)
        while self._add_needed_creates(plan, ready):
            plan = self._flush_plan(ready)
        units = {
            bare_key(entity): unit
            for entity in ready.values()
            if (unit := self.book.unit_of(entity)) is not None
        }
        effects = self.book.take_effects(units.values())
        if plan or effects:
            owners = owners_of(ready.values())
            self.harvester.harvest(
                Pending(plan, owners, units, effects, self.rows.stored_values)
            )

    def _flush_plan(self, ready: dict[int, Entity]) -> FlushPlan:
        part = UnitOfWork()
        for entity in self.work:
            if id(entity) in ready:
                part.track(entity)
        self.core.configurations.follow_owners(part.in_state(EntityState.PENDING))
        changes = self.rows.changes(ready.values())
        if not part and not changes:
            return FlushPlan()
        return self.core.committer.plan_of(part, changes)

    def _add_needed_creates(self, plan: FlushPlan, ready: dict[int, Entity]) -> bool:
        """Add the new entities that a plan refers to and lacks."""
        new = {
            bare_key(entity): entity
            for entity in self.work.in_state(EntityState.PENDING)
            if id(entity) not in ready
        }
        if not new:
            return False
        needed = [new[key] for key in _mentioned(plan) if key in new]
        for entity in needed:
            unit = self.book.unit_of(entity)
            members = [entity] if unit is None else self.book.members(unit)
            ready.update((id(member), member) for member in members)
        return bool(needed)


class PageLoop:
    """One loop over the pages of a select.

    The entities that enter memory while a page is current leave it with the page.
    """

    def __init__(self, planning: PlanningCore) -> None:
        self._planning = planning
        self._newcomers = Newcomers(planning.core)

    def end_page(self) -> None:
        """Harvest and forget the entities of the page that ends."""
        self._planning.harvest_page(self._newcomers.entities())
        self._newcomers = Newcomers(self._planning.core)

    def close(self) -> None:
        """End the loop; the entities of a page that was left early stay."""


class RowStore:
    """Stored custom values, and edits of them that `Values` makes.

    Attributes:
        core: the internals of the planning session.
        stored_values: the stored values that are known, of the current pages.
    """

    def __init__(self, planning: PlanningCore) -> None:
        self._planning = planning
        self.core: SessionCore = planning.core
        self.stored_values: Stored = {}
        self._wire = WireValues(self.core.models.primary_key)
        self._edits: dict[int, tuple[Entity, dict[EntityKey, Change]]] = {}
        self._configurations: dict[str, None] = {}

    def register(self, configurations: Iterable[Configuration]) -> None:
        """Read the values of configurations together with those of others."""
        self._configurations.update((item.id, None) for item in configurations)

    # -- as `Values` sees it -------------------------------------------------------

    def stored(
        self, owners: Select[E], configurations: Sequence[str]
    ) -> Iterator[tuple[E, dict[EntityKey, Any]]]:
        """Yield the owners with a stored value, and all known stored values."""
        planning = self._planning
        planning.note_select(owners)
        every = list(self._configurations)

        def expressions(keys: Sequence[EntityKey]) -> list[str]:
            return [stored_expression(every, [key[0] for key in keys])]

        pages = EntityPages(self.core, owners, PAGE, expressions)
        with planning.page_loop() as loop:
            for page in pages:
                found = self._store_page(page.entities, page.extra, every)
                for entity in page.entities:
                    key = entity.reference.key[0]
                    if any((item, key) in found for item in configurations):
                        planning.book.watch(entity)
                        yield entity, found
                pages.finish_page()
                loop.end_page()

    def _store_page(
        self, entities: Sequence[Entity], extra: Sequence[Any], every: Sequence[str]
    ) -> dict[EntityKey, Any]:
        found: Stored = {}
        for rows in extra:
            store_rows(self.core, rows, found, self._wire)
        for entity in entities:
            for item in every:
                key = (item, entity.reference.key[0])
                self.stored_values[key] = found.get(key, Missing.UNSET)
        return dict(found)

    def effective(self, owners: Select[E]) -> Iterator[E]:
        """Yield the owners, their custom attributes loaded."""
        planning = self._planning
        planning.note_select(owners)
        path: Any = getattr(owners._class, "custom_attributes")  # noqa: B009 - untyped
        pages = EntityPages(self.core, owners.load(path), PAGE)
        with planning.page_loop() as loop:
            for page in pages:
                for entity in page.entities:
                    planning.book.watch(entity)
                    yield entity
                pages.finish_page()
                loop.end_page()

    def edit_row(self, owner: Entity, change: Change) -> None:
        """Record the change of a row of `owner`; it replaces an earlier one.

        Raises:
            LateEditError: the owner was harvested.
        """
        self._planning.work.require_open(owner)
        self._planning.book.touch(owner)
        edits = self._edits.setdefault(id(owner), (owner, {}))[1]
        edits[change.reference.key] = change

    # -- as the harvest sees it ----------------------------------------------------

    def owners(self) -> list[Entity]:
        """Return the entities whose rows were edited."""
        return [owner for owner, _ in self._edits.values()]

    def changes(self, entities: Iterable[Entity]) -> list[Change]:
        """Return the changes of the rows of entities."""
        return [
            change
            for entity in entities
            if id(entity) in self._edits
            for change in self._edits[id(entity)][1].values()
        ]

    def forget(self, entities: Iterable[Entity]) -> None:
        """Forget the edits and the stored values of harvested entities."""
        for entity in entities:
            self._edits.pop(id(entity), None)
            for item in self._configurations:
                self.stored_values.pop((item, bare_key(entity)), None)


def _mentioned(plan: FlushPlan) -> Iterator[Any]:
    """Yield the values of a plan that may be keys of other entities."""
    for change in plan.changes:
        yield from change.reference.key
        values = getattr(change, "values", None) or {}
        for value in values.values():
            parts = value if isinstance(value, tuple) else (value,)
            for part in parts:
                if hasattr(part, "key"):
                    yield from part.key
                elif isinstance(part, str):
                    yield part
