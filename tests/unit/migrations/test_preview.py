"""A plan is shown as text, JSON and HTML from the file alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ftrack_orm import PlanEditedError, PlanFileError
from ftrack_orm.migrations import Missing, Plan, PlannedChange, PlannedUnit
from ftrack_orm.migrations.change_text import ChangeTexts, printable, value_text
from ftrack_orm.migrations.plan_file import PlanFile
from ftrack_orm.migrations.plan_summary import PlanSummary, RequestCounter
from ftrack_orm.migrations.preview import (
    as_json,
    as_text,
    size_text,
)
from ftrack_orm.migrations.preview_page import as_html

STATUS = PlannedChange("update", "Shot", ("s",), "status_id", "s-1", "s-2")
CLEARED = PlannedChange(
    "delete", "CustomAttributeValue", ("c", "s"), None, {"value": 12.0}, Missing.UNSET
)
SET = PlannedChange(
    "update", "ContextCustomAttributeValue", ("d", "s"), "value", Missing.UNSET, "0012"
)
GONE = PlannedChange(
    "delete", "Task", ("t",), None, {"name": "x"}, Missing.ABSENT, {"Note": 2}
)
NEW = PlannedChange("create", "Task", ("n",), None, Missing.ABSENT, {"name": "x"})
UNIT = PlannedUnit(1, "Shot <sh010>", (STATUS, SET, CLEARED, GONE, NEW))
SUBJECTS = (
    ("Shot.status_id", "Shot <sh010>"),
    ("Shot.custom_attributes.cut_code", "Shot <sh010>"),
    ("Shot.custom_attributes.cut_no", "Shot <sh010>"),
    ("Task", "Task <b>old</b>"),
    ("Task", "Task new\x1b[31m"),
)


def make_plan_file(path: Path) -> PlanFile:
    file = PlanFile.create(path)
    file.add(iter([UNIT]))
    summary = PlanSummary()
    summary.add(UNIT, SUBJECTS)
    facts: dict[str, Any] = {
        "revision": "20261126_7f3a",
        "title": "cut_no becomes cut_code",
        "server_url": "https://studio.example",
        "api_user": "pipeline",
        "roles": ["Administrator"],
        "has_all_projects": True,
        "accepts": ["status"],
        "risks": ["delete", "irreversible", "status"],
        "names": {"s-1": "Revise", "s-2": "In progress"},
        "sent": 4,
        "received": 3_400_000,
        "summary": {
            "changes": summary.changes,
            "irreversible": summary.irreversible,
            "operations": summary.requests.operations,
            "requests": summary.requests.requests,
            "counts": [count.to_json() for count in summary.counts.values()],
            "cascade": summary.cascade,
        },
    }
    for name, value in facts.items():
        file.set_meta(name, value)
    file.add_skipped("Shot", "x", "Shot sh020", "has no task")
    file.finish()
    return file


@pytest.fixture
def plan(tmp_path: Path) -> Iterator[Plan]:
    with Plan(make_plan_file(tmp_path / "a.plan")) as plan:
        yield plan


def test_the_text_has_names_counts_and_facts(plan: Plan) -> None:
    lines = as_text(plan).splitlines()

    assert lines[0] == (
        "20261126_7f3a cut_no becomes cut_code  at https://studio.example, "
        "as pipeline (Administrator)"
    )
    assert [" ".join(line.split()) for line in lines[1:]] == [
        "~ 1 Shot.status_id set Revise -> In progress",
        '~ 1 Shot.custom_attributes.cut_code set unset -> "0012"',
        "- 1 Shot.custom_attributes.cut_no cleared 12.0 -> default",
        "- 1 Task deleted Task <b>old</b>",
        "+ 1 Task created Task new\\x1b[31m",
        "? 1 skipped",
        "Shot sh020 has no task",
        'not accepted add accepts=["delete", "irreversible"] to the revision',
        "sent so far 4 requests (reading), 3.4 MB",
        "to apply at least 3 requests: 1 of at most 500 operations, begin and end; a "
        "run starts with smaller ones",
        "atomicity one unit: all or nothing",
        "undo all but 1 delete that no plan can undo; deleted with them: 2 Note",
        f"digest {plan.digest[:12]}",
    ]


@pytest.mark.parametrize(
    ("pace", "text", "seconds"),
    [
        (2.6, "smaller ones. About 1 s at 70% load (last run: 2.6 ms an", 0.0),
        (140_000.0, "About 17 min at 70% load (last run: 140000.0 ms an", 1000.0),
        (2_100_000.0, "About 4.2 h at 70% load", 15_000.0),
    ],
)
def test_the_time_is_estimated_by_the_pace_of_the_last_run(
    plan: Plan, pace: float, text: str, seconds: float
) -> None:
    assert as_json(plan)["seconds"] is None
    assert "load" not in as_text(plan)
    plan.file.set_meta("ms_per_operation", pace)
    assert text in as_text(plan)
    # The five changes are operations of five rows.
    assert as_json(plan)["seconds"] == seconds


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (STATUS, "~ Shot.status_id  Revise -> In progress"),
        (SET, '~ custom_attributes.cut_code  unset -> "0012"'),
        (CLEARED, "- custom_attributes.cut_no  12.0 -> default"),
        (GONE, '- Task "x"'),
        (NEW, '+ Task "x"'),
        (
            PlannedChange("create", "Membership", ("m",), None, Missing.ABSENT, {}),
            "+ Membership m",
        ),
        (
            PlannedChange(
                "create",
                "Metadata",
                ("s", "note\x1b"),
                None,
                Missing.ABSENT,
                {"value": "v"},
            ),
            '+ metadata.note\\x1b  absent -> "v"',
        ),
        (
            PlannedChange("update", "Task", ("t",), "bid", None, 2.5),
            "~ Task.bid  none -> 2.5",
        ),
    ],
)
def test_a_change_is_one_line(plan: Plan, change: PlannedChange, text: str) -> None:
    plan.file.set_meta("attribute_keys", {"c": "cut_no", "d": "cut_code"})
    assert ChangeTexts(plan.file).change(change) == text


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 B"), (999, "999 B"), (21_340, "21.3 kB"), (3_400_000, "3.4 MB")],
)
def test_sizes_have_a_unit_that_suits_them(size: int, text: str) -> None:
    assert size_text(size) == text


def test_the_json_is_versioned(plan: Plan) -> None:
    document = as_json(plan, samples=1)

    assert document["format"] == 1
    assert document["digest"] == plan.digest
    assert document["unaccepted_risks"] == ["delete", "irreversible"]
    assert document["changes"] == 5
    assert document["operations"] == 5
    assert document["cascade"] == {"Note": 2}
    counts = document["counts"]
    assert isinstance(counts, list)
    assert counts[0] == {
        "sign": "~",
        "subject": "Shot.status_id",
        "verb": "set",
        "count": 1,
        "samples": [{"title": "Shot <sh010>", "before": "s-1", "after": "s-2"}],
    }


def test_the_page_is_whole_and_escapes_every_name(plan: Plan) -> None:
    page = as_html(plan)

    assert page.startswith("<!doctype html>")
    assert "Revise" in page
    assert "&lt;sh010&gt;" in page
    assert "<b>" not in page
    assert "src=" not in page
    assert "<script" not in page


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "none"),
        (True, "true"),
        (1.5, "1.5"),
        ("a\nb", '"a\\nb"'),
        ("s-1", "Revise"),
        (
            {"__type__": "datetime", "value": "2026-11-26T00:00:00+00:00"},
            "2026-11-26T00:00:00+00:00",
        ),
        (
            [
                {"__entity_type__": "User", "id": "u"},
                {"__entity_type__": "User", "id": "s-1"},
            ],
            "[User u, Revise]",
        ),
        (["low", "mid"], '["low", "mid"]'),
        ("x" * 100, '"' + "x" * 58 + "…"),
    ],
)
def test_values_are_shown_for_people(value: object, text: str) -> None:
    assert value_text({"s-1": "Revise"}, value) == text  # type: ignore[arg-type] # JSON


def test_control_characters_are_escaped() -> None:
    assert printable("a\x1b[31m\u202e") == "a\\x1b[31m\\u202e"
    assert printable("plain é") == "plain é"


# -- the plan and its file -------------------------------------------------------------


def test_a_plan_is_saved_and_opened(plan: Plan, tmp_path: Path) -> None:
    path = tmp_path / "deep" / "b.plan"
    plan.save(path)

    with Plan.open(path) as again:
        assert again.digest == plan.digest
        assert list(again.units()) == [UNIT]
        assert list(again.skipped) == list(plan.skipped)
        assert as_text(again) == as_text(plan)
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(PlanFileError):
        plan.save(path)


def test_an_edited_plan_is_not_opened(plan: Plan, tmp_path: Path) -> None:
    plan.save(tmp_path / "b.plan")
    with PlanFile.open(tmp_path / "b.plan") as file:
        file._connection.execute("update operations set after = '{\"value\": 1}'")
        file._connection.commit()
    with pytest.raises(PlanEditedError):
        Plan.open(tmp_path / "b.plan")


# -- requests --------------------------------------------------------------------------


def units_of(sizes: list[int]) -> list[PlannedUnit]:
    return [
        PlannedUnit(
            number,
            "",
            tuple(
                PlannedChange("update", "Task", (f"{number}-{part}",), "bid", 0.0, 1.0)
                for part in range(size)
            ),
        )
        for number, size in enumerate(sizes, 1)
    ]


@pytest.mark.parametrize(
    ("sizes", "chunks"),
    [
        ([], 0),
        ([1], 1),
        ([500], 1),
        ([499, 1, 1], 2),
        ([300, 300, 300], 3),
        ([2] * 250, 1),
        ([2] * 251, 2),
        ([501], 1),
        ([501, 1], 2),
    ],
)
def test_requests_are_counted_by_whole_units(sizes: list[int], chunks: int) -> None:
    counter = RequestCounter()
    for unit in units_of(sizes):
        counter.add(unit)

    assert counter.chunks == chunks
    assert counter.requests == (chunks + 2 if chunks else 0)
    assert counter.operations == sum(sizes)


def test_long_values_fill_a_request_by_their_bytes() -> None:
    counter = RequestCounter()
    for number in range(5):
        text = "x" * 400_000
        change = PlannedChange("update", "Note", (str(number),), "content", "", text)
        counter.add(PlannedUnit(number, "", (change,)))

    assert counter.chunks == 3
