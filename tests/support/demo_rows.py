"""The rows of a demo production, read by plain SQL, for tests of what they say."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime
from functools import cache
from typing import Any, Final, TypeAlias

import sqlalchemy as sa

from ftrack_orm.emulator.seeds import plant
from ftrack_orm.emulator.storage.storage import Storage
from tests.support.schemas import recorded

Row: TypeAlias = dict[str, Any]

DONE: Final = "cea116d4-acb5-11e1-8668-f23c91df1211"
"""The state of what is done (protocol 9.2)."""


class Rows:
    """Every row of a storage, as plain SQL tells it."""

    def __init__(self, storage: Storage) -> None:
        self.schema = storage.schema
        self.tables: dict[str, list[Row]] = {}
        with storage.transaction() as connection:
            for root in storage.tables.families:
                statement = f'select * from "{root}"'  # noqa: S608 - our own names
                found = connection.execute(sa.text(statement))
                self.tables[root] = [dict(row._mapping) for row in found]
        self._roots = {
            entity_type.name: storage.tables.root(entity_type.name)
            for entity_type in storage.schema
        }
        self._by_id = {
            root: {row["id"]: row for row in rows}
            for root, rows in self.tables.items()
            if rows and "id" in rows[0]
        }

    def of(self, entity_type: str) -> list[Row]:
        """Return the rows of a type and the types below it."""
        kinds = {each.name for each in self.schema.subtypes(entity_type)}
        rows = self.tables[self._roots[entity_type]]
        return [row for row in rows if row["__type__"] in kinds]

    def get(self, entity_type: str, key: str) -> Row | None:
        """Return the row of a family with an id, or ``None``."""
        return self._by_id.get(self._roots[entity_type], {}).get(key)

    def the(self, entity_type: str, key: str) -> Row:
        """Return the row of a family with an id."""
        row = self.get(entity_type, key)
        assert row is not None, (entity_type, key)
        return row

    def grouped(self, entity_type: str, name: str) -> dict[Any, list[Row]]:
        """Return the rows of a type by the value of an attribute."""
        found: dict[Any, list[Row]] = defaultdict(list)
        for row in self.of(entity_type):
            found[row[name]].append(row)
        return found


@cache
def planted(seed: str, size: str) -> Rows:
    storage = Storage(recorded())
    plant(storage, seed, size)
    rows = Rows(storage)
    storage.close()
    return rows


def day(value: str) -> date:
    """Return the day of a moment."""
    return datetime.fromisoformat(value).date()


def assignees(rows: Rows) -> dict[str, set[str]]:
    """Return who is assigned to each task."""
    found: dict[str, set[str]] = defaultdict(set)
    for row in rows.of("Appointment"):
        if row["type"] == "assignment":
            found[row["context_id"]].add(row["resource_id"])
    return found
