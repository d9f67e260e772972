"""What `ftrack.update` says of a commit (protocol 8.6, appendix B)."""

from __future__ import annotations

import itertools
import json
import threading
from datetime import UTC, datetime

import pytest

from ftrack_orm.emulator import Emulator
from ftrack_orm.emulator.events.listener import Listener
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
from tests.support.schemas import recorded
from tests.support.update_events import last, news, of

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
        "bid": 0.0,
        "sort": 0.0,
        "context_type": "task",
        "created_by": ADMIN,
        "created_at": "2024-05-06T07:08:09.000000",
        "startdate": None,
        "enddate": None,
        "thumbnail_source_id": None,
        "typeid": None,
        "thumbid": None,
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
