"""Rows of plain values, read from replies without making entities."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from ftrack_orm.codec import decode_scalar
from ftrack_orm.errors import QueryError, UnknownEntityTypeError
from ftrack_orm.query.path import Path
from ftrack_orm.schema.model import AttributeKind

if TYPE_CHECKING:
    from ftrack_orm.entity.type_info import TypeInfo


class ValueReader:
    """Reads the values of given paths from the rows of a reply."""

    def __init__(self, info: TypeInfo, paths: Sequence[Path[Any]]) -> None:
        if not paths:
            raise QueryError("values() needs at least one attribute.")
        for path in paths:
            _require_single(info, path)
        self._info = info
        self._ways = [tuple(step.name for step in path.steps) for path in paths]
        # Paths themselves compare to criteria; their expressions can be told apart.
        self.projections = tuple(dict.fromkeys(path.expression for path in paths))

    def merged(self, rows: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        """Yield `rows` with repeated entities filled in.

        A reply says an entity's data once, at its first occurrence (protocol 3.6).
        """
        known: dict[tuple[Any, ...], dict[str, Any]] = {}
        for row in rows:
            self._merge(row, known)
        yield from rows

    def _merge(self, value: Any, known: dict[tuple[Any, ...], dict[str, Any]]) -> None:
        identity = self._identity(value)
        first = known.setdefault(identity, value)
        if first is not value:
            for name, part in value.items():
                first.setdefault(name, part)
        for name, part in list(value.items()):
            if isinstance(part, dict) and "__entity_type__" in part:
                self._merge(part, known)
                value[name] = known[self._identity(part)]
        if first is not value:
            value.update(first)

    def _identity(self, value: dict[str, Any]) -> tuple[Any, ...]:
        name = value["__entity_type__"]
        try:
            key = self._info.type_named(name).key
        except UnknownEntityTypeError:
            # Newer than the models: a studio's object type, which has an id.
            key = ("id",)
        return (name, *(value.get(part) for part in key))

    def read(self, row: dict[str, Any]) -> tuple[Any, ...]:
        """Return the values of one row, in the order of the paths."""
        return tuple(_at(row, way) for way in self._ways)


def _require_single(info: TypeInfo, path: Path[Any]) -> None:
    if type(path) is not Path:
        raise QueryError(f"values() takes scalar attributes, not {path!r}.")
    facts = info
    for step in path.steps[:-1]:
        attribute = facts.by_server_name.get(step.name)
        if attribute is None:
            return  # reached through as_(), whose own checks have passed
        if attribute.kind is not AttributeKind.LINK:
            raise QueryError(
                f"values() cannot go through the collection {step.name!r} of "
                f"{path!r}: select its members instead."
            )
        facts = facts.type_named(step.downcast or str(attribute.target))


def _at(row: Any, way: tuple[str, ...]) -> Any:
    value = row
    for name in way:
        if value is None:
            return None
        if isinstance(value, list):
            raise QueryError(
                f"values() cannot go through the collection before {name!r} of "
                f"{'.'.join(way)!r}: select its members instead."
            )
        value = value.get(name)
    return decode_scalar(value)
