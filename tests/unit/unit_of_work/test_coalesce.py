"""Smaller batches that lead where the larger ones led."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ftrack_orm.types import Reference
from ftrack_orm.unit_of_work.changes import (
    Change,
    CreateChange,
    DeleteChange,
    UpdateChange,
)
from ftrack_orm.unit_of_work.coalesce import (
    coalesce,
    drop_duplicates,
    drop_rows_of_deleted,
    merge_updates,
)

TASK = Reference("Task", ("t1",))


def metadata(owner: str, key: str) -> Reference:
    return Reference("Metadata", (owner, key))


def test_updates_of_one_entity_become_one_and_the_last_value_counts() -> None:
    merged = merge_updates(
        [
            UpdateChange(TASK, "a", {"name": "b", "bid": 1}, {"name": "a", "bid": 0}),
            UpdateChange(TASK, "a", {"name": "c"}, {"name": "b"}),
        ]
    )

    assert merged == [
        UpdateChange(TASK, "a", {"name": "c", "bid": 1}, {"name": "a", "bid": 0})
    ]


def test_an_update_of_a_new_entity_becomes_part_of_its_creation() -> None:
    merged = merge_updates(
        [
            CreateChange(TASK, "a", {"id": "t1", "name": "a"}),
            UpdateChange(TASK, "a", {"name": "b", "bid": 1}),
        ]
    )

    assert merged == [CreateChange(TASK, "a", {"id": "t1", "name": "b", "bid": 1})]


def test_an_update_after_a_deletion_stays_what_it_is() -> None:
    changes: list[Change] = [DeleteChange(TASK, ""), UpdateChange(TASK, "", {"bid": 1})]

    assert merge_updates(changes) == changes


def test_an_entity_is_deleted_once() -> None:
    again = DeleteChange(TASK, "")

    assert drop_duplicates([again, again]) == [again]


def test_metadata_of_what_goes_is_left_to_the_server() -> None:
    kept = CreateChange(metadata("t2", "a"), "", {"value": "x"})
    changes: list[Change] = [
        CreateChange(metadata("t1", "a"), "", {"value": "x"}),
        DeleteChange(TASK, ""),
        DeleteChange(metadata("t1", "b"), ""),
        kept,
    ]

    assert drop_rows_of_deleted(changes) == [DeleteChange(TASK, ""), kept]


def applied(changes: list[Change]) -> dict[Reference, dict[str, Any]]:
    """Return what a plain dictionary holds after the changes."""
    rows: dict[Reference, dict[str, Any]] = {
        Reference("Task", (f"t{number}",)): {} for number in range(3)
    }
    for change in changes:
        match change:
            case CreateChange():
                rows[change.reference] = dict(change.values)
            case UpdateChange():
                rows.setdefault(change.reference, {}).update(change.values)
            case DeleteChange():
                gone = change.reference.key[0]
                rows = {
                    reference: row
                    for reference, row in rows.items()
                    if reference.key[0] != gone and reference != change.reference
                }
    return rows


values = st.dictionaries(
    st.sampled_from(["name", "bid", "description"]), st.integers(0, 3), min_size=1
)
old = st.integers(0, 2).map(lambda number: Reference("Task", (f"t{number}",)))
new = st.integers(3, 5).map(lambda number: Reference("Task", (f"t{number}",)))


@st.composite
def batches(draw: st.DrawFn) -> list[Change]:
    """Draw what a unit of work can hold: creates, then edits, then deletions."""
    created = draw(st.lists(new, unique=True))
    existing = st.one_of(old, st.sampled_from(created)) if created else old
    deleted = draw(st.lists(old))
    return [
        *(CreateChange(reference, "", draw(values)) for reference in created),
        *(
            UpdateChange(reference, "", draw(values))
            for reference in draw(st.lists(existing, max_size=6))
            if reference not in deleted
        ),
        *(DeleteChange(reference, "") for reference in deleted),
    ]


@given(batches())
def test_coalescing_changes_no_final_state_and_makes_nothing_larger(
    changes: list[Change],
) -> None:
    smaller = coalesce(changes)

    assert applied(smaller) == applied(changes)
    assert len(smaller) == len({change.reference for change in smaller})
    assert len(smaller) <= len(changes)
