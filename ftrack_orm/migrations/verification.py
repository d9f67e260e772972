"""Compare the rows of a server with the before-values and after-values of a plan."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from ftrack_orm.migrations.planned_change import (
    Missing,
    PlannedChange,
    PlannedUnit,
    PlannedValue,
)
from ftrack_orm.migrations.same_value import same_value
from ftrack_orm.operations import Delete, Query, WriteOperation
from ftrack_orm.query import ast
from ftrack_orm.query.compiler import compile_query
from ftrack_orm.query.keys import keyed
from ftrack_orm.query.literals import encode_literal
from ftrack_orm.types import EntityKey, JSONObject, Reference

VALUE_TYPE: Final = "CustomAttributeValue"
"""The type with a row for each stored value of a custom attribute (protocol 3.5)."""

BELOW: Final = "below"
"""The member of the current value of a delete with the rows that it would take."""

_KEYS_PER_QUERY: Final = 500

_MOST_CROSSED: Final = 1.5
"""Rows that a query for combinations of keys may return, for each row needed."""

PrimaryKeyOf = Callable[[str], Sequence[str]]


def stored_reference(reference: Reference) -> Reference:
    """Return the row that stores an entity.

    Rows of prefixed types, such as ``ContextCustomAttributeValue``, exist for every
    entity and hold the default; the type without a prefix has the stored values only.
    """
    return Reference(stored_type(reference.entity_type), reference.key)


def stored_type(entity_type: str) -> str:
    """Return the type of the rows that store entities of a type."""
    return VALUE_TYPE if entity_type.endswith(VALUE_TYPE) else entity_type


def sent_operation(operation: WriteOperation) -> WriteOperation:
    """Return the operation as a server accepts it.

    Values of prefixed types cannot be deleted (protocol 3.5).
    """
    if isinstance(operation, Delete):
        return Delete(*stored_reference(Reference(*_key_of(operation))))
    return operation


def _key_of(operation: Delete) -> tuple[str, EntityKey]:
    return operation.entity_type, operation.entity_key


@dataclass(slots=True)
class RowReads:
    """The queries that read the rows of some units.

    Attributes:
        queries: the queries, in the order of their results.
    """

    queries: list[Query]
    _primary_keys: dict[str, Sequence[str]]
    _types: list[str]
    _asked: dict[str, dict[EntityKey, None]]

    @classmethod
    def of(cls, units: Iterable[PlannedUnit], primary_key_of: PrimaryKeyOf) -> RowReads:
        """Return the queries for all attributes that the units' changes name."""
        attributes: dict[str, dict[str, None]] = {}
        keys: dict[str, dict[EntityKey, None]] = {}
        for unit in units:
            for change in unit.changes:
                entity_type = stored_type(change.entity_type)
                keys.setdefault(entity_type, {})[change.key] = None
                names = attributes.setdefault(entity_type, {})
                if change.action == "update" and change.attribute is not None:
                    names[change.attribute] = None
                else:
                    names.update(dict.fromkeys(_compared_names(change)))
        primary_keys = {name: primary_key_of(name) for name in keys}
        queries: list[Query] = []
        types: list[str] = []
        for entity_type in sorted(keys):
            names = {
                **dict.fromkeys(primary_keys[entity_type]),
                **attributes[entity_type],
            }
            for expression in _expressions(
                entity_type,
                primary_keys[entity_type],
                list(keys[entity_type]),
                list(names),
            ):
                queries.append(Query(expression))
                types.append(entity_type)
        return cls(queries, primary_keys, types, keys)

    def rows(self, results: Iterable[Iterable[Mapping[str, Any]]]) -> CurrentRows:
        """Return the rows in the results of `queries`."""
        found: dict[Reference, JSONObject | None] = {
            Reference(entity_type, key): None
            for entity_type, keys in self._asked.items()
            for key in keys
        }
        for entity_type, rows in zip(self._types, results, strict=True):
            names = self._primary_keys[entity_type]
            for row in rows:
                reference = Reference(entity_type, tuple(row[name] for name in names))
                if reference in found:
                    found[reference] = dict(row)
        return CurrentRows(found)


def _compared_names(change: PlannedChange) -> Iterator[str]:
    if change.attribute is not None:
        yield change.attribute
    for value in (change.before, change.after):
        if change.action != "update" and isinstance(value, dict):
            yield from (name for name in value if name != "__entity_type__")


def _expressions(
    entity_type: str,
    primary_key: Sequence[str],
    keys: Sequence[EntityKey],
    names: Sequence[str],
) -> Iterator[str]:
    projections = tuple(ast.PathExpression.of(name) for name in names)
    for start in range(0, len(keys), _KEYS_PER_QUERY):
        part = keys[start : start + _KEYS_PER_QUERY]
        criteria = _crossed(primary_key, part) or keyed(primary_key, part)
        yield compile_query(ast.Query(entity_type, projections, criteria=criteria))


def _crossed(
    primary_key: Sequence[str], keys: Sequence[EntityKey]
) -> ast.Criteria | None:
    """Return a short condition that few other rows meet, too; ``None`` without one.

    Values of ten attributes of fifty entities need sixty literals in place of five
    hundred, and the server answers faster.
    """
    parts = [dict.fromkeys(values) for values in zip(*keys, strict=True)]
    size = math.prod(map(len, parts))
    if len(primary_key) == 1 or size > _MOST_CROSSED * len(keys):
        return None
    return ast.And(
        tuple(
            ast.Membership(
                ast.PathExpression.of(name), tuple(map(encode_literal, part))
            )
            for name, part in zip(primary_key, parts, strict=True)
        )
    )


@dataclass(frozen=True, slots=True)
class Conflict:
    """A value that is neither the one before nor the one after a change.

    Attributes:
        unit: number of the unit, which is left out.
        title: the entity as a person would name it.
        change: the planned change.
        current: the value on the server.
    """

    unit: int
    title: str
    change: PlannedChange
    current: PlannedValue

    def to_json(self) -> JSONObject:
        """Return the conflict as a JSON object."""
        return {
            "unit": self.unit,
            "title": self.title,
            "change": self.change.to_json(),
            "current": self.current.value
            if isinstance(self.current, Missing)
            else self.current,
        }


@dataclass(slots=True)
class Verdict:
    """The comparison of a unit with the rows of the server.

    Attributes:
        unit: the unit.
        to_write: the changes whose before-value the server has.
        already: the changes whose after-value the server has.
        conflicts: the changes where it has neither.
    """

    unit: PlannedUnit
    to_write: list[PlannedChange] = field(default_factory=list)
    already: list[PlannedChange] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)


@dataclass(slots=True)
class CurrentRows:
    """The rows of a server, and the changes that the units of a chunk make to them.

    Attributes:
        rows: each row by the reference under which it is stored; ``None`` if there is
            none.
    """

    rows: dict[Reference, JSONObject | None]

    def judge(self, unit: PlannedUnit) -> Verdict:
        """Compare a unit with the rows; apply it to them unless it has a conflict.

        Later units of the same chunk are compared with the changed rows, as the server
        applies them in that order.
        """
        verdict = Verdict(unit)
        # Not undone by a conflict further on: a former row is restored.
        former: dict[Reference, JSONObject | None] = {}
        for change in unit.changes:
            reference = Reference(stored_type(change.entity_type), change.key)
            row = self.rows.get(reference)
            current = current_value(change, row)
            if is_same_state(change, current, change.before):
                # Equal values on both sides need no request.
                is_done = is_same_state(change, current, change.after)
                (verdict.already if is_done else verdict.to_write).append(change)
                former.setdefault(reference, None if row is None else dict(row))
                self.rows[reference] = row_after(change, row)
            elif is_same_state(change, current, change.after):
                verdict.already.append(change)
            else:
                verdict.conflicts.append(
                    Conflict(unit.number, unit.title, change, current)
                )
        if verdict.conflicts:
            self.rows.update(former)
        return verdict


def current_value(change: PlannedChange, row: JSONObject | None) -> PlannedValue:
    """Return the value of a row that a change is compared with."""
    if change.attribute is not None:
        if row is None:
            is_value = change.entity_type.endswith(VALUE_TYPE)
            return Missing.UNSET if is_value else Missing.ABSENT
        value: PlannedValue = row.get(change.attribute)
        return value
    if row is None:
        return Missing.UNSET if change.after is Missing.UNSET else Missing.ABSENT
    expected = change.before if change.action == "delete" else change.after
    names = expected if isinstance(expected, dict) else {}
    return {name: row.get(name) for name in names}


def is_same_state(
    change: PlannedChange, current: PlannedValue, expected: PlannedValue
) -> bool:
    """Return whether a value of the server is `expected`, before or after a change.

    An entity is compared by the attributes that the plan has.
    """
    if change.attribute is not None or isinstance(expected, Missing):
        return same_value(change.attribute or "", current, expected)
    if not isinstance(current, dict) or not isinstance(expected, dict):
        return False
    return all(
        name == "__entity_type__" or same_value(name, current.get(name), value)
        for name, value in expected.items()
    )


def row_after(change: PlannedChange, row: JSONObject | None) -> JSONObject | None:
    """Return a row as a change leaves it."""
    if change.action == "delete":
        return None
    if change.attribute is None:
        return dict(change.after) if isinstance(change.after, dict) else None
    return {**(row or {}), change.attribute: change.after}
