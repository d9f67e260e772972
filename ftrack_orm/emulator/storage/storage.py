"""The emulator's rows: one SQLite database, one writer at a time.

Values are stored in one canonical form each: datetimes as ISO text in UTC with
second precision and no offset, booleans as 0 and 1, objects and values of any type
as JSON text. Keys between entities are not enforced here; the handlers do that.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
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

_FEW: Final = 50

_Verb: TypeAlias = Literal["select", "update", "delete"]

Connection = sa.Connection
"""An open transaction, as `Storage.transaction` hands it out."""


class DuplicateKeyError(EmulatorError):
    """A row with this primary key exists already."""

    def __init__(self, entity_type: str, key: EntityKey) -> None:
        shown = ", ".join(str(value) for value in key)
        super().__init__(
            f"There is a {entity_type} with the key ({shown}) already. "
            "Update it, or use another key."
        )
        self.entity_type = entity_type
        self.key = key


class Storage:
    """Every entity of an emulated server.

    Attributes:
        schema: the types whose rows are kept: those it was given, and one for each
            object type that was created since (protocol 4.4).
        given_schema: those it was given.
        relations: how their relations are stored.
        tables: the tables themselves.
    """

    def __init__(self, schema: Schema, database: Path | None = None) -> None:
        self.given_schema = schema
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
        """Open the one transaction there can be; any exception undoes all of it."""
        with self._lock:
            before = self.schema, self.relations, self.tables, self.given_schema
            try:
                with self._engine.begin() as connection:
                    yield connection
            except BaseException:
                # Types that were added are undone with the rest.
                self.schema, self.relations, self.tables, self.given_schema = before
                raise

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Hold off all others for what is more than one transaction."""
        with self._lock:
            yield

    # -- rows --------------------------------------------------------------------

    def insert(
        self, connection: Connection, entity_type: str, values: Mapping[str, Any]
    ) -> None:
        """Add a row; attributes not in `values` are null.

        Raises:
            DuplicateKeyError: there is a row with this key.
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
        """Add many rows of one concrete type; return how many.

        Raises:
            DuplicateKeyError: the key of one of them is taken.
            UnknownAttributeError: the type stores no such attribute.
        """
        names = set(self.tables.columns(entity_type))
        stored = [*self.tables.columns(entity_type), *self._row(entity_type, {})]
        statement, order = self._insertion(entity_type, stored)
        prepared: list[tuple[Any, ...]] = []
        for row in rows:
            if not names.issuperset(row):
                self._check_names(entity_type, row)
            full = self._row(entity_type, row)
            prepared.append(tuple([full.get(name) for name in order]))
        if not prepared:
            return 0
        before = self._driver.total_changes
        try:
            connection.exec_driver_sql(statement, prepared)
        except IntegrityError as error:
            # Rows go in one by one: the one behind those that did is refused.
            refused = prepared[self._driver.total_changes - before]
            row = dict(zip(order, refused, strict=True))
            raise self._duplicate(entity_type, row) from error
        return len(prepared)

    def update(
        self,
        connection: Connection,
        entity_type: str,
        key: EntityKey,
        values: Mapping[str, Any],
    ) -> bool:
        """Change attributes of one row; return whether it was found."""
        self._check_names(entity_type, values)
        if not values:
            return self.find(connection, entity_type, key) is not None
        statement = self._statement("update", entity_type, tuple(values))
        parameters = {**self._key(entity_type, key), **values}
        return connection.execute(statement, parameters).rowcount > 0

    def delete(self, connection: Connection, entity_type: str, key: EntityKey) -> bool:
        """Remove one row; return whether it was found."""
        statement = self._statement("delete", entity_type)
        found = connection.execute(statement, self._key(entity_type, key))
        return found.rowcount > 0

    def delete_where(
        self, connection: Connection, entity_type: str, /, **equals: Any
    ) -> int:
        """Remove the rows that `find_where` would return; return how many."""
        table = self.tables.table(entity_type)
        where = [*self._of_type(entity_type), *self._equal(entity_type, equals)]
        return connection.execute(sa.delete(table).where(*where)).rowcount

    def find(
        self, connection: Connection, entity_type: str, key: EntityKey
    ) -> dict[str, Any] | None:
        """Return one row by its key, or `None`.

        The row holds the stored attributes of its concrete type, and that type as
        ``__type__``. `entity_type` may be a base of it. The dense custom attribute
        types show what was set, not the defaults.
        """
        statement = self._statement("select", entity_type)
        found = connection.execute(statement, self._key(entity_type, key))
        row = found.mappings().first()
        return None if row is None else self._read(entity_type, row)

    def find_where(
        self, connection: Connection, entity_type: str, /, **equals: Any
    ) -> list[dict[str, Any]]:
        """Return every row of a type with these values, in order of insertion.

        `None` finds rows without a value; a list, tuple or set rows with one of its
        values.
        """
        table = self.tables.table(entity_type)
        statement = (
            sa.select(table)
            .where(*self._of_type(entity_type), *self._equal(entity_type, equals))
            .order_by(table.c[ORDER])
        )
        rows = connection.execute(statement).mappings()
        return [self._read(entity_type, row) for row in rows]

    def has_column(self, entity_type: str, attribute: str) -> bool:
        """Return whether a type's rows store the attribute."""
        return attribute in self.tables.columns(entity_type)

    # -- the whole ---------------------------------------------------------------

    def add_types(self, schema: Schema) -> None:
        """Serve another schema from now on: the old one with types or attributes more.

        Inside a transaction it takes part in it.
        """
        with self._lock:
            self.given_schema = schema
            self._serve(schema)
            self.refresh_types()

    def refresh_types(self) -> None:
        """Serve a type for each object type stored, beside those that were given."""
        with self._lock:
            schema = with_object_types(self.given_schema, self._object_types())
            if schema != self.schema:
                self._serve(schema)

    def retype(self, connection: Connection, old: str, new: str) -> None:
        """Make entities of type `old` ones of type `new`, of the same family.

        Rows that name the type of another, like metadata, follow.
        """
        columns = {
            (self.tables.root(entity_type.name), attribute.name)
            for entity_type in self.schema
            for attribute in entity_type.attributes.values()
            if attribute.transform is not None
            and self.has_column(entity_type.name, attribute.name)
        }
        columns.add((self.tables.root(old), self.tables.type_column(old)))
        for root, name in sorted(columns):
            column = self.tables.table(root).c[name]
            connection.execute(
                sa.update(column.table).where(column == old).values({column: new})
            )

    def snapshot(self) -> bytes:
        """Return everything stored, for `restore`."""
        with self._lock:
            return image_of(self._driver)

    def restore(self, snapshot: bytes) -> None:
        """Go back to what was stored when the snapshot was taken."""
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

    def close(self) -> None:
        """Let go of the database; calling it twice is harmless."""
        with self._lock:
            self._engine.dispose()
            self._driver.close()

    # -- details -----------------------------------------------------------------

    def _serve(self, schema: Schema) -> None:
        self.schema = schema
        self.relations = Relations(schema)
        self.tables = Tables(schema, self.relations)
        self._complete_tables()

    def _object_types(self) -> list[dict[str, Any]]:
        if OBJECT_TYPE not in self.given_schema:
            return []
        table = self.tables.table(OBJECT_TYPE)
        names = self.tables.columns(OBJECT_TYPE)
        listed = ", ".join(f'"{name}"' for name in names)
        rows = self._driver.execute(
            f'SELECT {listed} FROM "{table.name}" ORDER BY "{ORDER}"'  # noqa: S608 - names of the schema
        )
        return [dict(zip(names, row, strict=True)) for row in rows]

    def _complete_tables(self) -> None:
        """Create what the schema asks for and the database has not yet."""
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
        """Return values with the type, or both types of a link, beside them."""
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
        found = {name: row[name] for name in self.tables.columns(concrete)}
        found[TYPE] = concrete
        return found

    def _check_names(self, entity_type: str, values: Iterable[str]) -> None:
        columns = self.tables.columns(entity_type)
        for name in values:
            if name not in columns:
                raise UnknownAttributeError(entity_type, name, columns)

    def _of_type(self, entity_type: str) -> list[sa.ColumnElement[bool]]:
        """Return the condition that tells a type's rows from its family's others."""
        root = self.tables.root(entity_type)
        if entity_type in (root, LINK_FROM_ROOT) or is_dense(entity_type):
            return []
        column = self.tables.table(entity_type).c[self.tables.type_column(entity_type)]
        return [column.in_(self.tables.subtypes(entity_type))]

    def _insertion(
        self, entity_type: str, names: Sequence[str]
    ) -> tuple[str, Sequence[str]]:
        """Return the text of an insert and the order of its values.

        Seeds are large: handing the driver plain tuples halves their time.
        """
        asked = ("insert", entity_type)
        if asked not in self.tables.statements:
            statement = sa.insert(self.tables.table(entity_type))
            compiled = statement.compile(
                dialect=self._engine.dialect, column_keys=list(names)
            )
            order = compiled.positiontup or []
            self.tables.statements[asked] = (str(compiled), order)
        text, order = self.tables.statements[asked]
        return text, order

    def _statement(
        self, verb: _Verb, entity_type: str, names: tuple[str, ...] = ()
    ) -> sa.Executable:
        """Return a statement about the row of one key, built once.

        Building it costs more than running it. The key's values are its parameters
        ``key 0``, ``key 1`` ...; those it sets are named as they are.
        """
        asked = (verb, entity_type, names)
        found = self.tables.statements.get(asked)
        if found is None:
            table = self.tables.table(entity_type)
            where = [
                table.c[name] == sa.bindparam(f"key {position}")
                for position, name in enumerate(self.schema[entity_type].primary_key)
            ]
            where += self._of_type(entity_type)
            if verb == "update":
                found = sa.update(table).where(*where)
                found = found.values({name: sa.bindparam(name) for name in names})
            elif verb == "delete":
                found = sa.delete(table).where(*where)
            else:
                found = sa.select(table).where(*where)
            self.tables.statements[asked] = found
        return found

    def _key(self, entity_type: str, key: EntityKey) -> dict[str, Any]:
        names = self.schema[entity_type].primary_key
        if len(names) != len(key):
            raise EntityKeyError(entity_type, names, key)
        return {f"key {position}": value for position, value in enumerate(key)}

    def _equal(
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
    """Return ``column IN (values)`` that holds for any number of values.

    A few are bound singly, so that SQLite knows how few they are when it decides where
    to begin. Of many it binds at most 32,766: they travel as one JSON text.
    """
    if 0 < len(values) <= _FEW:
        return column.in_(values)
    listed = sa.func.json_each(json.dumps(values)).table_valued("value")
    return column.in_(sa.select(listed.c.value))
