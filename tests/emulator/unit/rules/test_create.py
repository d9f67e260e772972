"""What a create fills in and answers: protocol 2.3, 6.1, 6.2 and 6.5."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.emulator_client import (
    ADMIN,
    CONCEPT_ART,
    IN_PROGRESS,
    NO_PRIORITY,
    NOT_STARTED,
    NOW,
    SHOT,
    TASK,
    VFX,
    Client,
    Refused,
    create,
    date,
    ref,
)

SERVER = "3a372bde-05bc-11e4-8908-20c9d081909b"


def test_a_key_is_made_when_none_is_sent(client: Client) -> None:
    made = client.create("AssetType", name="Lens", short="lens")
    assert made["id"].startswith("made-")
    assert made == {
        "__entity_type__": "AssetType",
        "id": made["id"],
        "name": "Lens",
        "short": "lens",
        "component": "main",
    }


def test_a_key_sent_is_kept(client: Client) -> None:
    [result] = client.call(
        {
            "action": "create",
            "entity_type": "AssetType",
            "entity_key": ["mine"],
            "entity_data": {"name": "Lens", "short": "lens"},
        }
    )
    assert result["data"]["id"] == "mine"


def test_a_project_is_its_own_project(client: Client) -> None:
    made = client.create(
        "Project",
        id="p1",
        name="a",
        full_name="A",
        project_schema=ref("ProjectSchema", VFX),
    )
    assert made == {
        "__entity_type__": "Project",
        "id": "p1",
        "context_type": "show",
        "name": "a",
        "full_name": "A",
        "project_schema": ref("ProjectSchema", VFX),
        "project_schema_id": VFX,
        "project_id": "p1",
        "status": "active",
        "is_global": False,
        "is_private": False,
        "created_at": date(NOW),
        "created_by_id": ADMIN,
    }


def test_a_task_gets_all_the_server_fills(client: Client) -> None:
    project_id = client.project()
    shot = client.create("Shot", name="010", parent=ref("Project", project_id))
    made = client.create("Task", id="t1", name="anim", parent_id=shot["id"])
    assert made == {
        "__entity_type__": "Task",
        "id": "t1",
        "context_type": "task",
        "object_type_id": TASK,
        "project_id": project_id,
        "parent_id": shot["id"],
        "name": "anim",
        "status_id": NOT_STARTED,
        "type_id": CONCEPT_ART,
        "priority_id": NO_PRIORITY,
        "bid": 0,
        "description": "",
        "sort": 0,
        "created_at": date(NOW),
        "created_by_id": ADMIN,
    }


def test_a_shot_is_of_its_object_type_and_allowed_status(client: Client) -> None:
    project_id = client.project()
    made = client.create("Shot", name="010", parent_id=project_id)
    assert made["object_type_id"] == SHOT
    assert made["status_id"] == NOT_STARTED
    assert made["context_type"] == "task"


def test_a_folder_has_no_status_as_its_object_type_has_none(client: Client) -> None:
    made = client.create("Folder", name="assets", parent_id=client.project())
    assert "status_id" not in made


def test_a_task_type_may_override_the_workflow(client: Client) -> None:
    animation = "44dc3636-4164-11df-9218-0019bb4983d8"
    client.create("WorkflowSchema", id="w1", name="short")
    client.create(
        "WorkflowSchemaStatus", workflow_schema_id="w1", status_id=IN_PROGRESS
    )
    client.create(
        "ProjectSchemaOverride",
        project_schema_id=VFX,
        workflow_schema_id="w1",
        type_id=animation,
    )
    project_id = client.project()
    overridden = client.create(
        "Task", name="a", parent_id=project_id, type_id=animation
    )
    plain = client.create("Task", name="b", parent_id=project_id)
    assert overridden["status_id"] == IN_PROGRESS
    assert plain["status_id"] == NOT_STARTED


def test_a_relation_wins_over_its_id(client: Client) -> None:
    project_id = client.project()
    made = client.create(
        "Task",
        name="a",
        parent_id=project_id,
        status=ref("Status", IN_PROGRESS),
        status_id=NOT_STARTED,
    )
    assert made["status_id"] == IN_PROGRESS


def test_versions_count_up_within_their_asset(client: Client) -> None:
    project_id = client.project()
    asset = client.create("Asset", name="hero", parent=ref("Project", project_id))
    assert asset["project_id"] == project_id
    assert asset["context_id"] == project_id
    first = client.create("AssetVersion", asset=ref("Asset", asset["id"]))
    client.create("AssetVersion", asset_id=asset["id"], version=7)
    third = client.create("AssetVersion", asset_id=asset["id"])
    assert first == {
        "__entity_type__": "AssetVersion",
        "id": first["id"],
        "asset": ref("Asset", asset["id"]) | {"context_id": project_id},
        "asset_id": asset["id"],
        "project_id": project_id,
        "version": 1,
        "user_id": ADMIN,
        "date": date(NOW),
        "comment": "",
        "is_published": True,
        "status_id": NOT_STARTED,
    }
    assert third["version"] == 8


def test_a_user_needs_nothing_but_an_id(client: Client) -> None:
    made = client.create("User", id="u1")
    assert made.pop("username")
    assert made == {
        "__entity_type__": "User",
        "id": "u1",
        "resource_type": "user",
        "is_active": False,
        "user_type_id": "ac9fa5aa-4361-11e0-b7cc-0019bb4983d8",
    }


def test_a_job_is_queued_and_knows_when(client: Client) -> None:
    made = client.create("Job", data="{}")
    assert made["status"] == "queued"
    assert made["type"] == "api_job"
    assert made["created_at"] == date(NOW)
    assert "finished_at" not in made


def test_a_job_ends_when_it_is_done(client: Client) -> None:
    job = client.create("Job", data="{}", status="running")
    assert client.update("Job", job["id"], status="done")["finished_at"] == date(NOW)


def test_jobs_of_other_types_are_the_servers(client: Client) -> None:
    with pytest.raises(Refused) as refused:
        client.create("Job", type="encode")
    assert refused.value.exception == "ValidationError"


def test_a_component_location_is_identified_by_its_component(client: Client) -> None:
    component = client.create("FileComponent", name="main", file_type=".mov")
    assert component["system_type"] == "file"
    assert component["size"] == 0
    made = client.create(
        "ComponentLocation", component_id=component["id"], location_id=SERVER
    )
    assert made["resource_identifier"] == component["id"]


def test_a_sequence_component_is_of_its_system_type(client: Client) -> None:
    assert client.create("SequenceComponent", size=3)["system_type"] == "sequence"


@pytest.mark.parametrize("entity_type", ["Timer", "Timelog"])
def test_time_is_logged_by_the_caller_from_now(
    client: Client, entity_type: str
) -> None:
    data = {"duration": 60} if entity_type == "Timelog" else {}
    made = client.create(entity_type, context_id=client.project(), **data)
    assert made["start"] == date(NOW)
    assert made["user_id"] == ADMIN
    assert made["comment"] == ""


def test_a_note_has_date_and_author_and_its_caller_as_recipient(
    client: Client,
) -> None:
    project_id = client.project()
    client.create("User", id="u1", username="jane")
    client.call(
        create(
            "Note", id="n1", content="hi", parent_id=project_id, parent_type="Project"
        ),
        create("Recipient", note_id="n1", resource_id="u1"),
    )
    [note] = client.query(
        "select date, user_id, parent_type, project_id, recipients from Note"
    )
    assert note["date"] == date(NOW)
    assert note["user_id"] == ADMIN
    assert note["parent_type"] == "Project"
    assert note["project_id"] == project_id
    # One recipient given, two stored (protocol 6.1).
    assert {row["resource_id"] for row in note["recipients"]} == {"u1", ADMIN}


def test_a_review_session_has_dates(client: Client) -> None:
    made = client.create("ReviewSession", project_id=client.project())
    assert made["name"] == "New review session"
    assert made["created_at"] == made["start_date"] == made["end_date"] == date(NOW)
    assert made["created_by_id"] == ADMIN


def test_lists_are_of_their_kind(client: Client) -> None:
    category = "a063986c-916b-47a9-a74c-3d4af59f274b"
    made = client.create(
        "AssetVersionList", name="d", category_id=category, project_id=client.project()
    )
    assert made["system_type"] == "assetversion"
    assert made["is_open"] is True


def test_an_answer_holds_nulls_that_were_sent_and_no_others(client: Client) -> None:
    made = client.create("AssetType", name="Lens", short="lens", component=None)
    assert made["component"] is None
    project_id = client.project()
    task = client.create("Task", name="a", parent_id=project_id, end_date=None)
    assert task["end_date"] is None
    assert "start_date" not in task
    assert "link" not in task
    assert "thumbnail_url" not in task


@pytest.mark.parametrize(
    ("entity_type", "name", "wrong", "right"),
    [
        ("Shot", "object_type_id", TASK, SHOT),
        ("Shot", "context_type", "show", "task"),
        ("User", "resource_type", "group", "user"),
        ("Collaborator", "resource_type", "group", "user"),
        ("Group", "resource_type", "user", "group"),
        ("FileComponent", "system_type", "sequence", "file"),
        ("ContainerComponent", "system_type", "file", "container"),
        ("TypedContextList", "system_type", "assetversion", "task"),
        ("AssetVersionList", "system_type", "task", "assetversion"),
    ],
)
def test_what_tells_types_apart_follows_from_the_type(
    client: Client, entity_type: str, name: str, wrong: str, right: str
) -> None:
    """The discriminators of protocol 4.4, whatever a client sends."""
    project_id = client.project()
    more: dict[str, Any] = {}
    if entity_type == "Shot":
        more = {"name": "010", "parent_id": project_id}
    if entity_type.endswith("List"):
        category = "a063986c-916b-47a9-a74c-3d4af59f274b"
        more = {"project_id": project_id, "category_id": category}
    if entity_type == "Group":
        more = {"name": "crew"}
    assert client.create(entity_type, **more, **{name: wrong})[name] == right


def test_a_link_of_a_custom_attribute_names_the_types_it_links(client: Client) -> None:
    """Clients send configuration and ids (protocol 6.7)."""
    project = client.project()
    shot = client.create("Shot", name="010", parent=ref("Project", project))["id"]
    configuration = client.create(
        "CustomAttributeLinkConfiguration",
        key="supervisor",
        label="Supervisor",
        config="{}",
        entity_type="task",
        object_type_id=SHOT,
        entity_type_to="user",
    )["id"]
    made = client.create(
        "UserCustomAttributeLink",
        configuration_id=configuration,
        from_id=shot,
        to_id=ADMIN,
    )
    assert (made["from_entity_type"], made["to_entity_type"]) == ("Shot", "User")


def test_a_plain_component_is_created_renamed_and_deleted(client: Client) -> None:
    """The newest tests of the official Python client create one (protocol D)."""
    client.create("Component", id="c1", name="main")
    client.update("Component", "c1", name="other")
    [row] = client.query("select name, size from Component where id is c1")
    assert (row["__entity_type__"], row["name"], row["size"]) == (
        "Component",
        "other",
        0,
    )
    client.delete("Component", "c1")
    assert client.query("Component where id is c1") == []


@pytest.mark.parametrize(
    ("sent", "echoed"),
    [
        (date("2024-01-02T03:04:05.678901"), "2024-01-02T03:04:05.678901"),
        (date("2024-01-02T03:04:05.5+01:00"), "2024-01-02T02:04:05.500000"),
        ("2024-01-02 03:04:05.000001Z", "2024-01-02T03:04:05.000001"),
        (date("2024-01-02T03:04:05"), "2024-01-02T03:04:05"),
        (date("2024-01-02T03:04:05.000000"), "2024-01-02T03:04:05"),
        ("2024-01-02", "2024-01-02T00:00:00"),
    ],
)
def test_results_of_writes_repeat_microseconds_and_queries_have_seconds(
    client: Client, sent: Any, echoed: str
) -> None:
    created = client.create("Timelog", id="t1", duration=1, start=sent)
    updated = client.update("Timelog", "t1", start=sent)
    [row] = client.query("select start from Timelog where id is t1")

    assert created["start"] == updated["start"] == date(echoed)
    assert row["start"] == date(echoed[:19])
