"""`Event` rows: what a client reads after an outage."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ftrack_orm.emulator import Emulator
from tests.support.emulator_client import (
    ADMIN,
    IN_PROGRESS,
    VFX,
    Client,
    Refused,
    create,
    date,
    make_emulator,
    ref,
    update,
)
from tests.support.schemas import recorded

ATTRIBUTES = (
    "id, action, insert, parent_type, parent_id, project_id, user_id, created_at, data"
)


def logged(client: Client, after: int = 0) -> list[dict[str, Any]]:
    """Return the events with a greater id, oldest first, their data parsed."""
    expression = f"select {ATTRIBUTES} from Event where id > {after}"  # noqa: S608 - not SQL
    rows = client.query(expression)
    return [{**row, "data": json.loads(row["data"])} for row in rows]


def last_id(client: Client) -> int:
    return int(logged(client)[-1]["id"])


def test_a_client_catches_up_with_the_events_after_the_last_it_has_seen(
    client: Client, project: str, task: str
) -> None:
    seen = last_id(client)
    client.update("Task", task, description="soon", bid=0)
    other = client.create("Task", name="comp", parent_id=task)["id"]
    client.delete("Task", other)
    events = logged(client, seen)
    assert [event["id"] for event in events] == [seen + 1, seen + 2, seen + 3]
    assert [(each["insert"], each["action"], each["parent_id"]) for each in events] == [
        ("update", "update", task),
        ("insert", "add", other),
        ("delete", "remove", other),
    ]
    assert {each["parent_type"] for each in events} == {"task"}
    assert {each["project_id"] for each in events} == {project}
    assert {each["user_id"] for each in events} == {ADMIN}
    assert events[0]["created_at"] == date("2024-05-06T07:08:09")
    assert events[0]["data"] == {
        "entity_type": "Task",
        "entity_key": [task],
        "keys": ["description"],
    }


def test_a_deletion_is_found_as_the_documentation_shows(
    client: Client, project: str, shot: str, task: str
) -> None:
    client.delete("Project", project)
    rows = client.query(
        "select action, insert, created_at, user.username, data from Event "
        'where insert is "delete" and created_at > "2024-01-01" order by created_at asc'
    )
    deleted = {
        data["entity_type"]: data["row"]
        for data in (json.loads(row["data"]) for row in rows)
    }
    assert (deleted["Task"]["id"], deleted["Task"]["name"]) == (task, "anim")
    assert (deleted["Project"]["id"], deleted["Shot"]["id"]) == (project, shot)
    assert rows[0]["user"]["username"] == "admin"


def test_rows_below_a_deleted_owner_still_name_their_project(
    client: Client, project: str, task: str
) -> None:
    client.create("Timelog", context_id=task, duration=3)
    client.create("Metadata", parent_id=task, parent_type="Task", key="k", value="v")
    client.update("Task", task, status_id=IN_PROGRESS)
    seen = last_id(client)
    client.delete("Project", project)
    events = logged(client, seen)
    assert {"timelog", "meta", "typedcontextstatuschange"} <= {
        event["parent_type"] for event in events
    }
    assert {event["project_id"] for event in events} == {project}


def test_a_refused_request_and_one_that_changes_nothing_leave_no_event(
    client: Client, task: str
) -> None:
    before = logged(client)
    client.query("Task")
    client.update("Task", task, name="anim")
    with pytest.raises(Refused):
        client.call(
            update("Task", task, name="layout"), update("Task", "none", name="x")
        )
    assert logged(client) == before


def test_seeds_and_snapshots_leave_no_event(client: Client) -> None:
    assert logged(client) == []
    client.project()
    snapshot = client.emulator.snapshot()
    client.emulator.restore(snapshot)
    assert len(logged(client)) == 1
    client.project("other")
    assert [event["id"] for event in logged(client)] == [1, 2]


def test_custom_values_and_members_name_the_entity(client: Client, shot: str) -> None:
    scope = client.create("Scope", name="2D")["id"]
    [configuration] = client.query(
        'select id from CustomAttributeConfiguration where key is "fstart" limit 1'
    )
    seen = last_id(client)
    client.update("ContextCustomAttributeValue", configuration["id"], shot, value=1001)
    client.update("Shot", shot, scopes=[ref("Scope", scope)])
    value, members = logged(client, seen)
    assert (value["parent_type"], value["parent_id"]) == ("variable_value", shot)
    assert value["data"]["entity_key"] == [configuration["id"], shot]
    assert (members["insert"], members["parent_id"]) == ("update", shot)
    assert members["data"] == {
        "entity_type": "Shot",
        "entity_key": [shot],
        "keys": ["scopes"],
    }


def test_no_event_contains_a_key(client: Client) -> None:
    made = client.create("User", username="ben")["id"]
    [answer] = client.call(
        {
            "action": "reset_remote",
            "reset_type": "api_key",
            "entity_type": "User",
            "entity_key": made,
        }
    )
    client.delete("User", made)
    text = json.dumps(logged(client))
    assert answer["data"]["api_key"] not in text
    assert "api_key" not in text
    assert [event["insert"] for event in logged(client)] == ["insert", "delete"]


def test_a_new_object_type_is_logged_under_its_name(
    client: Client, project: str
) -> None:
    client.call(
        create("ObjectType", name="Prop"),
        create("Project", name="p", full_name="p", project_schema_id=VFX),
    )
    seen = last_id(client)
    made = client.create("Prop", name="chair", parent_id=project)
    event = next(
        event for event in logged(client, seen) if event["parent_id"] == made["id"]
    )
    assert (event["parent_type"], event["data"]["entity_type"]) == ("task", "Prop")


def test_events_of_projects_that_a_user_may_not_read_are_hidden(
    client: Client, project: str, task: str
) -> None:
    other = client.project("other")
    ben = client.emulator.add_user("ben", projects=["other"])
    reading = Client(
        client.emulator,
        {"ftrack-user": ben["api_user"], "ftrack-api-key": ben["api_key"]},
    )
    assert {each["project_id"] for each in logged(reading)} - {None} == {other}


def test_the_option_leaves_the_log_empty() -> None:
    with_log, without = make_emulator(), Emulator(schema=recorded(), log_events=False)
    for emulator in (with_log, without):
        Client(emulator).project()
    assert len(logged(Client(with_log))) == 1
    assert logged(Client(without)) == []
    with_log.close()
    without.close()
