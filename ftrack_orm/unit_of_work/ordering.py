"""The order of operations in a batch: what is referred to comes first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from typing import Any

from ftrack_orm.errors import CircularReferenceError
from ftrack_orm.types import KeyValue, Reference
from ftrack_orm.unit_of_work.changes import (
    Change,
    CreateChange,
    DeleteChange,
    UpdateChange,
)

Parents = Mapping[Reference, Sequence[Reference]]
"""For entities that go: the entities they refer to."""


def order_changes(
    changes: Sequence[Change], parents: Parents | None = None
) -> list[Change]:
    """Return creates, then updates, then deletes, each in dependency order.

    A new entity comes after the new entities it refers to; an entity that goes comes
    before those it refers to. Otherwise the given order is kept, so the same changes
    always give the same batch.

    Raises:
        CircularReferenceError: new entities require each other.
    """
    creates = [change for change in changes if isinstance(change, CreateChange)]
    updates = [change for change in changes if isinstance(change, UpdateChange)]
    deletes = [change for change in changes if isinstance(change, DeleteChange)]
    return [
        *_sorted(creates, _creation_needs(creates)),
        *updates,
        *reversed(_sorted(deletes[::-1], _deletion_needs(deletes, parents or {}))),
    ]


def _creation_needs(creates: Sequence[CreateChange]) -> dict[int, list[int]]:
    place = {change.reference.key: i for i, change in enumerate(creates)}
    by_value: dict[KeyValue, int] = {
        key[0]: i for key, i in place.items() if len(key) == 1
    }
    needs: dict[int, list[int]] = {}
    for i, change in enumerate(creates):
        found = {
            by_value[value] if not isinstance(value, Reference) else place[value.key]
            for value in _referred(change.values)
            if (
                value.key in place
                if isinstance(value, Reference)
                else value in by_value
            )
        }
        needs[i] = sorted(found - {i})
    return needs


def _referred(values: Mapping[str, Any]) -> Iterator[Reference | KeyValue]:
    for name, value in values.items():
        if isinstance(value, Reference):
            yield value
        elif isinstance(value, list):
            yield from (member for member in value if isinstance(member, Reference))
        elif isinstance(value, str) and name != "id":
            # A foreign key: no other text equals the uuid of a new entity.
            yield value


def _deletion_needs(
    deletes: Sequence[DeleteChange], parents: Parents
) -> dict[int, list[int]]:
    backwards = deletes[::-1]
    place = {change.reference: i for i, change in enumerate(backwards)}
    return {
        i: sorted(
            place[parent]
            for parent in parents.get(change.reference, ())
            if parent in place and parent != change.reference
        )
        for i, change in enumerate(backwards)
    }


def _sorted(
    changes: Sequence[Change], needs: Mapping[int, Sequence[int]]
) -> list[Change]:
    if not any(needs.values()):
        return list(changes)
    sorter = TopologicalSorter(needs)
    try:
        sorter.prepare()
    except CycleError as error:
        cycle = [str(changes[i].reference) for i in error.args[1]]
        raise CircularReferenceError(cycle) from None
    ordered: list[Change] = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready())
        ordered.extend(changes[i] for i in ready)
        sorter.done(*ready)
    return ordered
