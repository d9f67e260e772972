"""Rows that an emulator loads and dumps, and what fills an empty one."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import Any

import pytest

from ftrack_orm.emulator import Emulator, MissingReference
from tests.support.emulator_client import (
    IN_PROGRESS,
    SHOT,
    TASK,
    Client,
    Refused,
    create,
    date,
    ref,
    update,
)
from tests.support.schemas import recorded


@pytest.fixture
def empty() -> Iterator[Emulator]:
    made = Emulator(seed="empty", schema=recorded(), log_events=False)
    yield made
    made.close()


@pytest.fixture
def filled() -> Iterator[Emulator]:
    made = Emulator(seed="demo", schema=recorded())
    yield made
    made.close()


def row(entity_type: str, /, **values: Any) -> dict[str, Any]:
    return {"__entity_type__": entity_type, **values}


# -- load and dump ---------------------------------------------------------------


def test_a_dump_loaded_in_any_order_gives_the_same_dump(
    empty: Emulator, filled: Emulator
) -> None:
    client = Client(filled)
    task = client.query("select id from Task limit 1")[0]["id"]
    scope = client.create("Scope", name="2D")["id"]
    client.update("Task", task, scopes=[ref("Scope", scope)], name="Łódź")
    client.create("ObjectType", name="Prop")
    [project] = client.query("select id from Project limit 1")
    client.create("Prop", name="chair", parent_id=project["id"])
    rows = filled.dump()
    shuffled = json.loads(json.dumps(rows))
    random.Random(1).shuffle(shuffled)
    report = empty.load(shuffled)
    assert report.is_complete
    assert sum(report.loaded.values()) == len(rows)
    assert report.loaded["Prop"] == 1
    assert empty.dump() == rows
    assert empty.load(rows).is_complete
    assert empty.dump() == rows


def test_a_dump_is_ordered_and_has_the_form_of_a_server(filled: Emulator) -> None:
    rows = filled.dump()
    types = [each["__entity_type__"] for each in rows]
    assert types == sorted(types)
    ids = [each["id"] for each in rows if each["__entity_type__"] == "Task"]
    assert ids == sorted(ids)
    task = next(each for each in rows if each["__entity_type__"] == "Task")
    assert task["created_at"]["__type__"] == "datetime"
    status = next(each for each in rows if each["__entity_type__"] == "Status")
    assert status["state"]["__entity_type__"] == "State"
    assert "emulator-admin-key" not in json.dumps(rows)


def test_rows_of_queries_can_be_loaded(empty: Emulator, filled: Emulator) -> None:
    rows = Client(filled).query(
        "select name, start_date, status.name, status.state.name, parent.name, "
        "project.name, metadata, assignments.resource.username from Task"
    )
    report = empty.load(rows)
    assert report.loaded["Task"] == len(rows)
    loaded = Client(empty).query(
        "select name, status.state.name, parent.name, assignments.resource.username "
        "from Task order by id"
    )
    expected = Client(filled).query(
        "select name, status.state.name, parent.name, assignments.resource.username "
        "from Task order by id"
    )
    assert loaded == expected


def test_nested_and_bare_references_are_links_by_key(empty: Emulator) -> None:
    report = empty.load(
        [
            row(
                "Task",
                id="t1",
                name="anim",
                parent=row("Shot", id="s1", name="sh010", project_id="p1"),
                project=ref("Project", "p1"),
                status=row("Status", id=IN_PROGRESS, name="In progress"),
                start_date="2024-01-02",
                end_date=date("2024-01-03T00:00:00"),
                metadata=[{"key": "colour", "value": "red"}],
                scopes=[row("Scope", id="2d", name="2D")],
                _link=[{"id": "p1", "name": "bunny", "type": "Project"}],
            ),
            row("Project", id="p1", name="bunny", full_name="Bunny"),
        ]
    )
    assert report.loaded == {
        "Metadata": 1,
        "Project": 1,
        "Scope": 1,
        "Shot": 1,
        "Status": 1,
        "Task": 1,
    }
    [task] = Client(empty).query(
        "select name, parent.name, project.name, status.name, start_date, end_date, "
        "metadata, scopes.name, object_type_id from Task"
    )
    assert (task["parent"]["name"], task["project"]["name"]) == ("sh010", "bunny")
    assert (task["status"]["name"], task["object_type_id"]) == ("In progress", TASK)
    assert task["start_date"] == date("2024-01-02T00:00:00")
    assert task["end_date"] == date("2024-01-03T00:00:00")
    assert task["metadata"][0]["value"] == "red"
    assert [each["name"] for each in task["scopes"]] == ["2D"]


def test_what_is_missing_lacking_and_skipped_is_reported(empty: Emulator) -> None:
    report = empty.load(
        [
            row("Shot", id="s1", name="sh010", parent_id="p1", status_id="none"),
            row("Shot", id="s2", parent_id="p1", status_id="none"),
            row("Shot", id="s3", name="sh030", colour="red", sort="x"),
            row("Planet", id="x"),
            row("Shot", name="no id"),
        ]
    )
    assert not report.is_complete
    assert report.loaded == {"Shot": 3}
    assert MissingReference("Context", ("p1",), ("Shot.parent_id",)) in report.missing
    assert MissingReference("Status", ("none",), ("Shot.status_id",)) in report.missing
    # A shot has the object type of its type, which the empty emulator lacks.
    assert MissingReference("ObjectType", (SHOT,), ("Shot.object_type_id",)) in (
        report.missing
    )
    assert report.lacking["Shot.name"] == 1
    assert report.skipped == {
        "Shot without its key": 1,
        "invalid value of Shot.sort": 1,
        "unknown attribute Shot.colour": 1,
        "unknown type Planet": 1,
    }


def test_an_entity_can_be_spread_over_rows_and_loads(empty: Emulator) -> None:
    empty.load([row("User", id="u1", username="ben"), row("User", id="u1", email="b")])
    report = empty.load([row("User", id="u1", first_name="Ben")])
    assert report.loaded == {"User": 1}
    [user] = Client(empty).query(
        'select username, email, first_name from User where id is "u1"'
    )
    assert (user["username"], user["email"], user["first_name"]) == ("ben", "b", "Ben")


def test_values_of_custom_attributes_are_loaded_in_both_forms(
    empty: Emulator, filled: Emulator
) -> None:
    empty.load(filled.dump())
    client = Client(empty)
    [shot] = client.query("select id from Shot limit 1")
    [field] = client.query(
        'select id from CustomAttributeConfiguration where key is "fstart" limit 1'
    )
    key = {"configuration_id": field["id"], "entity_id": shot["id"]}
    for form, value in (("Context", 7), ("", 8)):
        empty.load([row(f"{form}CustomAttributeValue", **key, value=value)])
        [read] = client.query(
            f'select custom_attributes from Shot where id is "{shot["id"]}"'  # noqa: S608 - not SQL
        )
        values = {each["key"]: each["value"] for each in read["custom_attributes"]}
        assert values["fstart"] == value


def test_loaded_rows_can_be_changed_and_make_no_events(empty: Emulator) -> None:
    with empty.event_hub.subscribe("topic=ftrack.update") as updates:
        empty.load(
            [
                row("Project", id="p1", name="bunny", full_name="Bunny"),
                row("Shot", id="s1", name="sh010", parent_id="p1", project_id="p1"),
            ]
        )
        assert updates.events == ()
    client = Client(empty)
    client.update("Shot", "s1", name="sh020")
    assert client.query("select name from Shot")[0]["name"] == "sh020"
    client.delete("Project", "p1")
    assert client.query("Shot") == []


def test_a_load_that_fails_changes_nothing(empty: Emulator) -> None:
    before = empty.dump()
    broken: Any = {1: "x"}
    with pytest.raises(AttributeError):
        empty.load([row("User", id="u1", username="ben"), row("User", id="2") | broken])
    assert empty.dump() == before


# -- an empty emulator -------------------------------------------------------------


@pytest.mark.parametrize("object_type_id", [None, SHOT, "made-by-a-client"])
def test_an_object_type_that_the_schema_serves_can_be_created(
    empty: Emulator, object_type_id: str | None
) -> None:
    client = Client(empty)
    values = {} if object_type_id is None else {"id": object_type_id}
    made = client.create("ObjectType", name="Shot", **values)["id"]
    assert made == (object_type_id or SHOT)
    schema = client.create("ProjectSchema", name="x")["id"]
    project = client.project(project_schema_id=schema)
    client.create("Shot", name="sh010", parent_id=project)
    [shot] = client.query("select object_type.name, object_type_id from Shot")
    assert (shot["object_type_id"], shot["object_type"]["name"]) == (made, "Shot")
    with pytest.raises(Refused, match="already"):
        client.create("ObjectType", name="Shot")


def test_a_served_object_type_stays_under_its_id_after_a_rollback(
    empty: Emulator,
) -> None:
    client = Client(empty)
    with pytest.raises(Refused):
        client.call(
            create("ObjectType", id="other", name="Shot"), update("User", "none")
        )
    assert client.create("ObjectType", name="Shot")["id"] == SHOT
