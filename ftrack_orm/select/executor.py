"""Protocols of the session as a select uses it: fetch pages and build entities."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from ftrack_orm.lazy_dataclass import lazy_dataclass

if TYPE_CHECKING:
    from ftrack_orm.entity.attribute_info import AttributeInfo
    from ftrack_orm.entity.entity import Entity
    from ftrack_orm.entity.state import LoadGroup
    from ftrack_orm.query import ast
    from ftrack_orm.select.open_results import OpenResults

E = TypeVar("E", bound="Entity")


@lazy_dataclass(frozen=True, slots=True)
class RawPage:
    """One page of a response: rows of JSON and the offset of the next page."""

    rows: list[dict[str, Any]]
    next_offset: int | None


class PrefetchedPages(Protocol):
    """Pages that were requested before they are needed."""

    def result(self) -> list[RawPage]:
        """Wait for the pages and return them; an interrupted wait can be repeated.

        Raises:
            SessionClosedError: the session was closed meanwhile.
            TransportError, ServerError: the request failed.
        """
        ...


class PageSource(Protocol):
    """Fetches the pages of a result and builds its entities."""

    page_size: int
    open_results: OpenResults

    def fetch(self, expressions: Sequence[str]) -> list[RawPage]:
        """Return one page of each expression, all requested together."""
        ...

    def fetch_ahead(self, expressions: Sequence[str]) -> PrefetchedPages:
        """Start the request of `fetch` without waiting for its response."""
        ...

    def build_entities(
        self, rows: list[dict[str, Any]], group: LoadGroup, entity_class: type[E]
    ) -> list[E]:
        """Return the rows as entities that load together with `group`."""
        ...

    def new_group(self) -> LoadGroup:
        """Return an empty group."""
        ...

    def missing_projections(
        self, group: LoadGroup, entity_class: type[Any]
    ) -> list[str]:
        """Return the projections that entities of the group lacked so far."""
        ...


class QueryExecutor(PageSource, Protocol):
    """Runs queries for selects."""

    def with_stored_values(
        self, query: ast.Query, attribute: AttributeInfo
    ) -> PageSource:
        """Return a source whose first request also reads the stored values.

        Args:
            query: the keys of all entities.
            attribute: the custom attributes of the entities.
        """
        ...
