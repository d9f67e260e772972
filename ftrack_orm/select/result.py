"""Results of a select, fetched page by page."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from itertools import compress
from typing import TYPE_CHECKING, Generic, NoReturn, TypeVar

from ftrack_orm.errors.query import QueryError
from ftrack_orm.gc_pause import full_collections_paused
from ftrack_orm.select.executor import PageSource, PrefetchedPages, RawPage
from ftrack_orm.select.pages import Pages

if TYPE_CHECKING:
    from ftrack_orm.entity.entity import Entity

E = TypeVar("E", bound="Entity")


class Result(Generic[E]):
    """The entities that match a query, fetched when they are reached.

    The next page is requested when the second entity is reached, so that the request
    includes attributes that the program read on the first and found missing. After an
    error or an interruption reading can continue; the page that failed is fetched
    again.
    """

    def __init__(
        self,
        executor: PageSource,
        make_pages: Callable[[], Pages],
        entity_class: type[E],
    ) -> None:
        """Store the arguments; nothing is sent.

        Args:
            executor: fetches pages and builds entities.
            make_pages: called before the first page is fetched; may send requests.
            entity_class: the class of the entities.
        """
        self._executor = executor
        self._make_pages = make_pages
        self._class = entity_class
        self._group = executor.new_group()
        self._rows: list[E] = []
        self._pages: Pages | None = None
        self._prefetched: PrefetchedPages | None = None
        self._is_open = False

    def __iter__(self) -> Iterator[E]:
        return _Rows(self)

    def __bool__(self) -> NoReturn:
        raise QueryError(
            "A result has no truth value. Use exists() of the select, or all()."
        )

    @property
    def fetched_rows(self) -> list[E]:
        """Return the rows that are fetched so far; nothing is sent."""
        return self._rows

    def reach(self, index: int) -> bool:
        """Fetch pages until row `index` is loaded; return whether there is one."""
        while len(self._rows) <= index and self._has_more():
            self._advance()
        return index < len(self._rows)

    def all(self) -> list[E]:
        """Return all entities, fetching the pages that are left."""
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
        if self._prefetched is None and self._is_open:
            self._prefetched = self._executor.fetch_ahead(self._expressions())

    def __getitem__(self, index: int) -> E:
        if index < 0:
            self.complete()
        elif not self.reach(index):
            raise IndexError(
                f"row {index} is out of range: the result has {len(self._rows)} rows"
            )
        return self._rows[index]

    def _left(self) -> Pages:
        """Return the pages still to fetch; the first call may send requests."""
        if self._pages is None:
            self._pages = self._make_pages()
        return self._pages

    def _has_more(self) -> bool:
        return not self._left().is_finished

    def _expressions(self) -> list[str]:
        extra = self._executor.missing_projections(self._group, self._class)
        return self._left().expressions(extra)

    def _advance(self) -> None:
        """Fetch and store the next page."""
        try:
            pages = self._fetch()
        # Not `BaseException`: an interrupted wait leaves the request on its way, and
        # the next attempt waits for it again.
        except Exception:
            self._prefetched = None
            raise
        try:
            self._store(pages)
        finally:
            # Also after a failure: rows cannot be used again once building has begun.
            self._prefetched = None

    def _fetch(self) -> list[RawPage]:
        if self._prefetched is not None:
            return self._prefetched.result()
        return self._executor.fetch(self._expressions())

    def _store(self, pages: list[RawPage]) -> None:
        current = self._left()
        rows = current.rows(pages, self._class.__ftrack__.primary_key)
        entities = self._executor.build_entities(rows, self._group, self._class)
        identities: Sequence[Hashable] = range(len(entities))
        if current.identities is not None:
            identities = [entity.reference for entity in entities]
        following, selected = current.after(pages, identities)
        # An earlier attempt may have been interrupted after it had stored the rows and
        # before it stored the pages.
        del self._rows[current.row_count :]
        self._rows.extend(compress(entities, selected))
        self._pages = following
        if not self._is_open and not following.is_finished:
            self._executor.open_results.add(self)
        self._is_open = not following.is_finished


class _Rows(Generic[E]):
    """An iterator over a result; unlike a generator it can continue after an error."""

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
