"""The changes of a migration plan: absolute values, and the values they replace."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final, Literal, TypeAlias

from ftrack_orm.operations import Create, Delete, Update, WriteOperation
from ftrack_orm.types import JSON, EntityKey, Reference

Action: TypeAlias = Literal["create", "update", "delete"]


class Missing(Enum):
    """The reasons why a server holds no value."""

    UNSET = "unset"
    """A custom attribute without a stored value: its default applies."""

    ABSENT = "absent"
    """There is no such entity."""


PlannedValue: TypeAlias = "JSON | Missing"
"""A value in its wire form (protocol 3), or the reason why there is none."""


@dataclass(frozen=True, slots=True)
class PlannedChange:
    """One attribute of an entity, or one whole entity that is created or deleted.

    Attributes:
        action: the action of the operation that applies the change.
        entity_type: the concrete type.
        key: the primary key; the keys of new entities are fixed in the plan.
        attribute: the server name, or ``None`` for a create or delete.
        before: the value that the change replaces. ``Missing.ABSENT`` for a create;
            for a delete, an object with the attributes that a create needs.
        after: the new value; for a create, an object with the attributes to send;
            ``Missing.UNSET`` where a row is deleted so that a default applies again,
            and ``Missing.ABSENT`` for any other delete.
        cascade: for a delete that cannot be undone, the number of entities that the
            server deletes with it, by type; else ``None``.
    """

    action: Action
    entity_type: str
    key: EntityKey
    attribute: str | None
    before: PlannedValue
    after: PlannedValue
    cascade: Mapping[str, int] | None = None

    @property
    def reference(self) -> Reference:
        """Return the type and key of the entity."""
        return Reference(self.entity_type, self.key)

    @property
    def is_irreversible(self) -> bool:
        """Return whether no later plan can undo the change."""
        return self.cascade is not None

    def to_json(self) -> list[JSON]:
        """Return the change as a JSON array, which `from_json` reads."""
        row: list[JSON] = [
            self.action,
            self.entity_type,
            list(self.key),
            self.attribute,
            _to_json(self.before),
            _to_json(self.after),
        ]
        return row if self.cascade is None else [*row, dict(self.cascade)]

    @classmethod
    def from_json(cls, row: list[Any]) -> PlannedChange:
        """Return the change of an array that `to_json` made."""
        action, entity_type, key, attribute, before, after, *cascade = row
        return cls(
            action,
            entity_type,
            tuple(key),
            attribute,
            _from_json(before),
            _from_json(after),
            *cascade,
        )


@dataclass(frozen=True, slots=True)
class PlannedEffect:
    """A call of a function before its unit is sent; repeating it does no harm.

    Attributes:
        function: the module and name, as ``"module:name"``.
        arguments: positional arguments, JSON values.
        keywords: keyword arguments, JSON values.
    """

    function: str
    arguments: tuple[JSON, ...] = ()
    keywords: Mapping[str, JSON] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PlannedUnit:
    """Changes that share a request, so that all or none of them are applied.

    Attributes:
        number: position in the plan, from 1.
        title: the entity as a person would name it.
        changes: the changes, in the order they are sent; the changes of one entity's
            attributes are consecutive.
        effects: the calls to make before the changes are sent.
    """

    number: int
    title: str
    changes: tuple[PlannedChange, ...]
    effects: tuple[PlannedEffect, ...] = ()

    def operations(self) -> Iterator[WriteOperation]:
        """Yield the operations that apply the unit; updates of one entity as one."""
        return operations_of(self.changes)

    def canonical_line(self) -> str:
        """Return the unit as one line of JSON; equal units have equal lines."""
        effects = [
            [effect.function, list(effect.arguments), dict(effect.keywords)]
            for effect in self.effects
        ]
        return canonical_json([[change.to_json() for change in self.changes], effects])


def operations_of(changes: Iterable[PlannedChange]) -> Iterator[WriteOperation]:
    """Yield operations for `changes`; consecutive updates of an entity become one."""
    pending: Update | None = None
    values: dict[str, Any] = {}
    for change in changes:
        if change.action == "update" and change.attribute is not None:
            if (
                pending is None
                or pending.entity_key != change.key
                or pending.entity_type != change.entity_type
            ):
                if pending is not None:
                    yield pending
                values = {}
                pending = Update(change.entity_type, change.key, values)
            values[change.attribute] = change.after
            continue
        if pending is not None:
            yield pending
            pending = None
        if change.action == "create":
            yield Create(change.entity_type, _object(change.after), change.key)
        else:
            yield Delete(*change.reference)
    if pending is not None:
        yield pending


def _object(value: PlannedValue) -> dict[str, JSON]:
    if not isinstance(value, dict):
        raise TypeError(f"a create needs an object of attributes, not {value!r}")
    return value


def canonical_json(value: Any) -> str:
    """Return `value` as JSON with sorted keys, no spaces and ASCII characters only."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


_MISSING: Final = "missing"


def _to_json(value: PlannedValue) -> JSON:
    return {_MISSING: value.value} if isinstance(value, Missing) else {"value": value}


def _from_json(value: dict[str, Any]) -> PlannedValue:
    if _MISSING in value:
        return Missing(value[_MISSING])
    planned: PlannedValue = value["value"]
    return planned
