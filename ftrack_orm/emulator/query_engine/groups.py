"""Compile and decode queries with ``group by`` or aggregates (protocol 5.3)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa

from ftrack_orm.emulator.query_engine.criteria import CriteriaCompiler, Selection
from ftrack_orm.emulator.query_engine.names import QueryNameError
from ftrack_orm.emulator.query_engine.response_encoder import decoder
from ftrack_orm.emulator.query_engine.scopes import Expression
from ftrack_orm.query import ast
from ftrack_orm.schema.model import Schema
from ftrack_orm.types import JSONObject


class Groups:
    """One query for groups: its statement, and its rows as plain objects.

    ``select count(id), sum(bid) from Task group by status.name`` returns objects with
    the names ``count_id``, ``sum_bid`` and ``status_name``. Recorded responses show
    the names of plain attributes; names of paths are built in the same way.
    """

    def __init__(
        self,
        schema: Schema,
        compiler: CriteriaCompiler,
        query: ast.Query,
        selection: Selection,
    ) -> None:
        """Compile the columns of a query.

        Raises:
            QueryNameError: the type cannot be grouped, or a projection is neither
                grouped nor an aggregate.
        """
        entity_schema = schema[query.entity_type]
        if not entity_schema.is_group_by:
            raise QueryNameError(entity_schema.name, "group by", "the type has none")
        self._compiler = compiler
        self._query = query
        self._selection = selection
        self._names: list[str] = []
        self._columns: list[Expression] = []
        self._decoders: list[Callable[[Any], Any] | None] = []
        self._groups = [self._value(path)[0] for path in query.group_by]
        for projection in query.projections:
            if isinstance(projection, ast.Aggregate):
                self._add_aggregate(projection)
            else:
                self._check_grouped(projection)
        for path in query.group_by:
            expression, decode = self._value(path)
            self._add(_column_name(path), expression, decode)

    def statement(self) -> sa.Select[Any]:
        """Return the SQL, one row per group; the first member breaks ties in order.

        Raises:
            QueryNameError: the query orders by an attribute that is not grouped.
        """
        selection = self._selection
        orders = [self._ordering(ordering) for ordering in self._query.order_by]
        return (
            sa.select(*self._columns)
            .select_from(selection.scope.rows())
            .where(*selection.where)
            .group_by(*self._groups)
            .order_by(*orders, sa.func.min(selection.scope.order))
        )

    def read(self, rows: Sequence[Sequence[Any]]) -> list[JSONObject]:
        """Return rows of the statement as JSON objects."""
        return [
            {
                name: value if value is None or decode is None else decode(value)
                for name, decode, value in zip(
                    self._names, self._decoders, row, strict=True
                )
            }
            for row in rows
        ]

    def _add_aggregate(self, aggregate: ast.Aggregate) -> None:
        expression, decode = self._value(aggregate.path)
        aggregated = getattr(sa.func, aggregate.function)(expression)
        # The lowest date is a date and needs decoding, the number of dates does not.
        returns_a_value = aggregate.function in ("min", "max")
        name = f"{aggregate.function}_{_column_name(aggregate.path)}"
        self._add(name, aggregated, decode if returns_a_value else None)

    def _add(
        self, name: str, column: Expression, decode: Callable[[Any], Any] | None
    ) -> None:
        self._names.append(name)
        self._columns.append(column)
        self._decoders.append(decode)

    def _value(
        self, path: ast.PathExpression
    ) -> tuple[Expression, Callable[[Any], Any] | None]:
        scope = self._selection.scope
        expression, attribute = self._compiler.path_value(scope, path)
        return expression, decoder(attribute)

    def _ordering(self, ordering: ast.Ordering) -> Expression:
        self._check_grouped(ordering.path)
        return self._compiler.ordering(self._selection.scope, ordering)

    def _check_grouped(self, path: ast.PathExpression) -> None:
        if path not in self._query.group_by:
            raise QueryNameError(
                self._query.entity_type, str(path), "it is neither grouped nor counted"
            )


def _column_name(path: ast.PathExpression) -> str:
    return "_".join(step.name for step in path.steps)
