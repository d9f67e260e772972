"""Files and server are compared on three sides, and renames are explicit."""

from __future__ import annotations

from typing import Any

import pytest

from ftrack_orm.studio.diff import (
    Applied,
    Comparison,
    Origin,
    SettingChange,
    applied_record,
    compare,
    merged,
)
from ftrack_orm.studio.model import Definition, Key, Kind, Studio, folded
from ftrack_orm.studio.report import as_text, summary


def studio(**kinds: Any) -> Studio:
    """Return a studio of definitions as the files have them."""
    return Studio.model_validate(kinds)


SERVER = studio(
    status=[
        {"name": "Approved", "state": "DONE", "color": "#00FF00", "active": True},
        {"name": "Revise", "state": "BLOCKED", "color": "#FF0000", "active": True},
    ],
    attribute=[
        {"key": "fstart", "on": "Shot", "type": "number", "default": 1.0},
        {"key": "tier", "on": "Shot", "project": "bunny", "type": "text"},
    ],
    project_schema=[
        {
            "name": "VFX",
            "task_statuses": ["Approved", "Revise"],
            "of": {"Shot": {"statuses": ["Approved", "Revise"]}},
        }
    ],
)


def actions(comparison: Comparison) -> list[tuple[str, str]]:
    """Return action and title of each difference but the unlisted ones."""
    return [
        (each.action, each.title)
        for each in comparison.differences
        if each.action != "unlisted"
    ]


def test_equal_settings_are_no_difference() -> None:
    files = studio(status=[{"name": "approved", "state": "done", "color": "#00ff00"}])
    [difference, *_] = compare(files, SERVER).differences
    # The name's case is the file's choice.
    assert difference.changes == (SettingChange("name", "Approved", "approved"),)
    files = studio(status=[{"name": "Approved", "state": "done", "color": "#00ff00"}])
    assert actions(compare(files, SERVER)) == []


def test_objects_that_the_files_lack_are_reported_and_stay() -> None:
    comparison = compare(studio(status=[{"name": "Approved"}]), SERVER)
    unlisted = {each.title for each in comparison.differences}
    assert "status 'Revise'" in unlisted
    assert comparison.to_apply == ()


def test_kinds_that_are_not_managed_are_not_compared() -> None:
    files = studio(studio={"manage": ["type"]}, status=[{"name": "New"}])
    assert compare(files, SERVER).differences == ()


@pytest.mark.parametrize(
    ("names", "renamed_from", "expected", "problems"),
    [
        (["Revise"], "Revise", [("update", "status 'Retake'")], 0),
        (["Retake"], "Revise", [], 0),
        (["Revise", "Retake"], "Revise", [], 1),
        ([], "Revise", [("create", "status 'Retake'")], 0),
    ],
    ids=["old name there", "renamed already", "both there", "neither there"],
)
def test_a_rename(
    names: list[str],
    renamed_from: str,
    expected: list[tuple[str, str]],
    problems: int,
) -> None:
    server = studio(status=[{"name": name} for name in names])
    files = studio(status=[{"name": "Retake", "renamed_from": renamed_from}])
    comparison = compare(files, server)
    assert actions(comparison) == expected
    assert len(comparison.problems) == problems


def test_an_attribute_of_a_project_becomes_global() -> None:
    files = studio(attribute=[{"key": "tier", "on": "Shot", "type": "text"}])
    [difference] = compare(files, SERVER).to_apply
    assert difference.changes == (SettingChange("project", "bunny", None),)


def test_an_attribute_stays_in_its_project_where_the_files_list_it_there() -> None:
    attribute = {"key": "tier", "on": "Shot", "type": "text"}
    files = studio(attribute=[attribute, {**attribute, "project": "bunny"}])
    comparison = compare(files, SERVER)
    assert actions(comparison) == [("create", "attribute 'tier Shot'")]
    assert comparison.problems == ()


@pytest.mark.parametrize(
    "files",
    [
        [
            {"name": "Retake", "renamed_from": "Revise", "color": "#111111"},
            {"name": "Revise", "color": "#222222"},
        ],
        [
            {"name": "Retake", "renamed_from": "Revise"},
            {"name": "Redo", "renamed_from": "Revise"},
        ],
    ],
    ids=["a new object takes the former name", "one former name of two"],
)
@pytest.mark.parametrize("is_reversed", [False, True])
def test_two_definitions_of_one_object_are_refused(
    files: list[dict[str, Any]], is_reversed: bool
) -> None:
    definitions = files[::-1] if is_reversed else files
    [problem] = compare(studio(status=definitions), SERVER).problems
    assert "are both the server's status 'Revise'" in problem
    assert summary(Comparison((), (problem,))) == "1 to clear up first"


@pytest.mark.parametrize(
    "files",
    [
        [{"name": "A", "renamed_from": "B"}, {"name": "B", "renamed_from": "A"}],
        [{"name": "B", "renamed_from": "A"}, {"name": "C", "renamed_from": "B"}],
    ],
    ids=["a circle", "a chain"],
)
def test_renames_that_need_several_steps_are_refused(
    files: list[dict[str, Any]],
) -> None:
    server = studio(status=[{"name": "A"}, {"name": "B"}])
    problems = compare(studio(status=files), server).problems
    assert "takes the name of an object that is renamed itself" in problems[0]
    assert not any("Remove one there" in problem for problem in problems)


@pytest.mark.parametrize(
    ("in_file", "on_server", "is_equal"),
    [
        ("2026-01-31", "2026-01-31T00:00:00+00:00", True),
        ("2026-01-31T10:00:00", "2026-01-31T10:00:00+00:00", True),
        ("2026-01-31", "2026-02-01T00:00:00+00:00", False),
        ("soon", "later", False),
    ],
)
def test_a_date_may_be_written_in_several_ways(
    in_file: str, on_server: str, is_equal: bool
) -> None:
    key = {"key": "due", "on": "Shot", "type": "date"}
    files = studio(attribute=[{**key, "default": in_file}])
    server = studio(attribute=[{**key, "default": on_server}])
    assert (compare(files, server).to_apply == ()) == is_equal


def test_a_scope_in_another_case_is_the_same_scope() -> None:
    key = {"key": "fstart", "type": "number"}
    files = studio(attribute=[{**key, "on": "shot"}])
    assert actions(compare(files, SERVER)) == []
    files = studio(setting=[{"group": "general", "name": "Work_Week", "value": "5"}])
    server = studio(setting=[{"group": "GENERAL", "name": "work_week", "value": "5"}])
    assert actions(compare(files, server)) == []


def test_values_keep_the_spaces_of_the_server() -> None:
    attribute = {"key": "tier", "on": "Shot", "options": {" a": " A "}, "default": " "}
    [parsed] = studio(attribute=[attribute]).attribute
    assert parsed.options == {" a": " A "}
    assert parsed.default == " "


def test_the_order_of_members_counts_where_the_server_keeps_one() -> None:
    unordered = studio(
        project_schema=[{"name": "VFX", "task_statuses": ["Revise", "Approved"]}]
    )
    ordered = studio(
        project_schema=[
            {"name": "VFX", "of": {"Shot": {"statuses": ["Revise", "Approved"]}}}
        ]
    )
    assert actions(compare(unordered, SERVER)) == []
    assert actions(compare(ordered, SERVER)) == [("update", "project_schema 'VFX'")]


def approved(color: str) -> Definition:
    """Return the status Approved with a color."""
    return studio(status=[{"name": "Approved", "color": color}]).status[0]


@pytest.mark.parametrize(
    ("applied", "in_file", "on_server", "expected"),
    [
        ("red", "red", "red", None),
        ("red", "blue", "red", "file"),
        ("red", "red", "green", "server"),
        ("red", "blue", "green", "both"),
        ("red", "green", "green", None),
        (None, "blue", "red", "file"),
    ],
)
def test_the_side_that_changed(
    applied: str | None, in_file: str, on_server: str, expected: Origin | None
) -> None:
    server = studio(status=[{"name": "Approved", "color": on_server}])
    files = studio(status=[{"name": "Approved", "color": in_file}])
    records: dict[tuple[Kind, Key], Applied] = {}
    if applied is not None:
        before = approved(applied)
        records["status", folded(before.natural_key)] = applied_record(before)
    comparison = compare(files, server, records)
    origins = [each.origin for each in comparison.differences]
    assert origins == ([] if expected is None else [expected])
    assert len(comparison.to_apply) == (expected == "file")
    assert len(comparison.conflicts) == (expected in ("server", "both"))


@pytest.mark.parametrize(
    ("applied", "in_file", "expected"),
    [("red", "red", "server"), ("red", "blue", "both"), (None, "red", "file")],
)
def test_an_object_that_the_server_has_lost_is_a_change_there(
    applied: str | None, in_file: str, expected: Origin
) -> None:
    """A person may have renamed it: a second one would share its work."""
    server = studio(status=[{"name": "Signed off", "color": "red"}])
    files = studio(status=[{"name": "Approved", "color": in_file}])
    records: dict[tuple[Kind, Key], Applied] = {}
    if applied is not None:
        records["status", ("approved",)] = applied_record(approved(applied))
    comparison = compare(files, server, records)
    assert comparison.differences[0].action == "create"
    assert comparison.differences[0].origin == expected
    is_shown = "renamed on the server" in as_text(comparison)
    assert is_shown == (expected != "file")


def renamed_records() -> dict[tuple[Kind, Key], Applied]:
    """Return the record of a status under its former name."""
    key: tuple[Kind, Key] = ("status", ("approved",))
    return {key: applied_record(approved("red"))}


@pytest.mark.parametrize(
    ("name", "on_server", "expected"),
    [
        ("Approved", "red", "file"),
        ("Approved", "green", "both"),
        ("Gone", "red", "both"),
    ],
)
def test_a_renamed_object_keeps_the_record_of_its_former_name(
    name: str, on_server: str, expected: Origin
) -> None:
    files = studio(
        status=[{"name": "Signed", "renamed_from": "Approved", "color": "blue"}]
    )
    server = studio(status=[{"name": name, "color": on_server}])
    [difference, *_] = compare(files, server, renamed_records()).differences
    assert difference.origin == expected


def test_settings_that_the_file_lacks_may_change_on_the_server() -> None:
    wanted = studio(status=[{"name": "Approved", "color": "#0F0"}])
    applied: dict[tuple[Kind, Key], Applied] = {
        ("status", ("approved",)): applied_record(wanted.status[0])
    }
    server = studio(
        status=[{"name": "Approved", "color": "#0f0", "sort": 9, "active": False}]
    )
    files = studio(status=[{"name": "Approved", "color": "#00F", "sort": 1}])
    [difference] = compare(files, server, applied).differences
    assert difference.origin == "file"


def test_a_merged_definition_has_the_settings_of_the_file_and_of_the_server() -> None:
    found = SERVER.status[1]
    wanted = studio(status=[{"name": "Retake", "color": "#000"}]).status[0]
    after = merged(wanted, found)
    assert after.natural_key == ("Retake",)
    assert after.settings() == {"state": "BLOCKED", "color": "#000", "active": True}
    assert merged(wanted, None) == wanted
