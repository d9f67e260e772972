"""Distinct aliases of tables and views within a statement, shared by all statements."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from ftrack_orm.emulator.query_engine.dense import dense_rows
from ftrack_orm.emulator.storage.tables import Tables, is_dense

_SHARED: Final = 8
"""Aliases of each one that statements share; a query rarely joins one more often."""


class Aliases:
    """Names the tables and views of one statement; no alias is returned twice.

    The aliases of two objects are equal, so each statement needs its own object.
    """

    # SQLAlchemy copies every column of a table for an alias, which took a tenth of the
    # time of a query.

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._counts: dict[str, int] = {}

    def take(self, entity_type: str) -> sa.FromClause:
        """Return an alias of the table or view that holds the rows of a type."""
        tables = self._tables
        name = entity_type if is_dense(entity_type) else tables.root(entity_type)
        number = self._counts.get(name, 0)
        self._counts[name] = number + 1
        if number >= _SHARED:
            return self._make(entity_type)
        shared = tables.shared
        key = ("alias", name, number)
        if key not in shared:
            shared.setdefault(key, self._make(entity_type))
        alias: sa.FromClause = shared[key]
        return alias

    def _make(self, entity_type: str) -> sa.FromClause:
        if is_dense(entity_type):
            return dense_rows(self._tables, entity_type)
        return self._tables.table(entity_type).alias()
