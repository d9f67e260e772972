"""Links and their foreign keys, assigned on new entities."""

from __future__ import annotations

from typing import Any

import pytest

from ftrack_models import Note, Shot, Task, Timelog
from ftrack_orm import AttributeValueError, FtrackError
from ftrack_orm.types import Reference
from tests.support.incomplete import incomplete

KEY = "44dd9fb2-4164-11df-9218-0019bb4983d8"


def test_a_link_sets_its_foreign_key() -> None:
    task, owner = incomplete(Task, name="anim"), incomplete(Shot, name="010")

    task.parent = owner

    assert task.parent_id == owner.id


def test_a_foreign_key_ends_the_link_to_another_entity() -> None:
    before, after = incomplete(Shot, name="010"), incomplete(Shot, name="020")
    task = Task(name="anim", parent=before)

    task.parent_id = after.id

    assert task.parent_id == after.id
    assert vars(task).get("parent") is not before


def test_a_link_is_cleared_by_none_and_so_by_its_foreign_key() -> None:
    owner = incomplete(Shot, name="010")
    first, second = Task(name="a", parent=owner), Task(name="b", parent=owner)

    first.parent = None
    second.parent_id = None

    assert first.parent_id is None
    assert second.parent is None


def test_a_reference_stands_for_an_entity() -> None:
    task = incomplete(Task, name="anim")
    status: Any = Reference("Status", (KEY,))

    task.status = status

    assert task.status_id == KEY


@pytest.mark.parametrize("value", [Note(content="x"), "Status", 5, {"id": KEY}])
def test_a_link_to_something_else_is_refused_and_stays(value: Any) -> None:
    task = incomplete(Task, name="anim", status_id=KEY)

    with pytest.raises(FtrackError):
        task.status = value

    assert task.status_id == KEY


def test_a_reference_to_another_type_is_refused() -> None:
    note: Any = Reference("Note", (KEY,))

    with pytest.raises(AttributeValueError):
        incomplete(Task, name="anim").status = note


def test_an_entity_of_a_subtype_is_taken_where_its_base_is_asked_for() -> None:
    timelog, task = Timelog(duration=60.0), incomplete(Task, name="anim")

    timelog.context = task

    assert timelog.context_id == task.id
