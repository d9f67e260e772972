"""The pages of a query, or of its parts, that are still to fetch."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from ftrack_orm.errors.transport import ResponseFormatError
from ftrack_orm.lazy_dataclass import lazy_dataclass
from ftrack_orm.query import ast
from ftrack_orm.query.compiler import compile_query
from ftrack_orm.select.executor import RawPage

QUERIES_PER_REQUEST: Final = 10
CHARACTERS_PER_REQUEST: Final = 200_000
"""Bounds of one request of a query in parts; a single part may exceed them."""


@lazy_dataclass(frozen=True, slots=True)
class _Part:
    query: ast.Query
    offset: int


@lazy_dataclass(frozen=True, slots=True)
class Pages:
    """The pages still to fetch; `after` returns those left after a fetch.

    Immutable, so that a fetch that fails or is interrupted can be repeated: no page is
    lost or comes twice.

    Attributes:
        parts: the queries with pages left, each with its offset.
        page_size: rows of one page.
        remaining: rows left until the limit, ``None`` without a limit.
        row_count: rows of the result so far.
        offset: rows of the parts together still to skip.
        identities: identities of the rows so far, ``None`` where rows cannot repeat.
        positions: keys to their positions, where the rows come in another order.
    """

    parts: tuple[_Part, ...]
    page_size: int
    remaining: int | None = None
    row_count: int = 0
    offset: int = 0
    identities: frozenset[Hashable] | None = None
    positions: Mapping[tuple[Any, ...], int] | None = None

    @classmethod
    def of(cls, query: ast.Query, page_size: int) -> Pages:
        """Return the pages of one query; the server applies offset and limit."""
        part = _Part(query, query.offset or 0)
        return cls((part,), page_size, query.limit)

    @classmethod
    def of_parts(
        cls, parts: Sequence[ast.Query], page_size: int, offset: int, limit: int | None
    ) -> Pages:
        """Return the pages of parts; offset and limit count their distinct rows."""
        return cls(
            tuple(_Part(part, 0) for part in parts),
            page_size,
            limit,
            offset=offset,
            identities=frozenset(),
        )

    @classmethod
    def in_order(
        cls,
        parts: Sequence[ast.Query],
        page_size: int,
        positions: Mapping[tuple[Any, ...], int],
    ) -> Pages:
        """Return the pages of parts whose rows are sorted by `positions`."""
        return cls(
            tuple(_Part(part, 0) for part in parts), page_size, positions=positions
        )

    @property
    def is_finished(self) -> bool:
        """Return whether no row is left to fetch."""
        return not self.parts or (self.remaining is not None and self.remaining <= 0)

    def expressions(self, extra: Iterable[str] = ()) -> list[str]:
        """Return the expressions of the next request, one for each part in it.

        Args:
            extra: names to project in addition.
        """
        size = self.page_size
        if self.remaining is not None:
            size = min(size, self.remaining + self.offset)
        extra = list(extra)
        texts: list[str] = []
        length = 0
        for part in self.parts[:QUERIES_PER_REQUEST]:
            text = _page_text(part, size, extra)
            length += len(text)
            if texts and length > CHARACTERS_PER_REQUEST:
                break
            texts.append(text)
        return texts

    def rows(self, pages: Sequence[RawPage], key: Sequence[str]) -> list[Any]:
        """Return the rows of fetched pages, in order.

        Args:
            pages: one for each of `expressions`.
            key: names of the primary key.
        """
        rows = [row for page in pages for row in page.rows]
        positions = self.positions
        if positions is None:
            return rows
        # A row whose key has another spelling comes last instead of being lost.
        last = len(positions)
        return sorted(
            rows,
            key=lambda row: positions.get(tuple(row.get(name) for name in key), last),
        )

    def after(
        self, pages: Sequence[RawPage], identities: Sequence[Hashable]
    ) -> tuple[Pages, list[bool]]:
        """Return the pages left after a fetch, and which of its rows to use.

        Args:
            pages: one for each of `expressions`.
            identities: of the rows, in the order of `rows`.

        Returns:
            The pages left, and for each row whether it belongs to the result.

        Raises:
            ResponseFormatError: a next offset does not advance; following it would
                never end.
        """
        parts = (
            *_next_parts(self.parts[: len(pages)], pages),
            *self.parts[len(pages) :],
        )
        if self.identities is None:
            count = len(identities)
            selected = [True] * count
            after = replace(self, parts=parts)
        else:
            after, selected = self._select_distinct(parts, identities)
            count = sum(selected)
        remaining = None if self.remaining is None else self.remaining - count
        row_count = self.row_count + count
        return replace(after, row_count=row_count, remaining=remaining), selected

    def _select_distinct(
        self, parts: tuple[_Part, ...], identities: Sequence[Hashable]
    ) -> tuple[Pages, list[bool]]:
        # An entity may match several parts, so offset and limit, which count distinct
        # entities, are applied here and not by the server.
        all_identities = set(self.identities or ())
        offset, remaining = self.offset, self.remaining
        selected = []
        for identity in identities:
            is_selected = identity not in all_identities
            all_identities.add(identity)
            if is_selected and offset:
                offset -= 1
                is_selected = False
            elif is_selected and remaining is not None:
                is_selected = remaining > 0
                remaining -= 1
            selected.append(is_selected)
        after = replace(
            self, parts=parts, offset=offset, identities=frozenset(all_identities)
        )
        return after, selected


def _next_parts(parts: Sequence[_Part], pages: Sequence[RawPage]) -> Iterator[_Part]:
    for part, page in zip(parts, pages, strict=True):
        if not page.rows or page.next_offset is None:
            continue
        if page.next_offset <= part.offset:
            raise ResponseFormatError(
                f"The server's next offset is {page.next_offset} after the page at "
                f"{part.offset}. Read again, or report it to the server's maintainer."
            )
        yield _Part(part.query, page.next_offset)


def _page_text(part: _Part, limit: int, extra: Sequence[str]) -> str:
    present = {str(projection) for projection in part.query.projections}
    added = tuple(ast.PathExpression.of(name) for name in extra if name not in present)
    return compile_query(
        replace(
            part.query,
            projections=(*part.query.projections, *added),
            offset=part.offset,
            limit=limit,
        )
    )
