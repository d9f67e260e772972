"""Project schemas made through the API, and projects of them: protocol 6.6."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.emulator_client import (
    IN_PROGRESS,
    NOT_STARTED,
    SHOT,
    TASK,
    Client,
    Refused,
    create,
    ref,
)

ANIMATION = "44dc3636-4164-11df-9218-0019bb4983d8"
MODELING = "44dc53c8-4164-11df-9218-0019bb4983d8"


@pytest.fixture
def studio(client: Client) -> Client:
    """A project "p1" of a project schema "ps" made by its links and lists."""
    client.call(
        create(
            "WorkflowSchema",
            id="w1",
            name="tasks",
            statuses=[ref("Status", IN_PROGRESS), ref("Status", NOT_STARTED)],
        ),
        create("WorkflowSchema", id="w2", statuses=[ref("Status", NOT_STARTED)]),
        create(
            "TaskTypeSchema",
            id="tt",
            types=[ref("Type", ANIMATION), ref("Type", MODELING)],
        ),
        create(
            "ProjectSchema",
            id="ps",
            name="mine",
            task_workflow_schema=ref("WorkflowSchema", "w1"),
            _version_workflow=ref("WorkflowSchema", "w2"),
            task_type_schema_id="tt",
            object_types=[ref("ObjectType", SHOT), ref("ObjectType", TASK)],
        ),
        create("Schema", id="sc", project_schema_id="ps", object_type_id=SHOT),
        create("SchemaStatus", schema_id="sc", status_id=IN_PROGRESS),
        create("SchemaType", schema_id="sc", type_id=MODELING),
        create(
            "ProjectSchemaOverride",
            id="ov",
            project_schema_id="ps",
            workflow_schema=ref("WorkflowSchema", "w2"),
            type_id=ANIMATION,
        ),
        create("TaskTemplate", id="tm", name="usual", project_schema_id="ps"),
        create("TaskTemplateItem", template_id="tm", task_type_id=ANIMATION),
        create("Project", id="p1", name="one", full_name="One", project_schema_id="ps"),
    )
    return client


def found(value: Any, *names: str) -> list[Any]:
    """Return what stands at the end of a path, in order."""
    values = [value]
    for name in names:
        reached = [each[name] for each in values]
        values = [
            each
            for one in reached
            for each in (one if isinstance(one, list) else [one])
        ]
    return values


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("_task_workflow.statuses.name", ["In progress", "Not started"]),
        ("task_workflow_schema.statuses.name", ["In progress", "Not started"]),
        ("_version_workflow.statuses.name", ["Not started"]),
        ("asset_version_workflow_schema.statuses.name", ["Not started"]),
        ("_task_type_schema.types.name", ["Animation", "Modeling"]),
        ("task_type_schema.types.name", ["Animation", "Modeling"]),
        ("_overrides.type_id", [ANIMATION]),
        ("_overrides.workflow_schema.statuses.name", ["Not started"]),
        ("task_workflow_schema_overrides.type_id", [ANIMATION]),
        ("_schemas.type_id", [SHOT]),
        ("_schemas.object_type_id", [SHOT]),
        ("_schemas.statuses.task_status.name", ["In progress"]),
        ("object_type_schemas.types.task_type.name", ["Modeling"]),
        ("object_types.name", ["Shot", "Task"]),
        ("task_templates.items.task_type.name", ["Animation"]),
    ],
)
def test_all_of_it_is_read_by_both_spellings(
    studio: Client, path: str, expected: list[str]
) -> None:
    [row] = studio.query(f"select {path} from ProjectSchema where id is ps")  # noqa: S608 - no SQL
    assert found(row, *path.split(".")) == expected


def test_new_entities_begin_with_the_first_status_it_allows(studio: Client) -> None:
    asset = studio.create("Asset", name="a", context_id="p1")["id"]
    made = {
        "shot": studio.create("Shot", name="a", parent_id="p1"),
        "task": studio.create("Task", name="b", parent_id="p1"),
        "animation": studio.create("Task", name="c", parent_id="p1", type_id=ANIMATION),
        "version": studio.create("AssetVersion", asset_id=asset),
    }
    assert {name: row["status_id"] for name, row in made.items()} == {
        "shot": IN_PROGRESS,
        "task": IN_PROGRESS,
        "animation": NOT_STARTED,
        "version": NOT_STARTED,
    }


def test_new_entities_begin_with_the_first_type_it_allows(studio: Client) -> None:
    made = {
        "shot": studio.create("Shot", name="a", parent_id="p1"),
        "task": studio.create("Task", name="b", parent_id="p1"),
        "modeling": studio.create("Task", name="c", parent_id="p1", type_id=MODELING),
        "milestone": studio.create("Milestone", name="d", parent_id="p1"),
    }

    assert {name: row.get("type_id") for name, row in made.items()} == {
        "shot": None,
        "task": ANIMATION,
        "modeling": MODELING,
        "milestone": ANIMATION,
    }


def test_a_schema_names_its_object_type_twice(studio: Client) -> None:
    changed = studio.update("Schema", "sc", type_id=TASK)
    assert changed["type_id"] == changed["object_type_id"] == TASK
    with pytest.raises(Refused) as refused:
        studio.update("Schema", "sc", type_id=TASK, object_type_id=SHOT)
    assert refused.value.exception == "ValidationError"


def test_statuses_and_types_that_are_not_in_it_are_accepted(studio: Client) -> None:
    """The web interface forbids them, the API does not (protocol 6.5)."""
    omitted = "a0bc3f24-15e2-11e1-b21a-0019bb4983d8"
    made = studio.create("Shot", name="x", parent_id="p1", status_id=omitted)
    assert made["status_id"] == omitted


def test_the_first_project_schema_has_shots(client: Client) -> None:
    """Examples of the documentation take the first and expect Shot (protocol D)."""
    [first] = client.query("select name, object_types.name from ProjectSchema limit 1")[
        :1
    ]
    assert first["name"] == "VFX"
    assert "Shot" in found(first, "object_types", "name")


def test_a_new_project_schema_has_tasks_and_milestones(client: Client) -> None:
    client.create("ProjectSchema", id="new", name="new")
    [row] = client.query("select object_types.name from ProjectSchema where id is new")
    assert found(row, "object_types", "name") == ["Task", "Milestone"]


def test_object_types_linked_in_the_same_request_are_linked_once(
    client: Client,
) -> None:
    client.call(
        create("ProjectSchema", id="new", name="new"),
        create("ProjectSchemaObjectType", object_type_id=TASK, project_schema_id="new"),
        create("ProjectSchemaObjectType", object_type_id=SHOT, project_schema_id="new"),
    )
    [row] = client.query("select object_types.name from ProjectSchema where id is new")
    assert found(row, "object_types", "name") == ["Task", "Shot", "Milestone"]


def test_object_types_that_are_sent_are_all_there_are(studio: Client) -> None:
    [row] = studio.query("select object_types.name from ProjectSchema where id is ps")
    assert sorted(found(row, "object_types", "name")) == ["Shot", "Task"]
