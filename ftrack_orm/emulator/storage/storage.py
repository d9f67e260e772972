"""Read and write the rows of the emulator: one database, one writer at a time.

Each value has one stored form: datetimes are ISO text in UTC with second precision and
no offset, booleans are 0 and 1, objects and values of any type are JSON text. The
storage does not check foreign keys; the actions do.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from ftrack_orm.emulator.storage.database import (
    copy_into,
    image_of,
    missing_statements,
    open_database,
)
from ftrack_orm.emulator.storage.object_types import OBJECT_TYPE, with_object_types
from ftrack_orm.emulator.storage.schema_tables import tables_of
from ftrack_orm.emulator.storage.statements import is_among
from ftrack_orm.emulator.storage.tables import (
    FROM_TYPE,
    LINK_FROM_ROOT,
    LINK_ROOT,
    ORDER,
    SPARSE_VALUES,
    TYPE,
    Tables,
    is_dense,
)
from ftrack_orm.emulator.storage.transactions import Transactions
from ftrack_orm.errors.emulator import EmulatorError
from ftrack_orm.errors.entity import EntityKeyError, UnknownAttributeError
from ftrack_orm.schema.model import Schema
from ftrack_orm.types import EntityKey

__all__ = ["Connection", "DuplicateKeyError", "Storage", "is_among"]

Connection = sa.Connection
"""An open transaction, from `Storage.transaction`."""


_EMPTY: Final = "empty database"
"""The key of the tables' `shared` that holds a database with the empty tables."""


class DuplicateKeyError(EmulatorError):
    """A row with this primary key exists already.

    Attributes:
        entity_type: the type of the row.
        key: the key.
    """

    def __init__(self, entity_type: str, key: EntityKey) -> None:
        values = ", ".join(str(value) for value in key)
        super().__init__(
            f"There is a {entity_type} with the key ({values}) already. "
            "Update it, or use another key."
        )
        self.entity_type = entity_type
        self.key = key


class Storage:
    """The rows of an emulated server.

    Statements on rows run on the driver's connection. It is the only one of the engine,
    so they are part of the open transaction.

    Attributes:
        schema: the types of the rows: those of `base_schema`, and one for each object
            type that was created since (protocol 4.4).
        base_schema: the types without those of new object types.
        relations: the relations of the schema.
        tables: the tables of the schema.
        database: the path of the database file; `None` for a database in memory.
    """

    def __init__(self, schema: Schema, database: Path | None = None) -> None:
        self.base_schema = schema
        self.schema = schema
        self.relations, self.tables, self._statements = tables_of(schema)
        self.database = database
        self._lock = threading.RLock()
        self._engine, self._driver = open_database(database)
        self._connection = self._engine.connect()
        self._transactions = Transactions(self._driver)
        self._completed: tuple[Tables, list[tuple[str]]] | None = None
        self._restored: tuple[Tables, Schema] | None = None
        self._complete_tables()
        self.refresh_types()
        self._empty = self.snapshot() if database is None else None

    # -- transactions ------------------------------------------------------------

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Open a transaction; it waits for the end of any other one.

        An exception rolls back the transaction, and the schema with it.
        """
        with self._lock:
            before = self.schema, self.relations, self.base_schema
            tables, statements = self.tables, self._statements
            self._transactions.begin()
            try:
                yield self._connection
                self._transactions.commit()
            except BaseException:
                self._transactions.roll_back()
                # Types of object types that were created here are undone, too.
                self.schema, self.relations, self.base_schema = before
                self.tables, self._statements = tables, statements
                raise

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Block all other threads for the time of several transactions."""
        with self._lock:
            yield

    # -- rows --------------------------------------------------------------------

    def insert(
        self, connection: Connection, entity_type: str, values: Mapping[str, Any]
    ) -> None:
        """Add a row; attributes not in `values` are null.

        Raises:
            DuplicateKeyError: a row with this key exists.
            UnknownAttributeError: the type stores no such attribute.
        """
        self._check_names(entity_type, values)
        statement = self._statements.insert(entity_type)
        get = self._row(entity_type, values).get
        try:
            self._driver.execute(
                statement.text, [get(name) for name in statement.names]
            )
        except sqlite3.IntegrityError as error:
            raise self._duplicate(entity_type, values) from error

    def insert_many(
        self,
        connection: Connection,
        entity_type: str,
        rows: Iterable[Mapping[str, Any]],
    ) -> int:
        """Add many rows of one concrete type; return their number.

        Raises:
            DuplicateKeyError: a row with the key of one of them exists.
            UnknownAttributeError: the type stores no such attribute.
        """
        names = self._statements.names(entity_type)
        statement = self._statements.insert(entity_type)
        prepared: list[tuple[Any, ...]] = []
        for row in rows:
            if not names.issuperset(row):
                self._check_names(entity_type, row)
            values = self._row(entity_type, row)
            prepared.append(tuple([values.get(name) for name in statement.names]))
        if not prepared:
            return 0
        changes_before = self._driver.total_changes
        try:
            self._driver.executemany(statement.text, prepared)
        except sqlite3.IntegrityError as error:
            # SQLite inserts row by row: the number of inserted rows is the position of
            # the row that failed.
            duplicate = prepared[self._driver.total_changes - changes_before]
            row = dict(zip(statement.names, duplicate, strict=True))
            raise self._duplicate(entity_type, row) from error
        return len(prepared)

    def update(
        self,
        connection: Connection,
        entity_type: str,
        key: EntityKey,
        values: Mapping[str, Any],
    ) -> bool:
        """Change attributes of one row; return whether the row exists."""
        self._check_names(entity_type, values)
        if not values:
            return self.find(connection, entity_type, key) is not None
        self._check_key(entity_type, key)
        statement = self._statements.update(entity_type, values)
        parameters = statement.bind({**values, **self._statements.key_values(key)})
        return self._driver.execute(statement.text, parameters).rowcount > 0

    def delete(self, connection: Connection, entity_type: str, key: EntityKey) -> bool:
        """Remove one row; return whether it existed."""
        self._check_key(entity_type, key)
        statement = self._statements.delete(entity_type)
        parameters = statement.bind(self._statements.key_values(key))
        return self._driver.execute(statement.text, parameters).rowcount > 0

    def delete_where(
        self, connection: Connection, entity_type: str, /, **equals: Any
    ) -> int:
        """Remove the rows that `find_where` would return; return their number."""
        self._check_names(entity_type, equals)
        statement, values = self._statements.where("delete", entity_type, equals)
        return self._driver.execute(statement, values).rowcount

    def find(
        self, connection: Connection, entity_type: str, key: EntityKey
    ) -> dict[str, Any] | None:
        """Return the row with a key, or `None`.

        The row has the stored attributes of its concrete type, and the name of that
        type as ``__type__``. `entity_type` may be a base of the concrete type. Dense
        custom attribute types return stored values only, not the defaults.
        """
        self._check_key(entity_type, key)
        statement = self._statements.by_key(entity_type)
        found = self._driver.execute(statement, key).fetchone()
        if found is None:
            return None
        row = self._statements.read(entity_type, found)
        return row if self.is_of_type(entity_type, row) else None

    def is_of_type(self, entity_type: str, row: Mapping[str, Any]) -> bool:
        """Return whether a row of the type's family is of the type or a subtype."""
        if is_dense(entity_type) or entity_type in (LINK_ROOT, LINK_FROM_ROOT):
            return True
        return self.tables.is_subtype(row[TYPE], entity_type)

    def as_stored(self, root: str, values: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return values in the form in which they are read after a write.

        Returns `None` if that form is not known before the read.
        """
        return self._statements.as_stored(root, values)

    def full_row(self, entity_type: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return the row that `insert` adds for these values, with its type."""
        concrete = SPARSE_VALUES if is_dense(entity_type) else entity_type
        row = dict.fromkeys(self.tables.columns(concrete))
        return {**row, **values, TYPE: concrete}

    def find_where(
        self, connection: Connection, entity_type: str, /, **equals: Any
    ) -> list[dict[str, Any]]:
        """Return every row of a type with these values, in order of insertion.

        `None` matches rows without a value; a list, tuple or set matches rows with one
        of its values.
        """
        self._check_names(entity_type, equals)
        statement, values = self._statements.where("select", entity_type, equals)
        read = self._statements.read
        return [
            read(entity_type, row) for row in self._driver.execute(statement, values)
        ]

    def fetch(
        self,
        connection: Connection,
        statement_key: Hashable,
        build: Callable[[], sa.Executable],
        values: Mapping[str, Any],
    ) -> list[tuple[Any, ...]]:
        """Return the rows of a statement that is compiled once for these tables.

        Args:
            connection: the open transaction.
            statement_key: identifies the statement.
            build: returns the statement; it is called on the first use.
            values: the values of the statement's parameters, by name.
        """
        compiled = self._statements.compiled(statement_key, build)
        return self._driver.execute(compiled.text, compiled.bind(values)).fetchall()

    def has_column(self, entity_type: str, attribute: str) -> bool:
        """Return whether the rows of a type store an attribute."""
        return attribute in self._statements.names(entity_type)

    # -- schema and snapshots ------------------------------------------------------

    def add_types(self, schema: Schema) -> None:
        """Use a schema that has more types or attributes than the current one.

        A rollback of the current transaction restores the schema before.
        """
        with self._lock:
            self.base_schema = schema
            self._use_schema(schema)
            self.refresh_types()

    def refresh_types(self) -> None:
        """Add a type to the schema for each stored object type."""
        with self._lock:
            schema = with_object_types(self.base_schema, self._object_types())
            if schema != self.schema:
                self._use_schema(schema)

    def retype(self, connection: Connection, old: str, new: str) -> None:
        """Change the type of all entities of type `old` to `new`, of the same family.

        Columns that hold a type's name, such as those of metadata, change too.
        """
        columns = {
            (self.tables.root(entity_schema.name), attribute.name)
            for entity_schema in self.schema
            for attribute in entity_schema.attributes.values()
            if attribute.transform is not None
            and self.has_column(entity_schema.name, attribute.name)
        }
        columns.add((self.tables.root(old), self.tables.type_column(old)))
        for root, name in sorted(columns):
            column = self.tables.table(root).c[name]
            connection.execute(
                sa.update(column.table).where(column == old).values({column: new})
            )

    def snapshot(self) -> bytes:
        """Return the content of the database, for `restore`."""
        with self._lock:
            self._transactions.keep()
            return image_of(self._driver)

    def restore(self, snapshot: bytes) -> None:
        """Replace the content of the database by that of a snapshot.

        A small snapshot that was also the last one restored is not copied again.
        """
        with self._lock:
            undone = self._transactions.undo(snapshot)
            if not undone:
                copy_into(self._driver, snapshot)
            if not undone or self._restored != (self.tables, self.base_schema):
                self._complete_tables()
                self.refresh_types()
            if self.database is None:
                self._restored = self.tables, self.base_schema
                self._transactions.begin_undoable(snapshot)

    def was_restored(self, snapshot: bytes) -> bool:
        """Return whether this object, a small one, was the last snapshot restored."""
        return self._transactions.leads_back_to(snapshot)

    def reset(self) -> None:
        """Remove every row."""
        if self._empty is not None:
            self.restore(self._empty)
            return
        with self.transaction() as connection:
            for table in self.tables.metadata.tables.values():
                connection.execute(sa.delete(table))

    def define(
        self,
        functions: Mapping[str, Callable[[], str | None]],
        statements: Iterable[str],
    ) -> None:
        """Define SQL functions and temporary triggers, which no snapshot contains.

        Args:
            functions: functions without arguments, by name.
            statements: the statements that create the triggers.
        """
        with self._lock:
            self._transactions.keep()
            for name, function in functions.items():
                self._driver.create_function(name, 0, function)
            for statement in statements:
                self._driver.execute(statement)

    def close(self) -> None:
        """Close the database; a second call does nothing."""
        with self._lock:
            self._connection.close()
            self._engine.dispose()
            self._driver.close()

    # -- details -----------------------------------------------------------------

    def _use_schema(self, schema: Schema) -> None:
        self.schema = schema
        self.relations, self.tables, self._statements = tables_of(schema)
        self._complete_tables()

    def _object_types(self) -> list[dict[str, Any]]:
        if OBJECT_TYPE not in self.base_schema:
            return []
        table = self.tables.table(OBJECT_TYPE)
        names = self.tables.columns(OBJECT_TYPE)
        listed = ", ".join(f'"{table.c[name].name}"' for name in names)
        rows = self._driver.execute(
            f'SELECT {listed} FROM "{table.name}" ORDER BY "{ORDER}"'  # noqa: S608 - names of the schema
        )
        return [dict(zip(names, row, strict=True)) for row in rows]

    def _complete_tables(self) -> None:
        """Create the tables and columns of the schema that the database lacks."""
        with self._lock:
            # Most snapshots are of this schema, and listing all columns takes longer
            # than copying a small database.
            definitions = self._definitions()
            if self._completed == (self.tables, definitions):
                return
            if not definitions and self.database is None:
                self._copy_empty_tables()
            else:
                self._create_missing()
            self._completed = self.tables, self._definitions()

    def _copy_empty_tables(self) -> None:
        """Copy the empty tables of a former emulator with the same schema."""
        shared = self.tables.shared
        if _EMPTY not in shared:
            self._create_missing()
            shared[_EMPTY] = image_of(self._driver)
        else:
            copy_into(self._driver, shared[_EMPTY])

    def _create_missing(self) -> None:
        rows = self._driver.execute(
            "SELECT m.name, c.name FROM sqlite_master AS m "
            "JOIN pragma_table_info(m.name) AS c WHERE m.type = 'table'"
        )
        present: dict[str, set[str]] = {}
        for table_name, column_name in rows:
            present.setdefault(table_name, set()).add(column_name)
        for statement in missing_statements(self.tables.metadata, present):
            self._driver.execute(statement)

    def _definitions(self) -> list[tuple[str]]:
        """Return the statements that define the tables and indexes of the database."""
        return self._driver.execute("SELECT sql FROM sqlite_master").fetchall()

    def _duplicate(
        self, entity_type: str, values: Mapping[str, Any]
    ) -> DuplicateKeyError:
        names = self.schema[entity_type].primary_key
        return DuplicateKeyError(entity_type, tuple(values.get(n, "") for n in names))

    def _row(self, entity_type: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return values with the column of the type, or of both types of a link."""
        row = {**values, TYPE: SPARSE_VALUES if is_dense(entity_type) else entity_type}
        if self.tables.root(entity_type) == LINK_ROOT:
            row[TYPE] = self._link_type(values.get("to_entity_type"), LINK_ROOT)
            row[FROM_TYPE] = self._link_type(
                values.get("from_entity_type"), LINK_FROM_ROOT
            )
            if self.tables.type_column(entity_type) == TYPE:
                row[TYPE] = entity_type
            else:
                row[FROM_TYPE] = entity_type
        return row

    def _link_type(self, linked: str | None, root: str) -> str:
        """Return the link type for one end: `UserCustomAttributeLink` for a user."""
        if linked is None or linked not in self.schema:
            return root
        for base in self.schema.bases(linked):
            if f"{base.name}{root}" in self.schema:
                return f"{base.name}{root}"
        return root

    def _check_names(self, entity_type: str, values: Iterable[str]) -> None:
        names = self._statements.names(entity_type)
        for name in values:
            if name not in names:
                columns = self.tables.columns(entity_type)
                raise UnknownAttributeError(entity_type, name, columns)

    def _check_key(self, entity_type: str, key: EntityKey) -> None:
        names = self.schema[entity_type].primary_key
        if len(names) != len(key):
            raise EntityKeyError(entity_type, names, key)
