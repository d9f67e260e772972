"""The seed against recorded responses of a real server and protocol 9."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from ftrack_orm import UnsupportedError
from ftrack_orm.emulator import Emulator
from ftrack_orm.emulator.demo import build_demo
from ftrack_orm.emulator.seeds import SIZES, plant, read_seed
from ftrack_orm.emulator.storage.storage import Storage
from tests.support.recorded_responses import read
from tests.support.schemas import recorded


@cache
def standard() -> Storage:
    storage = Storage(recorded())
    plant(storage, "standard")
    return storage


def rows(entity_type: str, storage: Storage | None = None) -> list[dict[str, Any]]:
    storage = storage or standard()
    with storage.transaction() as connection:
        return storage.find_where(connection, entity_type)


def scalars(row: dict[str, Any], like: dict[str, Any]) -> dict[str, Any]:
    """Return those values of `row` that `like` tells too, links and lists left out."""
    return {name: row[name] for name in plain(like)}


def plain(row: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value
        for name, value in row.items()
        if name != "__entity_type__" and not isinstance(value, dict | list)
    }


@pytest.mark.parametrize(
    ("entity_type", "name"),
    [
        ("Status", "query_statuses.json"),
        ("Type", "query_types.json"),
        ("Priority", "query_priorities.json"),
        ("ObjectType", "query_object_types.json"),
        ("ProjectSchema", "query_project_schema.json"),
    ],
)
def test_rows_are_those_of_the_recorded_server(entity_type: str, name: str) -> None:
    found = {row["id"]: row for row in rows(entity_type)}
    for wanted in read(name):
        row = found.pop(wanted["id"])
        assert scalars(row, wanted) == plain(wanted)
    assert found == {}


def test_statuses_have_the_recorded_states() -> None:
    found = {row["id"]: row["state_id"] for row in rows("Status")}
    wanted = {row["id"]: row["state"]["id"] for row in read("query_statuses.json")}
    assert found == wanted


def test_project_schemas_link_what_the_recorded_ones_link() -> None:
    found = {row["id"]: row for row in rows("ProjectSchema")}
    for wanted in read("query_project_schema.json"):
        row = found[wanted["id"]]
        assert row["task_type_schema_id"] == wanted["task_type_schema"]["id"]
        assert row["task_workflow_schema_id"] == wanted["task_workflow_schema"]["id"]
        assert (
            row["asset_version_workflow_schema_id"]
            == wanted["asset_version_workflow_schema"]["id"]
        )
        kinds = {
            link["object_type_id"]
            for link in rows("ProjectSchemaObjectType")
            if link["project_schema_id"] == wanted["id"]
        }
        assert kinds == {kind["id"] for kind in wanted["object_types"]}


def test_task_type_schemas_have_the_recorded_types() -> None:
    stock = {row["task_type_schema"]["id"] for row in read("query_project_schema.json")}
    wanted = {
        (schema["id"], row["id"])
        for row in read("query_types.json")
        for schema in row["task_type_schemas"]
        if schema["id"] in stock
    }
    found = {
        (row["task_type_schema_id"], row["type_id"])
        for row in rows("TaskTypeSchemaType")
    }
    assert found == wanted


def test_schemas_allow_the_recorded_statuses_and_types_in_order() -> None:
    found = {row["id"]: row for row in rows("Schema")}
    statuses, types = rows("SchemaStatus"), rows("SchemaType")
    recorded_schemas = read("query_schema.json")
    assert set(found) == {row["id"] for row in recorded_schemas}
    for wanted in recorded_schemas:
        schema_id = wanted["id"]
        assert scalars(found[schema_id], wanted) == plain(wanted)
        own = [row for row in statuses if row["schema_id"] == schema_id]
        own.sort(key=lambda row: int(row["sort"]))
        assert [row["status_id"] for row in own] == [
            row["status_id"] for row in wanted["statuses"]
        ]
        kinds = [row for row in types if row["schema_id"] == schema_id]
        kinds.sort(key=lambda row: int(row["sort"]))
        assert [row["type_id"] for row in kinds] == [
            row["type_id"] for row in wanted["types"]
        ]


def test_custom_attributes_are_the_recorded_stock_ones() -> None:
    # Protocol 9.8 lists the stock ones; the rest of the recording is a site's own.
    stock = {"fstart", "fend", "handles", "fps", "duration"}
    wanted = {
        row["id"]: row
        for row in read("query_custom_attribute_configurations.json")
        if row["key"] in stock
    }
    found = {row["id"]: row for row in rows("CustomAttributeConfiguration")}
    assert set(found) == set(wanted)
    for key, row in found.items():
        like = wanted[key]
        assert row["key"] == like["key"]
        assert row["label"] == like["label"]
        assert row["entity_type"] == like["entity_type"]
        assert row["type_id"] == like["type"]["id"]
        assert row["object_type_id"] == (like["object_type"] or {"id": None})["id"]
        assert json.loads(row["default"]) == like["default"]
        assert bool(row["is_hierarchical"]) == like["is_hierarchical"]


def test_states_are_those_that_the_page_infers() -> None:
    assert {row["short"]: (row["name"], row["id"]) for row in rows("State")} == {
        "NOT_STARTED": ("Not Started", "cea0ba04-acb5-11e1-8668-f23c91df1211"),
        "IN_PROGRESS": ("In Progress", "cea0efc4-acb5-11e1-8668-f23c91df1211"),
        "DONE": ("Done", "cea116d4-acb5-11e1-8668-f23c91df1211"),
        "BLOCKED": ("Blocked", "5709c04e-2f4b-11e2-b663-0019bb4983d8"),
    }


def test_custom_attribute_types_are_the_eight_of_the_page() -> None:
    assert {row["name"]: row["id"] for row in rows("CustomAttributeType")} == {
        "text": "6268aef0-381c-11e0-acff-0019bb49847a",
        "number": "92009b00-381c-11e0-acff-0019bb49847a",
        "date": "79968e9e-381c-11e0-acff-0019bb49847a",
        "boolean": "ad1034d8-15e2-11e1-b21a-0019bb4983d8",
        "enumerator": "6ff9c812-ead3-11e2-846c-f23c91dfaa16",
        "dynamic enumerator": "882e4aee-fae6-11e3-b623-20c9d0831e59",
        "expression": "d2e6a530-357f-11e2-bd73-0019bb4985b8",
        "url": "ec616dcd-56e2-4147-99f8-7e4a4f040cf9",
    }


def test_the_default_user_type_is_there_and_one_for_collaborators() -> None:
    ids = [row["id"] for row in rows("UserType")]
    assert ids[0] == "ac9fa5aa-4361-11e0-b7cc-0019bb4983d8"
    assert len(ids) == 2


def test_what_clients_find_by_name_is_there() -> None:
    """Protocol 9.9 and appendix C 12, without ids recorded anywhere."""
    assert {"Upload", "Geometry"} <= {row["name"] for row in rows("AssetType")}
    assert {"upload", "geo"} <= {row["short"] for row in rows("AssetType")}
    roles = {row["name"] for row in rows("SecurityRole")}
    assert {"Administrator", "Project Manager", "User", "API"} <= roles
    for kind in ("NoteLabel", "ListCategory", "ManagerType"):
        assert rows(kind)
    [setting] = rows("Setting")
    assert (setting["name"], setting["group"]) == ("storage_scenario", "STORAGE")


def test_well_known_locations_are_there() -> None:
    assert {row["name"]: row["id"] for row in rows("Location")} == {
        "ftrack.origin": "ce9b348f-8809-11e3-821c-20c9d081909b",
        "ftrack.unmanaged": "cb268ecc-8809-11e3-a7e2-20c9d081909b",
        "ftrack.review": "cd41be70-8809-11e3-b98a-20c9d081909b",
        "ftrack.server": "3a372bde-05bc-11e4-8908-20c9d081909b",
        "ftrack.connect": "07b82a97-8cf9-11e3-9383-20c9d081909b",
    }


def test_task_workflows_begin_with_not_started() -> None:
    for schema in rows("ProjectSchema"):
        first = next(
            row["status_id"]
            for row in rows("WorkflowSchemaStatus")
            if row["workflow_schema_id"] == schema["task_workflow_schema_id"]
        )
        assert first == "44dd9fb2-4164-11df-9218-0019bb4983d8"


def test_the_empty_seed_holds_a_user_to_call_as_and_no_statuses() -> None:
    storage = Storage(recorded())
    plant(storage, "empty")
    assert [row["username"] for row in rows("User", storage)] == ["admin"]
    assert rows("Status", storage) == []


def test_an_unknown_seed_is_refused_by_name() -> None:
    with pytest.raises(UnsupportedError, match="the seed 'lavish'"):
        plant(Storage(recorded()), "lavish")


@pytest.mark.parametrize("text", ["demo:", "demo:7"])
def test_a_demo_may_have_a_number(text: str) -> None:
    assert read_seed(text).name == "demo"
    assert read_seed(text).number == int(text.partition(":")[2] or 1)


@pytest.mark.parametrize(
    ("text", "size"),
    [("demo:x", "small"), ("demo:-1", "small"), ("empty:2", "small"), ("demo", "huge")],
)
def test_what_is_no_seed_or_size_is_refused(text: str, size: str) -> None:
    with pytest.raises(UnsupportedError, match="there are"):
        read_seed(text, size)


def test_the_same_number_gives_the_same_bytes_in_another_process() -> None:
    code = (
        "import hashlib; from ftrack_orm.emulator import Emulator; "
        "print(hashlib.sha256(Emulator(seed='demo:7').snapshot()).hexdigest())"
    )
    told = [
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        ).stdout
        for _ in range(2)
    ]
    assert told[0] == told[1]
    emulator = Emulator(seed="demo:7")
    assert hashlib.sha256(emulator.snapshot()).hexdigest() == told[0].strip()
    other = Emulator(seed="demo:8")
    assert other.snapshot() != emulator.snapshot()
    emulator.close()
    other.close()


def test_the_medium_demo_has_what_it_says() -> None:
    storage = Storage(recorded())
    plant(storage, "demo", "medium")
    [bunny] = [row["id"] for row in rows("Project", storage) if row["name"] == "bunny"]

    def of_bunny(entity_type: str) -> list[dict[str, Any]]:
        found = rows(entity_type, storage)
        return [row for row in found if row["project_id"] == bunny]

    shots = {row["id"] for row in of_bunny("Shot")}
    assert len(shots) == 100
    assert sum(row["parent_id"] in shots for row in of_bunny("Task")) == 2_000
    assert len(of_bunny("AssetVersion")) == 10_000


def test_the_large_demo_is_ten_times_the_medium_one() -> None:
    large, medium = SIZES["large"], SIZES["medium"]
    assert replace(medium, shots=10 * medium.shots) == large
    assert large.shots == 1_000
    assert large.shots * large.tasks_per_shot == 20_000
    assert large.shots * large.versions_per_shot == 100_000


def test_a_second_storage_gets_the_same_rows() -> None:
    first, second = Storage(recorded()), Storage(recorded())
    plant(first, "demo")
    plant(second, "demo")
    assert rows("Task", first) == rows("Task", second)


# -- demo --------------------------------------------------------------------


def demo(number: int, **sizes: int) -> Storage:
    storage = Storage(recorded())
    plant(storage, "standard")
    build_demo(storage, number, **sizes)
    return storage


def test_the_same_number_makes_the_same_production() -> None:
    one, same, other = demo(3), demo(3), demo(4)
    for entity_type in ("Task", "AssetVersion", "Note", "Timelog", "Appointment"):
        assert rows(entity_type, one) == rows(entity_type, same)
    assert rows("Task", one) != rows("Task", other)


def test_sizes_decide_how_much_there_is() -> None:
    storage = demo(1, shots=30, tasks_per_shot=10, versions_per_shot=2)
    shots = {row["id"] for row in rows("Shot", storage)}
    assert len(shots) == 30
    tasks = [row for row in rows("Task", storage) if row["parent_id"] in shots]
    assert len(tasks) == 300
    assert len(rows("AssetVersion", storage)) == 60
    assert len(rows("Sequence", storage)) == 3


def test_tasks_of_one_parent_have_different_names() -> None:
    storage = demo(1, shots=2, tasks_per_shot=30)
    named = [(row["parent_id"], row["name"]) for row in rows("Task", storage)]
    assert len(set(named)) == len(named)


def test_every_reference_of_the_demo_points_at_a_row() -> None:
    storage = demo(1)
    with storage.transaction() as connection:
        for name, target in (
            ("parent_id", "Context"),
            ("project_id", "Project"),
            ("type_id", "Type"),
            ("status_id", "Status"),
            ("priority_id", "Priority"),
            ("created_by_id", "User"),
        ):
            for row in storage.find_where(connection, "Task"):
                assert storage.find(connection, target, (row[name],)), (name, row)
        for row in storage.find_where(connection, "Appointment"):
            assert storage.find(connection, "Resource", (row["resource_id"],))


def test_anna_has_unfinished_tasks_in_bunny() -> None:
    storage = Storage(recorded())
    plant(storage, "demo")
    anna = next(row for row in rows("User", storage) if row["username"] == "anna")
    done = {
        row["id"]
        for row in rows("Status", storage)
        if row["state_id"] == "cea116d4-acb5-11e1-8668-f23c91df1211"
    }
    tasks = {row["id"]: row for row in rows("Task", storage)}
    mine = [
        tasks[row["context_id"]]
        for row in rows("Appointment", storage)
        if row["resource_id"] == anna["id"]
    ]
    assert [task for task in mine if task["status_id"] not in done]
    assert 60 <= len(tasks) <= 150
