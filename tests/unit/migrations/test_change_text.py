"""Conflicts are described by titles, attributes and names, not by keys."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ftrack_orm.migrations import Missing, PlannedChange
from ftrack_orm.migrations.change_text import ChangeTexts
from ftrack_orm.migrations.plan_file import PlanFile
from ftrack_orm.migrations.planned_change import PlannedValue
from ftrack_orm.migrations.verification import BELOW, Conflict
from ftrack_orm.types import JSON

TITLE = "Shot sq010/sh010"
STATUS = PlannedChange("update", "Shot", ("s",), "status_id", "s-1", "s-2")
VALUE = PlannedChange(
    "update", "ContextCustomAttributeValue", ("c", "s"), "value", 1.0, 2.0
)
NOTED = PlannedChange(
    "delete", "Metadata", ("s", "take"), None, {"value": "4"}, Missing.ABSENT
)
GONE = PlannedChange(
    "delete", "Task", ("t",), None, {"name": "x", "bid": 1}, Missing.ABSENT
)
NEW = PlannedChange("create", "Task", ("n",), None, Missing.ABSENT, {"name": "x"})


@pytest.fixture
def texts(tmp_path: Path) -> Iterator[ChangeTexts]:
    with PlanFile.create(tmp_path / "a.plan") as file:
        file.set_meta("names", {"s-1": "Revise", "s-3": "Approved"})
        file.set_meta("attribute_keys", {"c": "fstart"})
        yield ChangeTexts(file)


@pytest.mark.parametrize(
    ("change", "current", "text"),
    [
        (STATUS, "s-3", f"{TITLE}: Shot.status_id is Approved, not Revise"),
        (STATUS, Missing.ABSENT, f"{TITLE}: Shot.status_id is absent, not Revise"),
        (VALUE, 7.5, f"{TITLE}: custom_attributes.fstart is 7.5, not 1.0"),
        (VALUE, Missing.UNSET, f"{TITLE}: custom_attributes.fstart is unset, not 1.0"),
        (NOTED, {"value": "5"}, f'{TITLE}: metadata.take is "5", not "4"'),
        (GONE, {"name": "x", "bid": 2}, f"{TITLE} was changed since: bid"),
        (GONE, Missing.ABSENT, f"{TITLE} is not on the server"),
        (
            GONE,
            {BELOW: {"Note": 2}},
            f"{TITLE} has more below it than the plan deletes: 2 Note",
        ),
        (NEW, {"name": "y"}, f"{TITLE} is on the server already, with other values"),
    ],
)
def test_a_conflict_names_the_value_on_the_server(
    texts: ChangeTexts, change: PlannedChange, current: PlannedValue, text: str
) -> None:
    assert texts.conflict(Conflict(3, TITLE, change, current)) == text


@pytest.mark.parametrize(
    ("change", "current", "text"),
    [
        (VALUE, 7.5, f"{TITLE}: custom_attributes.fstart is 7.5, not 2.0"),
        (NEW, Missing.ABSENT, f"{TITLE} is not on the server"),
        (NEW, {"name": "y"}, f"{TITLE} was changed since: name"),
        (GONE, {"name": "x"}, f"{TITLE} is on the server"),
    ],
)
def test_a_difference_names_the_value_now(
    texts: ChangeTexts, change: PlannedChange, current: PlannedValue, text: str
) -> None:
    assert texts.conflict_now(Conflict(3, TITLE, change, current)) == text


def test_equal_times_and_numbers_are_no_difference(texts: ChangeTexts) -> None:
    def at(text: str) -> JSON:
        return {"__type__": "datetime", "value": text}

    written: JSON = {"end": at("2024-05-06T10:00:00+00:00"), "bid": 1, "name": "x"}
    current: JSON = {"end": at("2024-05-06T10:00:00"), "bid": 1.0, "name": "y"}
    new = PlannedChange("create", "Task", ("n",), None, Missing.ABSENT, written)
    gone = PlannedChange("delete", "Task", ("n",), None, written, Missing.ABSENT)
    only_name = f"{TITLE} was changed since: name"
    assert texts.conflict_now(Conflict(3, TITLE, new, current)) == only_name
    assert texts.conflict(Conflict(3, TITLE, gone, current)) == only_name


def test_no_control_character_reaches_the_terminal(texts: ChangeTexts) -> None:
    conflict = Conflict(1, "Shot \x1b[2J", STATUS, "s-3")
    assert "\x1b" not in texts.conflict(conflict)
