"""Read rows of plain values from responses, without building entities."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import compress
from typing import TYPE_CHECKING, Any, Final

from ftrack_orm.codec import decode_scalar
from ftrack_orm.errors.entity import UnknownEntityTypeError
from ftrack_orm.errors.query import QueryError
from ftrack_orm.errors.transport import ResponseFormatError
from ftrack_orm.lazy_dataclass import lazy_dataclass
from ftrack_orm.query import ast
from ftrack_orm.query.mapped_paths import (
    ChoicesPath,
    MappedItemPath,
    NullableItemPath,
)
from ftrack_orm.query.path import NullablePath, Path
from ftrack_orm.schema.attribute_kind import AttributeKind
from ftrack_orm.select.executor import PageSource
from ftrack_orm.select.pages import Pages

if TYPE_CHECKING:
    from ftrack_orm.entity.type_info import TypeInfo


_READ: Final = (Path, NullablePath, MappedItemPath, NullableItemPath, ChoicesPath)
"""The paths whose values a row can hold."""


@lazy_dataclass(frozen=True, slots=True)
class MappedColumn:
    """One key of a mapped attribute.

    Attributes:
        key_name: the attribute of its rows that holds the key.
        value_name: the attribute of its rows that holds the value.
        key: the key to read.
        is_list: whether a value that was never set is an empty list.
    """

    key_name: str
    value_name: str
    key: str
    is_list: bool = False


@lazy_dataclass(frozen=True, slots=True)
class Column:
    """The position of a value in a row.

    Attributes:
        names: the links on the path and the attribute at its end.
        projections: the expressions to query.
        mapped: the key to read, for an item of a mapped attribute.
    """

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
            names.get("key", "key"),
            names.get("value", "value"),
            path.key,
            path._is_list,
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
        """Return the value in a merged row; ``None`` if a link on the path is null."""
        value = _at(row, self.names)
        if self.mapped is None:
            return decode_scalar(value)
        if value is None:
            return None
        for item in value:
            # The rows can include a key of another case: servers compare text without
            # regard to it, mappings do not.
            if item.get(self.mapped.key_name) == self.mapped.key:
                found = decode_scalar(item.get(self.mapped.value_name))
                return [] if found is None and self.mapped.is_list else found
        return [] if self.mapped.is_list else None


class ValueReader:
    """Reads the values of columns from the rows of a response."""

    def __init__(self, type_info: TypeInfo, columns: Sequence[Column]) -> None:
        self._type_info = type_info
        self._columns = columns
        self.projections = tuple(
            dict.fromkeys(path for column in columns for path in column.projections)
        )

    def rows(self, executor: PageSource, pages: Pages) -> Iterator[dict[str, Any]]:
        """Yield the rows of a query as dictionaries, fetching page by page."""
        while not pages.is_finished:
            raw_pages = executor.fetch(pages.expressions())
            rows = pages.rows(raw_pages, self._type_info.primary_key)
            self._complete(rows)
            identities = [_identity(self._type_info, row) for row in rows]
            pages, selected = pages.after(raw_pages, identities)
            yield from compress(rows, selected)

    def read(self, row: dict[str, Any]) -> tuple[Any, ...]:
        """Return the values of one row, in the order of the columns.

        Raises:
            ResponseFormatError: a value does not have the form of the protocol.
            QueryError: a column goes through a collection.
        """
        try:
            return tuple([column.read(row) for column in self._columns])
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise _format_error("a value that cannot be read") from error

    def _complete(self, rows: list[dict[str, Any]]) -> None:
        """Complete the entities that occur again, in place.

        A response holds an entity's data once, at its first occurrence (protocol
        3.6).
        """
        first_rows: dict[tuple[Any, ...], dict[str, Any]] = {}
        for row in rows:
            self._merge(row, first_rows)
        # A row may come before the occurrence with its data, so a second pass.
        for row in rows:
            row.update(first_rows[_identity(self._type_info, row)])

    def _merge(
        self, value: Any, first_rows: dict[tuple[Any, ...], dict[str, Any]]
    ) -> None:
        identity = _identity(self._type_info, value)
        first = first_rows.setdefault(identity, value)
        if first is not value:
            for name, part in value.items():
                first.setdefault(name, part)
        for name, part in list(value.items()):
            if isinstance(part, dict) and "__entity_type__" in part:
                self._merge(part, first_rows)
                value[name] = first_rows[_identity(self._type_info, part)]
            elif isinstance(part, list):
                value[name] = [self._merge_item(item, first_rows) for item in part]
        if first is not value:
            value.update(first)

    def _merge_item(
        self, item: Any, first_rows: dict[tuple[Any, ...], dict[str, Any]]
    ) -> Any:
        if not isinstance(item, dict) or "__entity_type__" not in item:
            return item
        self._merge(item, first_rows)
        return first_rows[_identity(self._type_info, item)]


def columns_of(type_info: TypeInfo, paths: Sequence[Path[Any]]) -> list[Column]:
    """Return the columns of `paths`.

    Raises:
        QueryError: there are none, one is no scalar attribute and no mapped item, one
            goes through a collection, or through a link that may be null without
            ``or_none``.
    """
    if not paths:
        raise QueryError("values() needs at least one attribute.")
    for path in paths:
        null_link = _nullable_link(type_info, path)
        if null_link and _is_never_none(path):
            raise QueryError(
                f"{path!r} passes {null_link}, which may be null, so its value may be "
                f"None. Write {path!r}.or_none."
            )
    return [Column.of(path) for path in paths]


def _is_never_none(path: Path[Any]) -> bool:
    """Return whether the type of a path has no ``None`` for a link that is null."""
    if isinstance(path, MappedItemPath) and not path._is_declared:
        return False
    return not isinstance(path, NullablePath | NullableItemPath)


def _identity(type_info: TypeInfo, row: dict[str, Any]) -> tuple[Any, ...]:
    name = row.get("__entity_type__")
    if not isinstance(name, str):
        raise _format_error("a row without an entity type")
    try:
        key = type_info.type_named(name).primary_key
    except UnknownEntityTypeError:
        # Newer than the models, so an object type of a studio, whose key is the id.
        key = ("id",)
    identity = (name, *(row.get(part) for part in key))
    if None in identity:
        raise _format_error(f"a {name} without its key ({', '.join(key)})")
    return identity


def _format_error(reason: str) -> ResponseFormatError:
    # Without an excerpt of the row, which may contain secrets.
    return ResponseFormatError(
        f"The server's response holds {reason}. Read again, or report it to the "
        "server's maintainer."
    )


def _nullable_link(type_info: TypeInfo, path: Any) -> str | None:
    """Return the first link of a path that may be null, ``None`` without one.

    A cast to a subtype counts, because the link may lead to another type.

    Raises:
        QueryError: the path is no scalar attribute and no mapped item, or goes through
            a collection.
    """
    if type(path) not in _READ:
        raise QueryError(
            f"values() takes scalar attributes and items of metadata or custom "
            f"attributes, not {path!r}."
        )
    null_link: str | None = None
    passed = type_info.name
    for step in path._steps:
        attribute = type_info.by_server_name.get(step.name)
        if attribute is None:
            # An attribute after as_(), which has checked the path itself.
            return null_link or f"{passed} cast to a subtype"
        if step is path._steps[-1]:
            break
        if attribute.kind is not AttributeKind.LINK:
            raise QueryError(
                f"values() cannot go through the collection {step.name!r} of "
                f"{path!r}: select its members instead."
            )
        passed = f"{passed}.{attribute.name}"
        target = type_info.type_named(str(attribute.target))
        type_info = type_info.type_named(step.downcast or target.name)
        if attribute.nullable:
            null_link = null_link or passed
        elif not target.is_kind_of(type_info.name):
            null_link = null_link or f"{passed} cast to {type_info.name}"
    return null_link


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
