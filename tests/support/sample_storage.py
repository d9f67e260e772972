"""A small production put straight into a storage, and queries of it.

::

    bunny (Project)
    ├── 010 (Shot, bid 3)          custom fstart 1001, picture, 5 s logged
    │   ├── Anim (Task)            Approved/Done, bid 3600, starts 2020-01-02, 60 s
    │   └── light (Task)           no status
    └── O_20% (Shot)
        └── Éclair (Task)          In progress/Started
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from ftrack_orm.emulator.query_engine.evaluator import QueryEvaluator
from ftrack_orm.emulator.query_engine.parser import parse_query
from ftrack_orm.emulator.query_engine.response_encoder import ResponseEncoder
from ftrack_orm.emulator.storage.storage import Storage
from ftrack_orm.schema.model import Schema
from ftrack_orm.types import JSONObject

SHOT = "bad911de-3bd6-47b9-8b46-3476e237cb36"
TASK = "11c137c0-ee7e-4f9c-91c5-8c77cec22b2c"
NOW = datetime(2026, 1, 15, 12)


def context(key: str, name: str, parent: str | None, **more: Any) -> JSONObject:
    return {
        "id": key,
        "name": name,
        "parent_id": parent,
        "project_id": "bunny",
        "context_type": "task" if parent else "show",
        **more,
    }


ROWS: Sequence[tuple[str, JSONObject]] = (
    ("State", {"id": "done", "name": "Done", "short": "DONE"}),
    ("State", {"id": "started", "name": "Started", "short": "IN_PROGRESS"}),
    ("Status", {"id": "ok", "name": "Approved", "state_id": "done", "is_active": 1}),
    ("Status", {"id": "wip", "name": "In progress", "state_id": "started"}),
    ("Project", context("bunny", "bunny", None)),
    (
        "Shot",
        context(
            "s1",
            "010",
            "bunny",
            object_type_id=SHOT,
            bid=3.0,
            thumbnail_id="picture",
        ),
    ),
    ("Shot", context("s2", "O_20%", "bunny", object_type_id=SHOT)),
    (
        "Task",
        context(
            "anim",
            "Anim",
            "s1",
            object_type_id=TASK,
            status_id="ok",
            bid=3600.0,
            start_date="2020-01-02T00:00:00",
        ),
    ),
    ("Task", context("light", "light", "s1", object_type_id=TASK)),
    (
        "Task",
        context("eclair", "Éclair", "s2", object_type_id=TASK, status_id="wip"),
    ),
    ("User", {"id": "jane", "username": "jane", "resource_type": "user"}),
    ("Group", {"id": "crew", "name": "crew", "resource_type": "group"}),
    (
        "Appointment",
        {"id": "a1", "type": "assignment", "resource_id": "jane", "context_id": "anim"},
    ),
    (
        "Appointment",
        {
            "id": "a2",
            "type": "allocation",
            "resource_id": "crew",
            "context_id": "light",
        },
    ),
    (
        "CustomAttributeConfiguration",
        {
            "id": "c-fstart",
            "key": "fstart",
            "entity_type": "task",
            "object_type_id": SHOT,
            "default": "1",
            "is_hierarchical": 0,
        },
    ),
    (
        "CustomAttributeConfiguration",
        {
            "id": "c-tags",
            "key": "tags",
            "entity_type": "show",
            "default": '["a"]',
            "is_hierarchical": 1,
        },
    ),
    (
        "CustomAttributeConfiguration",
        {
            "id": "c-due",
            "key": "due",
            "entity_type": "show",
            "default": "null",
            "is_hierarchical": 0,
        },
    ),
    (
        "CustomAttributeValue",
        {"configuration_id": "c-fstart", "entity_id": "s1", "value": "1001"},
    ),
    (
        "CustomAttributeValue",
        {"configuration_id": "c-tags", "entity_id": "anim", "value": '["x", "Y"]'},
    ),
    (
        "CustomAttributeValue",
        {
            "configuration_id": "c-due",
            "entity_id": "bunny",
            "value": '{"__type__": "datetime", "value": "2026-03-01T00:00:00"}',
        },
    ),
    ("Asset", {"id": "rig", "name": "rig", "context_id": "s1"}),
    ("AssetVersion", {"id": "v1", "version": 1, "asset_id": "rig"}),
    ("AssetVersion", {"id": "v2", "version": 2, "asset_id": "rig"}),
    ("AssetVersionLink", {"id": "l", "from_id": "v1", "to_id": "v2"}),
    (
        "Metadata",
        {"parent_id": "anim", "key": "source", "value": "edit", "parent_type": "Task"},
    ),
    (
        "CustomAttributeLinkConfiguration",
        {"id": "c-boss", "key": "supervisor", "entity_type": "task"},
    ),
    (
        "UserCustomAttributeLink",
        {
            "id": "boss",
            "configuration_id": "c-boss",
            "from_id": "anim",
            "to_id": "jane",
            "from_entity_type": "Task",
            "to_entity_type": "User",
        },
    ),
    ("Timelog", {"id": "t1", "context_id": "anim", "user_id": "jane", "duration": 60}),
    ("Timelog", {"id": "t2", "context_id": "s1", "user_id": "jane", "duration": 5}),
    ("Setting", {"name": "storage_scenario", "group": "STORAGE", "value": "{}"}),
    ("Setting", {"name": "storage_scenario", "group": "OTHER", "value": "[]"}),
    ("TypedContextList", {"id": "todo", "name": "todo", "project_id": "bunny"}),
    ("ListObject", {"id": "lo", "list_id": "todo", "entity_id": "light"}),
    (
        "ReviewSession",
        {"id": "open", "name": "open", "end_date": "2026-02-01T00:00:00"},
    ),
    (
        "ReviewSession",
        {"id": "shut", "name": "shut", "end_date": "2026-01-01T00:00:00"},
    ),
    ("ComponentLocation", {"id": "cl", "component_id": "file", "location_id": "here"}),
)


def make_storage(schema: Schema) -> Storage:
    storage = Storage(schema)
    with storage.transaction() as connection:
        for entity_type, values in ROWS:
            storage.insert(connection, entity_type, values)
    return storage


def rows(
    storage: Storage, expression: str, encoder: ResponseEncoder | None = None
) -> list[JSONObject]:
    return page(storage, expression, encoder)[0]


def page(
    storage: Storage, expression: str, encoder: ResponseEncoder | None = None
) -> tuple[list[JSONObject], int | None]:
    reader = QueryEvaluator(storage, clock=lambda: NOW)
    with storage.transaction() as connection:
        return reader.query(
            connection, parse_query(expression), encoder or ResponseEncoder()
        )


def ids(storage: Storage, expression: str) -> list[str]:
    return [row["id"] for row in rows(storage, expression)]
