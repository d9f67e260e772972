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
from ftrack_orm.emulator.query_engine.entity_writer import EntityWriter
from ftrack_orm.emulator.query_engine.groups import Groups
from ftrack_orm.emulator.query_engine.names import QueryNameError, QueryValueError
from ftrack_orm.emulator.query_engine.projection import Projector
from ftrack_orm.emulator.query_engine.response_encoder import ResponseEncoder
from ftrack_orm.emulator.query_engine.row_loader import Row, RowLoader
from ftrack_orm.emulator.query_engine.scopes import Clock, Condition, Scope
from ftrack_orm.emulator.storage.storage import Connection, Storage
from ftrack_orm.errors.emulator import EmulatorError, UnsupportedError
from ftrack_orm.query import ast
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
        writer = EntityWriter(self._storage.schema, encoder)
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
        writer = EntityWriter(schema, encoder)
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
