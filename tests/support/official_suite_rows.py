"""What the tests of the official client expect to find on their server.

They were written for one development server: its ids, statuses, types and custom
attributes stand in them. This plants the same through the API of an emulator.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from tests.support.emulator_client import Client, create, delete, ref

JENKINS: Final = "d07ae5d0-66e1-11e1-b5e9-f23c91df25eb"
PROJECT: Final = "5671dcb0-66de-11e1-8e6e-f23c91df25eb"
PROJECT_SCHEMA: Final = "69cb7f92-4dbf-11e1-9902-f23c91df25eb"
TASK: Final = "adb4ad6c-7679-11e2-8df2-f23c91df25eb"
ASSET: Final = "dd9a7e2e-c5eb-11e1-9885-f23c91df25eb"
ASSET_OF_EIGHT: Final = "12939d0c-6766-11e1-8104-f23c91df25eb"

TASK_STATUSES: Final = ("Not started", "In progress", "Awaiting approval", "Approved")
VERSION_STATUSES: Final = ("Approved", "Pending")
OBJECT_STATUSES: Final = ("Normal", "Omitted", "On Hold")
BUILD_TYPES: Final = ("Character", "Prop", "Environment", "Matte Painting")
TASK_TYPES: Final = (
    "Generic",
    "Animation",
    "Modeling",
    "Previz",
    "Lookdev",
    "Hair",
    "Cloth",
    "FX",
    "Lighting",
    "Compositing",
    "Tracking",
    "Rigging",
    "test 1",
    "test type 2",
)
ATTRIBUTES: Final = (
    ("customNumber", "number", "task", "Task"),
    ("NumberField", "number", "assetversion", None),
    ("versiontest", "number", "assetversion", None),
    ("listbool", "boolean", "list", None),
    ("teststring", "text", "user", None),
)


def plant(client: Client) -> None:
    """Plant everything."""
    client.call(*_statuses_and_types(client))
    client.call(*_project_schema(client))
    # The client's tests take the first schema there is, and use shots in it.
    [first] = client.query('ProjectSchema where name is "Model production"')
    client.call(delete("ProjectSchema", first["id"]))
    client.call(*_people(), *_production(client))
    client.call(*_custom_attributes(client))


def _ids(client: Client, entity_type: str) -> dict[str, str]:
    rows = client.query(f"select name from {entity_type}")  # noqa: S608 - no SQL
    return {row["name"]: row["id"] for row in rows}


def _references(client: Client, entity_type: str, names: tuple[str, ...]) -> Any:
    ids = _ids(client, entity_type)
    return [ref(entity_type, ids[name]) for name in names]


def _statuses_and_types(client: Client) -> Iterator[dict[str, Any]]:
    known = {**_ids(client, "Status"), **_ids(client, "Type")}
    for name in (*TASK_STATUSES, *VERSION_STATUSES, *OBJECT_STATUSES):
        if name not in known:
            yield create("Status", name=name, is_active=True)
    for name in (*TASK_TYPES, *BUILD_TYPES):
        if name not in known:
            yield create("Type", name=name)


def _project_schema(client: Client) -> Iterator[dict[str, Any]]:
    object_types = _ids(client, "ObjectType")
    workflows = {"tasks": TASK_STATUSES, "versions": VERSION_STATUSES}
    for workflow, names in workflows.items():
        statuses = _references(client, "Status", names)
        yield create("WorkflowSchema", id=workflow, name=workflow, statuses=statuses)
    types = _references(client, "Type", TASK_TYPES)
    yield create("TaskTypeSchema", id="types", name="types", types=types)
    yield create(
        "ProjectSchema",
        id=PROJECT_SCHEMA,
        name="VFX Scheme",
        task_type_schema_id="types",
        task_workflow_schema_id="tasks",
        asset_version_workflow_schema_id="versions",
        object_types=[
            ref("ObjectType", object_types[name])
            for name in ("Task", "Sequence", "Shot", "Asset Build", "Folder")
        ],
    )
    statuses, types = _ids(client, "Status"), _ids(client, "Type")
    for schema_id, name in (("shots", "Shot"), ("builds", "Asset Build")):
        yield create(
            "Schema",
            id=schema_id,
            project_schema_id=PROJECT_SCHEMA,
            type_id=object_types[name],
        )
        for status in OBJECT_STATUSES:
            yield create(
                "SchemaStatus", schema_id=schema_id, status_id=statuses[status]
            )
    for kind in BUILD_TYPES:
        yield create("SchemaType", schema_id="builds", type_id=types[kind])


def _people() -> Iterator[dict[str, Any]]:
    yield create("User", id=JENKINS, username="jenkins", is_active=True)
    for number in range(12):
        yield create("User", username=f"user{number}", is_active=True)


def _production(client: Client) -> Iterator[dict[str, Any]]:
    asset_types = _ids(client, "AssetType")
    yield create(
        "Project",
        id=PROJECT,
        name="test",
        full_name="Test",
        project_schema_id=PROJECT_SCHEMA,
    )
    yield create("Sequence", id="sequence", name="sequence", parent_id=PROJECT)
    yield create("Shot", id="shot", name="shot", parent_id="sequence")
    yield create("Task", id=TASK, name="t1", parent_id="shot")
    yield create("Timelog", user_id=JENKINS, context_id=TASK, duration=60)
    for asset_id in (ASSET, ASSET_OF_EIGHT):
        yield create(
            "Asset",
            id=asset_id,
            name=asset_id,
            context_id="shot",
            type_id=asset_types["Geometry"],
        )
    for number in range(1, 9):
        yield create("AssetVersion", id=f"v{number}", asset_id=ASSET_OF_EIGHT)
    yield create("FileComponent", id="file", name="main", version_id="v8")
    yield create("AssetVersion", id="first", asset_id=ASSET)


def _custom_attributes(client: Client) -> Iterator[dict[str, Any]]:
    types = _ids(client, "CustomAttributeType")
    object_types = _ids(client, "ObjectType")
    for key, kind, entity_type, object_type in ATTRIBUTES:
        yield create(
            "CustomAttributeConfiguration",
            id=key,
            key=key,
            label=key,
            type_id=types[kind],
            entity_type=entity_type,
            object_type_id=object_types.get(object_type or ""),
            config="{}",
        )
    yield create(
        "CustomAttributeConfiguration",
        key="htest",
        label="htest",
        type_id=types["number"],
        entity_type="show",
        is_hierarchical=True,
        config="{}",
    )
    for key, owner in (("customNumber", TASK), ("NumberField", "first")):
        yield create(
            "CustomAttributeValue", configuration_id=key, entity_id=owner, value=1
        )
