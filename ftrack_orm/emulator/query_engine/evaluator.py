"""Answers queries from the storage, as the wire shows them."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from ftrack_orm.emulator.access.access import EVERYTHING, Access
from ftrack_orm.emulator.clock import system_clock
from ftrack_orm.emulator.query_engine.criteria import (
    CriteriaCompiler,
    is_grouped,
    paged,
)
from ftrack_orm.emulator.query_engine.groups import Groups
from ftrack_orm.emulator.query_engine.names import QueryNameError, QueryValueError
from ftrack_orm.emulator.query_engine.projection import Projector, system_projections
from ftrack_orm.emulator.query_engine.response_encoder import ResponseEncoder, decoder
from ftrack_orm.emulator.query_engine.row_loader import (
    EncodedColumns,
    Key,
    Level,
    Row,
    RowLoader,
    encoded_columns,
)
from ftrack_orm.emulator.query_engine.scopes import Clock, Condition, Scope
from ftrack_orm.emulator.storage.storage import Connection, Storage
from ftrack_orm.errors.emulator import EmulatorError, UnsupportedError
from ftrack_orm.query import ast
from ftrack_orm.schema.model import Schema
from ftrack_orm.types import EntityKey, JSONObject

__all__ = [
    "EntityMissingError",
    "Narrow",
    "QueryEvaluator",
    "QueryNameError",
    "QueryValueError",
]


Narrow: TypeAlias = Callable[[Scope], Sequence[Condition]]
"""Returns what rows have to meet beside the criteria of their query."""


class EntityMissingError(EmulatorError):
    """There is no entity with this key."""

    def __init__(self, entity_type: str, key: EntityKey) -> None:
        shown = ", ".join(str(value) for value in key)
        super().__init__(f"There is no {entity_type} with the key ({shown}).")
        self.entity_type = entity_type
        self.key = key


class QueryEvaluator:
    """Reads what is stored; `clock` tells what is open now."""

    def __init__(self, storage: Storage, clock: Clock = system_clock) -> None:
        self._storage = storage
        self._clock = clock

    def query(
        self,
        connection: Connection,
        query: ast.Query,
        encoder: ResponseEncoder,
        narrow: Narrow | None = None,
        access: Access = EVERYTHING,
    ) -> tuple[list[JSONObject], int | None]:
        """Return the rows of a query and where the next page begins.

        That is `None` when no row is left beyond the limit (protocol 2.1). What
        `access` hides is not there.

        Raises:
            QueryNameError: the query names what is not there or cannot be used so.
            QueryValueError: it compares what cannot be compared.
            UnsupportedError: it asks for what the emulator does not know.
        """
        with _within_limits():
            return self._query(connection, query, encoder, narrow, access)

    def _query(
        self,
        connection: Connection,
        query: ast.Query,
        encoder: ResponseEncoder,
        narrow: Narrow | None,
        access: Access,
    ) -> tuple[list[JSONObject], int | None]:
        compiler = CriteriaCompiler(self._storage.tables, self._clock, access)
        selection = compiler.compile(query)
        if narrow is not None:
            where = (*selection.where, *narrow(selection.scope))
            selection = replace(selection, where=where)
        if is_grouped(query):
            groups = Groups(self._storage.schema, compiler, query, selection)
            found, following = _page(connection, query, groups.statement())
            return groups.read(found), following
        projector = Projector(self._storage.schema, self._storage.relations)
        node = projector.tree(query)
        loader = self._loader(connection, encoder, access)
        level, columns = loader.prepare(node, selection.scope)
        rows, following = _page(connection, query, selection.select(columns))
        level.add(rows)
        loader.complete(level)
        keys = [level.key_of(row) for row in rows]
        return _Writer(self._storage.schema, encoder).roots(level, keys), following

    def entity(
        self,
        connection: Connection,
        entity_type: str,
        key: EntityKey,
        attributes: Sequence[str],
        encoder: ResponseEncoder,
        access: Access = EVERYTHING,
    ) -> JSONObject:
        """Return one entity: type, key, system projections and these attributes.

        Relations among them are references.

        Raises:
            EntityMissingError: there is no such entity.
            QueryNameError: it has no such attribute.
        """
        schema = self._storage.schema
        node = Projector(schema, self._storage.relations).of_names(
            entity_type, attributes
        )
        scope = Scope(self._storage.tables, entity_type, access)
        loader = self._loader(connection, encoder, access)
        level, columns = loader.prepare(node, scope)
        pairs = zip(scope.key, key, strict=True)
        statement = sa.select(*columns).where(
            *(column == value for column, value in pairs), *scope.seen()
        )
        rows = connection.execute(statement).all()
        if not rows:
            raise EntityMissingError(entity_type, key)
        level.add(rows)
        loader.complete(level)
        (found,) = _Writer(schema, encoder).roots(level, list(level.rows))
        return found

    def _loader(
        self, connection: Connection, encoder: ResponseEncoder, access: Access
    ) -> RowLoader:
        tables = self._storage.tables
        return RowLoader(tables, connection, self._clock, access, encoder.sign)


@contextmanager
def _within_limits() -> Iterator[None]:
    """Say that a query is too large when SQLite, or Python, cannot read it.

    SQLite's parser takes about thirty levels of conditions, and 64 joined tables.

    Raises:
        UnsupportedError: it is.
    """
    try:
        yield
    except RecursionError as error:
        raise UnsupportedError("conditions nested as deep as these") from error
    except OperationalError as error:
        driver: Any = error.orig
        if driver.sqlite_errorcode != sqlite3.SQLITE_ERROR:
            raise
        raise UnsupportedError(f"a query as large as this ({driver})") from error


def _page(
    connection: Connection, query: ast.Query, statement: sa.Select[Any]
) -> tuple[list[Row], int | None]:
    """Return one page of rows and where the next begins, looking one row ahead."""
    ahead = None if query.limit is None else query.limit + 1
    rows: list[Row] = list(
        connection.execute(paged(statement, query.offset, ahead)).all()
    )
    if query.limit is None or len(rows) <= query.limit or query.limit == 0:
        return rows[: query.limit], None
    return rows[: query.limit], (query.offset or 0) + query.limit


class _Shape:
    """How the entities of one concrete type are shown at one level."""

    __slots__ = ("concrete", "key", "said", "shown", "system")

    def __init__(
        self, schema: Schema, level: Level, concrete: str, encoder: ResponseEncoder
    ) -> None:
        entity_type = schema[concrete]
        self.concrete = concrete
        self.key = tuple(zip(entity_type.primary_key, level.key, strict=True))
        keys = set(entity_type.primary_key)
        unasked = () if encoder.strict else system_projections(entity_type)
        self.system = [
            (name, level.positions[name], decoder(entity_type.attributes[name]))
            for name in unasked
            if name not in keys and name in level.positions
        ]
        self.shown = [
            encoded_columns(level, each.downcast, each, encoder.token(each.signature))
            for each in level.node.applying(schema, concrete)
            if each.attribute.name not in keys
        ]
        self.said = frozenset(each.token for each in self.shown)


class _Writer:
    """Writes the entities of loaded levels, each attribute once in a response."""

    def __init__(self, schema: Schema, encoder: ResponseEncoder) -> None:
        self._schema = schema
        self._encoder = encoder
        self._said = encoder.said
        self._shapes: dict[tuple[int, str], _Shape] = {}

    def roots(self, level: Level, keys: Sequence[Key]) -> list[JSONObject]:
        """Return the entities a query is about, in order.

        What is said of them is said there, even where a relation reaches one of them
        earlier in the document (protocol 3.6).
        """
        if self._encoder.denormalize:
            return [self._entity(level, key) for key in keys]
        pending = [self._claim(level, key) for key in keys]
        return [
            self._body(level, key, shape, before)
            for key, (shape, before) in zip(keys, pending, strict=True)
        ]

    def _claim(self, level: Level, key: Key) -> tuple[_Shape, frozenset[int] | None]:
        """Mark an entity's attributes as said; return what had been said before."""
        shape = self._shape(level, level.rows[key][0])
        identity = (shape.concrete, key)
        before = self._said.get(identity)
        if before is None:
            self._said[identity] = shape.said
        elif before is not shape.said:
            self._said[identity] = before | shape.said
        return shape, before

    def _shape(self, level: Level, concrete: str) -> _Shape:
        shape = self._shapes.get((id(level), concrete))
        if shape is None:
            shape = _Shape(self._schema, level, concrete, self._encoder)
            self._shapes[id(level), concrete] = shape
        return shape

    def _entity(self, level: Level, key: Key) -> JSONObject:
        if self._encoder.denormalize:
            shape = self._shape(level, level.rows[key][0])
            return self._body(level, key, shape, None)
        shape, before = self._claim(level, key)
        return self._body(level, key, shape, before)

    def _body(
        self, level: Level, key: Key, shape: _Shape, before: frozenset[int] | None
    ) -> JSONObject:
        row = level.rows[key]
        body: JSONObject = {"__entity_type__": shape.concrete}
        for name, position in shape.key:
            body[name] = row[position]
        if before is None:
            for name, position, decode in shape.system:
                value = row[position]
                body[name] = value if value is None or decode is None else decode(value)
        elif before is shape.said:
            return body
        for shown in shape.shown:
            if before is None or shown.token not in before:
                body[shown.name] = self._value(shown, key, row)
        return body

    def _value(self, shown: EncodedColumns, key: Key, row: Row) -> Any:
        if shown.position is not None:
            value = row[shown.position]
            if value is None or shown.decode is None:
                return value
            return shown.decode(value)
        if shown.values is not None:
            return shown.values.get(key)
        related = shown.related
        if related is None:
            return None if shown.is_link else []
        members = related.members.get(key, ())
        if shown.is_link:
            return self._entity(related.level, members[0]) if members else None
        level = related.level
        return [self._entity(level, member) for member in members]
