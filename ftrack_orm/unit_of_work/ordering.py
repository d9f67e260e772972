"""Sort the changes of a batch by their dependencies; otherwise the order stays."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
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
"""Whether a create may leave out an attribute of an entity type."""

Predecessors: TypeAlias = Mapping[Reference, Sequence[Reference]]
"""Entities, and those whose changes come before theirs if possible."""

_Needs: TypeAlias = dict[int, set[int]]

_NUMBERED: Final = {"AssetVersion": "asset_id"}
"""Types whose entities the server numbers in the order of creation, and the foreign key
of the owner that counts them."""


def order_changes(
    changes: Sequence[Change],
    parents: Parents | None = None,
    is_optional: IsOptional = lambda entity_type, name: False,
    predecessors: Predecessors | None = None,
) -> list[Change]:
    """Return the changes in the order of the batch.

    The order of the arguments stays, except for these rules. A new entity comes
    before the changes that refer to it. An entity is deleted before those it refers
    to, and after the updates that unlink it from others. New versions of an asset stay
    in their order, by which the server numbers them. Where new entities refer to each
    other in a circle, optional links are left out of a create and sent as an update
    afterwards; so are memberships that refer to a later create.

    Args:
        changes: one for each entity.
        parents: references among the deleted entities.
        is_optional: attributes that a create may leave out.
        predecessors: changes that come earlier unless a circle forbids it.

    Raises:
        CircularReferenceError: new entities require each other.
    """
    # Updates depend only on creates and deletes.
    if not predecessors and all(type(change) is UpdateChange for change in changes):
        return list(changes)
    split = _with_updates(changes, _later_memberships(changes, is_optional))
    hard = _needs(split, parents or {})
    soft = _preferences(split, predecessors or {})
    if not hard and not soft:
        return split
    needs = _union(hard, soft)
    order = stable_order(len(split), needs)
    # The order lacks the members of circles.
    if len(order) < len(split):
        split, needs = _break_circles(
            split, parents or {}, is_optional, predecessors or {}
        )
        order = stable_order(len(split), needs)
    return [split[index] for index in order]


# -- dependencies ------------------------------------------------------------------


def _needs(changes: Sequence[Change], parents: Parents) -> _Needs:
    """Return, for the index of a change, those that have to come before."""
    needs: _Needs = {}
    created = _indexes_by_key(changes, CreateChange)
    for index, change in enumerate(changes if created else ()):
        for key in _keys_after_create(change):
            if key in created:
                _add(needs, index, created[key])
    deleted = _indexes_by_key(changes, DeleteChange)
    for index, change in enumerate(changes if deleted else ()):
        for key in _keys_before_delete(change, parents):
            if key in deleted:
                _add(needs, deleted[key], index)
    return needs


def _add(needs: _Needs, index: int, first: int) -> None:
    if first != index:
        needs.setdefault(index, set()).add(first)


def _union(hard: _Needs, soft: _Needs) -> _Needs:
    return {
        index: hard.get(index, set()) | soft.get(index, set())
        for index in {**hard, **soft}
    }


def _indexes_by_key(
    changes: Sequence[Change], change_class: type[Change]
) -> dict[Any, int]:
    return {
        _bare(change.reference): index
        for index, change in enumerate(changes)
        if isinstance(change, change_class) and change.reference.key
    }


def _bare(reference: Reference) -> Any:
    return reference.key[0] if len(reference.key) == 1 else reference.key


def _parts(reference: Reference) -> Iterable[Any]:
    """Return the values of a row's key, one of which is its owner's key."""
    return reference.key if len(reference.key) > 1 else ()


def _keys_after_create(change: Change) -> Iterator[Any]:
    """Yield the keys of the entities that a change refers to or updates."""
    if isinstance(change, DeleteChange):
        return
    yield from _referred_keys(change.values)
    yield from _parts(change.reference)
    if isinstance(change, UpdateChange):
        yield _bare(change.reference)


def _keys_before_delete(change: Change, parents: Parents) -> Iterator[Any]:
    """Yield the keys of the entities that a change unlinks, or whose row it changes."""
    yield from _parts(change.reference)
    if isinstance(change, UpdateChange):
        yield from _referred_keys(change.before)
    for parent in parents.get(change.reference, ()):
        yield _bare(parent)


def _referred_keys(values: Mapping[str, Any]) -> Iterator[KeyValue]:
    """Yield the keys in values: references, and foreign keys by their name."""
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
    """Return needs that may be dropped to break a circle."""
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
        indexes = {change.reference: index for index, change in enumerate(changes)}
        for index, change in enumerate(changes):
            for first in predecessors.get(change.reference, ()):
                if first in indexes:
                    _add(needs, index, indexes[first])
    return needs


# -- values that are sent later ----------------------------------------------------


def _later_memberships(
    changes: Sequence[Change], is_optional: IsOptional
) -> dict[int, list[str]]:
    """Return the values of creates that refer to later creates, or to themselves."""
    created = _indexes_by_key(changes, CreateChange)
    names: dict[int, list[str]] = {}
    for index, change in enumerate(changes):
        if not created or not isinstance(change, CreateChange):
            continue
        key = _bare(change.reference)
        for name, value in change.values.items():
            target_keys = set(_referred_keys({name: value}))
            is_later = _is_membership(value) and any(
                created.get(target_key, -1) > index for target_key in target_keys
            )
            is_to_itself = key in target_keys and is_optional(
                change.reference.entity_type, name
            )
            if is_later or is_to_itself:
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
    indexes = {change.reference: index for index, change in enumerate(changes)}
    for index in sorted(names):
        change = changes[index]
        if not isinstance(change, CreateChange) or not names[index]:
            continue
        split[index] = _without(change, names[index])
        update = _update_with(change, names[index])
        # A previous call may have moved other values of the create already.
        position = indexes[change.reference]
        earlier = split[position]
        if isinstance(earlier, UpdateChange):
            split[position] = _join_updates(earlier, update)
        else:
            split.append(update)
    return split


def _join_updates(earlier: UpdateChange, later: UpdateChange) -> UpdateChange:
    return UpdateChange(
        later.reference,
        later.label,
        {**earlier.values, **later.values},
        {**earlier.before, **later.before},
    )


# -- circles -----------------------------------------------------------------------


def _update_with(change: CreateChange, names: Iterable[str]) -> UpdateChange:
    """Return an update that sets the values a create leaves out."""
    values = {name: change.values[name] for name in names}
    before = {name: () if _is_membership(values[name]) else None for name in values}
    return UpdateChange(change.reference, change.label, values, before)


def _without(change: CreateChange, names: Collection[str]) -> CreateChange:
    rest = {name: value for name, value in change.values.items() if name not in names}
    return CreateChange(change.reference, change.label, rest, change.has_made_key)


def _break_circles(
    changes: Sequence[Change],
    parents: Parents,
    is_optional: IsOptional,
    predecessors: Predecessors,
) -> tuple[list[Change], _Needs]:
    """Return the changes without circles, and their needs.

    First the optional links that close a circle are sent as updates, one for a ring,
    so that the order of the creates stays. Where a required link closes the circle,
    all optional links within it are. Then preferences are dropped.

    Raises:
        CircularReferenceError: no link of a circle may be left out.
    """
    split = list(changes)
    for is_narrow in (True, False):
        hard = _without_circles_of_deletes(split, _needs(split, parents))
        needs = _union(hard, _preferences(split, predecessors))
        names: dict[int, list[str]] = {}
        for part in circles(needs):
            left_out = _closing(part, needs) if is_narrow else dict.fromkeys(part, part)
            names |= _optional_links(split, left_out, is_optional)
        split = _with_updates(split, names)
    hard = _without_circles_of_deletes(split, _needs(split, parents))
    _require_no_circle(split, hard)
    return split, _union_without_circles(hard, _preferences(split, predecessors))


def _union_without_circles(hard: _Needs, soft: _Needs) -> _Needs:
    """Return all needs, except the soft ones within a circle."""
    for part in circles(_union(hard, soft)):
        for index in part:
            soft[index] = soft.get(index, set()) - part
    return _union(hard, soft)


def _closing(part: set[int], needs: _Needs) -> dict[int, set[int]]:
    """Return the needs that close the circles of a part, by index."""
    closing: dict[int, set[int]] = {}
    for index, first in closing_needs(part, needs):
        closing.setdefault(index, set()).add(first)
    return closing


def _require_no_circle(changes: Sequence[Change], needs: _Needs) -> None:
    parts = circles(needs)
    if parts:
        circle = one_circle(parts[0], needs)
        keys = [str(changes[index].reference) for index in circle]
        raise CircularReferenceError(keys)


def _optional_links(
    changes: Sequence[Change],
    left_out: Mapping[int, set[int]],
    is_optional: IsOptional,
) -> dict[int, list[str]]:
    """Return the names of optional values of creates that refer to other changes.

    Args:
        changes: the changes.
        left_out: the index of a create to the indexes that it may not refer to.
        is_optional: attributes that a create may leave out.
    """
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
    """Return the needs without circles of deletes, whose order then stays.

    Entities that refer to each other can be deleted in any order.
    """
    remaining = {index: set(before) for index, before in needs.items()}
    for part in circles(needs):
        if all(isinstance(changes[index], DeleteChange) for index in part):
            for index in part:
                remaining[index] -= {first for first in part if first > index}
    return remaining
