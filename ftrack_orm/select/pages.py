"""Which pages of a query, or of its parts, are fetched next."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from ftrack_orm.errors.transport import ResponseFormatError
from ftrack_orm.lazy_dataclass import lazy_dataclass
from ftrack_orm.query import ast
from ftrack_orm.query.compiler import compile_query
from ftrack_orm.select.executor import RawPage

PAGE_SIZE: Final = 500
"""Rows of a page: as many as the official Python client requests (protocol 5.4)."""

QUERIES_PER_REQUEST: Final = 10
CHARACTERS_PER_REQUEST: Final = 200_000
"""Bounds of one request of a query in parts; one part is always sent."""


@lazy_dataclass(frozen=True, slots=True)
class _Part:
    query: ast.Query
    offset: int


@lazy_dataclass(frozen=True, slots=True)
class Pages:
    """The pages that are still to be fetched; `after` returns those after a fetch.

    A value, so that a fetch that fails or is interrupted leaves it as it was and can
    be repeated: no page is lost or comes twice.

    Attributes:
        page_size: rows of one page.
        taken: rows that the pages before have given.
        remaining: rows still wanted, ``None`` for all.
        skipped: rows of the parts together that are to be left out first.
        seen: identities of the rows so far, ``None`` where rows cannot repeat.
        places: keys to their places, where the rows come in another order.
    """

    parts: tuple[_Part, ...]
    page_size: int
    remaining: int | None = None
    taken: int = 0
    skipped: int = 0
    seen: frozenset[Hashable] | None = None
    places: Mapping[tuple[Any, ...], int] | None = None

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
            skipped=offset,
            seen=frozenset(),
        )

    @classmethod
    def in_places(
        cls,
        parts: Sequence[ast.Query],
        page_size: int,
        places: Mapping[tuple[Any, ...], int],
    ) -> Pages:
        """Return the pages of parts whose rows are put in the order of `places`."""
        return cls(tuple(_Part(part, 0) for part in parts), page_size, places=places)

    @property
    def is_finished(self) -> bool:
        """Return whether no row is left to fetch."""
        return not self.parts or (self.remaining is not None and self.remaining <= 0)

    def expressions(self, extra: Iterable[str] = ()) -> list[str]:
        """Return the expressions of the next request, one for each part in it.

        Args:
            extra: names to project besides.
        """
        size = self.page_size
        if self.remaining is not None:
            size = min(size, self.remaining + self.skipped)
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
        places = self.places
        if places is None:
            return rows
        # A row whose key has another spelling goes last rather than getting lost.
        last = len(places)
        return sorted(
            rows, key=lambda row: places.get(tuple(row.get(name) for name in key), last)
        )

    def after(
        self, pages: Sequence[RawPage], identities: Sequence[Hashable]
    ) -> tuple[Pages, list[bool]]:
        """Return the pages after a fetch, and which of its rows are wanted.

        Args:
            pages: one for each of `expressions`.
            identities: of the rows, in the order of `rows`.

        Raises:
            ResponseFormatError: a next offset that does not lead on, which would
                never end.
        """
        following = (
            *_continued(self.parts[: len(pages)], pages),
            *self.parts[len(pages) :],
        )
        if self.seen is None:
            count = len(identities)
            wanted = [True] * count
            after = replace(self, parts=following)
        else:
            after, wanted = self._distinct(following, identities)
            count = sum(wanted)
        remaining = None if self.remaining is None else self.remaining - count
        return replace(after, taken=self.taken + count, remaining=remaining), wanted

    def _distinct(
        self, parts: tuple[_Part, ...], identities: Sequence[Hashable]
    ) -> tuple[Pages, list[bool]]:
        seen = set(self.seen or ())
        skipped, remaining = self.skipped, self.remaining
        wanted = []
        for identity in identities:
            is_wanted = identity not in seen
            seen.add(identity)
            if is_wanted and skipped:
                skipped -= 1
                is_wanted = False
            elif is_wanted and remaining is not None:
                is_wanted = remaining > 0
                remaining -= 1
            wanted.append(is_wanted)
        after = replace(self, parts=parts, skipped=skipped, seen=frozenset(seen))
        return after, wanted


def _continued(parts: Sequence[_Part], pages: Sequence[RawPage]) -> Iterator[_Part]:
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
