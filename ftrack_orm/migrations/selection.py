"""The frozen keys of a select: read first, so that edits do not change the selection.

Keys are stored in a temporary database, so that their number needs no memory.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from ftrack_orm.query import ast
from ftrack_orm.query.compiler import compile_query
from ftrack_orm.query.splitting import split_query
from ftrack_orm.select.query_pages import pages_of
from ftrack_orm.select.tuples import ValueReader
from ftrack_orm.types import EntityKey

if TYPE_CHECKING:
    from ftrack_orm.entity.type_info import TypeInfo
    from ftrack_orm.select.executor import QueryExecutor
    from ftrack_orm.select.select import Select

KEYS_PER_REQUEST: Final = 5_000
"""Keys of one page; a row has only its key."""


class Selection:
    """Keys in the order they were added, each once."""

    def __init__(self) -> None:
        # An empty name: SQLite moves a large cache to a file, and deletes the file.
        self._connection = sqlite3.connect("")
        self._connection.execute(
            "create table keys (seq integer primary key, key text not null unique)"
        )

    def add(self, keys: Iterable[EntityKey]) -> None:
        """Append the keys that are not there yet."""
        self._connection.executemany(
            "insert or ignore into keys (key) values (?)",
            [(json.dumps(key),) for key in keys],
        )

    def __contains__(self, key: EntityKey) -> bool:
        row = self._connection.execute(
            "select 1 from keys where key = ?", (json.dumps(key),)
        ).fetchone()
        return row is not None

    def __len__(self) -> int:
        (count,) = self._connection.execute("select count(*) from keys").fetchone()
        return int(count)

    def pages(self, size: int) -> Iterator[list[EntityKey]]:
        """Yield the keys in lists of at most `size`."""
        last = 0
        while True:
            rows = self._connection.execute(
                "select seq, key from keys where seq > ? order by seq limit ?",
                (last, size),
            ).fetchall()
            if not rows:
                return
            last = rows[-1][0]
            yield [tuple(json.loads(key)) for _, key in rows]

    def close(self) -> None:
        """Delete the keys."""
        self._connection.close()


def freeze_selection(
    core: QueryExecutor,
    select: Select[Any],
    type_info: TypeInfo,
    page: int = KEYS_PER_REQUEST,
) -> Selection:
    """Read the keys of all entities that a select matches now.

    Without an order, offset or limit of the select, keys are ordered, and each page
    repeats the last key of the page before. Rows that are deleted meanwhile move the
    others to lower offsets; a page without the repeated key shows it, and the pages
    before are read again.

    Args:
        core: fetches the pages.
        select: the select; the attributes that it loads are not read.
        type_info: its entity type.
        page: keys of one page, at least 2.
    """
    selection = Selection()
    keys = tuple(map(ast.PathExpression.of, type_info.primary_key))
    query = replace(select._query, projections=keys)
    try:
        if query.order_by or query.limit is not None or query.offset is not None:
            pages = pages_of(core, type_info, query)
            rows = ValueReader(type_info, ()).rows(core, pages)
            selection.add(_keys(rows, type_info.primary_key))
            return selection
        query = replace(query, order_by=tuple(map(ast.Ordering, keys)))
        for part in split_query(query):
            _read_overlapping(core, part, type_info.primary_key, selection, page)
    except BaseException:
        selection.close()
        raise
    return selection


def _read_overlapping(
    core: QueryExecutor,
    query: ast.Query,
    names: Sequence[str],
    selection: Selection,
    page: int,
) -> None:
    offset = 0
    while True:
        text = compile_query(replace(query, offset=offset or None, limit=page))
        rows = core.fetch([text])[0].rows
        keys = list(_keys(rows, names))
        if offset and (not keys or keys[0] not in selection):
            offset = max(0, offset - page + 1)
            continue
        selection.add(keys)
        if len(keys) < page:
            return
        offset += page - 1


def _keys(rows: Iterable[dict[str, Any]], names: Sequence[str]) -> Iterator[EntityKey]:
    for row in rows:
        yield tuple(row[name] for name in names)
