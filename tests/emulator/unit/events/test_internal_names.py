"""The internal names of types and attributes in update events."""

from __future__ import annotations

from typing import Any

import pytest

from ftrack_orm.emulator import Emulator
from ftrack_orm.emulator.events.listener import Listener
from ftrack_orm.schema.parse import parse_schema
from tests.support.emulator_client import (
    ADMIN,
    TASK,
    Client,
    ref,
)
from tests.support.schemas import load_older_form
from tests.support.update_events import news, of


def test_an_asset_version_has_its_internal_names(
    client: Client, updates: Listener, shot: str, task: str
) -> None:
    asset_type = client.query("select id from AssetType limit 1")[0]["id"]
    asset = client.create("Asset", name="hero", context_id=shot, type_id=asset_type)
    made = client.create("AssetVersion", asset_id=asset["id"], task_id=task)
    entity = of(updates, "AssetVersion")
    assert (entity["entityType"], entity["parentId"]) == ("assetversion", asset["id"])
    assert [each["entityType"] for each in entity["parents"]] == [
        "assetversion",
        "asset",
        "task",
        "show",
    ]
    expected = {
        "versionid": made["id"],
        "assetid": asset["id"],
        "taskid": task,
        "userid": ADMIN,
        "version": 1,
        "ispublished": True,
    }
    assert expected.items() <= news(entity).items()
    client.update("AssetVersion", made["id"], is_published=False)
    assert of(updates, "AssetVersion")["changes"] == {
        "ispublished": {"old": True, "new": False}
    }


def test_a_project_has_its_internal_names(client: Client, updates: Listener) -> None:
    client.project("bunny", start_date="2024-01-02")
    entity = of(updates, "Project")
    assert (entity["entityType"], entity["objectTypeId"]) == ("show", None)
    told = news(entity)
    assert told["fullname"] == "bunny"
    assert told["startdate"] == "2024-01-02T00:00:00.000000"
    assert {"projectschemeid", "isglobal", "private"} <= set(told)


def test_a_note_belongs_to_what_it_is_on(
    client: Client, updates: Listener, project: str, shot: str
) -> None:
    note = client.create("Note", content="Hi", parent_id=shot, parent_type="Shot")
    entity = of(updates, "Note")
    assert (entity["entityType"], entity["parentId"]) == ("note", shot)
    told = news(entity)
    assert {"noteid": note["id"], "text": "Hi", "userid": ADMIN}.items() <= told.items()
    assert "triggerdate" in told
    assert [each["entityId"] for each in entity["parents"]] == [
        note["id"],
        shot,
        project,
    ]


@pytest.mark.parametrize(
    ("entity_type", "values", "told"),
    [
        (
            "Appointment",
            {"context_id": "{task}", "resource_id": ADMIN, "type": "assignment"},
            "appointment",
        ),
        ("TypedContextLink", {"from_id": "{shot}", "to_id": "{task}"}, "dependency"),
        ("FileComponent", {"name": "x"}, "component"),
        ("User", {"username": "ben"}, "user"),
        ("TypedContextList", {"name": "l", "project_id": "{project}"}, "list"),
        ("ReviewSession", {"name": "r", "project_id": "{project}"}, "reviewsession"),
        ("Timelog", {"context_id": "{task}", "duration": 1}, "timelog"),
        ("Job", {"type": "api_job", "status": "done", "user_id": ADMIN}, "job"),
        ("UserSecurityRole", {"user_id": ADMIN}, "auth_userrole"),
    ],
)
def test_types_have_their_internal_names(
    client: Client,
    updates: Listener,
    project: str,
    shot: str,
    task: str,
    entity_type: str,
    values: dict[str, Any],
    told: str,
) -> None:
    places = {"project": project, "shot": shot, "task": task}
    if entity_type == "UserSecurityRole":
        role = client.query("select id from SecurityRole limit 1")[0]["id"]
        values = {
            **values,
            "security_role_id": role,
            "user_id": client.create("User", username="x")["id"],
        }
    if entity_type == "TypedContextList":
        category = client.query("select id from ListCategory limit 1")[0]["id"]
        values = {**values, "category_id": category}
    sent = {
        key: value.format(**places) if isinstance(value, str) else value
        for key, value in values.items()
    }
    made = client.create(entity_type, **sent)
    entity = of(updates, entity_type)
    assert (entity["entityType"], entity["entityId"]) == (told, made["id"])


def test_a_server_with_the_older_form_of_schema_tells_the_same() -> None:
    emulator = Emulator(schema=parse_schema(load_older_form()).schema)
    client = Client(emulator)
    project = client.project()
    with emulator.event_hub.subscribe("topic=ftrack.update") as updates:
        made = client.create("Task", name="anim", parent_id=project)["id"]
    entity = of(updates, "Task")
    assert (entity["entityType"], entity["objectTypeId"]) == ("task", TASK)
    assert (entity["parentId"], news(entity)["taskid"]) == (project, made)
    assert [each["entityType"] for each in entity["parents"]] == ["task", "show"]
    emulator.close()


@pytest.mark.parametrize("name", ["is_all_projects", "is_all_open_projects"])
def test_two_attributes_of_one_internal_name_are_one(
    client: Client, updates: Listener, name: str
) -> None:
    role = client.query("select id from SecurityRole limit 1")[0]["id"]
    user = client.create("User", username="ben")["id"]
    client.create(
        "UserSecurityRole", user_id=user, security_role_id=role, **{name: True}
    )
    assert news(of(updates, "UserSecurityRole"))["isallprojects"] is True


def test_a_key_of_several_values_is_written_with_commas(
    client: Client, updates: Listener, shot: str
) -> None:
    client.create(
        "Metadata", parent_id=shot, parent_type="Shot", key="colour", value="red"
    )
    entity = of(updates, "Metadata")
    assert entity["entityId"] == f"{shot},colour"
    assert entity["entityType"] == "meta"
    assert news(entity)["variable"] == "colour"
    assert entity["parents"][1]["entityId"] == shot


def test_a_key_that_no_attribute_shows_has_the_name_of_its_link(
    client: Client, updates: Listener
) -> None:
    states = client.query("select id from State limit 2")
    made = client.create(
        "Status", name="Odd", is_active=True, state=ref("State", states[0]["id"])
    )
    client.update("Status", made["id"], state=ref("State", states[1]["id"]))
    assert of(updates, "Status")["changes"] == {
        "statustype": {"old": states[0]["id"], "new": states[1]["id"]}
    }
