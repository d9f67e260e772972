"""Read and write the rows of the emulator: one database, one writer at a time.

Each value has one stored form: datetimes are ISO text in UTC with second precision and
no offset, booleans are 0 and 1, objects and values of any type are JSON text. The
storage does not check foreign keys; the actions do.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from ftrack_orm.emulator.storage.database import (
    copy_into,
    image_of,
    missing_statements,
    open_database,
)
from ftrack_orm.emulator.storage.object_types import OBJECT_TYPE, with_object_types
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
from ftrack_orm.errors.emulator import EmulatorError
from ftrack_orm.errors.entity import EntityKeyError, UnknownAttributeError
from ftrack_orm.schema.model import Schema
from ftrack_orm.schema.relations import Relations
from ftrack_orm.types import EntityKey

_MAX_BOUND_VALUES: Final = 50

_Verb: TypeAlias = Literal["select", "update", "delete"]

Connection = sa.Connection
"""An open transaction, from `Storage.transaction`."""


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
        self.relations = Relations(schema)
        self.tables = Tables(schema, self.relations)
        self.database = database
        self._lock = threading.RLock()
        self._engine, self._driver = open_database(database)
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
            previous = self.schema, self.relations, self.tables, self.base_schema
            try:
                with self._engine.begin() as connection:
                    yield connection
            except BaseException:
                # Types of object types that were created here are undone, too.
                self.schema, self.relations, self.tables, self.base_schema = previous
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
        table = self.tables.table(entity_type)
        self._check_names(entity_type, values)
        row = self._row(entity_type, values)
        try:
            connection.execute(sa.insert(table), row)
        except IntegrityError as error:
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
        names = set(self.tables.columns(entity_type))
        column_names = [*self.tables.columns(entity_type), *self._row(entity_type, {})]
        statement, order = self._insert_statement(entity_type, column_names)
        prepared: list[tuple[Any, ...]] = []
        for row in rows:
            if not names.issuperset(row):
                self._check_names(entity_type, row)
            values = self._row(entity_type, row)
            prepared.append(tuple([values.get(name) for name in order]))
        if not prepared:
            return 0
        changes_before = self._driver.total_changes
        try:
            connection.exec_driver_sql(statement, prepared)
        except IntegrityError as error:
            # SQLite inserts row by row: the number of inserted rows is the position of
            # the row that failed.
            duplicate = prepared[self._driver.total_changes - changes_before]
            row = dict(zip(order, duplicate, strict=True))
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
        statement = self._key_statement("update", entity_type, tuple(values))
        parameters = {**self._key_parameters(entity_type, key), **values}
        return connection.execute(statement, parameters).rowcount > 0

    def delete(self, connection: Connection, entity_type: str, key: EntityKey) -> bool:
        """Remove one row; return whether it existed."""
        statement = self._key_statement("delete", entity_type)
        result = connection.execute(statement, self._key_parameters(entity_type, key))
        return result.rowcount > 0

    def delete_where(
        self, connection: Connection, entity_type: str, /, **equals: Any
    ) -> int:
        """Remove the rows that `find_where` would return; return their number."""
        table = self.tables.table(entity_type)
        where = [
            *self._type_condition(entity_type),
            *self._equality_conditions(entity_type, equals),
        ]
        return connection.execute(sa.delete(table).where(*where)).rowcount

    def find(
        self, connection: Connection, entity_type: str, key: EntityKey
    ) -> dict[str, Any] | None:
        """Return the row with a key, or `None`.

        The row has the stored attributes of its concrete type, and the name of that
        type as ``__type__``. `entity_type` may be a base of the concrete type. Dense
        custom attribute types return stored values only, not the defaults.
        """
        statement = self._key_statement("select", entity_type)
        result = connection.execute(statement, self._key_parameters(entity_type, key))
        row = result.mappings().first()
        return None if row is None else self._read(entity_type, row)

    def find_where(
        self, connection: Connection, entity_type: str, /, **equals: Any
    ) -> list[dict[str, Any]]:
        """Return every row of a type with these values, in order of insertion.

        `None` matches rows without a value; a list, tuple or set matches rows with one
        of its values.
        """
        table = self.tables.table(entity_type)
        statement = (
            sa.select(table)
            .where(
                *self._type_condition(entity_type),
                *self._equality_conditions(entity_type, equals),
            )
            .order_by(table.c[ORDER])
        )
        rows = connection.execute(statement).mappings()
        return [self._read(entity_type, row) for row in rows]

    def has_column(self, entity_type: str, attribute: str) -> bool:
        """Return whether the rows of a type store an attribute."""
        return attribute in self.tables.columns(entity_type)

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
            return image_of(self._driver)

    def restore(self, snapshot: bytes) -> None:
        """Replace the content of the database by that of a snapshot."""
        with self._lock:
            copy_into(self._driver, snapshot)
            self._complete_tables()
            self.refresh_types()

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
            for name, function in functions.items():
                self._driver.create_function(name, 0, function)
            for statement in statements:
                self._driver.execute(statement)

    def close(self) -> None:
        """Close the database; a second call does nothing."""
        with self._lock:
            self._engine.dispose()
            self._driver.close()

    # -- details -----------------------------------------------------------------

    def _use_schema(self, schema: Schema) -> None:
        self.schema = schema
        self.relations = Relations(schema)
        self.tables = Tables(schema, self.relations)
        self._complete_tables()

    def _object_types(self) -> list[dict[str, Any]]:
        if OBJECT_TYPE not in self.base_schema:
            return []
        table = self.tables.table(OBJECT_TYPE)
        names = self.tables.columns(OBJECT_TYPE)
        listed = ", ".join(f'"{name}"' for name in names)
        rows = self._driver.execute(
            f'SELECT {listed} FROM "{table.name}" ORDER BY "{ORDER}"'  # noqa: S608 - names of the schema
        )
        return [dict(zip(names, row, strict=True)) for row in rows]

    def _complete_tables(self) -> None:
        """Create the tables and columns of the schema that the database lacks."""
        with self._lock:
            rows = self._driver.execute(
                "SELECT m.name, c.name FROM sqlite_master AS m "
                "JOIN pragma_table_info(m.name) AS c WHERE m.type = 'table'"
            )
            present: dict[str, set[str]] = {}
            for table_name, column_name in rows:
                present.setdefault(table_name, set()).add(column_name)
            for statement in missing_statements(self.tables.metadata, present):
                self._driver.execute(statement)

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

    def _read(self, entity_type: str, row: sa.RowMapping) -> dict[str, Any]:
        concrete = row[self.tables.type_column(entity_type)]
        values = {name: row[name] for name in self.tables.columns(concrete)}
        values[TYPE] = concrete
        return values

    def _check_names(self, entity_type: str, values: Iterable[str]) -> None:
        columns = self.tables.columns(entity_type)
        for name in values:
            if name not in columns:
                raise UnknownAttributeError(entity_type, name, columns)

    def _type_condition(self, entity_type: str) -> list[sa.ColumnElement[bool]]:
        """Return the condition that rows of a family are of a type."""
        root = self.tables.root(entity_type)
        if entity_type in (root, LINK_FROM_ROOT) or is_dense(entity_type):
            return []
        column = self.tables.table(entity_type).c[self.tables.type_column(entity_type)]
        return [column.in_(self.tables.subtypes(entity_type))]

    def _insert_statement(
        self, entity_type: str, names: Sequence[str]
    ) -> tuple[str, Sequence[str]]:
        """Return the text of an insert statement and the order of its values."""
        # Plain tuples for the driver halve the time of large seeds.
        statement_key = ("insert", entity_type)
        if statement_key not in self.tables.statements:
            statement = sa.insert(self.tables.table(entity_type))
            compiled = statement.compile(
                dialect=self._engine.dialect, column_keys=list(names)
            )
            order = compiled.positiontup or []
            self.tables.statements[statement_key] = (str(compiled), order)
        text, order = self.tables.statements[statement_key]
        return text, order

    def _key_statement(
        self, verb: _Verb, entity_type: str, names: tuple[str, ...] = ()
    ) -> sa.Executable:
        """Return the statement for the row with a key.

        Its parameters are ``key 0``, ``key 1`` ... for the values of the key, and the
        names of the attributes for the values of an update.
        """
        # Building a statement takes longer than running it.
        statement_key = (verb, entity_type, names)
        statement = self.tables.statements.get(statement_key)
        if statement is None:
            table = self.tables.table(entity_type)
            where = [
                table.c[name] == sa.bindparam(f"key {position}")
                for position, name in enumerate(self.schema[entity_type].primary_key)
            ]
            where += self._type_condition(entity_type)
            if verb == "update":
                statement = sa.update(table).where(*where)
                statement = statement.values(
                    {name: sa.bindparam(name) for name in names}
                )
            elif verb == "delete":
                statement = sa.delete(table).where(*where)
            else:
                statement = sa.select(table).where(*where)
            self.tables.statements[statement_key] = statement
        return statement

    def _key_parameters(self, entity_type: str, key: EntityKey) -> dict[str, Any]:
        names = self.schema[entity_type].primary_key
        if len(names) != len(key):
            raise EntityKeyError(entity_type, names, key)
        return {f"key {position}": value for position, value in enumerate(key)}

    def _equality_conditions(
        self, entity_type: str, equals: Mapping[str, Any]
    ) -> Iterator[sa.ColumnElement[bool]]:
        self._check_names(entity_type, equals)
        table = self.tables.table(entity_type)
        for name, value in equals.items():
            if isinstance(value, (list, tuple, set, frozenset)):
                yield is_among(table.c[name], list(value))
            else:
                yield table.c[name] == value


def is_among(
    column: sa.ColumnElement[Any], values: Sequence[Any]
) -> sa.ColumnElement[bool]:
    """Return ``column IN (values)`` for any number of values."""
    # SQLite counts bound values when it plans a query, so a few are bound one by one.
    # It binds at most 32,766 of them, so many are passed as one JSON text.
    if 0 < len(values) <= _MAX_BOUND_VALUES:
        return column.in_(values)
    listed = sa.func.json_each(json.dumps(values)).table_valued("value")
    return column.in_(sa.select(listed.c.value))
