"""Results that come page by page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, Protocol, TypeVar

from ftrack_orm.query import ast
from ftrack_orm.query.compiler import compile_query

if TYPE_CHECKING:
    from ftrack_orm.entity.base import Entity
    from ftrack_orm.entity.state import Batch

E = TypeVar("E", bound="Entity")

PAGE_SIZE = 500
"""Rows of a page: what the official Python client asks for (protocol 5.4)."""


class RawPage(NamedTuple):
    """One page as it came: rows of JSON and the offset of the next page."""

    rows: list[dict[str, Any]]
    next_offset: int | None


class QueryExecutor(Protocol):
    """Runs queries for a select or a result: a session's side of the seam."""

    page_size: int

    def fetch(self, expression: str) -> RawPage:
        """Return one page."""
        ...

    def fetch_ahead(self, expression: str) -> Future[Callable[[], RawPage]]:
        """Start fetching a page; the result is read by the calling thread."""
        ...

    def entities(
        self, rows: list[dict[str, Any]], batch: Batch, entity_class: type[E]
    ) -> list[E]:
        """Return the rows as entities that load together with `batch`."""
        ...

    def new_batch(self) -> Batch:
        """Return an empty batch."""
        ...

    def learned(self, batch: Batch, entity_class: type[Any]) -> list[str]:
        """Return the projections that were missed on entities of the batch."""
        ...


def raw_pages(
    executor: QueryExecutor, query: ast.Query
) -> Iterator[list[dict[str, Any]]]:
    """Yield the rows of a query page by page, as they came."""
    offset: int | None = query.offset or 0
    remaining = query.limit
    while offset is not None and (remaining is None or remaining > 0):
        size = executor.page_size
        size = size if remaining is None else min(size, remaining)
        page = executor.fetch(_page_text(query, offset, size, []))
        yield page.rows
        remaining = None if remaining is None else remaining - len(page.rows)
        offset = page.next_offset if page.rows else None


def _page_text(query: ast.Query, offset: int, limit: int, extra: list[str]) -> str:
    known = {str(projection) for projection in query.projections}
    added = tuple(ast.PathExpression.of(name) for name in extra if name not in known)
    return compile_query(
        replace(
            query,
            projections=(*query.projections, *added),
            offset=offset,
            limit=limit,
        )
    )


class Result(Generic[E]):
    """The entities a query finds, fetched as they are reached and kept.

    While a page is worked on, the next one is already on its way: its fetch begins
    once the first entity has been worked on, so that it also asks for what that
    entity turned out to lack.
    """

    def __init__(
        self, executor: QueryExecutor, query: ast.Query, entity_class: type[E]
    ) -> None:
        self._executor = executor
        self._query = query
        self._class = entity_class
        self._batch = executor.new_batch()
        self._rows: list[E] = []
        self._offset = query.offset or 0
        self._next: int | None = self._offset
        self._ahead: Future[Callable[[], RawPage]] | None = None

    def __iter__(self) -> Iterator[E]:
        index = 0
        while self.reach(index):
            yield self._rows[index]
            self._prefetch()
            index += 1

    def reach(self, index: int) -> bool:
        """Fetch pages until row `index` is there; return whether it is."""
        while len(self._rows) <= index and self._next is not None:
            self._take(self._fetch())
        return index < len(self._rows)

    def all(self) -> list[E]:
        """Return every entity, fetching what is missing."""
        while self._next is not None:
            self._take(self._fetch())
        return list(self._rows)

    def __getitem__(self, index: int) -> E:
        if index < 0:
            self.all()
        elif not self.reach(index):
            raise IndexError(
                f"row {index} of a result of {len(self._rows)} rows was asked for"
            )
        return self._rows[index]

    def _remaining(self) -> int | None:
        if self._query.limit is None:
            return None
        return self._query.limit - len(self._rows)

    def _text(self) -> str:
        remaining = self._remaining()
        size = self._executor.page_size
        return _page_text(
            self._query,
            self._next or 0,
            size if remaining is None else min(size, remaining),
            self._executor.learned(self._batch, self._class),
        )

    def _fetch(self) -> RawPage:
        if self._remaining() == 0:
            return RawPage([], None)
        ahead, self._ahead = self._ahead, None
        if ahead is not None:
            return ahead.result()()
        return self._executor.fetch(self._text())

    def _take(self, page: RawPage) -> None:
        self._rows.extend(self._executor.entities(page.rows, self._batch, self._class))
        done = not page.rows or self._remaining() == 0
        self._next = None if done else page.next_offset

    def _prefetch(self) -> None:
        if self._ahead is None and self._next is not None:
            self._ahead = self._executor.fetch_ahead(self._text())
