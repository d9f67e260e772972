"""Insert the rows of a seed into a storage of any schema."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any, Final

from ftrack_orm.emulator.storage.storage import Connection, Storage
from ftrack_orm.types import JSONObject

_NAMESPACE: Final = uuid.UUID("7ecbd3f9-3cf9-4f9d-9210-e3d611c8d173")

EPOCH: Final = "2024-01-08T09:00:00"
"""The time at which all rows of a seed were created: a Monday."""


def seeded_id(*parts: object) -> str:
    """Return the id for `parts`, the same on every run."""
    return str(uuid.uuid5(_NAMESPACE, "/".join(str(part) for part in parts)))


class Planter:
    """Inserts rows by type, without types and attributes that the schema lacks."""

    def __init__(self, storage: Storage, connection: Connection) -> None:
        self.storage = storage
        self._connection = connection

    def add(self, entity_type: str, rows: Iterable[JSONObject]) -> None:
        """Insert rows of one type, which must all have the same attributes."""
        if entity_type not in self.storage.schema:
            return
        columns = frozenset(self.storage.tables.columns(entity_type))
        supported = [
            row
            if columns.issuperset(row)
            else {name: value for name, value in row.items() if name in columns}
            for row in rows
        ]
        self.storage.insert_many(self._connection, entity_type, supported)

    def analyze(self) -> None:
        """Update the statistics that SQLite plans queries with.

        With them a query for the tasks of a user starts from the user's assignments,
        not from all tasks of the project.
        """
        self._connection.exec_driver_sql("ANALYZE")

    def find_where(self, entity_type: str, /, **equals: Any) -> list[JSONObject]:
        """Return the rows of a type with these values."""
        return self.storage.find_where(self._connection, entity_type, **equals)
