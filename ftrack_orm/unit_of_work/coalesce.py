"""Make a batch smaller without changing its result.

Each rule is one function from changes to changes. After them each entity occurs once.
"""

from __future__ import annotations

from collections.abc import Sequence

from ftrack_orm.errors.session import ConflictingChangesError
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
    """Drop the rows of deleted entities, which the server deletes with their owner."""
    deleted: set[EntityKey] = {
        change.reference.key for change in changes if type(change) is DeleteChange
    }
    if not deleted:
        return list(changes)
    return [change for change in changes if _owner_of(change.reference) not in deleted]


def _owner_of(reference: Reference) -> EntityKey | None:
    """Return the key of a row's owner, ``None`` for other entities."""
    if reference.entity_type == "Metadata":
        return reference.key[:1]
    return reference.key[1:] if _is_custom_value(reference) else None


def _is_custom_value(reference: Reference) -> bool:
    return _is_row_type(reference.entity_type)


def _is_row_type(entity_type: str) -> bool:
    return entity_type.endswith("CustomAttributeValue")


def _identity(reference: Reference) -> object:
    """Return a value that is equal for all references to one entity.

    A row of a custom attribute can be written by several types (protocol 3.5).
    """
    return reference.key if _is_custom_value(reference) else reference


def merge_changes(changes: Sequence[Change]) -> list[Change]:
    """Merge the changes of each entity into one, at the position of the first.

    Raises:
        ConflictingChangesError: an entity is both deleted and set, or set to two
            values.
    """
    # Different keys are different entities, whatever their types.
    if len({change.reference[1] for change in changes}) == len(changes):
        return list(changes)
    indexes: dict[object, int] = {}
    merged: list[Change] = []
    for change in changes:
        identity = _identity(change.reference)
        # Creates whose key the server generates have equal references.
        index = indexes.get(identity) if change.reference.key else None
        if index is None:
            indexes[identity] = len(merged)
            merged.append(change)
        else:
            merged[index] = _merge(merged[index], change)
    return merged


def _merge(earlier: Change, later: Change) -> Change:
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
        has_made_key = any(
            isinstance(change, CreateChange) and change.has_made_key
            for change in (earlier, later)
        )
        return CreateChange(earlier.reference, label, values, has_made_key)
    before = {**later.before, **earlier.before}
    return UpdateChange(earlier.reference, label, values, before)
