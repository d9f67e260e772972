"""Evaluate queries against the storage and write their rows as JSON objects."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from ftrack_orm.emulator.access.access import FULL_ACCESS, Access
from ftrack_orm.emulator.clock import system_clock
from ftrack_orm.emulator.query_engine.criteria import (
    CriteriaCompiler,
    is_grouped,
    paginate,
)
from ftrack_orm.emulator.query_engine.groups import Groups
from ftrack_orm.emulator.query_engine.names import QueryNameError, QueryValueError
from ftrack_orm.emulator.query_engine.projection import Projector, system_projections
from ftrack_orm.emulator.query_engine.response_encoder import ResponseEncoder, decoder
from ftrack_orm.emulator.query_engine.row_loader import (
    AttributeEncoding,
    Key,
    Level,
    Row,
    RowLoader,
    attribute_encoding,
)
from ftrack_orm.emulator.query_engine.scopes import Clock, Condition, Scope
from ftrack_orm.emulator.storage.storage import Connection, Storage
from ftrack_orm.errors.emulator import EmulatorError, UnsupportedError
from ftrack_orm.query import ast
from ftrack_orm.schema.model import Schema
from ftrack_orm.types import EntityKey, JSONObject

__all__ = [
    "EntityMissingError",
    "QueryEvaluator",
    "QueryNameError",
    "QueryValueError",
    "RowFilter",
]


RowFilter: TypeAlias = Callable[[Scope], Sequence[Condition]]
"""Returns conditions on the rows of a query in addition to its criteria."""


class EntityMissingError(EmulatorError):
    """The storage has no entity with this key."""

    def __init__(self, entity_type: str, key: EntityKey) -> None:
        values = ", ".join(str(value) for value in key)
        super().__init__(f"There is no {entity_type} with the key ({values}).")
        self.entity_type = entity_type
        self.key = key


class QueryEvaluator:
    """Evaluate queries; `clock` decides whether a review session is open."""

    def __init__(self, storage: Storage, clock: Clock = system_clock) -> None:
        self._storage = storage
        self._clock = clock

    def query(
        self,
        connection: Connection,
        query: ast.Query,
        encoder: ResponseEncoder,
        row_filter: RowFilter | None = None,
        access: Access = FULL_ACCESS,
    ) -> tuple[list[JSONObject], int | None]:
        """Return the rows of a query, and the offset of the next page.

        The offset is `None` when no row follows the limit (protocol 2.1). Rows that
        `access` hides are left out.

        Raises:
            QueryNameError: the query uses an unknown or unusable name.
            QueryValueError: it compares an attribute with a value of another type.
            UnsupportedError: it uses a feature that the emulator does not implement.
        """
        with _within_limits():
            return self._query(connection, query, encoder, row_filter, access)

    def _query(
        self,
        connection: Connection,
        query: ast.Query,
        encoder: ResponseEncoder,
        row_filter: RowFilter | None,
        access: Access,
    ) -> tuple[list[JSONObject], int | None]:
        compiler = CriteriaCompiler(self._storage.tables, self._clock, access)
        selection = compiler.compile(query)
        if row_filter is not None:
            where = (*selection.where, *row_filter(selection.scope))
            selection = replace(selection, where=where)
        if is_grouped(query):
            groups = Groups(self._storage.schema, compiler, query, selection)
            group_rows, next_offset = _page(connection, query, groups.statement())
            return groups.read(group_rows), next_offset
        projector = Projector(self._storage.schema, self._storage.relations)
        node = projector.tree(query)
        loader = self._loader(connection, encoder, access)
        level, columns = loader.prepare(node, selection.scope)
        rows, next_offset = _page(connection, query, selection.select(columns))
        level.add(rows)
        loader.complete(level)
        keys = [level.key_of(row) for row in rows]
        writer = _EntityWriter(self._storage.schema, encoder)
        return writer.root_entities(level, keys), next_offset

    def entity(
        self,
        connection: Connection,
        entity_type: str,
        key: EntityKey,
        attributes: Sequence[str],
        encoder: ResponseEncoder,
        access: Access = FULL_ACCESS,
    ) -> JSONObject:
        """Return one entity: its type, key, system projections and the attributes.

        Related entities are references.

        Raises:
            EntityMissingError: there is no such entity, or `access` hides it.
            QueryNameError: the type has no such attribute.
        """
        schema = self._storage.schema
        node = Projector(schema, self._storage.relations).tree_of_names(
            entity_type, attributes
        )
        scope = Scope(self._storage.tables, entity_type, access)
        loader = self._loader(connection, encoder, access)
        level, columns = loader.prepare(node, scope)
        pairs = zip(scope.key, key, strict=True)
        statement = sa.select(*columns).where(
            *(column == value for column, value in pairs), *scope.row_conditions()
        )
        rows = connection.execute(statement).all()
        if not rows:
            raise EntityMissingError(entity_type, key)
        level.add(rows)
        loader.complete(level)
        writer = _EntityWriter(schema, encoder)
        (entity,) = writer.root_entities(level, list(level.rows))
        return entity

    def _loader(
        self, connection: Connection, encoder: ResponseEncoder, access: Access
    ) -> RowLoader:
        tables = self._storage.tables
        return RowLoader(tables, connection, self._clock, access, encoder.sign)


@contextmanager
def _within_limits() -> Iterator[None]:
    """Raise `UnsupportedError` when SQLite or Python cannot parse a query.

    SQLite's parser accepts about thirty levels of conditions and 64 joined tables.

    Raises:
        UnsupportedError: the query is nested too deep or joins too many tables.
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
    """Return one page of rows, and the offset of the next page or `None`."""
    # One row past the limit shows whether another page follows.
    limit = None if query.limit is None else query.limit + 1
    rows: list[Row] = list(
        connection.execute(paginate(statement, query.offset, limit)).all()
    )
    if query.limit is None or len(rows) <= query.limit or query.limit == 0:
        return rows[: query.limit], None
    return rows[: query.limit], (query.offset or 0) + query.limit


class _Shape:
    """The attributes to write for entities of one concrete type at one level."""

    __slots__ = ("attributes", "concrete", "key", "system", "tokens")

    def __init__(
        self, schema: Schema, level: Level, concrete: str, encoder: ResponseEncoder
    ) -> None:
        entity_schema = schema[concrete]
        self.concrete = concrete
        self.key = tuple(zip(entity_schema.primary_key, level.key, strict=True))
        keys = set(entity_schema.primary_key)
        system_names = () if encoder.strict else system_projections(entity_schema)
        self.system = [
            (name, level.positions[name], decoder(entity_schema.attributes[name]))
            for name in system_names
            if name not in keys and name in level.positions
        ]
        self.attributes = [
            attribute_encoding(level, requested, encoder.token(requested.signature))
            for requested in level.node.requests_for(schema, concrete)
            if requested.attribute.name not in keys
        ]
        self.tokens = frozenset(attribute.token for attribute in self.attributes)


class _EntityWriter:
    """Write the entities of loaded levels, each attribute once in a response."""

    def __init__(self, schema: Schema, encoder: ResponseEncoder) -> None:
        self._schema = schema
        self._encoder = encoder
        self._tokens = encoder.tokens_by_entity
        self._shapes: dict[tuple[int, str], _Shape] = {}

    def root_entities(self, level: Level, keys: Sequence[Key]) -> list[JSONObject]:
        """Return the entities of the query, in order.

        Their requested attributes are written here, even where a relation reaches one
        of them earlier in the document (protocol 3.6).
        """
        if self._encoder.denormalize:
            return [self._entity(level, key) for key in keys]
        # Mark all of them before writing the first one.
        marked = [self._mark_written(level, key) for key in keys]
        return [
            self._body(level, key, shape, earlier)
            for key, (shape, earlier) in zip(keys, marked, strict=True)
        ]

    def _mark_written(
        self, level: Level, key: Key
    ) -> tuple[_Shape, frozenset[int] | None]:
        """Mark an entity's attributes as written; return the tokens written earlier."""
        shape = self._shape(level, level.rows[key][0])
        identity = (shape.concrete, key)
        earlier = self._tokens.get(identity)
        if earlier is None:
            self._tokens[identity] = shape.tokens
        # Most repetitions have the same shape, and identity is cheaper than a union.
        elif earlier is not shape.tokens:
            self._tokens[identity] = earlier | shape.tokens
        return shape, earlier

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
        shape, earlier = self._mark_written(level, key)
        return self._body(level, key, shape, earlier)

    def _body(
        self, level: Level, key: Key, shape: _Shape, earlier: frozenset[int] | None
    ) -> JSONObject:
        row = level.rows[key]
        body: JSONObject = {"__entity_type__": shape.concrete}
        for name, position in shape.key:
            body[name] = row[position]
        # Only the first occurrence has system projections (protocol 10, row 13).
        if earlier is None:
            for name, position, decode in shape.system:
                value = row[position]
                body[name] = value if value is None or decode is None else decode(value)
        elif earlier is shape.tokens:
            return body
        for attribute in shape.attributes:
            if earlier is None or attribute.token not in earlier:
                body[attribute.name] = self._value(attribute, key, row)
        return body

    def _value(self, attribute: AttributeEncoding, key: Key, row: Row) -> Any:
        if attribute.position is not None:
            value = row[attribute.position]
            if value is None or attribute.decode is None:
                return value
            return attribute.decode(value)
        if attribute.values is not None:
            return attribute.values.get(key)
        related = attribute.related
        if related is None:
            return None if attribute.is_link else []
        members = related.members.get(key, ())
        if attribute.is_link:
            return self._entity(related.level, members[0]) if members else None
        level = related.level
        return [self._entity(level, member) for member in members]
