"""Object types are types of the schema, whenever they come (protocol 4.4)."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from ftrack_orm.emulator import Emulator
from ftrack_orm.emulator.storage.object_types import object_type_schema
from ftrack_orm.schema.parse import parse_schema
from tests.support.emulator_client import (
    NO_PRIORITY,
    VFX,
    Client,
    Refused,
    create,
    ref,
    update,
)
from tests.support.recorded_responses import read
from tests.support.schemas import load_older_form, load_served, recorded

TASKABLE = {"is_taskable": True, "is_statusable": True, "is_typeable": False}


def served(client: Client) -> dict[str, dict[str, Any]]:
    [types] = client.call({"action": "query_schemas"})
    return {each["id"]: each for each in types}


def served_hash(client: Client) -> str:
    [information] = client.call({"action": "query_server_information"})
    return str(information["schema_hash"])


def make_level(client: Client, **more: Any) -> str:
    return str(client.create("ObjectType", name="Game Level", **TASKABLE, **more)["id"])


def test_types_made_of_the_recorded_object_types_are_the_recorded_ones() -> None:
    types = {each["id"]: each for each in load_served()}
    for row in read("query_object_types.json"):
        made = object_type_schema(recorded()["TypedContext"], row).to_json()
        wanted = types[row["name"].replace(" ", "")]
        made_names, wanted_names = made.pop("immutable"), wanted.pop("immutable")
        assert sorted(made_names) == sorted(wanted_names)
        assert made == wanted


def test_a_new_object_type_is_served_with_its_hash(client: Client) -> None:
    before = served(client)
    key = make_level(client)
    level = served(client)["GameLevel"]
    assert level["alias_for"] == {"id": "Task", "classifiers": {"object_typeid": key}}
    assert level["$mixin"] == {"$ref": "TypedContext"}
    assert level["properties"]["object_type_id"]["default"] == key
    assert level["properties"]["priority_id"]["default"] == NO_PRIORITY
    assert {"type_id", "type", "bid", "start_date"} <= set(level["immutable"])
    assert not {"status_id", "priority_id"} & set(level["immutable"])
    assert served(client).keys() - before.keys() == {"GameLevel"}
    # Protocol 1.8: md5 of the list as served.
    [types] = client.call({"action": "query_schemas"})
    text = json.dumps(types, sort_keys=True).encode()
    assert served_hash(client) == hashlib.md5(text, usedforsecurity=False).hexdigest()


def test_it_can_be_used_in_the_very_request_that_makes_it(client: Client) -> None:
    project = client.project()
    made = {"id": "level", "name": "Game Level", **TASKABLE}
    level = {"id": "l1", "name": "one", "parent": ref("Project", project)}
    *_, rows, information, types = client.call(
        create("ObjectType", **made),
        create("GameLevel", **level),
        create("Task", name="grey box", parent=ref("GameLevel", "l1")),
        {
            "action": "query",
            "expression": "select parent[GameLevel].name, object_type.name from "
            'TypedContext where parent.object_type.name is "Game Level"',
        },
        {"action": "query_server_information"},
        {"action": "query_schemas"},
    )
    assert [row["parent"]["name"] for row in rows["data"]] == ["one"]
    assert "GameLevel" in {each["id"] for each in types}
    assert information["schema_hash"] == served_hash(client)
    [found] = client.query(
        "select object_type_id, priority_id from TypedContext where id is l1"
    )
    assert found["__entity_type__"] == "GameLevel"
    assert found["object_type_id"] == "level"
    assert found["priority_id"] == NO_PRIORITY


def test_a_batch_that_fails_leaves_no_type(client: Client) -> None:
    before = served_hash(client)
    with pytest.raises(Refused, match="ValueError"):
        client.call(
            create("ObjectType", name="Game Level", **TASKABLE),
            update("Task", "nobody", name="x"),
        )
    assert "GameLevel" not in served(client)
    assert served_hash(client) == before
    with pytest.raises(Refused, match="GameLevel"):
        client.query("GameLevel")
    make_level(client)
    assert client.query("GameLevel") == []


def test_restoring_a_snapshot_takes_types_away_and_brings_them_back(
    client: Client,
) -> None:
    before = client.emulator.snapshot()
    make_level(client)
    after = client.emulator.snapshot()
    client.emulator.restore(before)
    assert "GameLevel" not in served(client)
    client.emulator.restore(after)
    assert "GameLevel" in served(client)


def test_a_database_file_is_opened_with_its_types(tmp_path: Path) -> None:
    database = tmp_path / "studio.db"
    first = Emulator(schema=recorded(), database=database)
    client = Client(first)
    project = client.project()
    make_level(client)
    client.create("GameLevel", name="one", parent=ref("Project", project))
    known = served_hash(client)
    first.close()
    second = Emulator(schema=recorded(), database=database)
    client = Client(second)
    assert served_hash(client) == known
    assert [row["name"] for row in client.query("select name from GameLevel")] == [
        "one"
    ]
    second.close()


def test_renaming_one_renames_its_type_and_entities(client: Client) -> None:
    project = client.project()
    key = make_level(client)
    client.create("GameLevel", id="l1", name="one", parent=ref("Project", project))
    client.update("ObjectType", key, name="Stage")
    assert "GameLevel" not in served(client)
    [found] = client.query("Stage")
    assert (found["id"], found["__entity_type__"]) == ("l1", "Stage")


def test_one_is_renamed_in_the_request_that_makes_an_entity_of_it(
    client: Client,
) -> None:
    project = client.project()
    key = make_level(client)
    client.call(
        create("GameLevel", id="l1", name="one", parent_id=project),
        update("ObjectType", key, name="Stage"),
    )
    assert [row["id"] for row in client.query("Stage")] == ["l1"]
    with pytest.raises(Refused, match='required attribute "name" on entity Round'):
        client.call(
            create("Stage", id="l2", name="", parent_id=project),
            update("ObjectType", key, name="Round"),
        )


def test_an_unused_one_can_be_deleted_and_a_used_one_not(client: Client) -> None:
    project = client.project()
    key = make_level(client)
    client.create("GameLevel", id="l1", name="one", parent=ref("Project", project))
    with pytest.raises(Refused, match="IntegrityError"):
        client.delete("ObjectType", key)
    client.delete("GameLevel", "l1")
    client.delete("ObjectType", key)
    assert "GameLevel" not in served(client)


@pytest.mark.parametrize("name", ["Shot", "Asset Build", "Status"])
def test_a_name_that_a_type_has_is_refused(client: Client, name: str) -> None:
    with pytest.raises(Refused, match="DuplicateEntryError"):
        client.create("ObjectType", name=name)


@pytest.mark.parametrize("name", ["", "  ", "a-b", "1st"])
def test_a_name_that_makes_no_type_is_refused(client: Client, name: str) -> None:
    with pytest.raises(Refused, match="ValidationError"):
        client.create("ObjectType", name=name)


def test_a_stock_one_is_renamed_like_others(client: Client) -> None:
    project, before = client.project(), served(client)
    client.create("Shot", id="s1", name="010", parent_id=project)
    [shot] = client.query('ObjectType where name is "Shot"')
    client.update("ObjectType", shot["id"], name="Camera Move")
    after = served(client)
    assert after.keys() == before.keys() - {"Shot"} | {"CameraMove"}
    assert {**after["CameraMove"], "id": "Shot"} == before["Shot"]
    [found] = client.query("CameraMove")
    assert (found["id"], found["__entity_type__"]) == ("s1", "CameraMove")
    client.create("CameraMove", name="020", parent_id=project)
    client.update("ObjectType", shot["id"], name="Shot")
    assert served(client) == before
    assert len(client.query("Shot")) == 2


def test_one_that_other_types_refer_to_is_not_renamed(client: Client) -> None:
    [task] = client.query('ObjectType where name is "Task"')
    with pytest.raises(Refused, match=r"UnsupportedError.*renaming"):
        client.update("ObjectType", task["id"], name="Job")


def test_types_of_the_schema_given_are_not_deleted(client: Client) -> None:
    [shot] = client.query('ObjectType where name is "Shot"')
    with pytest.raises(Refused, match=r"UnsupportedError.*deleting"):
        client.delete("ObjectType", shot["id"])
    assert client.update("ObjectType", shot["id"], sort=3)["sort"] == 3
    assert client.update("ObjectType", shot["id"], name="Shot")["name"] == "Shot"


def test_rows_that_name_the_type_follow_its_new_name(client: Client) -> None:
    key, project = make_level(client), client.project()
    one = client.create("GameLevel", name="one", parent_id=project)["id"]
    client.create(
        "Metadata", parent_id=one, parent_type="GameLevel", key="k", value="v"
    )
    client.update("ObjectType", key, name="Stage")
    [row] = client.query("select name, metadata.parent_type from Stage")
    assert row["metadata"][0]["parent_type"] == "Stage"


def test_an_unused_one_goes_with_what_belongs_to_it(client: Client) -> None:
    key = make_level(client)
    text = "6268aef0-381c-11e0-acff-0019bb49847a"
    scope = {"entity_type": "task", "object_type_id": key, "config": "{}"}
    client.create("CustomAttributeConfiguration", key="k", type_id=text, **scope)
    client.create("ProjectSchemaObjectType", object_type_id=key, project_schema_id=VFX)
    client.create("Schema", type_id=key, object_type_id=key, project_schema_id=VFX)
    assert client.delete("ObjectType", key) is True
    assert client.query("CustomAttributeConfiguration where key is k") == []
    assert client.query(f"Schema where type_id is {key}") == []


# -- any studio's schema ---------------------------------------------------------------


@pytest.mark.parametrize("types", [load_served, load_older_form])
def test_the_schema_served_is_the_schema_given(types: Any) -> None:
    given = types()
    emulator = Emulator(schema=parse_schema(given).schema)
    assert served(Client(emulator)) == {each["id"]: each for each in given}
    emulator.close()


def test_an_older_form_gets_types_of_the_older_form() -> None:
    emulator = Emulator(schema=parse_schema(load_older_form()).schema)
    client = Client(emulator)
    key = make_level(client)
    level = served(client)["GameLevel"]
    assert "$mixin" not in level
    assert level["alias_for"]["classifiers"] == {"object_typeid": key}
    emulator.close()


def test_a_smaller_schema_gets_no_types_it_was_not_given() -> None:
    missing = {"Scene", "Image", "Information"}
    given = [each for each in load_served() if each["id"] not in missing]
    emulator = Emulator(schema=parse_schema(given).schema, seed="demo")
    client = Client(emulator)
    assert served(client).keys() == {each["id"] for each in given}
    names = {row["name"] for row in client.query("select name from ObjectType")}
    assert not names & missing
    emulator.close()


def test_object_types_of_a_studio_have_rows_and_attributes() -> None:
    given = load_served()
    [scene] = [each for each in given if each["id"] == "Scene"]
    scene["id"] = "GameLevel"
    scene["alias_for"]["classifiers"]["object_typeid"] = "level"
    scene["properties"]["object_type_id"]["default"] = "level"
    scene["properties"]["depth"] = {"type": "integer"}
    emulator = Emulator(schema=parse_schema(given).schema)
    client = Client(emulator)
    project = client.project()
    made = client.create(
        "GameLevel", name="one", depth=3, parent=ref("Project", project)
    )
    assert (made["depth"], made["object_type_id"]) == (3, "level")
    [row] = client.query(
        "select name, is_statusable, is_prioritizable from ObjectType where id is level"
    )
    assert (row["name"], row["is_statusable"]) == ("GameLevel", True)
    assert row["is_prioritizable"] is False
    emulator.close()


def test_a_database_file_grows_with_the_schema(tmp_path: Path) -> None:
    file, larger = tmp_path / "studio.db", load_served()
    smaller = [each for each in load_served() if each["id"] != "Scene"]
    for each in larger:
        if "context_type" in each["properties"]:
            each["properties"]["shelf"] = {"type": "string"}
    first = Emulator(schema=parse_schema(smaller).schema, database=file)
    project = Client(first).project()
    first.close()
    second = Emulator(schema=parse_schema(larger).schema, database=file)
    client = Client(second)
    client.update("Project", project, shelf="low")
    client.create("Scene", name="scene", parent_id=project)
    [found] = client.query('select shelf from Project where shelf is "low"')
    assert found["shelf"] == "low"
    second.close()
