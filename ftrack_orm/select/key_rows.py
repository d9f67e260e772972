"""Read the keys of matching entities, without building entities."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from ftrack_orm.query import ast
from ftrack_orm.query.splitting import split_query
from ftrack_orm.select.pages import Pages
from ftrack_orm.select.tuples import ValueReader

if TYPE_CHECKING:
    from ftrack_orm.entity.type_info import TypeInfo
    from ftrack_orm.select.executor import QueryExecutor

KEYS_PER_PAGE: Final = 50_000
"""Rows of a page for `Select.count`, which requests only keys."""


def key_rows(
    executor: QueryExecutor, type_info: TypeInfo, query: ast.Query, page_size: int
) -> Iterator[dict[str, Any]]:
    """Yield rows of keys in any order, each entity once.

    Args:
        executor: the session.
        type_info: the selected type.
        query: the query; its limit and offset apply.
        page_size: rows of one request.
    """
    keys = tuple(map(ast.PathExpression.of, type_info.primary_key))
    query = replace(query, projections=keys, order_by=())
    parts = split_query(query)
    pages = Pages.of(query, page_size)
    if len(parts) > 1:
        pages = Pages.of_parts(parts, page_size, query.offset or 0, query.limit)
    return ValueReader(type_info, ()).rows(executor, pages)
