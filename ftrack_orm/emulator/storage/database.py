"""Open, extend and copy the SQLite database of the storage."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, TypeAlias

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite
from sqlalchemy.pool import StaticPool

from ftrack_orm.errors.emulator import EmulatorError

_SqlValue: TypeAlias = str | int | float | bytes | None

APPLICATION_ID: Final = 0x46744F72
"""The application id in the header of an emulator's database: "FtOr" in ASCII."""

_DIALECT: Final = sqlite.dialect()
_DEFINITIONS: Final = "ftrack_orm definitions"
"""The key of a table's `info` that holds the statements which create it."""

# The driver parses a statement again when it is not among those it used last. A batch
# uses a few for each type.
_CACHED_STATEMENTS: Final = 512

# Not ":memory:": there SQLite visits every page that was ever written at each commit,
# so a commit on a large database takes many times as long. The databases of this file
# system are limited to 1 GiB.
_IN_MEMORY: Final = "file:emulator?vfs=memdb"

# Pages are copied from the database into this cache. With the default of 2 MiB, pages
# that a large query reads again are copied again.
_CACHE_KIBIBYTES: Final = 65_536

# Bytes 18 and 19 of a database file hold its journal mode. SQLite cannot open a
# database in memory whose mode is 2, the write-ahead log.
_WRITE_VERSIONS = slice(18, 20)

# Change counters, which differ between databases with the same content.
_COUNTERS = (slice(24, 28), slice(40, 44), slice(92, 96))


class ForeignDatabaseError(EmulatorError):
    """The file is no database, or that of another program; it was not changed.

    Attributes:
        database: the path of the file.
    """

    def __init__(self, database: Path) -> None:
        super().__init__(
            f"{database} is not the database of an emulator. Name another file, or one "
            "that does not exist yet."
        )
        self.database = database


def open_database(database: Path | None) -> tuple[sa.Engine, sqlite3.Connection]:
    """Return an engine and its only connection, which all threads share in turn.

    Without a path the database is in memory.

    Raises:
        ForeignDatabaseError: the file is not the database of an emulator.
    """
    driver = sqlite3.connect(
        _IN_MEMORY if database is None else database,
        uri=database is None,
        check_same_thread=False,
        cached_statements=_CACHED_STATEMENTS,
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
    # Otherwise the driver begins transactions itself, only before some statements.
    driver.isolation_level = None
    driver.create_function("casefold", 1, _casefold, deterministic=True)
    if database is None:
        # By default SQLite writes large intermediate results to temporary files.
        driver.execute("PRAGMA temp_store = MEMORY")
        driver.execute(f"PRAGMA cache_size = -{_CACHE_KIBIBYTES}")
    else:
        driver.execute("PRAGMA journal_mode = WAL")
        driver.execute("PRAGMA synchronous = NORMAL")
    # The storage begins and ends transactions itself: a connection of SQLAlchemy for
    # each of them takes as long as ten statements.
    engine = sa.create_engine(
        "sqlite://",
        creator=lambda: driver,
        poolclass=StaticPool,
        # Errors must not show values: some are API keys.
        hide_parameters=True,
        isolation_level="AUTOCOMMIT",
    )
    return engine, driver


def _claim(driver: sqlite3.Connection, database: Path | None) -> None:
    """Mark an empty database as an emulator's.

    Raises:
        ForeignDatabaseError: another program created the database.
    """
    [(owner,)] = driver.execute("PRAGMA application_id")
    [(tables,)] = driver.execute("SELECT count(*) FROM sqlite_master")
    if owner == APPLICATION_ID:
        return
    if owner or tables:
        raise ForeignDatabaseError(database or Path(":memory:"))
    driver.execute(f"PRAGMA application_id = {APPLICATION_ID}")


def _casefold(value: _SqlValue) -> _SqlValue:
    """Return text without case, as the SQL function ``casefold``."""
    # The functions of SQLite change the case of ASCII letters only.
    return casefold(value) if isinstance(value, str) else value


_NUL = "\uf8ff"
"""Replaces the NUL character, at which LIKE and NOCASE of SQLite end a text."""


def casefold(text: str) -> str:
    """Return text without case, to compare it with the SQL function ``casefold``."""
    return text.casefold().replace("\0", _NUL)


def copy_into(driver: sqlite3.Connection, snapshot: bytes) -> None:
    """Replace the content of an open database by a snapshot."""
    # Deserialising into the open connection crashes SQLite when a statement over a
    # virtual table such as json_each is cached.
    source = sqlite3.connect(":memory:")
    try:
        source.deserialize(snapshot)
        source.backup(driver)
    finally:
        source.close()


def missing_statements(
    metadata: sa.MetaData, present: Mapping[str, set[str]]
) -> Iterator[str]:
    """Yield statements that create the missing tables, indexes and columns.

    `present` holds the columns of the existing tables, by table.
    """
    for table in metadata.tables.values():
        if table.name not in present:
            yield from _definitions_of(table)
            continue
        for column in table.columns:
            if column.name not in present[table.name]:
                sql_type = column.type.compile(dialect=_DIALECT)
                definition = f'"{column.name}" {sql_type}'
                yield f'ALTER TABLE "{table.name}" ADD COLUMN {definition}'


def _definitions_of(table: sa.Table) -> tuple[str, ...]:
    """Return the statements that create a table and its indexes."""
    statements: tuple[str, ...] | None = table.info.get(_DEFINITIONS)
    if statements is None:
        indexes = sorted(table.indexes, key=lambda index: str(index.name))
        statements = (
            str(sa.schema.CreateTable(table).compile(dialect=_DIALECT)),
            *(
                str(sa.schema.CreateIndex(index).compile(dialect=_DIALECT))
                for index in indexes
            ),
        )
        # Emulators with the same schema share their tables.
        table.info[_DEFINITIONS] = statements
    return statements


def image_of(driver: sqlite3.Connection) -> bytes:
    """Return the content of a database, in a form that opens in memory.

    Databases with the same content have the same bytes.
    """
    image = bytearray(driver.serialize())
    image[_WRITE_VERSIONS] = b"\x01\x01"
    for counter in _COUNTERS:
        image[counter] = b"\0\0\0\1"
    return bytes(image)
