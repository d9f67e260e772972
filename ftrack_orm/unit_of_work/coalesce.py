"""Rules that make a batch smaller without changing where it leads.

Each rule is one function from changes to changes.
"""

from __future__ import annotations

from collections.abc import Sequence

from ftrack_orm.types import EntityKey, Reference
from ftrack_orm.unit_of_work.changes import (
    Change,
    CreateChange,
    DeleteChange,
    UpdateChange,
)


def coalesce(changes: Sequence[Change]) -> list[Change]:
    """Return the smallest batch that leads where `changes` lead."""
    return merge_updates(drop_rows_of_deleted(drop_duplicates(changes)))


def drop_duplicates(changes: Sequence[Change]) -> list[Change]:
    """Delete each entity once, however often it is asked for."""
    seen: set[Reference] = set()
    kept: list[Change] = []
    for change in changes:
        if isinstance(change, DeleteChange):
            if change.reference in seen:
                continue
            seen.add(change.reference)
        kept.append(change)
    return kept


def drop_rows_of_deleted(changes: Sequence[Change]) -> list[Change]:
    """Leave out metadata of entities that go: the server removes it with them."""
    deleted: set[EntityKey] = {
        change.reference.key for change in changes if isinstance(change, DeleteChange)
    }
    return [
        change
        for change in changes
        if not (
            change.reference.entity_type == "Metadata"
            and change.reference.key[:1] in deleted
        )
    ]


def merge_updates(changes: Sequence[Change]) -> list[Change]:
    """Join the updates of one entity, and those of a new one with its creation."""
    place: dict[Reference, int] = {}
    merged: list[Change] = []
    for change in changes:
        known = place.get(change.reference)
        earlier = merged[known] if known is not None else None
        if known is not None and isinstance(change, UpdateChange):
            if isinstance(earlier, CreateChange):
                merged[known] = CreateChange(
                    earlier.reference,
                    earlier.label,
                    {**earlier.values, **change.values},
                )
                continue
            if isinstance(earlier, UpdateChange):
                merged[known] = UpdateChange(
                    earlier.reference,
                    earlier.label,
                    {**earlier.values, **change.values},
                    {**change.before, **earlier.before},
                )
                continue
        place[change.reference] = len(merged)
        merged.append(change)
    return merged
