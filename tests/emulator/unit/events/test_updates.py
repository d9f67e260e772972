"""What `ftrack.update` says of a commit (protocol 8.6, appendix B)."""

from __future__ import annotations

import itertools
import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from ftrack_orm.emulator.events.listening import Listener
from ftrack_orm.emulator.server import Emulator
from ftrack_orm.schema.parse import parse_schema
from tests.support.emulator_client import (
    ADMIN,
    IN_PROGRESS,
    NOT_STARTED,
    SHOT,
    TASK,
    Client,
    Refused,
    create,
    delete,
    make_emulator,
    ref,
    update,
)
from tests.support.schemas import load_older_form, recorded

WIP_TYPES = {
    "text": "custom_text",
    "boolean": "custom_flag",
    "number": "custom_number",
    "date": "custom_date",
    "enumerator": "custom_list",
}


@pytest.fixture
def updates(client: Client) -> Iterator[Listener]:
    with client.emulator.event_hub.subscribe("topic=ftrack.update") as listener:
        yield listener


@pytest.fixture
def project(client: Client) -> str:
    return client.project()


@pytest.fixture
def shot(client: Client, project: str) -> str:
    return str(client.create("Shot", name="sh010", parent_id=project)["id"])


@pytest.fixture
def task(client: Client, shot: str) -> str:
    return str(client.create("Task", name="anim", parent_id=shot)["id"])


def last(updates: Listener) -> dict[str, Any]:
    data: dict[str, Any] = updates.events[-1].data
    return data


def of(updates: Listener, entity_type: str) -> dict[str, Any]:
    """Return the one entity of a type in the last event."""
    [found] = [
        each for each in last(updates)["entities"] if each["entity_type"] == entity_type
    ]
    entity: dict[str, Any] = found
    return entity


def news(entity: dict[str, Any]) -> dict[str, Any]:
    return {key: value["new"] for key, value in entity["changes"].items()}


# -- the whole -------------------------------------------------------------------


def test_a_changed_status_is_told_as_in_the_protocol(
    client: Client, updates: Listener, project: str, shot: str, task: str
) -> None:
    client.update("Task", task, status_id=IN_PROGRESS)
    event = updates.events[-1]
    assert event.topic == "ftrack.update"
    assert event.source["user"] == {"username": "admin", "id": ADMIN}
    assert set(event.data) == {
        "pushToken",
        "clientToken",
        "user",
        "parents",
        "entities",
    }
    assert event.data["user"] == {"userid": ADMIN, "name": "Ada Admin"}
    assert event.data["parents"][:3] == [task, shot, project]
    assert event.data["entities"][0] == {
        "entityType": "task",
        "entity_type": "Task",
        "entityId": task,
        "objectTypeId": TASK,
        "action": "update",
        "keys": ["statusid"],
        "parentId": shot,
        "changes": {"statusid": {"old": NOT_STARTED, "new": IN_PROGRESS}},
        "parents": [
            {
                "entityId": task,
                "entityType": "task",
                "entity_type": "Task",
                "parentId": shot,
            },
            {
                "entityId": shot,
                "entityType": "task",
                "entity_type": "Shot",
                "parentId": project,
            },
            {
                "entityId": project,
                "entityType": "show",
                "entity_type": "Project",
                "parentId": None,
            },
        ],
    }


def test_a_new_entity_has_no_old_values(
    client: Client, updates: Listener, project: str
) -> None:
    made = client.create("Shot", name="sh020", parent_id=project)
    entity = of(updates, "Shot")
    assert (entity["action"], entity["objectTypeId"]) == ("add", SHOT)
    assert {each["old"] for each in entity["changes"].values()} == {None}
    assert entity["keys"] == list(entity["changes"])
    assert news(entity) == {
        "taskid": made["id"],
        "name": "sh020",
        "parent_id": project,
        "showid": project,
        "statusid": NOT_STARTED,
        "object_typeid": SHOT,
        "priorityid": "9661b320-3a0c-11e2-81c1-0800200c9a66",
        "description": "",
        "bid": "0.0",
        "sort": "0.0",
        "context_type": "task",
        "created_by": ADMIN,
        "created_at": "2024-05-06T07:08:09.000000",
    }


def test_a_deleted_entity_has_no_new_values_and_still_its_parents(
    client: Client, updates: Listener, project: str, shot: str, task: str
) -> None:
    client.delete("Task", task)
    entity = of(updates, "Task")
    assert entity["action"] == "remove"
    assert set(news(entity).values()) == {None}
    assert entity["changes"]["name"] == {"old": "anim", "new": None}
    assert [each["entityId"] for each in entity["parents"]] == [task, shot, project]


def test_all_that_goes_with_a_project_is_told_in_one_event(
    client: Client, updates: Listener, project: str, shot: str, task: str
) -> None:
    client.delete("Project", project)
    assert len([each for each in updates.events if each.data["entities"]]) == 4
    told = {each["entityId"]: each for each in last(updates)["entities"]}
    assert {told[each]["action"] for each in (project, shot, task)} == {"remove"}
    assert [each["entityId"] for each in told[task]["parents"]] == [task, shot, project]


def test_another_parent_is_a_move(
    client: Client, updates: Listener, project: str, shot: str, task: str
) -> None:
    other = client.create("Shot", name="sh020", parent_id=project)["id"]
    client.update("Task", task, parent_id=other, name="layout")
    entity = of(updates, "Task")
    assert entity["action"] == "move"
    assert entity["changes"] == {
        "parent_id": {"old": shot, "new": other},
        "name": {"old": "anim", "new": "layout"},
    }
    assert entity["parentId"] == other


def test_the_operations_of_a_request_are_one_event(
    client: Client, updates: Listener, task: str
) -> None:
    before = len(updates.events)
    client.call(
        create("User", id="u2", username="ben"),
        update("Task", task, description="soon"),
        update("Task", task, description="later"),
    )
    assert len(updates.events) == before + 1
    assert [each["entity_type"] for each in last(updates)["entities"]] == [
        "User",
        "Task",
    ]
    assert of(updates, "Task")["changes"] == {
        "description": {"old": "", "new": "later"}
    }


def test_what_changes_nothing_is_no_event(
    client: Client, updates: Listener, task: str
) -> None:
    before = updates.events
    client.query("select name from Task")
    client.update("Task", task, name="anim")
    client.call(
        update("Task", task, name="layout"),
        update("Task", task, name="anim"),
    )
    client.call(create("User", id="u3", username="cora"), delete("User", "u3"))
    assert updates.events == before


def test_a_request_that_fails_tells_nothing(
    client: Client, updates: Listener, task: str
) -> None:
    before = updates.events
    with pytest.raises(Refused):
        client.call(
            update("Task", task, name="layout"), update("Task", "none", name="x")
        )
    assert updates.events == before


def test_the_key_of_a_user_is_never_told(client: Client, updates: Listener) -> None:
    made = client.create("User", username="ben")["id"]
    before = len(updates.events)
    [answer] = client.call(
        {
            "action": "reset_remote",
            "reset_type": "api_key",
            "entity_type": "User",
            "entity_key": made,
        }
    )
    client.update("User", made, first_name="Ben")
    client.delete("User", made)
    assert len(updates.events) == before + 2  # the new key is no news at all
    told = json.dumps([event.to_json() for event in updates.events])
    assert answer["data"]["api_key"] not in told
    assert "api_key" not in told


def test_tokens_of_the_request_are_echoed(client: Client, updates: Listener) -> None:
    body = json.dumps([create("User", username="ben")]).encode()
    transport = client.emulator.transport()
    transport.call(
        body, headers={"ftrack-pushtoken": "push", "ftrack-Clienttoken": "client"}
    )
    data = last(updates)
    assert (data["pushToken"], data["clientToken"]) == ("push", "client")


def test_the_text_undefined_is_no_token(client: Client, updates: Listener) -> None:
    body = json.dumps([create("User", username="ben")]).encode()
    client.emulator.transport().call(body, headers={"ftrack-pushtoken": "undefined"})
    data = last(updates)
    assert (data["pushToken"], data["clientToken"]) == (None, None)


def test_nobody_who_listens_is_nothing_that_is_told(client: Client) -> None:
    hub = client.emulator.event_hub
    with hub.subscribe("topic=ftrack.action.*"):
        client.project()
    assert hub.events == ()


def test_commits_that_nobody_listens_to_ask_the_database_no_more(
    client: Client, task: str
) -> None:
    def statements() -> int:
        asked: list[str] = []
        driver = client.emulator.storage._driver
        driver.set_trace_callback(asked.append)
        client.call(
            create("Task", name="layout", parent_id=task),
            update("Task", task, status_id=IN_PROGRESS),
            update("Task", task, status_id=NOT_STARTED),
        )
        driver.set_trace_callback(None)
        client.call(
            delete("Task", client.query('Task where name is "layout"')[0]["id"])
        )
        return len(asked)

    statements()  # what is looked up once
    alone = statements()
    with client.emulator.event_hub.subscribe("topic=other"):
        assert statements() == alone
    with client.emulator.event_hub.subscribe("topic=ftrack.update"):
        assert statements() > alone
    assert statements() == alone


def test_who_listens_later_hears_of_later_commits(client: Client) -> None:
    client.project("one")
    with client.emulator.event_hub.subscribe("topic=ftrack.*") as listener:
        client.project("two")
    client.project("three")
    assert [news(event.data["entities"][0])["name"] for event in listener.events] == [
        "two"
    ]


def test_events_come_in_the_order_of_commits() -> None:
    emulator = Emulator(schema=recorded())
    client = Client(emulator)
    user = client.create("User", username="ben", first_name="0")["id"]

    def write(name: str) -> None:
        for number in range(20):
            Client(emulator).update("User", user, first_name=f"{name}{number}")

    with emulator.event_hub.subscribe("topic=ftrack.update") as updates:
        threads = [threading.Thread(target=write, args=(name,)) for name in "abcd"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    steps = [
        event.data["entities"][0]["changes"]["firstname"] for event in updates.events
    ]
    assert len(steps) == 80
    assert all(a["new"] == b["old"] for a, b in itertools.pairwise(steps))
    emulator.close()


def test_a_snapshot_restored_tells_nothing(client: Client, updates: Listener) -> None:
    snapshot = client.emulator.snapshot()
    client.project()
    before = updates.events
    client.emulator.restore(snapshot)
    assert updates.events == before
    client.project()
    assert len(updates.events) == len(before) + 1


# -- names -----------------------------------------------------------------------


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
        "version": "1",
        "ispublished": "1",
    }
    assert expected.items() <= news(entity).items()
    client.update("AssetVersion", made["id"], is_published=False)
    assert of(updates, "AssetVersion")["changes"] == {
        "ispublished": {"old": "1", "new": "0"}
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
    assert news(of(updates, "UserSecurityRole"))["isallprojects"] == "1"


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


# -- side effects ------------------------------------------------------------------


def test_the_history_of_a_status_is_told(
    client: Client, updates: Listener, task: str
) -> None:
    client.update("Task", task, status_id=IN_PROGRESS)
    entity = of(updates, "TypedContextStatusChange")
    assert (entity["action"], entity["parentId"]) == ("add", task)


def test_items_of_a_list_are_told(
    client: Client, updates: Listener, project: str, task: str
) -> None:
    category = client.query("select id from ListCategory limit 1")[0]["id"]
    made = client.create(
        "TypedContextList", name="l", project_id=project, category_id=category
    )["id"]
    client.update("TypedContextList", made, items=[ref("Task", task)])
    entity = of(updates, "ListObject")
    assert (entity["entityType"], entity["action"]) == ("listobject", "add")
    assert news(entity)["entityid"] == task
    assert [each["entityId"] for each in entity["parents"][1:]] == [made, project]
    client.update("TypedContextList", made, items=[])
    entity = of(updates, "ListObject")
    assert (entity["action"], entity["changes"]["entityid"]["old"]) == ("remove", task)


def test_members_that_no_type_joins_are_told_of_their_owner(
    client: Client, updates: Listener, task: str
) -> None:
    scope = client.create("Scope", name="2D")["id"]
    other = client.create("Scope", name="3D")["id"]
    client.update("Task", task, scopes=[ref("Scope", scope)])
    assert of(updates, "Task")["changes"] == {"scopes": {"old": "", "new": scope}}
    client.update("Task", task, scopes=[ref("Scope", scope), ref("Scope", other)])
    assert of(updates, "Task")["changes"] == {
        "scopes": {"old": scope, "new": f"{scope},{other}"}
    }
    before = updates.events
    client.update("Task", task, scopes=[ref("Scope", scope), ref("Scope", other)])
    assert updates.events == before


def test_a_renamed_object_type_does_not_lose_what_was_written_before(
    client: Client, updates: Listener, project: str
) -> None:
    made = client.create("ObjectType", name="Prop", is_statusable=False)["id"]
    client.create("Prop", id="p1", name="chair", parent_id=project)
    client.call(
        update("Prop", "p1", name="table"), update("ObjectType", made, name="Thing")
    )
    entity = of(updates, "Thing")
    assert (entity["entityType"], entity["entityId"]) == ("task", "p1")
    assert entity["changes"] == {"name": {"old": "chair", "new": "table"}}
    assert of(updates, "ObjectType")["changes"]["name"] == {
        "old": "Prop",
        "new": "Thing",
    }
    client.call(delete("Thing", "p1"), delete("ObjectType", made))
    assert of(updates, "Thing")["changes"]["taskid"] == {"old": "p1", "new": None}


# -- custom attributes -------------------------------------------------------------


def configure(client: Client, kind: str) -> str:
    types = client.query("select id, name from CustomAttributeType")
    [type_id] = [each["id"] for each in types if each["name"] == kind]
    values: dict[str, Any] = {"config": "{}"}
    if kind == "enumerator":
        data = json.dumps([{"menu": "A", "value": "a"}, {"menu": "B", "value": "b"}])
        values["config"] = json.dumps({"multiSelect": True, "data": data})
    made = client.create(
        "CustomAttributeConfiguration",
        key=WIP_TYPES[kind],
        label=kind,
        entity_type="task",
        object_type_id=TASK,
        type_id=type_id,
        **values,
    )
    return str(made["id"])


@pytest.mark.parametrize(
    ("kind", "value", "told"),
    [
        ("text", "red", "red"),
        ("boolean", True, "1"),
        ("number", 25, "25"),
        (
            "date",
            {"__type__": "datetime", "value": "2024-05-06T00:00:00"},
            "2024-05-06T00:00:00.000000",
        ),
        ("enumerator", ["a", "b"], "a,b"),
    ],
)
def test_custom_attributes_stand_under_their_key_as_text(
    client: Client, updates: Listener, task: str, kind: str, value: Any, told: str
) -> None:
    configuration = configure(client, kind)
    client.update("ContextCustomAttributeValue", configuration, task, value=value)
    [entity] = last(updates)["entities"]
    assert (entity["entity_type"], entity["action"]) == ("Task", "update")
    assert entity["keys"] == [WIP_TYPES[kind]]
    assert entity["changes"] == {WIP_TYPES[kind]: {"old": None, "new": told}}


def test_custom_attributes_of_a_new_entity_stand_with_it(
    client: Client, updates: Listener, shot: str
) -> None:
    configuration = configure(client, "text")
    client.call(
        create("Task", id="t1", name="anim", parent_id=shot),
        update("ContextCustomAttributeValue", configuration, "t1", value="red"),
    )
    entity = of(updates, "Task")
    assert entity["action"] == "add"
    assert entity["changes"]["custom_text"] == {"old": None, "new": "red"}
    assert len(last(updates)["entities"]) == 1


def test_custom_attributes_of_a_deleted_entity_go_with_it(
    client: Client, updates: Listener, task: str
) -> None:
    configuration = configure(client, "text")
    client.update("ContextCustomAttributeValue", configuration, task, value="red")
    client.update("ContextCustomAttributeValue", configuration, task, value="blue")
    assert of(updates, "Task")["changes"] == {
        "custom_text": {"old": "red", "new": "blue"}
    }
    client.delete("Task", task)
    entity = of(updates, "Task")
    assert entity["action"] == "remove"
    assert entity["changes"]["custom_text"] == {"old": "blue", "new": None}


def test_the_moment_of_a_change_has_microseconds_and_the_api_has_not() -> None:
    moment = datetime(2024, 5, 6, 7, 8, 9, 123456, tzinfo=UTC)
    emulator = Emulator(schema=recorded(), clock=lambda: moment)
    client = Client(emulator)
    with emulator.event_hub.subscribe("topic=ftrack.update") as updates:
        client.project()
    told = news(updates.events[0].data["entities"][0])["created_at"]
    [row] = client.query("select created_at from Project")
    datetime.strptime(told, "%Y-%m-%dT%H:%M:%S.%f")
    assert row["created_at"]["value"] == "2024-05-06T07:08:09"
    emulator.close()


def test_an_emulator_forgets_events_and_ends_listeners() -> None:
    emulator = make_emulator()
    client = Client(emulator)
    listener = emulator.event_hub.subscribe("topic=ftrack.update")
    client.project()
    emulator.forget()
    assert emulator.event_hub.events == ()
    emulator.close()
    emulator.event_hub.publish("ftrack.update")
    assert len(listener.events) == 1
