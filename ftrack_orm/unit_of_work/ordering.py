"""The order of operations in a batch: the caller's, where nothing forces another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

from ftrack_orm.errors.session import CircularReferenceError
from ftrack_orm.types import KeyValue, Reference
from ftrack_orm.unit_of_work.changes import (
    Change,
    CreateChange,
    DeleteChange,
    UpdateChange,
)
from ftrack_orm.unit_of_work.circles import (
    circles,
    closing_needs,
    one_circle,
    stable_order,
)

Parents: TypeAlias = Mapping[Reference, Sequence[Reference]]
"""Deleted entities, and the deleted entities they refer to."""

IsOptional: TypeAlias = Callable[[str, str], bool]
"""Whether an attribute of an entity type may be ``None`` at first."""

Predecessors: TypeAlias = Mapping[Reference, Sequence[Reference]]
"""Entities, and those whose change comes before theirs where that is possible."""

_Needs: TypeAlias = dict[int, set[int]]

_NUMBERED: Final = {"AssetVersion": "asset_id"}
"""Types whose entities a server numbers in the order of their creates, by owner."""


def order_changes(
    changes: Sequence[Change],
    parents: Parents | None = None,
    is_optional: IsOptional = lambda entity_type, name: False,
    predecessors: Predecessors | None = None,
) -> list[Change]:
    """Return the changes in the order of the batch.

    The given order is kept, but for these rules: a new entity comes before the
    changes that refer to it; an entity is deleted before those it refers to, and
    after the updates that lead away from it. New versions of an asset keep their
    order, by which a server numbers them. Where new entities refer to each other in a
    circle, optional links are left out of a create and sent as an update afterwards;
    so are memberships that refer to a later create.

    Args:
        changes: one for each entity.
        parents: references among the deleted entities.
        is_optional: attributes that a create may leave out.
        predecessors: changes that come earlier unless a circle forbids it.

    Raises:
        CircularReferenceError: new entities require each other.
    """
    if not predecessors and all(type(change) is UpdateChange for change in changes):
        return list(changes)  # updates depend on creates and deletes alone
    given = list(changes)
    split = _with_updates(given, _later_memberships(given, is_optional))
    hard = _needs(split, parents or {})
    soft = _preferences(split, predecessors or {})
    if not hard and not soft:
        return split
    needs = _joined(hard, soft)
    order = stable_order(len(split), needs)
    if len(order) < len(split):
        split, needs = _untied(split, parents or {}, is_optional, predecessors or {})
        order = stable_order(len(split), needs)
    return [split[index] for index in order]


# -- dependencies ------------------------------------------------------------------


def _needs(changes: Sequence[Change], parents: Parents) -> _Needs:
    """Return, for the index of a change, those that have to come before."""
    needs: _Needs = {}
    created = _places(changes, CreateChange)
    for index, change in enumerate(changes if created else ()):
        for key in _keys_after_create(change):
            if key in created:
                _add(needs, index, created[key])
    deleted = _places(changes, DeleteChange)
    for index, change in enumerate(changes if deleted else ()):
        for key in _keys_before_delete(change, parents):
            if key in deleted:
                _add(needs, deleted[key], index)
    return needs


def _add(needs: _Needs, index: int, first: int) -> None:
    if first != index:
        needs.setdefault(index, set()).add(first)


def _joined(hard: _Needs, soft: _Needs) -> _Needs:
    return {
        index: hard.get(index, set()) | soft.get(index, set())
        for index in {**hard, **soft}
    }


def _places(changes: Sequence[Change], kind: type[Change]) -> dict[Any, int]:
    return {
        _bare(change.reference): index
        for index, change in enumerate(changes)
        if isinstance(change, kind) and change.reference.key
    }


def _bare(reference: Reference) -> Any:
    return reference.key[0] if len(reference.key) == 1 else reference.key


def _parts(reference: Reference) -> Iterable[Any]:
    """Return the parts of a row's key, which names its owner."""
    return reference.key if len(reference.key) > 1 else ()


def _keys_after_create(change: Change) -> Iterator[Any]:
    """Yield the keys of the entities that a change refers to, or is an update of."""
    if isinstance(change, DeleteChange):
        return
    yield from _referred_keys(change.values)
    yield from _parts(change.reference)
    if isinstance(change, UpdateChange):
        yield _bare(change.reference)


def _keys_before_delete(change: Change, parents: Parents) -> Iterator[Any]:
    """Yield the keys of the entities that a change leaves, or whose row it is of."""
    yield from _parts(change.reference)
    if isinstance(change, UpdateChange):
        yield from _referred_keys(change.before)
    for parent in parents.get(change.reference, ()):
        yield _bare(parent)


def _referred_keys(values: Mapping[str, Any]) -> Iterator[KeyValue]:
    """Yield the keys that values refer to: references, and foreign keys by name."""
    for name, value in values.items():
        if isinstance(value, Reference):
            yield _bare(value)
        elif _is_membership(value):
            yield from (_bare(part) for part in value if isinstance(part, Reference))
        elif isinstance(value, str) and name.endswith("_id"):
            yield value


def _is_membership(value: Any) -> bool:
    # A reference is a tuple too.
    return isinstance(value, tuple) and not isinstance(value, Reference)


def _preferences(changes: Sequence[Change], predecessors: Predecessors) -> _Needs:
    """Return needs that a circle may overrule."""
    needs: _Needs = {}
    last: dict[tuple[str, Any], int] = {}
    for index, change in enumerate(changes):
        holder = _NUMBERED.get(change.reference.entity_type)
        if holder is not None and isinstance(change, CreateChange):
            owner = change.reference.entity_type, change.values.get(holder)
            if owner in last:
                _add(needs, index, last[owner])
            last[owner] = index
    if predecessors:
        place = {change.reference: index for index, change in enumerate(changes)}
        for index, change in enumerate(changes):
            for first in predecessors.get(change.reference, ()):
                if first in place:
                    _add(needs, index, place[first])
    return needs


# -- values that are sent later ----------------------------------------------------


def _later_memberships(
    changes: Sequence[Change], is_optional: IsOptional
) -> dict[int, list[str]]:
    """Return the values of creates that refer to later creates, or to themselves."""
    created = _places(changes, CreateChange)
    names: dict[int, list[str]] = {}
    for index, change in enumerate(changes):
        if not created or not isinstance(change, CreateChange):
            continue
        own = _bare(change.reference)
        for name, value in change.values.items():
            keys = set(_referred_keys({name: value}))
            is_later = _is_membership(value) and any(
                created.get(key, -1) > index for key in keys
            )
            is_own = own in keys and is_optional(change.reference.entity_type, name)
            if is_later or is_own:
                names.setdefault(index, []).append(name)
    return names


def _with_updates(
    changes: Sequence[Change], names: Mapping[int, Sequence[str]]
) -> list[Change]:
    """Return the changes, with values of creates moved into updates at the end.

    Args:
        changes: the changes.
        names: the values to move, by the index of their create.
    """
    split = list(changes)
    places = {change.reference: index for index, change in enumerate(changes)}
    for index in sorted(names):
        change = changes[index]
        if not isinstance(change, CreateChange) or not names[index]:
            continue
        later = {name: change.values[name] for name in names[index]}
        rest = {name: one for name, one in change.values.items() if name not in later}
        split[index] = CreateChange(
            change.reference, change.label, rest, change.has_made_key
        )
        before = {name: () if _is_membership(later[name]) else None for name in later}
        place = places[change.reference]
        earlier = split[place]
        if isinstance(earlier, UpdateChange):
            later = {**earlier.values, **later}
            before = {**earlier.before, **before}
            split[place] = UpdateChange(change.reference, change.label, later, before)
        else:
            split.append(UpdateChange(change.reference, change.label, later, before))
    return split


# -- circles -----------------------------------------------------------------------


def _untied(
    changes: Sequence[Change],
    parents: Parents,
    is_optional: IsOptional,
    predecessors: Predecessors,
) -> tuple[list[Change], _Needs]:
    """Return the changes without circles, and their needs.

    First the optional links that close a circle are sent as updates, one for a ring,
    so that the creates keep their order. Where a required link closes it, all optional
    links within the circle are. Then preferences are dropped.

    Raises:
        CircularReferenceError: no link of a circle may be left out.
    """
    split = list(changes)
    for is_narrow in (True, False):
        hard = _without_circles_of_deletes(split, _needs(split, parents))
        needs = _joined(hard, _preferences(split, predecessors))
        names: dict[int, list[str]] = {}
        for part in circles(needs):
            closing: dict[int, set[int]] = {}
            for index, first in closing_needs(part, needs) if is_narrow else ():
                closing.setdefault(index, set()).add(first)
            left_out = closing if is_narrow else dict.fromkeys(part, part)
            names.update(_optional_links(split, left_out, is_optional))
        split = _with_updates(split, names)
    hard = _without_circles_of_deletes(split, _needs(split, parents))
    required = circles(hard)
    if required:
        circle = one_circle(required[0], hard)
        raise CircularReferenceError([str(split[one].reference) for one in circle])
    soft = _preferences(split, predecessors)
    for part in circles(_joined(hard, soft)):
        for index in part:
            soft[index] = soft.get(index, set()) - part
    return split, _joined(hard, soft)


def _optional_links(
    changes: Sequence[Change],
    left_out: Mapping[int, set[int]],
    is_optional: IsOptional,
) -> dict[int, list[str]]:
    """Return the optional values of creates that lead to the given indexes."""
    names: dict[int, list[str]] = {}
    for index, targets in sorted(left_out.items()):
        change = changes[index]
        if not isinstance(change, CreateChange):
            continue
        keys = {_bare(changes[target].reference) for target in targets}
        for name, value in change.values.items():
            leads_there = not keys.isdisjoint(_referred_keys({name: value}))
            if leads_there and is_optional(change.reference.entity_type, name):
                names.setdefault(index, []).append(name)
    return names


def _without_circles_of_deletes(changes: Sequence[Change], needs: _Needs) -> _Needs:
    """Return needs in which deletes that refer to each other keep the given order."""
    kept = {index: set(before) for index, before in needs.items()}
    for part in circles(needs):
        if all(isinstance(changes[index], DeleteChange) for index in part):
            for index in part:
                kept[index] -= {first for first in part if first > index}
    return kept
