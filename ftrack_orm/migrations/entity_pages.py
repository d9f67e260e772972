"""Read the entities of a frozen selection page by page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from ftrack_orm.entity.tracking import key_of
from ftrack_orm.migrations.selection import freeze_selection
from ftrack_orm.migrations.titles import title_projections
from ftrack_orm.query.keys import keyed
from ftrack_orm.select.pages import Pages
from ftrack_orm.types import EntityKey

if TYPE_CHECKING:
    from ftrack_orm.entity.entity import Entity
    from ftrack_orm.entity.type_info import TypeInfo
    from ftrack_orm.select.select import Select
    from ftrack_orm.session.core import SessionCore

E = TypeVar("E", bound="Entity")


@dataclass(slots=True)
class EntityPage(Generic[E]):
    """One page.

    Attributes:
        entities: the entities, in the order of the selection.
        extra: the rows of the extra queries.
    """

    entities: list[E]
    extra: list[list[dict[str, Any]]] = field(default_factory=list)


class EntityPages(Generic[E]):
    """The pages of a select whose keys are read first."""

    def __init__(
        self,
        core: SessionCore,
        select: Select[E],
        page: int,
        extra_queries: Callable[[Sequence[EntityKey]], list[str]] | None = None,
    ) -> None:
        """Store the arguments; nothing is sent.

        Args:
            core: the session.
            select: the select; the criteria are evaluated once.
            page: entities of one page.
            extra_queries: returns queries to send with those of a page of keys.
        """
        self._core = core
        self._select = select
        self._class: type[E] = select._class
        self._page = page
        self._extra_queries = extra_queries
        # Attributes that the pages before loaded late; the next ones load them at once.
        self._late: dict[str, None] = {}

    def __iter__(self) -> Iterator[EntityPage[E]]:
        type_info = self._class.__ftrack__
        selection = freeze_selection(self._core, self._select, type_info)
        try:
            for keys in selection.pages(self._page):
                yield self._fetch(type_info, keys)
        finally:
            selection.close()

    def _fetch(self, type_info: TypeInfo, keys: Sequence[EntityKey]) -> EntityPage[E]:
        core, group = self._core, self._core.new_group()
        query = replace(
            self._select._full_query(),
            criteria=keyed(type_info.primary_key, keys),
            order_by=(),
            offset=None,
            limit=None,
        )
        extra_names = [*title_projections(type_info), *self._late]
        texts = Pages.of(query, len(keys)).expressions(extra_names)
        extra = self._extra_queries(keys) if self._extra_queries is not None else []
        first, *others = core.fetch([*texts, *extra])
        entities = core.build_entities(first.rows, group, self._class)
        by_key = {key_of(entity): entity for entity in entities}
        page = EntityPage(
            [by_key[key] for key in keys if key in by_key],
            [other.rows for other in others],
        )
        # A generator continues after the entities were used, so their late attributes
        # are known by the time of the next page.
        self._group = group
        return page

    def finish_page(self) -> None:
        """Remember the attributes that the entities of the last page loaded late."""
        names = self._core.missing_projections(self._group, self._class)
        self._late.update(dict.fromkeys(names))


class Newcomers:
    """The entities that enter the memory of a session from now on."""

    def __init__(self, core: SessionCore) -> None:
        self._core = core
        tables = core.identity_map.tables
        self._sizes = {root: len(table) for root, table in tables.items()}

    def entities(self) -> Iterable[Entity]:
        """Return the entities that have entered and not left."""
        entities: list[Entity] = []
        for root, table in self._core.identity_map.tables.items():
            count = len(table) - self._sizes.get(root, 0)
            # A table is in the order in which entities entered.
            entities.extend(islice(reversed(table.values()), max(count, 0)))
        return entities[::-1]
