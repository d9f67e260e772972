"""Split a query with a long list of values, and plan its pages in order."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from ftrack_orm.errors.query import QueryError
from ftrack_orm.lazy_dataclass import lazy_dataclass
from ftrack_orm.query import ast
from ftrack_orm.query.keys import keyed
from ftrack_orm.query.splitting import MOST_VALUES, split_query
from ftrack_orm.select.executor import QueryExecutor
from ftrack_orm.select.pages import Pages
from ftrack_orm.select.tuples import Column, ValueReader

if TYPE_CHECKING:
    from ftrack_orm.entity.type_info import TypeInfo
    from ftrack_orm.types import EntityKey


def pages_of(executor: QueryExecutor, type_info: TypeInfo, query: ast.Query) -> Pages:
    """Return the pages of a query, split where it has a long list of values.

    Sends requests only for an ordered query in parts, see `ordered_pages`.

    Raises:
        QueryError: a long list cannot be split, or the order cannot be merged.
        TransportError, ServerError: the keys cannot be requested.
    """
    parts = split_query(query)
    if len(parts) == 1:
        return Pages.of(query, executor.page_size)
    if query.order_by:
        return ordered_pages(executor, type_info, query, parts)
    return Pages.of_parts(parts, executor.page_size, query.offset or 0, query.limit)


def ordered_pages(
    executor: QueryExecutor,
    type_info: TypeInfo,
    query: ast.Query,
    parts: Sequence[ast.Query],
) -> Pages:
    """Return the pages of an ordered query that was split into parts.

    The keys are requested first, with the values that they are ordered by. If they
    fit into one query the server orders them. Otherwise the parts, each in the
    server's order, are merged: null before any value, text without regard to case;
    descending order is the reverse of that.

    Raises:
        QueryError: the server orders a part differently.
        TransportError, ServerError: the keys cannot be requested.
    """
    rows = [_part_rows(executor, type_info, query, part) for part in parts]
    keys = list(dict.fromkeys(row.key for part in rows for row in part))
    if len(keys) <= MOST_VALUES:
        if not keys:
            return Pages((), executor.page_size)
        keyed_query = replace(query, criteria=keyed(type_info.primary_key, keys))
        return Pages.of(keyed_query, executor.page_size)
    return _keyed_pages(executor, type_info, query, _merge_keys(query, rows))


def _merge_keys(query: ast.Query, rows: Sequence[Sequence[_KeyRow]]) -> list[EntityKey]:
    """Return the keys of all parts in the order of the query, within its limit.

    Raises:
        QueryError: the server orders a part differently.
    """
    # A server may sort by other rules, such as a collation. Merging its parts by ours
    # would give a wrong order, so each part is checked first.
    for part_rows in rows:
        _require_order(query, part_rows)
    merged = heapq.merge(*rows, key=lambda row: row.order)
    keys = list(dict.fromkeys(row.key for row in merged))
    start = query.offset or 0
    stop = None if query.limit is None else start + query.limit
    return keys[start:stop]


@lazy_dataclass(frozen=True, slots=True)
class _KeyRow:
    key: EntityKey
    order: tuple[_OrderValue, ...]


@lazy_dataclass(frozen=True, slots=True)
class _OrderValue:
    """A value that compares as servers order it."""

    rank: tuple[Any, ...]
    descending: bool

    def __lt__(self, other: _OrderValue) -> bool:
        if self.descending:
            return other.rank < self.rank
        return self.rank < other.rank


def _part_rows(
    executor: QueryExecutor, type_info: TypeInfo, query: ast.Query, part: ast.Query
) -> list[_KeyRow]:
    """Return keys and order values of a part, as many as the whole query needs."""
    columns = [Column.of_expression(key.path) for key in query.order_by]
    reader = ValueReader(type_info, columns)
    keys = tuple(map(ast.PathExpression.of, type_info.primary_key))
    limit = None if query.limit is None else query.limit + (query.offset or 0)
    pages = Pages.of(
        replace(
            part,
            projections=tuple(dict.fromkeys((*keys, *reader.projections))),
            offset=None,
            limit=limit,
        ),
        MOST_VALUES,
    )
    return [
        _KeyRow(
            tuple(row[name] for name in type_info.primary_key),
            _order_values(query, reader.read(row)),
        )
        for row in reader.rows(executor, pages)
    ]


def _order_values(query: ast.Query, values: Sequence[Any]) -> tuple[_OrderValue, ...]:
    return tuple(
        _OrderValue(_rank(value), key.descending)
        for value, key in zip(values, query.order_by, strict=True)
    )


def _rank(value: Any) -> tuple[Any, ...]:
    if value is None:
        return (0,)
    return (1, value.casefold() if isinstance(value, str) else value)


def _require_order(query: ast.Query, rows: Sequence[_KeyRow]) -> None:
    if any(later.order < earlier.order for earlier, later in pairwise(rows)):
        names = ", ".join(str(key.path) for key in query.order_by)
        raise QueryError(
            f"More than {MOST_VALUES:,} entities match the long in_() list, and the "
            f"server's order by {names} cannot be reproduced here to merge them. "
            "Leave out order_by() and sort in Python, or select in parts."
        )


def _keyed_pages(
    executor: QueryExecutor,
    type_info: TypeInfo,
    query: ast.Query,
    keys: list[EntityKey],
) -> Pages:
    size = min(executor.page_size, MOST_VALUES)
    parts = [
        replace(
            query,
            criteria=keyed(type_info.primary_key, keys[start : start + size]),
            order_by=(),
            offset=None,
            limit=None,
        )
        for start in range(0, len(keys), size)
    ]
    positions = {key: position for position, key in enumerate(keys)}
    return Pages.in_order(parts, size, positions)
