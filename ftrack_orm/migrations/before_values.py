"""Read the values that planned changes replace, in one request for a page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from ftrack_orm.migrations.planned_change import Missing, PlannedValue
from ftrack_orm.migrations.wire_values import WireValues
from ftrack_orm.query import ast
from ftrack_orm.query.compiler import compile_query
from ftrack_orm.query.keys import keyed
from ftrack_orm.session.row_comparison import compared_paths
from ftrack_orm.types import NOT_LOADED, EntityKey, Reference
from ftrack_orm.unit_of_work.changes import Change, CreateChange, UpdateChange

if TYPE_CHECKING:
    from ftrack_orm.entity.type_info import TypeInfo
    from ftrack_orm.session.core import SessionCore

KEYS_PER_QUERY: Final = 500
QUERIES_PER_REQUEST: Final = 10

VALUE_ROW: Final = "CustomAttributeValue"
"""The type whose rows exist only for stored values (protocol 3.5)."""

Stored: TypeAlias = dict[EntityKey, PlannedValue]
"""Stored custom values by configuration and owner; ``Missing.UNSET`` without a row."""


def is_value_row(entity_type: str) -> bool:
    """Return whether a type is one of those of custom attribute values."""
    return entity_type.endswith(VALUE_ROW)


class BeforeValues:
    """The values that the changes of one harvest replace.

    Attributes:
        stored: the stored custom values that are known.
    """

    def __init__(self, core: SessionCore, wire: WireValues, stored: Stored) -> None:
        self._core = core
        self._wire = wire
        self._rows: dict[Reference, Mapping[str, Any]] = {}
        self.stored = dict(stored)

    def read(self, changes: Sequence[Change], *, is_new: set[Any]) -> None:
        """Read the values that are not loaded; sends nothing if there are none.

        Args:
            changes: the changes.
            is_new: the bare keys of entities that the same plan creates.
        """
        fetch_stored(self._core, _value_keys(changes, is_new), self.stored, self._wire)
        # Entities that lack the same attributes share a query.
        wanted: dict[tuple[str, tuple[str, ...]], list[EntityKey]] = {}
        for change in changes:
            names = tuple(_missing(change))
            if names and change.reference.key[0] not in is_new:
                entity_type, key = change.reference
                wanted.setdefault((entity_type, names), []).append(key)
        self.fetch(
            (self._core.models.type_info(entity_type), names, keys)
            for (entity_type, names), keys in wanted.items()
        )

    def fetch(
        self, wanted: Iterable[tuple[TypeInfo, Sequence[str], Sequence[EntityKey]]]
    ) -> None:
        """Read attributes of entities by key."""
        queries = [
            (type_info, text)
            for type_info, names, keys in wanted
            for text in _expressions(type_info, names, keys)
        ]
        for start in range(0, len(queries), QUERIES_PER_REQUEST):
            chunk = queries[start : start + QUERIES_PER_REQUEST]
            results = self._core.fetch_rows([text for _, text in chunk])
            for (type_info, _), rows in zip(chunk, results, strict=True):
                for row in rows:
                    key = tuple(row[name] for name in type_info.primary_key)
                    reference = Reference(type_info.name, key)
                    self._rows[reference] = {**self._rows.get(reference, {}), **row}

    def row(self, reference: Reference) -> Mapping[str, Any] | None:
        """Return the row that `fetch` read, ``None`` if the server has none."""
        return self._rows.get(reference)

    def of_update(
        self, change: UpdateChange, name: str, *, is_new: bool
    ) -> PlannedValue:
        """Return the value that an update of one attribute replaces."""
        reference = change.reference
        if is_value_row(reference.entity_type):
            return self.stored.get(reference.key, Missing.UNSET)
        value = change.before.get(name, NOT_LOADED)
        if value is not NOT_LOADED:
            return self._wire.encode(reference.entity_type, {name: value})[name]
        type_info = self._core.models.type_info(reference.entity_type)
        if is_new:
            return self._wire.from_row(type_info, name, {})
        row = self._rows.get(reference)
        return (
            Missing.ABSENT if row is None else self._wire.from_row(type_info, name, row)
        )


def fetch_stored(
    core: SessionCore, keys: Iterable[EntityKey], stored: Stored, wire: WireValues
) -> None:
    """Read stored custom values into `stored`, those that it lacks."""
    owners: dict[Any, dict[Any, None]] = {}
    for key in keys:
        if key not in stored:
            owners.setdefault(key[0], {})[key[1]] = None
    # Configurations with the same owners share a query.
    configurations: dict[tuple[Any, ...], list[Any]] = {}
    for configuration, entities in owners.items():
        configurations.setdefault(tuple(entities), []).append(configuration)
    texts = [
        stored_expression(ids, list(entities[start : start + KEYS_PER_QUERY]))
        for entities, ids in configurations.items()
        for start in range(0, len(entities), KEYS_PER_QUERY)
    ]
    for start in range(0, len(texts), QUERIES_PER_REQUEST):
        for rows in core.fetch_rows(texts[start : start + QUERIES_PER_REQUEST]):
            store_rows(core, rows, stored, wire)
    for configuration, entities in owners.items():
        for entity in entities:
            stored.setdefault((configuration, entity), Missing.UNSET)


def store_rows(
    core: SessionCore,
    rows: Iterable[Mapping[str, Any]],
    stored: Stored,
    wire: WireValues,
) -> None:
    """Store the values of plain rows by configuration and owner."""
    type_info = core.models.type_info(VALUE_ROW)
    for row in rows:
        key = (row["configuration_id"], row["entity_id"])
        stored[key] = wire.from_row(type_info, "value", row)


def stored_expression(configurations: Sequence[Any], owners: Sequence[Any]) -> str:
    """Return the query for the stored values of owners."""
    names = ("configuration_id", "entity_id", "value")
    criteria = ast.And(
        (
            keyed(("configuration_id",), [(key,) for key in configurations]),
            keyed(("entity_id",), [(key,) for key in owners]),
        )
    )
    projections = tuple(map(ast.PathExpression.of, names))
    return compile_query(ast.Query(VALUE_ROW, projections, criteria=criteria))


def _value_keys(changes: Iterable[Change], is_new: set[Any]) -> Iterator[EntityKey]:
    for change in changes:
        if isinstance(change, CreateChange):
            continue
        reference = change.reference
        if is_value_row(reference.entity_type) and reference.key[1] not in is_new:
            yield reference.key


def _missing(change: Change) -> Iterator[str]:
    if not isinstance(change, UpdateChange):
        return
    if is_value_row(change.reference.entity_type):
        return
    for name in change.values:
        if change.before.get(name, NOT_LOADED) is NOT_LOADED:
            yield name


def _expressions(
    type_info: TypeInfo, names: Sequence[str], keys: Sequence[EntityKey]
) -> Iterator[str]:
    paths = dict.fromkeys(map(ast.PathExpression.of, type_info.primary_key))
    for name in names:
        paths.update(dict.fromkeys(compared_paths(type_info, name)))
    for start in range(0, len(keys), KEYS_PER_QUERY):
        criteria = keyed(type_info.primary_key, keys[start : start + KEYS_PER_QUERY])
        yield compile_query(ast.Query(type_info.name, tuple(paths), criteria=criteria))
