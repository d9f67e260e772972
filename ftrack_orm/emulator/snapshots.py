"""Pack the rows and files of an emulator into one snapshot, and unpack it.

A snapshot is the SQLite database of the rows, with two more tables for the files of
components, block by block. Its header has the application id of the emulator, which
distinguishes it from other databases.
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
# The bytes of the application id in the header of a database file.
_APPLICATION: Final = slice(68, 72)


class NotASnapshotError(EmulatorError):
    """The bytes are no snapshot of an emulator; the emulator was not changed.

    Attributes:
        source: the origin of the bytes.
    """

    def __init__(self, source: str) -> None:
        super().__init__(
            f"{source} is not a snapshot of an emulator. Create one with "
            "Emulator.snapshot()."
        )
        self.source = source


class Content(NamedTuple):
    """The content of a snapshot: the database of the rows, and the files by name."""

    image: bytes
    files: list[tuple[str, MemoryBlob]]


def pack(image: bytes, files: Iterable[tuple[str, Blob]]) -> bytes:
    """Return rows and files as one snapshot.

    The same content in the same order of files gives the same bytes.
    """
    blobs = [*files]
    if not blobs:
        return image
    connection = sqlite3.connect(":memory:")
    try:
        connection.deserialize(image)
        connection.executescript(_MAKE)
        for name, blob in blobs:
            connection.execute(
                "INSERT INTO __files__ VALUES (?, ?)", (name, blob.e_tag)
            )
            connection.executemany(
                "INSERT INTO __blocks__ VALUES (?, ?)",
                ((name, block) for block in read_blocks(blob)),
            )
        connection.commit()
        return connection.serialize()
    finally:
        connection.close()


def unpack(snapshot: bytes, source: str = "This") -> Content:
    """Return the content of a snapshot.

    `source` is the origin of the bytes, for the error message.

    Raises:
        NotASnapshotError: the bytes are no snapshot.
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
        # The database of the rows must not grow by the size of the files.
        connection.executescript(_DROP)
        return Content(connection.serialize(), files)
    except sqlite3.DatabaseError as error:
        raise NotASnapshotError(source) from error
    finally:
        connection.close()


def move_files(database: Path, files: BlobStore) -> None:
    """Move the files of a snapshot to a store, before it is opened as the database.

    Does nothing if the file does not exist or is no snapshot with files.
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
        return  # `open_database` raises the error for a foreign file
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
    """Write a snapshot to a file; on failure the file stays unchanged."""
    with tempfile.NamedTemporaryFile(
        dir=path.parent, prefix=f".{path.name}.", delete=False
    ) as file:
        temporary = Path(file.name)
        try:
            file.write(snapshot)
            file.flush()
            os.fsync(file.fileno())
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
