"""Begin and end the transactions of a database, and undo all since a snapshot."""

from __future__ import annotations

import sqlite3
from typing import Final

# A transaction that has changed all of a database needs as much memory again.
_LARGEST_UNDONE: Final = 16 << 20


class Transactions:
    """The transactions of one connection, one at a time.

    After `begin_undoable`, one transaction of the database is left open, and those of
    requests are savepoints in it. To roll it back takes a small part of the time of
    copying a snapshot, after which SQLite parses every definition and statement again.
    """

    def __init__(self, driver: sqlite3.Connection) -> None:
        self._driver = driver
        self._snapshot: bytes | None = None

    def begin(self) -> None:
        """Begin a transaction that may write."""
        undoable = self._snapshot is not None
        self._driver.execute("SAVEPOINT request" if undoable else "BEGIN IMMEDIATE")

    def commit(self) -> None:
        """End a transaction and store its changes."""
        if self._snapshot is None:
            self._driver.commit()
        else:
            self._driver.execute("RELEASE request")

    def roll_back(self) -> None:
        """End a transaction without its changes."""
        if self._snapshot is None:
            self._driver.rollback()
        else:
            self._driver.execute("ROLLBACK TO request")
            self._driver.execute("RELEASE request")

    def begin_undoable(self, snapshot: bytes) -> None:
        """Let `undo` return to the present content, which is that of the snapshot."""
        if len(snapshot) <= _LARGEST_UNDONE:
            self._driver.execute("BEGIN IMMEDIATE")
            self._snapshot = snapshot

    def leads_back_to(self, snapshot: bytes) -> bool:
        """Return whether `undo` would return to this object."""
        return self._snapshot is snapshot

    def undo(self, snapshot: bytes) -> bool:
        """Return whether the content is that of the snapshot again.

        If not, the content is as before; in both cases nothing can be undone after.
        """
        if self._snapshot != snapshot:
            self.keep()
            return False
        self._snapshot = None
        self._driver.rollback()
        return True

    def keep(self) -> None:
        """Store all changes in the database: from now on none can be undone."""
        if self._snapshot is not None:
            self._snapshot = None
            self._driver.commit()
