"""Read the custom attribute configurations in the request of a select."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from ftrack_orm.select.executor import PrefetchedPages, RawPage

if TYPE_CHECKING:
    from ftrack_orm.entity.entity import Entity
    from ftrack_orm.entity.state import LoadGroup
    from ftrack_orm.session.core import SessionCore

E = TypeVar("E", bound="Entity")


class FetchWithConfigurations:
    """A session as the executor of a select, whose first request reads more.

    A program that adds entities with custom attributes needs the configurations; with
    the query they need no request.
    """

    def __init__(self, core: SessionCore) -> None:
        """Store the session's internals; nothing is sent."""
        self._core = core
        self.page_size = core.page_size
        self.open_results = core.open_results

    def fetch(self, expressions: Sequence[str]) -> list[RawPage]:
        """Return one page of each expression, all requested together."""
        configurations = self._core.configurations
        if configurations.is_loaded:
            return self._core.fetch(expressions)
        *pages, page = self._core.fetch([*expressions, configurations.expression])
        configurations.store(page.rows)
        return pages

    def fetch_ahead(self, expressions: Sequence[str]) -> PrefetchedPages:
        """Start the request of `fetch` without waiting for its response."""
        return self._core.fetch_ahead(expressions)

    def build_entities(
        self, rows: list[dict[str, Any]], group: LoadGroup, entity_class: type[E]
    ) -> list[E]:
        """Return the rows as entities that load together with `group`."""
        return self._core.build_entities(rows, group, entity_class)

    def new_group(self) -> LoadGroup:
        """Return an empty group."""
        return self._core.new_group()

    def missing_projections(
        self, group: LoadGroup, entity_class: type[Any]
    ) -> list[str]:
        """Return the projections that entities of the group lacked so far."""
        return self._core.missing_projections(group, entity_class)
