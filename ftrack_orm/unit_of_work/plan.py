"""A commit as a value: what would be sent, printable and comparable."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, assert_never

from ftrack_orm.operations import Create, Delete, Update
from ftrack_orm.types import NOT_LOADED, Reference
from ftrack_orm.unit_of_work.changes import (
    Change,
    CreateChange,
    DeleteChange,
    UpdateChange,
)
from ftrack_orm.unit_of_work.coalesce import coalesce
from ftrack_orm.unit_of_work.ordering import IsOptional, Parents, order_changes


@dataclass(frozen=True, slots=True)
class FlushPlan:
    """The operations of one commit, in the order they are sent.

    Two plans are equal when they would send the same and replace the same. ``str``
    gives a readable difference.
    """

    changes: tuple[Change, ...] = ()

    @property
    def operations(self) -> tuple[Create | Update | Delete, ...]:
        """Return one operation for each change, in the same order."""
        return tuple(
            [
                # Large commits are made of updates.
                Update(*change.reference, change.values)
                if type(change) is UpdateChange
                else _operation(change)
                for change in self.changes
            ]
        )

    def __len__(self) -> int:
        return len(self.changes)

    def __bool__(self) -> bool:
        return bool(self.changes)

    def __iter__(self) -> Iterator[Change]:
        return iter(self.changes)

    def __str__(self) -> str:
        if not self.changes:
            return "Nothing to commit."
        return "\n".join(line for change in self.changes for line in _lines(change))

    def difference(self, other: FlushPlan) -> str:
        """Return what `other` has that this plan has not, and the reverse."""
        lines = difflib.unified_diff(
            str(self).splitlines(),
            str(other).splitlines(),
            "expected",
            "now",
            lineterm="",
            n=1,
        )
        return "\n".join(lines) or "The values that would be replaced are others."


def make_plan(
    changes: Sequence[Change],
    parents: Parents | None = None,
    is_optional: IsOptional = lambda entity_type, name: False,
) -> FlushPlan:
    """Turn tracked changes into an ordered batch of operations.

    Reads its arguments only. The plan holds one operation for each entity, in the
    order of the changes where nothing forces another (see `order_changes`).

    Raises:
        CircularReferenceError: new entities require each other; `.cycle` lists their
            keys.
        ConflictingChangesError: an entity is both deleted and set.
    """
    return FlushPlan(tuple(order_changes(coalesce(changes), parents, is_optional)))


def _operation(change: Change) -> Create | Update | Delete:
    entity_type, key = change.reference
    match change:
        case CreateChange():
            return Create(entity_type, change.values, key or None)
        case UpdateChange():
            return Update(entity_type, key, change.values)
        case DeleteChange():
            return Delete(entity_type, key)
        case _:
            assert_never(change)


def _lines(change: Change) -> list[str]:
    title = _title(change)
    match change:
        case CreateChange():
            values = (
                f"    {name} = {_shown(value)}" for name, value in change.values.items()
            )
            return [f"+ {title}", *values]
        case UpdateChange():
            values = (
                f"    {name}: {_shown(change.before.get(name, NOT_LOADED))} -> "
                f"{_shown(value)}"
                for name, value in change.values.items()
            )
            return [f"~ {title}", *values]
        case DeleteChange():
            return [f"- {title}"]
        case _:
            assert_never(change)


def _title(change: Change) -> str:
    label = f" {change.label!r}" if change.label else ""
    entity_type, key = change.reference
    return f"{entity_type}{label} ({', '.join(map(str, key))})"


def _shown(value: Any) -> str:
    if value is NOT_LOADED:
        return "(not loaded)"
    if isinstance(value, Reference):
        return str(value)
    if isinstance(value, datetime):
        return value.isoformat(" ", "seconds")
    if isinstance(value, tuple):
        return "[" + ", ".join(_shown(member) for member in value) + "]"
    return repr(value)
