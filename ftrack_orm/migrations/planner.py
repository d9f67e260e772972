"""`Planner`, the argument of a planning function: reads entities and collects edits."""

from __future__ import annotations

import weakref
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Final, ParamSpec, TypeVar, cast, overload

from ftrack_orm.migrations.copying import copied
from ftrack_orm.migrations.entity_pages import EntityPages
from ftrack_orm.migrations.index import Index
from ftrack_orm.migrations.planned_effects import planned_effect
from ftrack_orm.migrations.planned_select import reporting_select
from ftrack_orm.migrations.planning_core import PlanningCore
from ftrack_orm.migrations.titles import title_of
from ftrack_orm.migrations.values import Values
from ftrack_orm.query.criterion import Criterion
from ftrack_orm.query.path import Path
from ftrack_orm.session.session import Session

if TYPE_CHECKING:
    from ftrack_orm.entity.entity import Entity
    from ftrack_orm.select.select import Select

E = TypeVar("E", bound="Entity")
K1 = TypeVar("K1")
K2 = TypeVar("K2")
V = TypeVar("V")
P = ParamSpec("P")

PAGE: int = 500
"""Entities of one page of `Planner.each`."""

_LATEST: Final = 5_000
"""The latest entities whose stored values are read together for copies."""


class Planner:
    """Reads entities and collects the edits of a planning function.

    Entities are edited as in any session; nothing is sent. `make_plan` creates the
    planner and passes it to the function.
    """

    def __init__(self, core: PlanningCore) -> None:
        self._planning = core
        self._select = reporting_select(core.note_select)
        self._yielded: deque[weakref.ref[Entity]] = deque(maxlen=_LATEST)

    @property
    def session(self) -> Session:
        """Return the session of the plan, which refuses every write."""
        return self._planning.session

    # -- reading -------------------------------------------------------------------

    def select(self, entity_class: type[E]) -> Select[E]:
        """Return a query for entities of a class, as `Session.select` does."""
        select = self.session.select(entity_class)
        return self._select._of(select._executor, select._class)

    def find(self, entity_class: type[E], *criteria: Criterion) -> E:
        """Return the only entity that matches; it is read once.

        Raises:
            NoResultError: there is none.
            MultipleResultsError: there are several.
        """
        select = self.select(entity_class).where(*criteria)
        found = self._planning.found
        entity = found.get(select.expression)
        if entity is None:
            entity = found[select.expression] = select.one()
            self._planning.pin(entity)
        self._planning.book.watch(entity)
        return cast(E, entity)

    def each(self, select: Select[E], *, page: int = PAGE) -> Iterator[E]:
        """Yield the entities of a select; their number needs no memory.

        The keys are read first, so that edits do not change which entities are
        reached. The entities are read page by page. When the loop leaves a page, its
        edits are taken into the plan and its entities are forgotten: they keep their
        values, and a later edit raises `LateEditError`.

        Args:
            select: the entities. Its criteria are evaluated once.
            page: entities of one page.
        """
        planning = self._planning
        planning.note_select(select)
        pages = EntityPages(planning.core, select, page)
        with planning.page_loop() as loop:
            for current in pages:
                self._yielded.extend(weakref.ref(each) for each in current.entities)
                for entity in current.entities:
                    planning.book.watch(entity)
                    yield entity
                pages.finish_page()
                loop.end_page()

    @overload
    def index(self, select: Select[E], key: Path[K1], /) -> Index[K1, E]: ...
    @overload
    def index(
        self, select: Select[E], key: Path[K1], second: Path[K2], /
    ) -> Index[tuple[K1, K2], E]: ...
    def index(self, select: Select[E], /, *keys: Path[Any]) -> Index[Any, E]:
        """Return the entities of a select by the values of one or two attributes.

        They stay in memory and can be edited until the function ends.
        """
        self._planning.note_select(select)
        deep = [path for path in keys if len(path._steps) > 1]
        select = select.load(*deep) if deep else select
        entities: list[E] = []
        for page in EntityPages(self._planning.core, select, PAGE):
            entities += page.entities
        self._planning.pin(*entities)
        return Index(entities, keys, self._add_pinned, self._planning.book.watch)

    def values(self, key: str, of: type[Entity], kind: type[V]) -> Values[V]:
        """Return the values of the custom attributes with a key.

        Args:
            key: the key.
            of: the class of the owners.
            kind: ``str``, ``float``, ``int``, ``bool``, ``datetime`` or ``list[str]``.

        Raises:
            ValueKindError: there is no such custom attribute, or its values are of
                another kind.
        """
        self.session._core.use(of)
        values = Values(self._planning.rows, key, of, kind)
        self._planning.rows.register(values.configurations)
        return values

    # -- writing -------------------------------------------------------------------

    def add(self, entity: E) -> E:
        """Plan the creation of a new entity, and return it."""
        self.session.add(entity)
        return entity

    def copy(self, source: E, *, leave_out: Sequence[Path[Any]] = ()) -> E:
        """Plan the creation of a copy of an entity, and return the copy.

        It has the writable attributes, custom attributes and metadata of the source.
        Set another name or parent before the page ends.

        Args:
            source: the entity.
            leave_out: attributes that the copy does not take.

        Raises:
            PlanningError: the page of the source was forgotten, and an attribute was
                not loaded.
        """
        names = {path._steps[-1].name for path in leave_out}
        return self.add(copied(self._planning.core, source, names, self._latest))

    def remove(self, entity: Entity) -> None:
        """Plan the deletion of an entity.

        Raises:
            LateEditError: the entity was taken into the plan before.
        """
        self._planning.work.require_open(entity)
        self.session.remove(entity)

    def unit(self) -> AbstractContextManager[None]:
        """Put the edits of the block into one unit, which is applied whole or not.

        Without it each entity, with its rows, is a unit. A block that an error leaves
        after some of its edits gives no plan, even if the error is caught.
        """
        return self._planning.book.unit()

    def skip(self, entity: Entity, reason: str) -> None:
        """Report an entity that the plan leaves as it is."""
        entity_type, key = entity.reference
        text = ",".join(map(str, key))
        self._planning.file.add_skipped(entity_type, text, title_of(entity), reason)

    def effect(
        self, step: Callable[P, None], /, *args: P.args, **kwargs: P.kwargs
    ) -> None:
        """Call a function when the plan is applied, before its unit is sent.

        It is not called while planning. It must do no harm when it is repeated. In a
        block of `unit` it belongs to the unit of the block; elsewhere it is a unit of
        its own, which may be sent after those of the page.

        Args:
            step: a function at the top level of a module.
            *args: JSON values.
            **kwargs: JSON values.

        Raises:
            PlanningError: the function or an argument cannot be stored.
        """
        self._planning.book.add_effect(planned_effect(step, args, kwargs))

    def _latest(self) -> Iterator[Entity]:
        """Yield the entities of the latest pages that are in use."""
        for reference in self._yielded:
            entity = reference()
            if entity is not None:
                yield entity

    def _add_pinned(self, entity: E) -> E:
        self._planning.pin(entity)
        return self.add(entity)
