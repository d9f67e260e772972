"""A plan as a value: compared, counted, printed; its operations carry no entities."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from ftrack_orm.operations import Create, Delete, Update
from ftrack_orm.types import NOT_LOADED, Reference
from ftrack_orm.unit_of_work.changes import (
    Change,
    CreateChange,
    DeleteChange,
    UpdateChange,
    freeze,
)
from ftrack_orm.unit_of_work.plan import FlushPlan, make_plan

TASK, SHOT = Reference("Task", ("t1",)), Reference("Shot", ("s1",))
UPDATE = UpdateChange(TASK, "anim", {"bid": 2.0}, {"bid": 1.0})
NOTE = Reference("Note", ("3f9c2a71-0000-4000-8000-000000000000",))


def test_operations_are_those_of_the_changes_in_their_order() -> None:
    changes: list[Change] = [
        DeleteChange(SHOT, "sh010"),
        UPDATE,
        CreateChange(NOTE, "", {"id": NOTE.key[0], "content": "x"}),
    ]

    plan = make_plan(changes)

    assert list(plan.operations) == [
        Delete("Shot", ("s1",)),
        Update("Task", ("t1",), {"bid": 2.0}),
        Create("Note", {"id": NOTE.key[0], "content": "x"}, NOTE.key),
    ]
    assert len(plan) == 3


def test_the_same_changes_make_the_same_plan_and_others_another() -> None:
    other = UpdateChange(TASK, "anim", {"bid": 3.0}, {"bid": 1.0})

    assert make_plan([UPDATE]) == make_plan([UPDATE])
    assert make_plan([UPDATE]) != make_plan([other])


def test_names_take_no_part_in_comparisons() -> None:
    described, plain = make_plan([UPDATE]), FlushPlan((UPDATE,))

    assert described == plain
    assert str(described) == str(plain) == "~ Task anim  bid: 1.0 -> 2.0"
    assert "Description" not in repr(described)


def test_no_changes_make_a_plan_that_is_false() -> None:
    assert not make_plan([])
    assert make_plan([UPDATE])
    assert str(make_plan([])) == make_plan([]).summary() == "Nothing to commit."


def test_a_plan_reads_like_a_diff() -> None:
    moment = datetime(2026, 3, 1, 10, tzinfo=UTC)
    changes: list[Change] = [
        CreateChange(TASK, "anim", {"id": "t1", "parent": SHOT, "start_date": moment}),
        UpdateChange(SHOT, "sh010", {"bid": 2.0}, {"bid": NOT_LOADED}),
        UpdateChange(NOTE, "", {"content": None}, {"content": "old"}),
        DeleteChange(Reference("Metadata", ("s1", "a")), "a"),
        DeleteChange(Reference("Component", ("c1",)), "plate"),
    ]

    assert str(make_plan(changes)).splitlines() == [
        "+ Task anim",
        "    parent: sh010",
        "    start_date: 2026-03-01 10:00:00+00:00",
        "~ Shot sh010  bid: (not loaded) -> 2.0",
        "~ Note 3f9c2a71…  content: 'old' -> -",
        "- Shot sh010  metadata[a]",
        "- Component plate",
    ]


class Printer:
    """The printer of an interactive shell."""

    def __init__(self) -> None:
        self.printed = ""

    def text(self, text: str) -> None:
        self.printed += text


def test_an_interactive_shell_shows_the_printed_plan() -> None:
    printer, plan = Printer(), make_plan([UPDATE])

    plan._repr_pretty_(printer, False)

    assert printer.printed == str(plan)


def test_a_difference_names_the_entity_in_every_line() -> None:
    shown = UpdateChange(TASK, "anim", {"bid": 2.0, "name": "anim"})
    now = UpdateChange(TASK, "anim", {"bid": 3.0, "name": "anim"})

    difference = make_plan([shown]).difference(
        make_plan([now, DeleteChange(SHOT, "x")])
    )

    assert difference.splitlines() == [
        "--- expected",
        "+++ now",
        "-~ Task anim  bid: (not loaded) -> 2.0",
        "+~ Task anim  bid: (not loaded) -> 3.0",
        "+- Shot x",
    ]


def test_plans_that_print_alike_differ_by_their_keys() -> None:
    mine = DeleteChange(Reference("Task", (NOTE.key[0],)), "anim")
    other = DeleteChange(Reference("Task", ("another",)), "anim")

    difference = make_plan([mine]).difference(make_plan([other]))

    assert f"Task({NOTE.key[0]})" in difference
    assert "Task(another)" in difference


def pickled(plan: FlushPlan) -> FlushPlan:
    twin = pickle.loads(pickle.dumps(plan))  # noqa: S301 # pickled in the same line
    assert isinstance(twin, FlushPlan)
    return twin


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, pickled])
def test_a_plan_can_be_copied_and_pickled(
    copied: Callable[[FlushPlan], FlushPlan],
) -> None:
    update = UpdateChange(
        TASK,
        "anim",
        {"value": freeze({"a": [1]}), "tags": freeze(["x"])},
        {"value": NOT_LOADED, "tags": ()},
    )
    plan = make_plan([update, DeleteChange(SHOT, "x")])

    twin = copied(plan)

    assert twin == plan
    assert str(twin) == str(plan)
    [changed, _] = twin.changes
    assert isinstance(changed, UpdateChange)
    assert changed.before["value"] is NOT_LOADED
