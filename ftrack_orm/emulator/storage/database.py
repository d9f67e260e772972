"""The SQLite database under the storage: opening it, copying it, adding to it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, TypeAlias

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.pool import StaticPool

from ftrack_orm.errors.emulator import EmulatorError

_Stored: TypeAlias = str | int | float | bytes | None

APPLICATION_ID: Final = 0x46744F72
"""What the header of an emulator's database says; "FtOr" in ASCII."""

# Bytes 18 and 19 of a database file say how it is written; 2 is the write-ahead
# log, which a database in memory cannot be opened with.
_WRITE_VERSIONS = slice(18, 20)

# How often the file and its tables were changed: no content.
_COUNTERS = (slice(24, 28), slice(40, 44), slice(92, 96))


class ForeignDatabaseError(EmulatorError):
    """The database file is another program's, or no database; it is left alone."""

    def __init__(self, database: Path) -> None:
        super().__init__(
            f"{database} is not the database of an emulator. Name another file, or one "
            "that does not exist yet."
        )
        self.database = database


def open_database(database: Path | None) -> tuple[sa.Engine, sqlite3.Connection]:
    """Open the engine on its one connection, shared by all threads in turn.

    Raises:
        ForeignDatabaseError: the file is not an emulator's.
    """
    driver = sqlite3.connect(
        ":memory:" if database is None else database, check_same_thread=False
    )
    try:
        _claim(driver, database)
    except sqlite3.DatabaseError as error:
        driver.close()
        if database is None or isinstance(error, sqlite3.OperationalError):
            raise
        raise ForeignDatabaseError(database) from error
    except ForeignDatabaseError:
        driver.close()
        raise
    # Transactions are begun here, not by the driver's guess at a statement.
    driver.isolation_level = None
    driver.create_function("casefold", 1, _casefold, deterministic=True)
    if database is None:
        # SQLite would put large intermediate results in files of its own.
        driver.execute("PRAGMA temp_store = MEMORY")
    else:
        driver.execute("PRAGMA journal_mode = WAL")
        driver.execute("PRAGMA synchronous = NORMAL")
    engine = sa.create_engine("sqlite://", creator=lambda: driver, poolclass=StaticPool)

    @event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine, driver


def _claim(driver: sqlite3.Connection, database: Path | None) -> None:
    """Mark a new database as an emulator's; refuse one that is not."""
    [(owner,)] = driver.execute("PRAGMA application_id")
    [(tables,)] = driver.execute("SELECT count(*) FROM sqlite_master")
    if owner == APPLICATION_ID:
        return
    if owner or tables:
        raise ForeignDatabaseError(database or Path(":memory:"))
    driver.execute(f"PRAGMA application_id = {APPLICATION_ID}")


def _casefold(value: _Stored) -> _Stored:
    """SQL function: SQLite's own comparisons know only the case of ASCII letters."""
    return casefold(value) if isinstance(value, str) else value


_NUL = "\uf8ff"
"""Stands for the NUL character, at which LIKE and NOCASE of SQLite stop to read."""


def casefold(text: str) -> str:
    """Return text as the SQL function ``casefold`` does, for a comparison with it."""
    return text.casefold().replace("\0", _NUL)


def copy_into(driver: sqlite3.Connection, snapshot: bytes) -> None:
    """Make a snapshot the content of an open database."""
    # Deserialising into the connection itself would be shorter, and crashes SQLite
    # when a statement over a virtual table such as json_each is cached.
    source = sqlite3.connect(":memory:")
    try:
        source.deserialize(snapshot)
        source.backup(driver)
    finally:
        source.close()


def missing_statements(
    metadata: sa.MetaData, present: Mapping[str, set[str]]
) -> Iterator[str]:
    """Yield the statements that create tables and columns not yet present."""
    dialect = sa.create_engine("sqlite://").dialect
    for table in metadata.tables.values():
        if table.name not in present:
            yield str(sa.schema.CreateTable(table).compile(dialect=dialect))
            for index in sorted(table.indexes, key=lambda each: str(each.name)):
                yield str(sa.schema.CreateIndex(index).compile(dialect=dialect))
            continue
        for column in table.columns:
            if column.name not in present[table.name]:
                kind = column.type.compile(dialect=dialect)
                yield f'ALTER TABLE "{table.name}" ADD COLUMN "{column.name}" {kind}'


def image_of(driver: sqlite3.Connection) -> bytes:
    """Return the content of a database, as one that can be opened in memory."""
    image = bytearray(driver.serialize())
    image[_WRITE_VERSIONS] = b"\x01\x01"
    for counter in _COUNTERS:
        image[counter] = b"\0\0\0\1"
    return bytes(image)
