"""Compile the statements on rows once, for the driver to run.

SQLAlchemy takes several times as long to build and run a statement on one row as SQLite
takes to answer it. A statement is therefore built and compiled on its first use only;
later uses pass values by position.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any, Final, Literal, NamedTuple, TypeAlias

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

from ftrack_orm.emulator.storage.tables import (
    LINK_FROM_ROOT,
    ORDER,
    TYPE,
    Tables,
    is_dense,
)

MAX_BOUND_VALUES: Final = 50

# Clients choose the attributes of an update, and with them its statement.
_MOST_STATEMENTS: Final = 5_000

_Verb: TypeAlias = Literal["select", "delete"]

_DIALECT: Final = sqlite.dialect()

_Shape: TypeAlias = tuple[tuple[str, int], ...]
"""Attributes of a condition, each with the number of its values or a constant below."""

_IS_NULL: Final = -1
_EQUALS: Final = -2
_MANY: Final = -3


class Compiled(NamedTuple):
    """A statement as text.

    Attributes:
        text: the SQL, with ``?`` for each value.
        names: names of the values, by position.
        fixed: the values that are part of the statement.
    """

    text: str
    names: tuple[str, ...]
    fixed: Mapping[str, Any]

    def bind(self, values: Mapping[str, Any]) -> list[Any]:
        """Return the values by position."""
        fixed = self.fixed
        return [values[name] if name in values else fixed[name] for name in self.names]


class _Reader(NamedTuple):
    """Converts the rows of one concrete type."""

    names: tuple[str, ...]
    pick: Callable[[Sequence[Any]], tuple[Any, ...]]


class RowStatements:
    """The statements on the rows of a schema's tables."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._compiled: dict[Hashable, Compiled] = {}
        self._names: dict[str, frozenset[str]] = {}
        self._kinds: dict[str, dict[str, type]] = {}
        self._type_positions: dict[str, int] = {}
        self._readers: dict[tuple[str, str], _Reader] = {}

    # -- statements --------------------------------------------------------------

    def compiled(
        self, statement_key: Hashable, build: Callable[[], sa.Executable]
    ) -> Compiled:
        """Return the statement with a key; `build` returns it on the first use."""
        compiled = self._compiled.get(statement_key)
        if compiled is None:
            if len(self._compiled) >= _MOST_STATEMENTS:
                self._compiled.clear()
            compiled = self._compiled[statement_key] = _compile(build())
        return compiled

    def by_key(self, entity_type: str) -> str:
        """Return the select for the row of a family with a key.

        The values are those of the key. The row may be of any type of the family.
        """

        def build() -> sa.Executable:
            table = self._tables.table(entity_type)
            return sa.select(table).where(*self._key_conditions(entity_type))

        return self.compiled(("by key", entity_type), build).text

    def insert(self, entity_type: str) -> Compiled:
        """Return the insert of a row; it has a value for each column but the order."""

        def build() -> sa.Executable:
            table = self._tables.table(entity_type)
            names = [name for name, _ in table.c.items() if name != ORDER]
            return sa.insert(table).values({name: parameter(name) for name in names})

        return self.compiled(("insert", self._tables.root(entity_type)), build)

    def update(self, entity_type: str, attributes: Iterable[str]) -> Compiled:
        """Return the update of the row with a key.

        Its values are those of the attributes, by name, and those of `key_values`.
        """
        names = tuple(sorted(attributes))

        def build() -> sa.Executable:
            table = self._tables.table(entity_type)
            statement = sa.update(table).where(
                *self._key_conditions(entity_type), *self._type_condition(entity_type)
            )
            return statement.values({name: parameter(name) for name in names})

        return self.compiled(("update", entity_type, names), build)

    def delete(self, entity_type: str) -> Compiled:
        """Return the delete of the row with a key; its values are `key_values`."""

        def build() -> sa.Executable:
            return sa.delete(self._tables.table(entity_type)).where(
                *self._key_conditions(entity_type), *self._type_condition(entity_type)
            )

        return self.compiled(("delete", entity_type), build)

    def where(
        self, verb: _Verb, entity_type: str, equals: Mapping[str, Any]
    ) -> tuple[str, list[Any]]:
        """Return a select or delete of the rows with these values, and its parameters.

        Selected rows are in order of insertion. `None` matches rows without a value; a
        list, tuple or set matches rows with one of its values.
        """
        shape, values = _shape_of(equals)

        def build() -> sa.Executable:
            table = self._tables.table(entity_type)
            conditions = [
                *self._type_condition(entity_type),
                *self._equality_conditions(table, shape),
            ]
            if verb == "delete":
                return sa.delete(table).where(*conditions)
            return sa.select(table).where(*conditions).order_by(table.c[ORDER])

        compiled = self.compiled((verb, entity_type, shape), build)
        return compiled.text, compiled.bind(values)

    def key_values(self, key: Iterable[Any]) -> dict[str, Any]:
        """Return the values of a key, by the names in the statements."""
        return {_key_name(position): value for position, value in enumerate(key)}

    # -- rows ----------------------------------------------------------------------

    def names(self, entity_type: str) -> frozenset[str]:
        """Return the names of a type's stored attributes."""
        names = self._names.get(entity_type)
        if names is None:
            names = frozenset(self._tables.columns(entity_type))
            self._names[entity_type] = names
        return names

    def as_stored(self, root: str, values: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return values in the form in which a select returns them after a write.

        Returns `None` if SQLite converts one of them in a way that is not known here.
        """
        kinds = self._kinds.get(root)
        if kinds is None:
            kinds = self._kinds[root] = {
                name: column.type.python_type
                for name, column in self._tables.table(root).c.items()
            }
        stored = dict(values)
        for name, value in values.items():
            kind = kinds[name]
            if value is None or (type(value) is kind and kind is not float):
                continue
            if not isinstance(value, int | float) or kind is str:
                return None
            if kind is int and isinstance(value, float):
                return None
            # SQLite stores a whole number in a column of floats without a sign of zero.
            stored[name] = int(value) if kind is int else float(value) + 0.0
        return stored

    def read(self, entity_type: str, row: Sequence[Any]) -> dict[str, Any]:
        """Return a selected row by attribute, with its type as ``__type__``."""
        position = self._type_positions.get(entity_type)
        if position is None:
            columns = self._tables.table(entity_type).c.keys()
            position = columns.index(self._tables.type_column(entity_type))
            self._type_positions[entity_type] = position
        concrete = row[position]
        reader = self._readers.get((entity_type, concrete))
        if reader is None:
            reader = self._reader(entity_type, concrete, position)
        return dict(zip(reader.names, reader.pick(row), strict=True))

    def _reader(self, entity_type: str, concrete: str, type_position: int) -> _Reader:
        columns = self._tables.table(entity_type).c.keys()
        names = self._tables.columns(concrete)
        positions = [*map(columns.index, names), type_position]
        reader = _Reader((*names, TYPE), itemgetter(*positions))
        self._readers[entity_type, concrete] = reader
        return reader

    # -- conditions ----------------------------------------------------------------

    def _key_conditions(self, entity_type: str) -> list[sa.ColumnElement[bool]]:
        table = self._tables.table(entity_type)
        return [
            table.c[name] == parameter(_key_name(position))
            for position, name in enumerate(
                self._tables.schema[entity_type].primary_key
            )
        ]

    def _type_condition(self, entity_type: str) -> list[sa.ColumnElement[bool]]:
        """Return the condition that rows of a family are of a type."""
        root = self._tables.root(entity_type)
        if entity_type in (root, LINK_FROM_ROOT) or is_dense(entity_type):
            return []
        table = self._tables.table(entity_type)
        column = table.c[self._tables.type_column(entity_type)]
        return [column.in_(self._tables.subtypes(entity_type))]

    def _equality_conditions(
        self, table: sa.Table, shape: _Shape
    ) -> Iterator[sa.ColumnElement[bool]]:
        for name, count in shape:
            column = table.c[name]
            if count == _IS_NULL:
                yield column.is_(None)
            elif count == _EQUALS:
                yield column == parameter(_value_name(name))
            elif count == _MANY:
                yield _is_in_json(column, parameter(_value_name(name)))
            else:
                yield column.in_(
                    [parameter(_value_name(name, each)) for each in range(count)]
                )


def parameter(name: str) -> sa.BindParameter[Any]:
    """Return a parameter of a compiled statement, to be bound by its name."""
    # SQLAlchemy expands lists of values at compile time only if no value is required.
    return sa.bindparam(name, required=False)


def is_among(
    column: sa.ColumnElement[Any], values: Sequence[Any]
) -> sa.ColumnElement[bool]:
    """Return ``column IN (values)`` for any number of values."""
    # SQLite counts bound values when it plans a query, so a few are bound one by one.
    # It binds at most 32,766 of them, so many are passed as one JSON text.
    if 0 < len(values) <= MAX_BOUND_VALUES:
        return column.in_(values)
    return _is_in_json(column, json.dumps(values))


def _is_in_json(column: sa.ColumnElement[Any], text: Any) -> sa.ColumnElement[bool]:
    listed = sa.func.json_each(text).table_valued("value")
    return column.in_(sa.select(listed.c.value))


def _shape_of(equals: Mapping[str, Any]) -> tuple[_Shape, dict[str, Any]]:
    """Return the form of a condition, and its values by the names in the statement."""
    shape: list[tuple[str, int]] = []
    values: dict[str, Any] = {}
    for name, value in equals.items():
        if value is None:
            shape.append((name, _IS_NULL))
        elif not isinstance(value, (list, tuple, set, frozenset)):
            shape.append((name, _EQUALS))
            values[_value_name(name)] = value
        elif 0 < len(value) <= MAX_BOUND_VALUES:
            shape.append((name, len(value)))
            for position, each in enumerate(value):
                values[_value_name(name, position)] = each
        else:
            shape.append((name, _MANY))
            values[_value_name(name)] = json.dumps(list(value))
    return tuple(shape), values


# Names of values must differ from those of columns, which SQLAlchemy reserves.
def _key_name(position: int) -> str:
    return f"key__{position}"


def _value_name(name: str, position: int = 0) -> str:
    return f"value__{position}__{name}"


def _compile(statement: sa.Executable) -> Compiled:
    assert isinstance(statement, sa.ClauseElement)  # noqa: S101 - all executables are
    compiled: Any = statement.compile(
        dialect=_DIALECT, compile_kwargs={"render_postcompile": True}
    )
    names = tuple(compiled.positiontup or ())
    params = compiled.params
    return Compiled(str(compiled), names, {name: params.get(name) for name in names})
