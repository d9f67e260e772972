"""The order of operations in a batch: the caller's, where nothing forces another."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from typing import Any, TypeAlias

from ftrack_orm.errors import CircularReferenceError
from ftrack_orm.types import KeyValue, Reference
from ftrack_orm.unit_of_work.changes import (
    Change,
    CreateChange,
    DeleteChange,
    UpdateChange,
)

Parents: TypeAlias = Mapping[Reference, Sequence[Reference]]
"""Deleted entities, and the deleted entities they refer to."""

IsOptional: TypeAlias = Callable[[str, str], bool]
"""Whether an attribute of an entity type may be ``None`` at first."""


def order_changes(
    changes: Sequence[Change],
    parents: Parents | None = None,
    is_optional: IsOptional = lambda entity_type, name: False,
) -> list[Change]:
    """Return the changes in the order of the batch.

    The given order is kept, but for three rules: a new entity comes before the
    changes that refer to it; an entity is deleted before those it refers to, and
    after the updates that lead away from it. Where new entities refer to each other
    in a circle, an optional link is left out of a create and sent as an update
    afterwards; so is a membership that refers to a later create.

    Args:
        changes: one for each entity.
        parents: references among the deleted entities.
        is_optional: attributes that a create may leave out.

    Raises:
        CircularReferenceError: new entities require each other.
    """
    if all(type(change) is UpdateChange for change in changes):
        return list(changes)  # updates depend on creates and deletes alone
    split = _split_memberships(changes)
    ignored: set[tuple[int, int]] = set()
    while True:
        needs = _needs(split, parents or {})
        for first, second in ignored:
            needs[second].discard(first)
        if not any(needs.values()):
            return split
        cycle = _cycle(needs)
        if cycle is None:
            return [split[index] for index in _stable_order(needs)]
        deletes = _neighbouring_deletes(split, cycle)
        if deletes is not None:
            # Entities that refer to each other and are all deleted need no order.
            ignored.add(deletes)
        else:
            split = _broken(split, cycle, is_optional)


# -- dependencies ------------------------------------------------------------------


def _needs(changes: Sequence[Change], parents: Parents) -> dict[int, set[int]]:
    """Return, for the index of each change, those that have to come before."""
    needs: dict[int, set[int]] = {index: set() for index in range(len(changes))}
    created = _places(changes, CreateChange)
    deleted = _places(changes, DeleteChange)
    if created:
        for index, change in enumerate(changes):
            if not isinstance(change, DeleteChange):
                needs[index].update(_created_before(index, change, created))
    if deleted:
        for index, change in enumerate(changes):
            match change:
                case UpdateChange():
                    for value in _referred_keys(change.before):
                        if value in deleted:
                            needs[deleted[value]].add(index)
                case DeleteChange():
                    for parent in parents.get(change.reference, ()):
                        place = deleted.get(_bare(parent))
                        if place is not None and place != index:
                            needs[place].add(index)
                case _:
                    pass
    return needs


def _places(changes: Sequence[Change], kind: type[Change]) -> dict[Any, int]:
    return {
        _bare(change.reference): index
        for index, change in enumerate(changes)
        if isinstance(change, kind) and change.reference.key
    }


def _bare(reference: Reference) -> Any:
    return reference.key[0] if len(reference.key) == 1 else reference.key


def _created_before(
    index: int, change: Change, created: Mapping[Any, int]
) -> Iterator[int]:
    # The parts of a row's key name its owner: (configuration_id, entity_id).
    parts: Iterable[Any] = change.reference.key if len(change.reference.key) > 1 else ()
    values = {} if isinstance(change, DeleteChange) else change.values
    for value in (*_referred_keys(values), *parts):
        place = created.get(value)
        if place is not None and place != index:
            yield place


def _referred_keys(values: Mapping[str, Any]) -> Iterator[KeyValue]:
    """Yield the keys that values refer to: references, and foreign keys by name."""
    for name, value in values.items():
        if isinstance(value, Reference):
            yield _bare(value)
        elif isinstance(value, tuple):
            yield from (_bare(part) for part in value if isinstance(part, Reference))
        elif isinstance(value, str) and name.endswith("_id"):
            yield value


def _stable_order(needs: Mapping[int, set[int]]) -> Iterator[int]:
    """Yield indexes in topological order, each as early as its own place allows."""
    sorter = TopologicalSorter(needs)
    sorter.prepare()
    ready: list[int] = []
    while sorter.is_active():
        for index in sorter.get_ready():
            heapq.heappush(ready, index)
        first = heapq.heappop(ready)
        yield first
        sorter.done(first)


def _cycle(needs: Mapping[int, set[int]]) -> list[int] | None:
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as error:
        # Each node of the list comes before the next; the first is also the last.
        nodes: list[int] = error.args[1]
        return nodes
    return None


# -- circles and memberships -------------------------------------------------------


def _broken(
    changes: Sequence[Change], cycle: Sequence[int], is_optional: IsOptional
) -> list[Change]:
    """Return the changes with one link of the circle sent as an update of its own.

    Raises:
        CircularReferenceError: no link of the circle may be left out.
    """
    members = {_bare(changes[index].reference): index for index in cycle}
    for index in cycle:
        change = changes[index]
        if not isinstance(change, CreateChange):
            continue
        for name, value in change.values.items():
            leads_on = any(key in members for key in _referred_keys({name: value}))
            if leads_on and is_optional(change.reference.entity_type, name):
                return _with_update(changes, index, name)
    raise CircularReferenceError([str(changes[index].reference) for index in cycle])


def _neighbouring_deletes(
    changes: Sequence[Change], cycle: Sequence[int]
) -> tuple[int, int] | None:
    """Return two deletes of a circle of which one waits for the other."""
    for first, second in pairwise(cycle):
        pair = changes[first], changes[second]
        if all(isinstance(change, DeleteChange) for change in pair):
            return first, second
    return None


def _with_update(changes: Sequence[Change], index: int, name: str) -> list[Change]:
    """Return the changes with a value of a create moved into a later update."""
    change = changes[index]
    if not isinstance(change, CreateChange):
        return list(changes)
    values = dict(change.values)
    value = values.pop(name)
    create = CreateChange(change.reference, change.label, values, change.has_made_key)
    update = UpdateChange(change.reference, change.label, {name: value}, {name: None})
    return [*changes[:index], create, *changes[index + 1 :], update]


def _split_memberships(changes: Sequence[Change]) -> list[Change]:
    """Send memberships that refer to later creates as updates afterwards.

    The creates keep the caller's order, by which a server numbers versions.
    """
    created = _places(changes, CreateChange)
    split = list(changes)
    if not created:
        return split
    for index, change in enumerate(changes):
        if not isinstance(change, CreateChange):
            continue
        for name, value in change.values.items():
            is_later = isinstance(value, tuple) and any(
                created.get(_bare(part), -1) > index
                for part in value
                if isinstance(part, Reference)
            )
            if is_later:
                split = _with_update(split, index, name)
    return split
