"""Snapshots: everything an emulator holds, in one piece of bytes or one file.

A snapshot is a SQLite database, the one of the rows; the files of components are in
tables of their own in it, block by block. Its header bears the number of this program,
so that other databases are not taken for one.
"""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Final, NamedTuple

from ftrack_orm.emulator.blobs.in_memory import MemoryBlob
from ftrack_orm.emulator.blobs.store import Blob, BlobStore, read_blocks
from ftrack_orm.emulator.storage.database import APPLICATION_ID
from ftrack_orm.errors.emulator import EmulatorError

_MAKE: Final = """
CREATE TABLE __files__ (name TEXT, e_tag TEXT);
CREATE TABLE __blocks__ (name TEXT, content BLOB);
"""
_DROP: Final = """
BEGIN;
DROP TABLE __files__;
DROP TABLE __blocks__;
COMMIT;
PRAGMA temp_store = MEMORY;
VACUUM;
"""
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
    files: list[tuple[str, MemoryBlob]]


def pack(image: bytes, files: Iterable[tuple[str, Blob]]) -> bytes:
    """Return rows and files as one snapshot.

    The same content gives the same bytes when the files come in the same order.
    """
    found = [*files]
    if not found:
        return image
    connection = sqlite3.connect(":memory:")
    try:
        connection.deserialize(image)
        connection.executescript(_MAKE)
        for name, kept in found:
            connection.execute(
                "INSERT INTO __files__ VALUES (?, ?)", (name, kept.e_tag)
            )
            connection.executemany(
                "INSERT INTO __blocks__ VALUES (?, ?)",
                ((name, block) for block in read_blocks(kept)),
            )
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
        if not _has_files(connection):
            return Content(snapshot, [])
        files = _files(connection)
        # Without what the files took, for the database that takes the rows.
        connection.executescript(_DROP)
        return Content(connection.serialize(), files)
    except sqlite3.DatabaseError as error:
        raise NotASnapshotError(source) from error
    finally:
        connection.close()


def unload(database: Path, files: BlobStore) -> None:
    """Move the files in a snapshot that is to be served as a database to a store.

    Any other database is left alone, and so is one that is not there.
    """
    if not database.exists():
        return
    connection = sqlite3.connect(database)
    try:
        [(number,)] = connection.execute("PRAGMA application_id")
        if number == APPLICATION_ID and _has_files(connection):
            files.replace_contents(_files(connection))
            connection.executescript(_DROP)
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError:
        return  # whose it is is said by who opens it
    finally:
        connection.close()


def _has_files(connection: sqlite3.Connection) -> bool:
    present = "SELECT 1 FROM sqlite_master WHERE name = '__files__'"
    return connection.execute(present).fetchone() is not None


def _files(connection: sqlite3.Connection) -> list[tuple[str, MemoryBlob]]:
    blocks: defaultdict[str, list[bytes]] = defaultdict(list)
    rows = connection.execute("SELECT name, content FROM __blocks__ ORDER BY rowid")
    for name, content in rows:
        blocks[name].append(content)
    rows = connection.execute("SELECT name, e_tag FROM __files__ ORDER BY rowid")
    return [(name, MemoryBlob(blocks[name], e_tag)) for name, e_tag in rows]


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
