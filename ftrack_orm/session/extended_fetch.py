"""Read more than the rows of a select in its first request."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from ftrack_orm.select.executor import PageSource, PrefetchedPages, RawPage

if TYPE_CHECKING:
    from ftrack_orm.entity.attribute_info import AttributeInfo
    from ftrack_orm.entity.entity import Entity
    from ftrack_orm.entity.state import LoadGroup
    from ftrack_orm.query import ast
    from ftrack_orm.session.core import SessionCore
    from ftrack_orm.session.custom_attribute_configurations import Configurations

E = TypeVar("E", bound="Entity")

Rows: TypeAlias = list[dict[str, Any]]


class ExtendedFetch:
    """A session as the executor of a select, whose first request reads more.

    Attributes:
        page_size: rows of one page.
        open_results: the session's results with pages left.
    """

    def __init__(self, core: SessionCore) -> None:
        """Store the session's internals; nothing is sent."""
        self._core = core
        self.page_size = core.page_size
        self.open_results = core.open_results

    @abstractmethod
    def _extra_expressions(self) -> list[str]:
        """Return the further queries of the next request."""

    @abstractmethod
    def _store_extra(self, results: list[Rows]) -> None:
        """Store the rows of the further queries."""

    def fetch(self, expressions: Sequence[str]) -> list[RawPage]:
        """Return one page of each expression, all requested together."""
        extra = self._extra_expressions()
        pages = self._core.fetch([*expressions, *extra])
        if extra:
            self._store_extra([page.rows for page in pages[len(expressions) :]])
        return pages[: len(expressions)]

    def fetch_ahead(self, expressions: Sequence[str]) -> PrefetchedPages:
        """Start the request of `fetch` without waiting for its response."""
        return self._core.fetch_ahead(expressions)

    def build_entities(
        self, rows: Rows, group: LoadGroup, entity_class: type[E]
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

    def with_stored_values(
        self, query: ast.Query, attribute: AttributeInfo
    ) -> PageSource:
        """Return a source whose first request also reads the stored values."""
        return self._core.with_stored_values(query, attribute)


class FetchWithConfigurations(ExtendedFetch):
    """An executor that also reads the custom attribute configurations.

    A program that adds entities with custom attributes needs the configurations; with
    the query they need no request.
    """

    def _extra_expressions(self) -> list[str]:
        return missing_configurations(self._core.configurations)

    def _store_extra(self, results: list[Rows]) -> None:
        self._core.configurations.store(results[0])


def missing_configurations(configurations: Configurations) -> list[str]:
    """Return the expression of the configurations, if they are not loaded."""
    return [] if configurations.is_loaded else [configurations.expression]
