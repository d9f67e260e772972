"""Putting rows of a seed into a storage, whatever its schema knows."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any, Final

from ftrack_orm.emulator.storage.storage import Connection, Storage
from ftrack_orm.types import JSONObject

_NAMESPACE: Final = uuid.UUID("7ecbd3f9-3cf9-4f9d-9210-e3d611c8d173")

EPOCH: Final = "2024-01-08T09:00:00"
"""When everything of a seed was created: a Monday, the same on every run."""


def seeded_id(*parts: object) -> str:
    """Return the id of what `parts` name, the same on every run."""
    return str(uuid.uuid5(_NAMESPACE, "/".join(str(part) for part in parts)))


class Planter:
    """Inserts rows by type, without what an older or smaller schema has not."""

    def __init__(self, storage: Storage, connection: Connection) -> None:
        self.storage = storage
        self._connection = connection

    def add(self, entity_type: str, rows: Iterable[JSONObject]) -> None:
        """Insert `rows`, all with the same attributes, as entities of one type."""
        if entity_type not in self.storage.schema:
            return
        columns = frozenset(self.storage.tables.columns(entity_type))
        known = [
            row
            if columns.issuperset(row)
            else {name: value for name, value in row.items() if name in columns}
            for row in rows
        ]
        self.storage.insert_many(self._connection, entity_type, known)

    def analyze(self) -> None:
        """Let the database count what is in its tables and indexes.

        It then begins a query at the end with fewer rows: the tasks of a person are
        found through the person, not among all tasks of the project.
        """
        self._connection.exec_driver_sql("ANALYZE")

    def find_where(self, entity_type: str, /, **equals: Any) -> list[JSONObject]:
        """Return the rows of a type with these values."""
        return self.storage.find_where(self._connection, entity_type, **equals)
