"""Rows of plain values, read from replies without making entities."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import compress
from typing import TYPE_CHECKING, Any

from ftrack_orm.codec import decode_scalar
from ftrack_orm.errors.entity import UnknownEntityTypeError
from ftrack_orm.errors.query import QueryError
from ftrack_orm.errors.transport import ResponseFormatError
from ftrack_orm.lazy_dataclass import lazy_dataclass
from ftrack_orm.query import ast
from ftrack_orm.query.path import Path
from ftrack_orm.query.relation_paths import MappedItemPath
from ftrack_orm.schema.attribute_kind import AttributeKind
from ftrack_orm.select.executor import QueryExecutor
from ftrack_orm.select.pages import Pages

if TYPE_CHECKING:
    from ftrack_orm.entity.type_info import TypeInfo


@lazy_dataclass(frozen=True, slots=True)
class MappedColumn:
    """One key of a mapped attribute: names in its rows, and the key's text."""

    key_name: str
    value_name: str
    key: str


@lazy_dataclass(frozen=True, slots=True)
class Column:
    """Where a value is in a row: the names on the way, and the key of a mapping."""

    names: tuple[str, ...]
    projections: tuple[ast.PathExpression, ...]
    mapped: MappedColumn | None = None

    @classmethod
    def of(cls, path: Path[Any]) -> Column:
        """Return the column of a scalar attribute or a mapped item."""
        if not isinstance(path, MappedItemPath):
            return cls.of_expression(path._expression)
        names = path._attribute.key_value_attributes or {}
        mapped = MappedColumn(
            names.get("key", "key"), names.get("value", "value"), path.key
        )
        projections = tuple(
            ast.PathExpression((*path._steps, ast.Step(name)))
            for name in (mapped.key_name, mapped.value_name)
        )
        return cls(tuple(step.name for step in path._steps), projections, mapped)

    @classmethod
    def of_expression(cls, expression: ast.PathExpression) -> Column:
        """Return the column of a scalar attribute."""
        return cls(tuple(step.name for step in expression.steps), (expression,))

    def read(self, row: dict[str, Any]) -> Any:
        """Return the value in a merged row; ``None`` where the way ends early."""
        value = _at(row, self.names)
        if self.mapped is None:
            return decode_scalar(value)
        for item in value or ():
            # Servers compare keys without regard to case, mappings do not.
            if item.get(self.mapped.key_name) == self.mapped.key:
                return decode_scalar(item.get(self.mapped.value_name))
        return None


class ValueReader:
    """Reads the values of given columns from the rows of a reply."""

    def __init__(self, type_info: TypeInfo, columns: Sequence[Column]) -> None:
        self._info = type_info
        self._columns = columns
        self.projections = tuple(
            dict.fromkeys(path for column in columns for path in column.projections)
        )

    def rows(self, executor: QueryExecutor, pages: Pages) -> Iterator[dict[str, Any]]:
        """Yield the rows of a query as dictionaries, fetching page by page."""
        while not pages.is_finished:
            fetched = executor.fetch(pages.expressions())
            rows = pages.rows(fetched, self._info.primary_key)
            self._fill(rows)
            identities = [_identity(self._info, row) for row in rows]
            pages, wanted = pages.after(fetched, identities)
            yield from compress(rows, wanted)

    def read(self, row: dict[str, Any]) -> tuple[Any, ...]:
        """Return the values of one row, in the order of the columns.

        Raises:
            ResponseFormatError: a value is not as the protocol has it.
            QueryError: a column goes through a collection.
        """
        try:
            return tuple([column.read(row) for column in self._columns])
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise _malformed("a value that cannot be read") from error

    def _fill(self, rows: list[dict[str, Any]]) -> None:
        """Fill in entities that occur again, in place.

        A response holds an entity's data once, at its first occurrence (protocol
        3.6).
        """
        known: dict[tuple[Any, ...], dict[str, Any]] = {}
        for row in rows:
            self._merge(row, known)
        for row in rows:
            row.update(known[_identity(self._info, row)])

    def _merge(self, value: Any, known: dict[tuple[Any, ...], dict[str, Any]]) -> None:
        identity = _identity(self._info, value)
        first = known.setdefault(identity, value)
        if first is not value:
            for name, part in value.items():
                first.setdefault(name, part)
        for name, part in list(value.items()):
            if isinstance(part, dict) and "__entity_type__" in part:
                self._merge(part, known)
                value[name] = known[_identity(self._info, part)]
            elif isinstance(part, list):
                value[name] = [self._merged_item(item, known) for item in part]
        if first is not value:
            value.update(first)

    def _merged_item(
        self, item: Any, known: dict[tuple[Any, ...], dict[str, Any]]
    ) -> Any:
        if not isinstance(item, dict) or "__entity_type__" not in item:
            return item
        self._merge(item, known)
        return known[_identity(self._info, item)]


def columns_of(type_info: TypeInfo, paths: Sequence[Path[Any]]) -> list[Column]:
    """Return the columns of `paths`.

    Raises:
        QueryError: there are none, one is no scalar attribute and no mapped item, or
            one goes through a collection.
    """
    if not paths:
        raise QueryError("values() needs at least one attribute.")
    for path in paths:
        _require_single(type_info, path)
    return [Column.of(path) for path in paths]


def _identity(type_info: TypeInfo, row: dict[str, Any]) -> tuple[Any, ...]:
    name = row.get("__entity_type__")
    if not isinstance(name, str):
        raise _malformed("a row without an entity type")
    try:
        key = type_info.type_named(name).primary_key
    except UnknownEntityTypeError:
        # Newer than the models: a studio's object type, which has an id.
        key = ("id",)
    identity = (name, *(row.get(part) for part in key))
    if None in identity:
        raise _malformed(f"a {name} without its key ({', '.join(key)})")
    return identity


def _malformed(reason: str) -> ResponseFormatError:
    # No excerpt: rows may hold values that must not be shown.
    return ResponseFormatError(
        f"The server's response holds {reason}. Read again, or report it to the "
        "server's maintainer."
    )


def _require_single(type_info: TypeInfo, path: Any) -> None:
    if type(path) is not Path and type(path) is not MappedItemPath:
        raise QueryError(
            f"values() takes scalar attributes and items of metadata or custom "
            f"attributes, not {path!r}."
        )
    for step in path._steps[:-1]:
        attribute = type_info.by_server_name.get(step.name)
        if attribute is None:
            return  # reached through as_(), whose own checks have passed
        if attribute.kind is not AttributeKind.LINK:
            raise QueryError(
                f"values() cannot go through the collection {step.name!r} of "
                f"{path!r}: select its members instead."
            )
        type_info = type_info.type_named(step.downcast or str(attribute.target))


def _at(row: dict[str, Any], names: tuple[str, ...]) -> Any:
    value: Any = row
    for name in names:
        if value is None:
            return None
        if isinstance(value, list):
            raise QueryError(
                f"values() cannot go through the collection before {name!r} of "
                f"{'.'.join(names)!r}: select its members instead."
            )
        value = value.get(name)
    return value
