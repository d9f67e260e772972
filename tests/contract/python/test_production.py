"""Projects from a project schema, and what stands below them (protocol 6.1 to 6.6)."""

from __future__ import annotations

from datetime import UTC, date
from typing import Any

import arrow
import ftrack_api.exception
import pytest

from tests.support.official_studio import NOW

NOT_STARTED = "44dd9fb2-4164-11df-9218-0019bb4983d8"
NO_PRIORITY = "9661b320-3a0c-11e2-81c1-0800200c9a66"

# Protocol 9.6: what each project schema allows.
STATUSES = [
    ("VFX", "Shot", "Not started, In progress, Completed, On Hold, Omitted"),
    ("VFX", "Milestone", "Not started, In progress, Completed"),
    ("VFX", "AssetBuild", "Not started, In progress, Completed"),
    ("Animation", "Episode", "Not started, In progress, Completed, On Hold, Omitted"),
    (
        "Media production",
        "Scene",
        "Not started, In progress, Ready to start, Completed, On Hold, Omitted",
    ),
]
TYPES = [
    ("VFX", "AssetBuild", "Character, Prop, Environment, Matte Painting, Vehicle"),
    ("Animation", "AssetBuild", "Character, Prop, Environment"),
    ("Model production", "Milestone", "Deliverable"),
    (
        "Media production",
        "Milestone",
        "Rendering, Modeling, Lookdev, Texture, Deliverable, Production",
    ),
]


def project_schema(session: Any, name: str) -> Any:
    return session.query(f'ProjectSchema where name is "{name}"').one()


@pytest.mark.parametrize(("name", "kind", "allowed"), STATUSES)
def test_statuses_follow_the_project_schema(
    session: Any, name: str, kind: str, allowed: str
) -> None:
    statuses = project_schema(session, name).get_statuses(kind)
    assert [status["name"] for status in statuses] == allowed.split(", ")


@pytest.mark.parametrize(("name", "kind", "allowed"), TYPES)
def test_types_follow_the_project_schema(
    session: Any, name: str, kind: str, allowed: str
) -> None:
    types = project_schema(session, name).get_types(kind)
    assert {each["name"] for each in types} == set(allowed.split(", "))


def test_an_override_gives_a_task_type_statuses_of_its_own(
    session: Any, project: Any
) -> None:
    schema = project["project_schema"]
    animation = session.query('Type where name is "Animation"').one()
    omitted = session.query('Status where name is "Omitted"').one()
    workflow = session.create("WorkflowSchema", {"name": "animation only"})
    workflow["statuses"].append(omitted)
    session.create(
        "ProjectSchemaOverride",
        {
            "project_schema_id": schema["id"],
            "type_id": animation["id"],
            "workflow_schema": workflow,
        },
    )
    session.commit()
    session.reset()
    schema = project_schema(session, "VFX")
    found = schema.get_statuses("Task", animation["id"])
    assert [status["name"] for status in found] == ["Omitted"]
    parent = session.get("Project", project["id"])
    task = session.create("Task", {"name": "t", "parent": parent, "type": animation})
    session.commit()
    assert task["status"]["name"] == "Omitted"


def test_versions_have_statuses_and_no_types(session: Any) -> None:
    schema = project_schema(session, "VFX")
    assert schema.get_statuses("AssetVersion")
    with pytest.raises(ValueError, match="AssetVersion"):
        schema.get_types("AssetVersion")


def test_the_new_project_is_filled_in(session: Any, project: Any) -> None:
    assert project["status"] == "active"
    assert project["context_type"] == "show"
    assert project["created_by"]["username"] == "admin"
    assert project["created_at"].datetime == NOW
    assert project["project_id"] == project["id"]


def test_a_new_task_is_filled_in(session: Any, shot: Any) -> None:
    task = session.create("Task", {"name": "anim", "parent": shot})
    session.commit()
    assert task["status_id"] == NOT_STARTED
    assert task["priority_id"] == NO_PRIORITY
    assert task["object_type"]["name"] == "Task"
    assert task["context_type"] == "task"
    assert task["project"]["name"] == "bunny"
    assert (task["bid"], task["description"]) == (0, "")
    assert task["created_by"]["username"] == "admin"


@pytest.mark.parametrize(
    "kind", ["Folder", "Episode", "Sequence", "Shot", "AssetBuild", "Milestone", "Task"]
)
def test_every_object_type_of_the_schema_can_be_created(
    session: Any, fresh: Any, project: Any, kind: str
) -> None:
    made = session.create(kind, {"name": "it", "parent": project})
    session.commit()
    seen = fresh.query(f'TypedContext where id is "{made["id"]}"').one()
    assert seen.entity_type == kind
    assert seen["object_type"]["name"].replace(" ", "") == kind


def test_a_tree_is_created_in_one_commit_and_seen_from_both_ends(
    session: Any, fresh: Any, project: Any
) -> None:
    sequence = session.create("Sequence", {"name": "sq", "parent": project})
    shots = [
        session.create("Shot", {"name": f"sh{n}", "parent": sequence}) for n in range(3)
    ]
    for shot in shots:
        session.create("Task", {"name": "comp", "parent": shot})
    session.commit()
    seen = fresh.get("Sequence", sequence["id"])
    assert {child["name"] for child in seen["children"]} == {"sh0", "sh1", "sh2"}
    assert {each["name"] for each in seen["descendants"]} == {
        "sh0",
        "sh1",
        "sh2",
        "comp",
    }
    [comp] = fresh.get("Shot", shots[0]["id"])["children"]
    assert [each["name"] for each in comp["ancestors"]] == ["sq", "sh0"]


def test_a_link_lists_what_leads_to_an_entity(session: Any, task: Any) -> None:
    assert [(step["type"], step["name"]) for step in task["link"]] == [
        ("Project", "bunny"),
        ("TypedContext", "sq010"),
        ("TypedContext", "sh010"),
        ("TypedContext", "anim"),
    ]
    assert task["link"][-1]["id"] == task["id"]


def test_moving_a_shot_moves_what_is_below_it(
    session: Any, fresh: Any, task: Any, shot: Any
) -> None:
    other = session.create("Sequence", {"name": "sq020", "parent": task["project"]})
    shot["parent"] = other
    session.commit()
    seen = fresh.get("Task", task["id"])
    assert [step["name"] for step in seen["link"]] == [
        "bunny",
        "sq020",
        "sh010",
        "anim",
    ]


def test_a_change_of_status_is_remembered(session: Any, fresh: Any, task: Any) -> None:
    task["status"] = session.query('Status where name is "In progress"').one()
    session.commit()
    [change] = fresh.get("Task", task["id"])["status_changes"]
    assert change.entity_type == "TypedContextStatusChange"
    assert change["from_status"]["name"] == "Not started"
    assert change["status"]["name"] == "In progress"
    assert change["user"]["username"] == "admin"
    assert change["date"].datetime == NOW
    assert change["parent"]["id"] == task["id"]


def test_dates_keep_their_moment_whatever_their_zone(
    session: Any, fresh: Any, task: Any
) -> None:
    task["end_date"] = arrow.get("2024-06-01T12:00:00.654321+02:00")
    session.commit()
    seen = fresh.get("Task", task["id"])["end_date"]
    # Protocol 3.1: no microseconds, no offset, UTC.
    assert seen.datetime.isoformat() == "2024-06-01T10:00:00+00:00"
    assert seen.datetime.tzinfo.utcoffset(None) == UTC.utcoffset(None)


def test_a_plain_date_is_midnight(session: Any, fresh: Any, task: Any) -> None:
    task["start_date"] = date(2024, 6, 3)
    session.commit()
    seen = fresh.get("Task", task["id"])["start_date"]
    assert seen.datetime.isoformat() == "2024-06-03T00:00:00+00:00"


def test_setting_a_link_to_none_clears_it(session: Any, fresh: Any, task: Any) -> None:
    task["type"] = None
    session.commit()
    seen = fresh.get("Task", task["id"])
    assert (seen["type"], seen["type_id"]) == (None, None)


def test_a_link_and_its_foreign_key_agree_after_a_commit(
    session: Any, fresh: Any, task: Any
) -> None:
    done = session.query('Status where name is "Completed"').one()
    task["status_id"] = done["id"]
    session.commit()
    assert fresh.get("Task", task["id"])["status"]["state"]["short"] == "DONE"


def test_tasks_follow_each_other(session: Any, fresh: Any, shot: Any) -> None:
    first, second = (
        session.create("Task", {"name": name, "parent": shot}) for name in "ab"
    )
    session.create("TypedContextLink", {"from": first, "to": second})
    session.commit()
    seen = fresh.get("Task", first["id"])
    [link] = seen["outgoing_links"]
    assert link["to"]["name"] == "b"
    assert link["type"] == "end_to_start"
    [back] = link["to"]["incoming_links"]
    assert back["id"] == link["id"]


def test_lists_hold_tasks_and_take_them_out(
    session: Any, fresh: Any, project: Any, task: Any
) -> None:
    category = session.query("ListCategory").first()
    made = session.create(
        "TypedContextList",
        {"name": "todo", "project": project, "category": category},
    )
    made["items"].append(task)
    session.commit()
    seen = fresh.get("TypedContextList", made["id"])
    assert seen["system_type"] == "task"
    assert [item["id"] for item in seen["items"]] == [task["id"]]
    assert [each["name"] for each in fresh.get("Task", task["id"])["lists"]] == ["todo"]
    assert len(fresh.query(f'ListObject where list_id is "{made["id"]}"').all()) == 1
    made["items"].remove(task)
    session.commit()
    fresh.reset()
    assert fresh.get("TypedContextList", made["id"])["items"][:] == []
    assert fresh.get("Task", task["id"]) is not None


def test_deleting_a_project_takes_its_tree(session: Any, fresh: Any, task: Any) -> None:
    task.create_note("hi", author=session.query("User").first())
    session.commit()
    session.delete(task["project"])
    session.commit()
    for kind in ("Context", "Note"):
        assert fresh.query(kind).all() == []


def test_deleting_a_shot_takes_what_is_below_it(
    session: Any, fresh: Any, version: Any, shot: Any
) -> None:
    session.delete(shot)
    session.commit()
    for kind in ("Shot", "Task", "Asset", "AssetVersion"):
        assert fresh.query(kind).all() == []
    assert len(fresh.query("Sequence").all()) == 1


def test_child_and_parent_go_in_one_commit(
    session: Any, fresh: Any, task: Any, shot: Any
) -> None:
    session.delete(task)
    session.delete(shot)
    session.commit()
    assert fresh.query("Task").all() == []
    assert fresh.query("Shot").all() == []


def test_deleting_twice_is_an_error_of_the_server(
    session: Any, fresh: Any, task: Any
) -> None:
    fresh.delete(fresh.get("Task", task["id"]))
    fresh.commit()
    session.delete(task)
    with pytest.raises(ftrack_api.exception.ServerError, match="Could not find entity"):
        session.commit()


@pytest.mark.parametrize(
    ("kind", "values", "error"),
    [
        ("Task", {"name": "t"}, "ValidationError"),
        ("Project", {"name": "p", "full_name": "p"}, "ValidationError"),
        ("AssetVersion", {}, "ValidationError"),
        ("User", {"username": "admin"}, "DuplicateEntryError"),
    ],
    ids=["parent", "schema", "asset", "duplicate"],
)
def test_what_cannot_be_is_refused(
    session: Any, fresh: Any, kind: str, values: dict[str, Any], error: str
) -> None:
    before = len(fresh.query(kind).all())
    session.create(kind, values)
    with pytest.raises(ftrack_api.exception.ServerError, match=error):
        session.commit()
    session.rollback()
    fresh.reset()
    assert len(fresh.query(kind).all()) == before


def test_siblings_have_different_names(session: Any, shot: Any, task: Any) -> None:
    session.create("Task", {"name": task["name"], "parent": shot})
    with pytest.raises(ftrack_api.exception.ServerError, match="DuplicateEntryError"):
        session.commit()


def test_a_refused_commit_changes_nothing_and_can_be_rolled_back(
    session: Any, fresh: Any, task: Any, shot: Any
) -> None:
    task["description"] = "changed"
    session.create("User", {"username": "admin"})
    with pytest.raises(ftrack_api.exception.ServerError):
        session.commit()
    assert fresh.get("Task", task["id"])["description"] == ""
    session.rollback()
    assert task["description"] == ""
    task["description"] = "again"
    session.commit()
    fresh.reset()
    assert fresh.get("Task", task["id"])["description"] == "again"


def test_edits_of_one_entity_are_one_operation(
    emulator: Any, session: Any, task: Any
) -> None:
    emulator.forget()
    task["name"] = "a"
    task["description"] = "b"
    session.commit()
    [call] = emulator.calls
    assert len(call.operations) == 1


def test_what_is_created_and_deleted_is_not_sent(
    emulator: Any, session: Any, project: Any
) -> None:
    made = session.create("Folder", {"name": "x", "parent": project})
    session.delete(made)
    emulator.forget()
    session.commit()
    assert emulator.calls == ()
