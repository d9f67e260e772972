"""The demo production is one that could be: versions, files and talk agree."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

from ftrack_orm.emulator import DEMO_NOW
from tests.support.demo_rows import Row, Rows, assignees, day


def test_versions_of_an_asset_are_numbered_without_gaps(demo_rows: Rows) -> None:
    versions = demo_rows.grouped("AssetVersion", "asset_id")
    assert set(versions) == {row["id"] for row in demo_rows.of("Asset")}
    for of_asset in versions.values():
        of_asset.sort(key=lambda row: int(row["version"]))
        numbers = [row["version"] for row in of_asset]
        assert numbers == list(range(1, len(numbers) + 1))
        dates = [row["date"] for row in of_asset]
        assert dates == sorted(set(dates))


def test_versions_are_published_by_assignees_during_the_task(demo_rows: Rows) -> None:
    people = assignees(demo_rows)
    for row in demo_rows.of("AssetVersion"):
        task = demo_rows.the("Task", row["task_id"])
        assert row["user_id"] in people[task["id"]]
        assert task["start_date"] <= row["date"] <= task["end_date"]
        assert day(row["date"]).weekday() < 5


def test_versions_use_older_ones_of_earlier_steps(demo_rows: Rows) -> None:
    links = demo_rows.of("AssetVersionLink")
    assert links
    for row in links:
        used = demo_rows.the("AssetVersion", row["from_id"])
        using = demo_rows.the("AssetVersion", row["to_id"])
        assert used["date"] < using["date"]
        assert used["asset_id"] != using["asset_id"]
        assert used["project_id"] == using["project_id"]


def test_every_version_has_files_and_every_file_a_place(demo_rows: Rows) -> None:
    components = demo_rows.grouped("Component", "version_id")
    placed = demo_rows.grouped("ComponentLocation", "component_id")
    for row in demo_rows.of("AssetVersion"):
        assert "main" in {each["name"] for each in components[row["id"]]}
    for row in demo_rows.of("Component"):
        assert (row["version_id"] is None) != (row.get("container_id") is None)
        assert len(placed[row["id"]]) == 1
    identifiers = [
        row["resource_identifier"] for row in demo_rows.of("ComponentLocation")
    ]
    assert len(set(identifiers)) == len(identifiers)


def attribute_values(rows: Rows) -> dict[tuple[str, str], Any]:
    keys = {row["id"]: row["key"] for row in rows.of("CustomAttributeConfiguration")}
    return {
        (row["entity_id"], keys[row["configuration_id"]]): json.loads(row["value"])
        for row in rows.of("CustomAttributeValue")
    }


def test_sequences_of_files_have_the_frames_of_their_shot(demo_rows: Rows) -> None:
    values = attribute_values(demo_rows)
    members = demo_rows.grouped("FileComponent", "container_id")
    placed = {row["component_id"]: row for row in demo_rows.of("ComponentLocation")}
    sequences = demo_rows.of("SequenceComponent")
    assert sequences
    for row in sequences:
        version = demo_rows.the("AssetVersion", row["version_id"])
        shot = demo_rows.the("Asset", version["asset_id"])["context_id"]
        handles = values[shot, "handles"]
        frames = range(
            values[shot, "fstart"] - handles, values[shot, "fend"] + handles + 1
        )
        names = [each["name"] for each in members[row["id"]]]
        assert names == [f"{frame:0{row['padding']}d}" for frame in frames]
        assert row["size"] == sum(each["size"] for each in members[row["id"]])
        pattern = placed[row["id"]]["resource_identifier"]
        for frame, member in zip(frames, members[row["id"]], strict=True):
            assert placed[member["id"]]["resource_identifier"] == pattern % frame


def test_shots_have_the_frame_rate_of_their_sequence_and_project(
    demo_rows: Rows,
) -> None:
    values = attribute_values(demo_rows)
    for row in demo_rows.of("Shot"):
        rates = {
            values[key, "fps"]
            for key in (row["id"], row["parent_id"], row["project_id"])
        }
        assert rates == {24}
        assert values[row["id"], "fstart"] < values[row["id"], "fend"]


# -- talk and review ------------------------------------------------------------


def test_notes_and_answers_make_threads(demo_rows: Rows) -> None:
    notes = demo_rows.of("Note")
    answers = demo_rows.grouped("Note", "in_reply_to_id")
    recipients = demo_rows.grouped("Recipient", "note_id")
    labels = demo_rows.grouped("NoteLabelLink", "note_id")
    assert any(row["in_reply_to_id"] for row in notes)
    for row in notes:
        thread = [row, *answers.get(row["id"], ())]
        assert row["thread_activity"] == max(each["date"] for each in thread)
        assert all(each["date"] >= row["date"] for each in thread)
        told = [each["resource_id"] for each in recipients[row["id"]]]
        assert row["user_id"] in told
        assert len(told) > 1
        if row["in_reply_to_id"] is None:
            assert len(labels[row["id"]]) == 1
            assert row["project_id"] == project_of(demo_rows, row)
        if row["completed_by_id"]:
            assert row["is_todo"]
            assert row["completed_at"] >= row["date"]
        assert "{" not in row["content"]


def project_of(rows: Rows, note: Row) -> str:
    parent = rows.the(note["parent_type"], note["parent_id"])
    project_id: str = parent["project_id"]
    return project_id


def test_review_sessions_show_versions_that_were_there(demo_rows: Rows) -> None:
    objects = demo_rows.of("ReviewSessionObject")
    assert objects
    invitees = {row["id"]: row for row in demo_rows.of("ReviewSessionInvitee")}
    for row in objects:
        session = demo_rows.the("ReviewSession", row["review_session_id"])
        version = demo_rows.the("AssetVersion", row["version_id"])
        assert row["version"] == f"Version {version['version']}"
        assert version["project_id"] == session["project_id"]
        assert version["date"] <= row["created_at"]
    for row in demo_rows.of("ReviewSessionObjectStatus"):
        item = demo_rows.the("ReviewSessionObject", row["review_session_object_id"])
        invitee = invitees[row["review_session_invitee_id"]]
        assert invitee["review_session_id"] == item["review_session_id"]
        assert row["created_at"] >= item["created_at"]
    orders = demo_rows.grouped("ReviewSessionObject", "review_session_id")
    for of_session in orders.values():
        order = [row["sort_order"] for row in of_session]
        assert order == list(range(len(order)))


def test_there_is_some_of_all_that_a_coordinator_looks_for(demo_rows: Rows) -> None:
    for entity_type in (
        "AssetVersionList",
        "CalendarEventResource",
        "Milestone",
        "ReviewSessionFolder",
        "TaskTemplateItem",
        "TypedContextList",
    ):
        assert demo_rows.of(entity_type), entity_type
    projects = {row["name"]: row for row in demo_rows.of("Project")}
    [bunny] = [row for name, row in projects.items() if name.startswith("bunny")]
    assert not bunny["is_private"]
    assert bunny["start_date"] < DEMO_NOW < bunny["end_date"]
    assert projects["squirrel"]["status"] == "hidden"
    assert projects["squirrel"]["end_date"] < DEMO_NOW
    assert projects["otter"]["is_private"]
    assert projects["otter"]["start_date"] > DEMO_NOW
    assert {row["type"] for row in demo_rows.of("Appointment")} == {
        "allocation",
        "assignment",
    }
    statuses = demo_rows.grouped("TypedContextStatusChange", "parent_id")
    assert any(len(changes) > 4 for changes in statuses.values())


def test_moments_of_a_history_are_never_the_same_twice(demo_rows: Rows) -> None:
    for changes in demo_rows.grouped("StatusChange", "parent_id").values():
        for before, after in pairwise(changes):
            assert before["date"] < after["date"]
