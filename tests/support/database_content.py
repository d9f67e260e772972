"""Whether two emulators hold the same, whatever their clients called it."""

from __future__ import annotations

import hashlib
import sqlite3
from collections import Counter
from typing import TypeAlias

from ftrack_orm.emulator import Emulator

Row: TypeAlias = tuple[tuple[str, object], ...]

# Where a row stands is no content; with the order of creations it may differ.
_ORDER = "__order__"
# The log of changes has the way to a content, which may differ.
_LOG = "Event"
_ROUNDS = 6


class Content:
    """Every row of a database, ids that were not in `before` replaced by meaning.

    An id stands for the row that has it: its name is made from the row's values, then
    from the names of the rows those point to, and so on, as graphs are compared.
    """

    def __init__(self, emulator: Emulator, before: bytes) -> None:
        known = _ids(_tables(before))
        self._tables = _tables(emulator.snapshot())
        self._names = dict.fromkeys(sorted(_ids(self._tables) - known), "new")
        for _ in range(_ROUNDS):
            self._names = self._renamed()
        stock = _rows(_tables(before))
        self.rows: Counter[tuple[str, Row]] = Counter(
            (table, self._named(row))
            for table, rows in _rows(self._tables).items()
            for row in rows
            if row not in stock.get(table, ())
        )

    def _named(self, row: Row, *, own: bool = True) -> Row:
        return tuple(
            (name, self._names.get(str(value), value))
            for name, value in row
            if own or name != "id"
        )

    def _renamed(self) -> dict[str, str]:
        renamed = {}
        for table, rows in _rows(self._tables).items():
            for row in rows:
                key = str(dict(row).get("id"))
                if key in self._names:
                    text = repr((table, self._named(row, own=False)))
                    renamed[key] = hashlib.sha256(text.encode()).hexdigest()[:12]
        return renamed


def _tables(snapshot: bytes) -> dict[str, list[dict[str, object]]]:
    connection = sqlite3.connect(":memory:")
    connection.row_factory = sqlite3.Row
    try:
        connection.deserialize(snapshot)
        names = [
            row[0]
            for row in connection.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table'"
            )
            if row[0] not in (_LOG, "sqlite_sequence")
        ]
        return {
            name: [dict(row) for row in connection.execute(f'SELECT * FROM "{name}"')]  # noqa: S608 - a table's name
            for name in names
        }
    finally:
        connection.close()


def _rows(tables: dict[str, list[dict[str, object]]]) -> dict[str, set[Row]]:
    return {
        table: {
            tuple(sorted((k, v) for k, v in row.items() if k != _ORDER)) for row in rows
        }
        for table, rows in tables.items()
    }


def _ids(tables: dict[str, list[dict[str, object]]]) -> set[str]:
    return {str(row["id"]) for rows in tables.values() for row in rows if "id" in row}
