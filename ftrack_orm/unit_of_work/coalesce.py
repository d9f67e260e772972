"""Rules that make a batch smaller without changing its result.

Each rule is one function from changes to changes. Afterwards each entity occurs once.
"""

from __future__ import annotations

from collections.abc import Sequence

from ftrack_orm.errors import ConflictingChangesError
from ftrack_orm.types import EntityKey, Reference
from ftrack_orm.unit_of_work.changes import (
    Change,
    CreateChange,
    DeleteChange,
    UpdateChange,
)


def coalesce(changes: Sequence[Change]) -> list[Change]:
    """Return the smallest batch with the result of `changes`.

    Raises:
        ConflictingChangesError: two changes of one entity exclude each other.
    """
    return merge_changes(drop_rows_of_deleted(changes))


def drop_rows_of_deleted(changes: Sequence[Change]) -> list[Change]:
    """Leave out metadata of deleted entities: the server removes it with them."""
    deleted: set[EntityKey] = {
        change.reference.key for change in changes if type(change) is DeleteChange
    }
    if not deleted:
        return list(changes)
    return [
        change
        for change in changes
        if not (
            change.reference.entity_type == "Metadata"
            and change.reference.key[:1] in deleted
        )
    ]


def merge_changes(changes: Sequence[Change]) -> list[Change]:
    """Join the changes of each entity into one, at the place of the first.

    Raises:
        ConflictingChangesError: an entity is both deleted and set, or set to two
            values.
    """
    references = {change.reference for change in changes}
    if len(references) == len(changes):
        return list(changes)
    place: dict[Reference, int] = {}
    merged: list[Change] = []
    for change in changes:
        index = place.get(change.reference) if change.reference.key else None
        if index is None:
            place[change.reference] = len(merged)
            merged.append(change)
        else:
            merged[index] = _joined(merged[index], change)
    return merged


def _joined(earlier: Change, later: Change) -> Change:
    if isinstance(earlier, DeleteChange) and isinstance(later, DeleteChange):
        return earlier
    if isinstance(earlier, DeleteChange) or isinstance(later, DeleteChange):
        raise ConflictingChangesError(str(earlier.reference), "deleted and set")
    for name, value in later.values.items():
        if earlier.values.get(name, value) != value:
            raise ConflictingChangesError(
                str(earlier.reference),
                f"{name} set to {earlier.values[name]!r} and to {value!r}",
            )
    values = {**earlier.values, **later.values}
    label = earlier.label or later.label
    if isinstance(earlier, CreateChange) or isinstance(later, CreateChange):
        made_key = any(
            isinstance(one, CreateChange) and one.has_made_key
            for one in (earlier, later)
        )
        return CreateChange(earlier.reference, label, values, made_key)
    before = {**later.before, **earlier.before}
    return UpdateChange(earlier.reference, label, values, before)
