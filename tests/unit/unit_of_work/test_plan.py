"""A plan as a value: compared, counted, printed; its operations carry no entities."""

from __future__ import annotations

from datetime import UTC, datetime

from ftrack_orm.operations import Create, Delete, Update
from ftrack_orm.types import NOT_LOADED, Reference
from ftrack_orm.unit_of_work.changes import (
    Change,
    CreateChange,
    DeleteChange,
    UpdateChange,
)
from ftrack_orm.unit_of_work.plan import FlushPlan, make_plan

TASK, SHOT = Reference("Task", ("t1",)), Reference("Shot", ("s1",))
UPDATE = UpdateChange(TASK, "anim", {"bid": 2.0}, {"bid": 1.0})


def test_operations_are_those_of_the_changes_in_their_order() -> None:
    changes: list[Change] = [
        DeleteChange(SHOT, "sh010"),
        UPDATE,
        CreateChange(Reference("Note", ("n1",)), "", {"id": "n1", "content": "x"}),
    ]

    plan = make_plan(changes)

    assert list(plan.operations) == [
        Create("Note", {"id": "n1", "content": "x"}, ("n1",)),
        Update("Task", ("t1",), {"bid": 2.0}),
        Delete("Shot", ("s1",)),
    ]
    assert len(plan) == 3


def test_the_same_changes_make_the_same_plan_and_others_another() -> None:
    other = UpdateChange(TASK, "anim", {"bid": 3.0}, {"bid": 1.0})

    assert make_plan([UPDATE]) == make_plan([UPDATE])
    assert make_plan([UPDATE]) != make_plan([other])
    assert "3.0" in make_plan([UPDATE]).difference(make_plan([other]))


def test_no_changes_make_a_plan_that_is_false() -> None:
    assert not make_plan([])
    assert make_plan([UPDATE])


def test_a_plan_reads_like_a_diff() -> None:
    moment = datetime(2026, 3, 1, 10, tzinfo=UTC)
    changes: list[Change] = [
        CreateChange(TASK, "anim", {"parent": SHOT, "start_date": moment}),
        UpdateChange(SHOT, "sh010", {"bid": 2.0}, {"bid": NOT_LOADED}),
        DeleteChange(Reference("Metadata", ("s1", "a")), "a"),
    ]

    lines = str(make_plan(changes)).splitlines()

    assert lines[0].startswith("+ Task 'anim'")
    assert any("parent" in line and "Shot(s1)" in line for line in lines)
    assert any("2026-03-01 10:00:00" in line for line in lines)
    assert "    bid: (not loaded) -> 2.0" in lines
    assert lines[-1] == "- Metadata 'a' (s1, a)"
    assert isinstance(make_plan(changes), FlushPlan)
