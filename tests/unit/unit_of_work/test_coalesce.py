"""Smaller batches that lead where the larger ones led."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, strategies as st

from ftrack_orm import ConflictingChangesError
from ftrack_orm.types import Reference
from ftrack_orm.unit_of_work.changes import (
    Change,
    CreateChange,
    DeleteChange,
    UpdateChange,
)
from ftrack_orm.unit_of_work.coalesce import (
    coalesce,
    drop_rows_of_deleted,
    merge_changes,
)

TASK = Reference("Task", ("t1",))


def metadata(owner: str, key: str) -> Reference:
    return Reference("Metadata", (owner, key))


def test_updates_of_one_entity_become_one() -> None:
    merged = merge_changes(
        [
            UpdateChange(TASK, "a", {"name": "b"}, {"name": "a"}),
            UpdateChange(TASK, "a", {"bid": 1, "name": "b"}, {"bid": 0, "name": "a"}),
        ]
    )

    assert merged == [
        UpdateChange(TASK, "a", {"name": "b", "bid": 1}, {"bid": 0, "name": "a"})
    ]


def test_an_update_of_a_new_entity_becomes_part_of_its_creation() -> None:
    merged = merge_changes(
        [
            CreateChange(TASK, "a", {"id": "t1", "name": "a"}, True),
            UpdateChange(TASK, "a", {"bid": 1}),
        ]
    )

    assert merged == [
        CreateChange(TASK, "a", {"id": "t1", "name": "a", "bid": 1}, True)
    ]


@pytest.mark.parametrize("is_deleted_first", [True, False])
@pytest.mark.parametrize(
    "other", [CreateChange(TASK, "", {"bid": 1}), UpdateChange(TASK, "", {"bid": 1})]
)
def test_an_entity_that_is_deleted_and_set_is_an_error(
    other: Change, is_deleted_first: bool
) -> None:
    changes: list[Change] = [DeleteChange(TASK, ""), other]

    with pytest.raises(ConflictingChangesError, match=r"Task\(t1\) is deleted and set"):
        merge_changes(changes if is_deleted_first else changes[::-1])


def test_one_value_set_to_two_values_is_an_error() -> None:
    with pytest.raises(ConflictingChangesError, match="bid set to 1 and to 2"):
        merge_changes(
            [UpdateChange(TASK, "", {"bid": 1}), UpdateChange(TASK, "", {"bid": 2})]
        )


def test_the_types_that_write_one_custom_attribute_row_are_one_reference() -> None:
    # protocol 3.5: a value is set through one type and deleted through another.
    changes: list[Change] = [
        DeleteChange(Reference("CustomAttributeValue", ("c1", "t1")), ""),
        UpdateChange(Reference("ContextCustomAttributeValue", ("c1", "t1")), "", {}),
    ]

    with pytest.raises(ConflictingChangesError):
        merge_changes(changes)
    with pytest.raises(ConflictingChangesError):
        merge_changes(changes[::-1])


def test_an_entity_is_deleted_once() -> None:
    again = DeleteChange(TASK, "")

    assert merge_changes([again, again]) == [again]


def test_rows_of_a_deleted_entity_are_left_to_the_server() -> None:
    kept: list[Change] = [
        CreateChange(metadata("t2", "a"), "", {"value": "x"}),
        UpdateChange(
            Reference("ContextCustomAttributeValue", ("t1", "t2")), "", {"value": 1}
        ),
        DeleteChange(TASK, ""),
    ]
    changes: list[Change] = [
        CreateChange(metadata("t1", "a"), "", {"value": "x"}),
        *kept,
        DeleteChange(metadata("t1", "b"), ""),
        UpdateChange(
            Reference("ContextCustomAttributeValue", ("c1", "t1")), "", {"value": 1}
        ),
    ]

    assert drop_rows_of_deleted(changes) == kept


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


old = st.integers(0, 2).map(lambda number: Reference("Task", (f"t{number}",)))
new = st.integers(3, 5).map(lambda number: Reference("Task", (f"t{number}",)))
# One value for each name: setting a name to two values in a commit is an error.
values = st.lists(st.sampled_from(["name", "bid", "description"]), min_size=1).map(
    lambda names: {name: len(name) for name in names}
)


@st.composite
def batches(draw: st.DrawFn) -> list[Change]:
    """Draw the changes of a unit of work: creates, then edits, then deletions."""
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
