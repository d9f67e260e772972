"""Results that come page by page."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from itertools import compress
from typing import TYPE_CHECKING, Generic, NoReturn, TypeVar

from ftrack_orm.errors.query import QueryError
from ftrack_orm.gc_pause import full_collections_paused
from ftrack_orm.select.executor import PagesAhead, QueryExecutor, RawPage
from ftrack_orm.select.pages import Pages

if TYPE_CHECKING:
    from ftrack_orm.entity.entity import Entity

E = TypeVar("E", bound="Entity")


class Result(Generic[E]):
    """The entities a query finds, fetched as they are reached and kept.

    The next page is requested once the first entity has been worked on, so that the
    request includes attributes that this entity turned out to lack. After an error or
    an interruption the result can be read on; the page that failed is fetched again.
    """

    def __init__(
        self,
        executor: QueryExecutor,
        make_pages: Callable[[], Pages],
        entity_class: type[E],
    ) -> None:
        """Prepare reading; nothing is sent.

        Args:
            executor: fetches pages and builds entities.
            make_pages: called before the first page is fetched; may send requests.
            entity_class: of the rows.
        """
        self._executor = executor
        self._make_pages = make_pages
        self._class = entity_class
        self._group = executor.new_group()
        self._rows: list[E] = []
        self._pages: Pages | None = None
        self._ahead: PagesAhead | None = None
        self._is_open = False

    def __iter__(self) -> Iterator[E]:
        return _Rows(self)

    def __bool__(self) -> NoReturn:
        raise QueryError(
            "A result has no truth value. Use exists() of the select, or all()."
        )

    def reach(self, index: int) -> bool:
        """Fetch pages until row `index` is there; return whether it is."""
        while len(self._rows) <= index and self._has_more():
            self._advance()
        return index < len(self._rows)

    def all(self) -> list[E]:
        """Return every entity, fetching the pages that are left."""
        self.complete()
        return list(self._rows)

    @full_collections_paused()
    def complete(self) -> bool:
        """Fetch the pages that are left; return whether there were any."""
        has_fetched = False
        while self._has_more():
            self._advance()
            has_fetched = True
        return has_fetched

    def prefetch(self) -> None:
        """Request the next page without waiting for it."""
        if self._ahead is None and self._is_open:
            self._ahead = self._executor.fetch_ahead(self._expressions())

    def __getitem__(self, index: int) -> E:
        if index < 0:
            self.complete()
        elif not self.reach(index):
            raise IndexError(
                f"row {index} of a result of {len(self._rows)} rows was asked for"
            )
        return self._rows[index]

    def _left(self) -> Pages:
        """Return the pages left to fetch; the first call may send requests."""
        if self._pages is None:
            self._pages = self._make_pages()
        return self._pages

    def _has_more(self) -> bool:
        return not self._left().is_finished

    def _expressions(self) -> list[str]:
        learned = self._executor.missing_projections(self._group, self._class)
        return self._left().expressions(learned)

    def _advance(self) -> None:
        """Take the next page.

        An interrupted wait leaves the request on its way, for the next attempt to
        wait for it again. Anything else that fails drops it: rows are used up when
        entities are built.
        """
        try:
            pages = self._fetch()
        except Exception:
            self._ahead = None
            raise
        try:
            self._take(pages)
        finally:
            self._ahead = None

    def _fetch(self) -> list[RawPage]:
        if self._ahead is not None:
            return self._ahead.result()
        return self._executor.fetch(self._expressions())

    def _take(self, pages: list[RawPage]) -> None:
        before = self._left()
        rows = before.rows(pages, self._class.__ftrack__.primary_key)
        entities = self._executor.build_entities(rows, self._group, self._class)
        identities: Sequence[Hashable] = range(len(entities))
        if before.seen is not None:
            identities = [entity.reference for entity in entities]
        following, wanted = before.after(pages, identities)
        # An interruption can come after the rows and before the pages were stored.
        del self._rows[before.taken :]
        self._rows.extend(compress(entities, wanted))
        self._pages = following
        if not self._is_open and not following.is_finished:
            self._executor.open_results.add(self)
        self._is_open = not following.is_finished


class _Rows(Generic[E]):
    """An iterator of a result; unlike a generator it goes on after an error."""

    def __init__(self, result: Result[E]) -> None:
        self._result = result
        self._index = 0

    def __iter__(self) -> Iterator[E]:
        return self

    def __next__(self) -> E:
        result, index = self._result, self._index
        if index:
            result.prefetch()
        if not result.reach(index):
            raise StopIteration
        self._index = index + 1
        return result._rows[index]
