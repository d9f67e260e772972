"""The order of a batch: what is referred to comes first, whatever the order given."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftrack_orm.errors import CircularReferenceError
from ftrack_orm.types import Reference
from ftrack_orm.unit_of_work.changes import (
    Change,
    CreateChange,
    DeleteChange,
    UpdateChange,
)
from ftrack_orm.unit_of_work.ordering import order_changes


def task(number: int) -> Reference:
    return Reference("Task", (f"t{number}",))


def create(number: int, **values: Any) -> CreateChange:
    return CreateChange(task(number), "", {"id": f"t{number}", **values})


def update(number: int, **values: Any) -> UpdateChange:
    return UpdateChange(task(number), "", values)


def delete(number: int) -> DeleteChange:
    return DeleteChange(task(number), "")


def test_creates_come_before_updates_and_deletes_last() -> None:
    given: list[Change] = [
        delete(1),
        update(2, name="x"),
        create(3),
        delete(4),
        create(5),
    ]

    assert order_changes(given) == [given[2], given[4], given[1], given[0], given[3]]


@pytest.mark.parametrize(
    "pointing",
    [
        {"parent": task(2)},
        {"parent_id": "t2"},
        {"members": [task(9), task(2)]},
    ],
)
def test_a_new_entity_comes_after_those_it_refers_to(pointing: dict[str, Any]) -> None:
    first, second = create(1, **pointing), create(2)

    assert order_changes([first, second]) == [second, first]


def test_text_that_is_no_key_of_a_new_entity_orders_nothing() -> None:
    given = [create(1, name="t9", parent_id="elsewhere"), create(2, name="x")]

    assert order_changes(given) == given


def test_a_row_with_a_key_of_several_parts_comes_after_its_owner() -> None:
    row = CreateChange(
        Reference("Metadata", ("t1", "a")), "", {"parent_id": "t1", "key": "a"}
    )

    assert order_changes([row, create(1)]) == [create(1), row]


def test_what_goes_goes_before_what_it_refers_to() -> None:
    parents = {task(1): [task(2)], task(2): [task(3)]}
    given = [delete(3), delete(1), delete(2)]

    assert order_changes(given, parents) == [delete(1), delete(2), delete(3)]


def test_new_entities_that_require_each_other_are_an_error_that_names_them() -> None:
    given = [create(1, parent_id="t2"), create(2, parent=task(3)), create(3, x="t1")]

    with pytest.raises(CircularReferenceError) as raised:
        order_changes(given)

    assert set(raised.value.cycle) == {"Task(t1)", "Task(t2)", "Task(t3)"}
    assert raised.value.cycle[0] == raised.value.cycle[-1]


def test_an_entity_may_refer_to_itself() -> None:
    given = [create(1, source_id="t1")]

    assert order_changes(given) == given


# Entities only refer to ones with smaller numbers, so there is no circle.
pointers = st.lists(st.integers(0, 30), min_size=1, max_size=30)


@given(pointers, st.randoms(use_true_random=False))
def test_every_dependency_is_respected(parents: list[int], random: Any) -> None:
    changes: list[Change] = [
        create(number, parent_id=f"t{parent % number}" if number else None)
        for number, parent in enumerate(parents)
    ]
    random.shuffle(changes)

    ordered = order_changes(changes)

    place = {change.reference.key[0]: at for at, change in enumerate(ordered)}
    assert len(ordered) == len(changes)
    for change in ordered:
        assert isinstance(change, CreateChange)
        parent = change.values["parent_id"]
        if parent is not None:
            assert place[parent] < place[change.reference.key[0]]
    assert order_changes(changes) == ordered


@given(pointers, st.randoms(use_true_random=False))
def test_every_deletion_precedes_that_of_what_it_refers_to(
    parents: list[int], random: Any
) -> None:
    known = {
        task(number): [task(parent % number)]
        for number, parent in enumerate(parents)
        if number
    }
    changes: list[Change] = [delete(number) for number in range(len(parents))]
    random.shuffle(changes)

    ordered = order_changes(changes, known)

    place = {change.reference: at for at, change in enumerate(ordered)}
    assert set(place) == {task(number) for number in range(len(parents))}
    for child, [parent] in known.items():
        assert place[child] < place[parent]
