"""Distinct aliases of tables within a statement, shared by all statements."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from ftrack_orm.emulator.storage.tables import Tables

_SHARED: Final = 8
"""Aliases of each table that statements share; a query rarely joins one more often."""


class Aliases:
    """Names the tables of one statement; no alias is returned twice.

    The aliases of two objects are equal, so each statement needs its own object.
    """

    # SQLAlchemy copies every column of a table for an alias, which took a tenth of the
    # time of a query.

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._counts: dict[str, int] = {}

    def take(self, entity_type: str) -> sa.FromClause:
        """Return an alias of the table that holds the rows of a type."""
        root = self._tables.root(entity_type)
        number = self._counts.get(root, 0)
        self._counts[root] = number + 1
        if number >= _SHARED:
            return self._tables.table(root).alias()
        shared = self._tables.shared
        key = ("alias", root, number)
        if key not in shared:
            shared.setdefault(key, self._tables.table(root).alias())
        alias: sa.FromClause = shared[key]
        return alias
