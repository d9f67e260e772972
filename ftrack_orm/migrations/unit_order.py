"""Divide the changes of a harvest into units, each of which is sent whole."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from typing import Any

from ftrack_orm.migrations.planned_change import PlannedChange
from ftrack_orm.unit_of_work.circles import circles, stable_order


def divide(
    changes: Sequence[PlannedChange], groups: Sequence[Hashable]
) -> list[list[int]]:
    """Return the indexes of the changes of each unit, both in the order to send.

    The changes of one group share a unit. A unit comes after those that create its
    targets, and a delete comes after the changes that refer to the deleted entity.
    Groups for which this is impossible become one unit.

    Args:
        changes: in an order in which they can be sent.
        groups: the group of each change.
    """
    numbers: dict[Hashable, int] = {}
    members: list[list[int]] = []
    for index, group in enumerate(groups):
        number = numbers.setdefault(group, len(members))
        if number == len(members):
            members.append([])
        members[number].append(index)
    number_of = {index: number for number, part in enumerate(members) for index in part}
    needs = _needs(changes, number_of)
    joined = _joined(needs)
    if joined:
        merged = [
            joined.get(number_of[index], number_of[index])
            for index in range(len(changes))
        ]
        return divide(changes, merged)
    return [members[number] for number in stable_order(len(members), needs)]


def _needs(
    changes: Sequence[PlannedChange], number_of: dict[int, int]
) -> dict[int, set[int]]:
    """Return the units that must come before each unit."""
    created: dict[Any, int] = {}
    needs: dict[int, set[int]] = {}
    deleted = {
        change.key[0] for change in changes if change.action == "delete" and change.key
    }
    mentions: dict[Any, set[int]] = {}
    for index, change in enumerate(changes):
        number = number_of[index]
        for key in set(_keys(change)):
            if created.get(key, number) != number:
                needs.setdefault(number, set()).add(created[key])
            if key in deleted:
                mentions.setdefault(key, set()).add(number)
        if change.action == "create" and len(change.key) == 1:
            created[change.key[0]] = number
        if change.action == "delete" and len(change.key) == 1:
            before = mentions.get(change.key[0], set()) - {number}
            needs.setdefault(number, set()).update(before)
    return needs


def _keys(change: PlannedChange) -> Iterator[Any]:
    """Yield the values of a change that may be keys."""
    yield from change.key
    for value in (change.before, change.after):
        yield from texts_of(value)


def texts_of(value: Any) -> Iterator[str]:
    """Yield the texts in a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for part in value:
            yield from texts_of(part)
    elif isinstance(value, dict):
        for part in value.values():
            yield from texts_of(part)


def _joined(needs: dict[int, set[int]]) -> dict[int, int]:
    """Return the first unit of the circle of each unit that is in one."""
    return {number: min(part) for part in circles(needs) for number in part}
