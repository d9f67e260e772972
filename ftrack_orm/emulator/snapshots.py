"""Snapshots: everything an emulator holds, in one piece of bytes or one file.

A snapshot is a SQLite database, the one of the rows; the files of components are in
a table of their own in it. Its header bears the number of this program, so that other
databases are not taken for one.
"""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Final, NamedTuple

from ftrack_orm.emulator.database import APPLICATION_ID
from ftrack_orm.errors import EmulatorError

_FILES: Final = "__files__"
_MAGIC: Final = b"SQLite format 3\0"
# Where a database file says whose it is.
_APPLICATION: Final = slice(68, 72)


class NotASnapshotError(EmulatorError):
    """The bytes are no snapshot of an emulator; nothing was changed."""

    def __init__(self, source: str) -> None:
        super().__init__(
            f"{source} holds no snapshot of an emulator. Make one with "
            "Emulator.snapshot()."
        )
        self.source = source


class Content(NamedTuple):
    """What is in a snapshot: the image of the rows, and files by name."""

    image: bytes
    files: list[tuple[str, bytes]]


def pack(image: bytes, files: Iterable[tuple[str, bytes]]) -> bytes:
    """Return rows and files as one snapshot; the same content gives the same bytes."""
    rows = sorted(files)
    if not rows:
        return image
    connection = sqlite3.connect(":memory:")
    try:
        connection.deserialize(image)
        connection.execute(f"CREATE TABLE {_FILES} (name TEXT, content BLOB)")
        connection.executemany(f"INSERT INTO {_FILES} VALUES (?, ?)", rows)  # noqa: S608 - a constant
        connection.commit()
        return connection.serialize()
    finally:
        connection.close()


def unpack(snapshot: bytes, source: str = "This") -> Content:
    """Return what is in a snapshot.

    Raises:
        NotASnapshotError: it is none; `source` says where it came from.
    """
    number = int.from_bytes(snapshot[_APPLICATION], "big")
    if not snapshot.startswith(_MAGIC) or number != APPLICATION_ID:
        raise NotASnapshotError(source)
    connection = sqlite3.connect(":memory:")
    try:
        connection.deserialize(snapshot)
        present = "SELECT 1 FROM sqlite_master WHERE name = ?"
        if connection.execute(present, (_FILES,)).fetchone() is None:
            return Content(snapshot, [])
        rows = connection.execute(f"SELECT name, content FROM {_FILES}").fetchall()  # noqa: S608 - a constant
        connection.execute(f"DROP TABLE {_FILES}")
        connection.commit()
        return Content(connection.serialize(), rows)
    except sqlite3.DatabaseError as error:
        raise NotASnapshotError(source) from error
    finally:
        connection.close()


def write(path: Path, snapshot: bytes) -> None:
    """Write a snapshot to a file: all of it, or the file stays what it was."""
    with tempfile.NamedTemporaryFile(
        dir=path.parent, prefix=f".{path.name}.", delete=False
    ) as file:
        beside = Path(file.name)
        try:
            file.write(snapshot)
            file.flush()
            os.fsync(file.fileno())
            beside.replace(path)
        except BaseException:
            beside.unlink(missing_ok=True)
            raise
