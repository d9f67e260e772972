"""Updates: protocol 2.4, 6.3, 6.5."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.emulator_client import (
    ADMIN,
    IN_PROGRESS,
    NOT_STARTED,
    NOW,
    TASK,
    Client,
    Refused,
    date,
    ref,
)


@pytest.fixture
def task(client: Client) -> str:
    """A task "anim" below a shot "010" of a project "p1"."""
    client.project(id="p1")
    client.create("Shot", id="s1", name="010", parent_id="p1")
    client.create("Task", id="t1", name="anim", parent_id="s1")
    return "t1"


def test_the_answer_holds_what_changed_and_system_projections(
    client: Client, task: str
) -> None:
    # System projections of a task as in protocol 3.7.
    assert client.update("Task", task, name="light") == {
        "__entity_type__": "Task",
        "id": task,
        "context_type": "task",
        "object_type_id": TASK,
        "project_id": "p1",
        "name": "light",
    }


def test_a_user_update_answers_as_recorded(client: Client) -> None:
    # Recorded: the changed attribute, id and the system projection (protocol 2.4).
    assert client.update("User", ADMIN, first_name="Eve") == {
        "__entity_type__": "User",
        "id": ADMIN,
        "resource_type": "user",
        "first_name": "Eve",
    }


def test_a_link_may_be_set_by_reference(client: Client, task: str) -> None:
    changed = client.update("Task", task, status=ref("Status", IN_PROGRESS))
    assert changed["status_id"] == IN_PROGRESS
    [row] = client.query("select status.name from Task")
    assert row["status"]["name"] == "In progress"


def test_a_link_is_cleared_by_null(client: Client, task: str) -> None:
    client.update("Task", task, type_id="44dc3636-4164-11df-9218-0019bb4983d8")
    assert client.update("Task", task, type=None)["type_id"] is None


@pytest.mark.parametrize("entity_type", ["TypedContext", "Context"])
def test_a_base_type_means_the_entity_with_the_key(
    client: Client, task: str, entity_type: str
) -> None:
    changed = client.update(entity_type, task, name="light")
    assert changed["__entity_type__"] == "Task"
    assert [row["name"] for row in client.query("select name from Task")] == ["light"]


def test_a_key_may_be_a_bare_string(client: Client, task: str) -> None:
    [result] = client.call(
        {
            "action": "update",
            "entity_type": "Task",
            "entity_key": task,
            "entity_data": {"name": "light"},
        }
    )
    assert result["data"]["name"] == "light"


@pytest.mark.parametrize("entity_type", ["Task", "Shot"])
def test_an_unknown_key_is_told_in_the_servers_words(
    client: Client, task: str, entity_type: str
) -> None:
    # A task is not found as a shot either.
    key = "nope" if entity_type == "Task" else task
    with pytest.raises(Refused) as refused:
        client.update(entity_type, key, name="x")
    assert refused.value.answer == {
        "exception": "ValueError",
        "content": f"Could not find entity {entity_type} with entity_key [u'{key}'].",
        "error_code": None,
    }
    assert refused.value.status == 404


@pytest.mark.parametrize(
    ("entity_type", "key", "data"),
    [
        ("Task", "t1", {"id": "t2"}),
        ("Task", "t1", {"created_at": "2020-01-01"}),
        ("Task", "t1", {"created_by": None}),
        ("Task", "t1", {"time_logged": 3}),
        ("Task", "t1", {"link": []}),
        ("Task", "t1", {"object_type_id": "x"}),
        ("Task", "t1", {"nonsense": 1}),
        ("Shot", "s1", {"bid": 3}),
        ("Shot", "s1", {"start_date": "2020-01-01"}),
        ("Task", "t1", {"name": ""}),
        ("Task", "t1", {"parent": None}),
        ("Shot", "s1", {"parent_id": "s1"}),
        ("Shot", "s1", {"parent_id": "t1"}),
    ],
)
def test_what_cannot_be_changed_is_invalid(
    client: Client, task: str, entity_type: str, key: str, data: dict[str, Any]
) -> None:
    with pytest.raises(Refused) as refused:
        client.update(entity_type, key, **data)
    assert refused.value.exception == "ValidationError"


def test_a_name_of_a_sibling_is_a_duplicate(client: Client, task: str) -> None:
    client.create("Task", id="t2", name="light", parent_id="s1")
    with pytest.raises(Refused) as refused:
        client.update("Task", "t2", name="anim")
    assert refused.value.exception == "DuplicateEntryError"


def test_each_status_change_is_remembered(client: Client, task: str) -> None:
    client.update("Task", task, status_id=IN_PROGRESS)
    client.update("Task", task, status_id=IN_PROGRESS)
    client.update("Task", task, name="light")
    [row] = client.query(
        "select status_changes.from_status_id, status_changes.status_id, "
        "status_changes.user_id, status_changes.date, status_changes.parent_id "
        "from Task where id is t1"
    )
    [change] = row["status_changes"]
    assert change.pop("id")
    assert change == {
        "__entity_type__": "TypedContextStatusChange",
        "parent_id": task,
        "from_status_id": NOT_STARTED,
        "status_id": IN_PROGRESS,
        "user_id": ADMIN,
        "date": date(NOW),
    }


def test_a_version_remembers_its_status_too(client: Client) -> None:
    project_id = client.project()
    asset = client.create("Asset", name="a", context_id=project_id)
    version = client.create("AssetVersion", asset_id=asset["id"])
    client.update("AssetVersion", version["id"], status_id=IN_PROGRESS)
    [change] = client.query("select parent_id, status_id from AssetVersionStatusChange")
    assert change["parent_id"] == version["id"]


def test_a_move_takes_everything_below_to_the_new_project(
    client: Client, task: str
) -> None:
    client.project("other", id="p2")
    client.create("Asset", id="a1", name="a", context_id=task)
    client.create("AssetVersion", id="v1", asset_id="a1")
    moved = client.update("Shot", "s1", parent=ref("Project", "p2"))
    assert moved["project_id"] == "p2"
    for entity_type in ("Shot", "Task", "Asset", "AssetVersion"):
        [row] = client.query(f"select id, project_id from {entity_type}")  # noqa: S608 - no SQL
        assert row["project_id"] == "p2", entity_type


def test_values_are_stored_in_canonical_form(client: Client, task: str) -> None:
    client.update(
        "Task",
        task,
        start_date={"__type__": "datetime", "value": "2022-10-10T12:12:09.5+02:00"},
    )
    [row] = client.query("select start_date from Task")
    assert row["start_date"] == date("2022-10-10T10:12:09")


def test_a_project_schema_can_be_set_by_link(client: Client) -> None:
    project_id = client.project()
    animation = "9c77018e-6af0-11eb-b045-169be7b6c453"
    changed = client.update(
        "Project", project_id, project_schema=ref("ProjectSchema", animation)
    )
    assert changed["project_schema_id"] == animation


# -- what follows from the type and the tree ---------------------------------


@pytest.mark.parametrize(
    ("entity_type", "key", "data"),
    [
        ("Task", "t1", {"context_type": "show"}),
        ("Task", "t1", {"project_id": "p2"}),
        ("Task", "t1", {"project": ref("Project", "p2")}),
        ("Task", "t1", {"project_id": None}),
        ("Project", "p1", {"project_id": "p2"}),
        ("Asset", "a1", {"project_id": "p2"}),
        ("AssetVersion", "v1", {"project_id": "p2"}),
        ("User", ADMIN, {"resource_type": "group"}),
        ("FileComponent", "f1", {"system_type": "sequence"}),
        ("TypedContextList", "l1", {"system_type": "assetversion"}),
    ],
)
def test_type_and_project_follow_and_are_not_set(
    client: Client, task: str, entity_type: str, key: str, data: dict[str, Any]
) -> None:
    client.project("other", id="p2")
    category = "a063986c-916b-47a9-a74c-3d4af59f274b"
    client.create("Asset", id="a1", name="a", context_id=task)
    client.create("AssetVersion", id="v1", asset_id="a1")
    client.create("FileComponent", id="f1")
    client.create("TypedContextList", id="l1", project_id="p1", category_id=category)
    with pytest.raises(Refused) as refused:
        client.update(entity_type, key, **data)
    assert refused.value.exception == "ValidationError"
    same = {"project_id": "p1"} if "project_id" in data else {}
    client.update(entity_type, key, **same)


def test_a_move_may_name_the_project_it_leads_to(client: Client, task: str) -> None:
    client.project("other", id="p2")
    moved = client.update("Shot", "s1", parent_id="p2", project_id="p2")
    assert moved["project_id"] == "p2"


def test_a_version_is_of_the_project_of_its_asset(client: Client, task: str) -> None:
    client.project("other", id="p2")
    client.create("Asset", id="a1", name="a", context_id=task)
    client.create("Asset", id="a2", name="a", context_id="p2")
    client.create("AssetVersion", id="v1", asset_id="a1")
    client.create("Note", id="n1", content="x", parent_id="v1")
    assert client.update("AssetVersion", "v1", asset_id="a2")["project_id"] == "p2"
    [note] = client.query("select project_id from Note")
    assert note["project_id"] == "p2"


@pytest.mark.parametrize(
    ("entity_type", "name"),
    [
        ("Group", "parent_id"),
        ("Note", "in_reply_to_id"),
        ("ContainerComponent", "container_id"),
    ],
)
def test_nothing_is_put_below_itself(
    client: Client, entity_type: str, name: str
) -> None:
    data = {"content": "x"} if entity_type == "Note" else {"name": "x"}
    client.create(entity_type, id="top", **data)
    client.create(entity_type, id="middle", **data, **{name: "top"})
    client.create(entity_type, id="low", **data, **{name: "middle"})
    for above in ("top", "low"):
        with pytest.raises(Refused, match="below itself") as refused:
            client.update(entity_type, "top", **{name: above})
        assert refused.value.exception == "ValidationError"
    client.update(entity_type, "low", **{name: "top"})
