"""The rows that a transaction has read or written, by key.

The operations of a batch read the same rows again and again: the row that they change,
its parent, the configuration of a value. Every write goes through the cache, so a
cached row is the row that a read would return.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING, Any, Final

from ftrack_orm.emulator.storage.tables import LINK_ROOT
from ftrack_orm.types import EntityKey, JSONObject

if TYPE_CHECKING:
    from ftrack_orm.emulator.storage.storage import Storage

_MOST_ROWS: Final = 5_000
"""Rows of a family that are cached at a time."""


class RowCache:
    """Rows by the root of their family and their key.

    A caller must not change a row that the cache returns: a write replaces it.
    """

    __slots__ = ("_answers", "_rows", "_storage")

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._rows: dict[str, dict[EntityKey, JSONObject]] = {}
        self._answers: dict[tuple[str, ...], dict[Hashable, Any]] = {}

    def find(self, root: str, key: EntityKey) -> JSONObject | None:
        """Return the cached row with a key, or ``None``."""
        rows = self._rows.get(root)
        return None if rows is None else rows.get(key)

    def add(self, root: str, key: EntityKey, row: JSONObject) -> None:
        """Cache a row that was read by a key."""
        # The type of a link depends on the end from which it is read. A key that SQLite
        # converts, such as text for a number, would be a second key of the row.
        names = self._storage.schema[root].primary_key
        if root != LINK_ROOT and key == tuple(row[name] for name in names):
            self._family(root)[key] = row

    def insert(self, root: str, key: EntityKey, row: JSONObject) -> None:
        """Note a new row, with a value for every attribute of its type."""
        self._drop_answers(root)
        stored = self._storage.as_stored(root, row)
        if root != LINK_ROOT and stored is not None:
            self._family(root)[key] = stored

    def update(self, root: str, key: EntityKey, values: Mapping[str, Any]) -> None:
        """Note a change of the row with a key."""
        self._drop_answers(root)
        rows = self._rows.get(root)
        if not rows:
            return
        row = rows.get(key)
        stored = self._storage.as_stored(root, values)
        names = self._storage.schema[root].primary_key
        if row is None or stored is None or not stored.keys().isdisjoint(names):
            rows.clear()
        else:
            rows[key] = {**row, **stored}

    def remove(self, root: str) -> None:
        """Note that rows of a family were removed, or changed in an unknown way."""
        self._drop_answers(root)
        self._rows.pop(root, None)

    def clear(self) -> None:
        """Drop everything, after a change of the schema."""
        self._rows.clear()
        self._answers.clear()

    def answers(self, *roots: str) -> dict[Hashable, Any]:
        """Return a place for answers that depend on rows of these families only.

        A write to one of the families empties it.
        """
        return self._answers.setdefault(roots, {})

    def _family(self, root: str) -> dict[EntityKey, JSONObject]:
        rows = self._rows.setdefault(root, {})
        if len(rows) >= _MOST_ROWS:
            rows.clear()
        return rows

    def _drop_answers(self, root: str) -> None:
        for roots, answers in self._answers.items():
            if root in roots:
                answers.clear()
