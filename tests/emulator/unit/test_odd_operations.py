"""Every part of every operation with values that no client should send."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final, TypeAlias

import pytest

from tests.support.emulator_client import ADMIN, TASK, Client, create, date, ref

Path: TypeAlias = tuple[str | int, ...]

ODD: Final = {
    "beyond 64 bits": 2**63,
    "below 64 bits": -(2**63) - 1,
    "beyond a float": 10**400,
    "negative": -1,
    "infinite": float("inf"),
    "null": None,
    "empty": "",
    "nul": "a\0b",
    "surrogate": "\ud800",
    "long": "x" * 100_000,
    "other case": "TASK",
    "boolean": True,
    "list": [],
    "nested": [[2**70, "a\0b"]],
    "object": {"a": None},
    "reference": {"__entity_type__": "Task", "id": 2**70},
    "date": date("a\0"),
    "numbered date": date(2**70),  # type: ignore[arg-type]  # as it may be sent
    "first day": "0001-01-01T00:00:00+14:00",
}

OPERATIONS: Final[list[dict[str, Any]]] = [
    {"action": "query", "expression": "Task"},
    {
        "action": "search",
        "expression": "Task",
        "entity_type": "Task",
        "terms": ["a"],
        "context_id": "p1",
        "object_type_ids": [TASK],
    },
    {
        "action": "create",
        "entity_type": "Task",
        "entity_key": ["t2"],
        "entity_data": {
            "id": "t2",
            "name": "b",
            "parent_id": "p1",
            "description": "c",
            "bid": 1,
            "start_date": date("2024-01-01"),
            "status": ref("Status", "s1"),
            "metadata": [],
            "thumbnail_url": None,
        },
    },
    {
        "action": "update",
        "entity_type": "Task",
        "entity_key": ["t1"],
        "entity_data": {"name": "b", "sort": 1, "end_date": date("2024-01-01")},
    },
    {"action": "delete", "entity_type": "Task", "entity_key": ["t1"]},
    {
        "action": "update",
        "entity_type": "Metadata",
        "entity_key": ["t1", "k"],
        "entity_data": {"value": "b"},
    },
    {"action": "delete", "entity_type": "Metadata", "entity_key": ["t1", "k"]},
    {
        "action": "update",
        "entity_type": "ContextCustomAttributeValue",
        "entity_key": ["c1", "t1"],
        "entity_data": {"value": 1},
    },
    {
        "action": "delete",
        "entity_type": "CustomAttributeValue",
        "entity_key": ["c1", "t1"],
    },
    {"action": "query_server_information", "values": ["schema"]},
    {
        "action": "get_upload_metadata",
        "component_id": "c1",
        "file_name": "f",
        "file_size": 1,
        "checksum": "x",
        "parts": [{"part_number": 1}],
    },
    {
        "action": "complete_multipart_upload",
        "component_id": "c1",
        "upload_id": "u1",
        "parts": [{"part_number": 1, "e_tag": "e"}],
    },
    {
        "action": "reset_remote",
        "reset_type": "api_key",
        "entity_type": "User",
        "entity_key": "u1",
    },
    {
        "action": "encode_media",
        "component_id": "c1",
        "version_id": "v1",
        "keep_original": True,
    },
    {"action": "delayed_job", "job_type": "SYNC_USERS_LDAP"},
    {"action": "send_user_invite", "user_id": ADMIN},
    {"action": "send_review_session_invite", "review_session_invitee_id": "x"},
    {
        "action": "get_widget_url",
        "name": "info",
        "entity_type": "Task",
        "entity_key": ["t1"],
        "theme": "x",
    },
    {"action": "assume_user", "username": "nobody"},
]


def parts(value: Any, path: Path = ()) -> Iterator[Path]:
    """Yield the path of each part of an operation."""
    items: Any = ()
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list):
        items = enumerate(value)
    for step, part in items:
        yield (*path, step)
        yield from parts(part, (*path, step))


def replaced(operation: dict[str, Any], path: Path, value: Any) -> dict[str, Any]:
    """Return a copy of an operation with another value at a path."""
    copy: dict[str, Any] = json.loads(json.dumps(operation))
    owner: Any = copy
    for step in path[:-1]:
        owner = owner[step]
    owner[path[-1]] = value
    return copy


@pytest.mark.parametrize("odd", ODD)
def test_an_odd_value_in_any_part_of_an_operation_is_answered_or_refused(
    client: Client, odd: str
) -> None:
    client.project(id="p1")
    client.call(
        create("Task", id="t1", name="a", parent_id="p1"),
        create("Metadata", parent_id="t1", parent_type="Task", key="k", value="v"),
    )
    transport = client.emulator.transport()
    failures = []
    for operation in OPERATIONS:
        for path in parts(operation):
            sent = replaced(operation, path, ODD[odd])
            # A second operation fails, so the first one changes nothing.
            body = json.dumps([sent, {"action": "stop here"}]).encode()
            answer = json.loads(transport.call(body).body)
            if answer["exception"] == "InternalServerError":
                failures.append((path, answer["content"]))
    assert failures == []


def test_texts_are_compared_beyond_a_nul(client: Client) -> None:
    project = client.project()
    for name in ("ab", "ab\0c", "ab\0d"):
        client.create("Task", name=name, parent_id=project)
    for name in ("ab", "AB\0c", "ab\0D"):
        for condition in (f'name is "{name}"', f'name in ("{name}")'):
            [row] = client.query(f"Task where {condition}")
            assert row["name"] == name.lower()
    assert len(client.query('Task where name like "ab\0%"')) == 2


def test_names_that_differ_by_case_are_different_names(client: Client) -> None:
    """Object types, keys of metadata and types: only texts are compared without it."""
    project = client.project()
    client.call(
        create("ObjectType", id="o1", name="Zed"),
        create("ObjectType", id="o2", name="zed"),
    )
    client.create("Zed", id="upper", name="a", parent_id=project)
    client.create("zed", id="lower", name="b", parent_id=project)
    client.call(
        *(
            create("Metadata", parent_id="lower", parent_type="zed", key=k, value=k)
            for k in ("k", "K")
        )
    )
    assert [row["id"] for row in client.query("Zed")] == ["upper"]
    assert [row["id"] for row in client.query("zed")] == ["lower"]
    client.update("Metadata", "lower", "K", value="changed")
    rows = client.query("select key, value from Metadata")
    assert [(row["key"], row["value"]) for row in rows] == [
        ("k", "k"),
        ("K", "changed"),
    ]


def test_a_null_description_of_a_new_task_is_empty_text(client: Client) -> None:
    project = client.project()
    made = client.create("Task", name="a", parent_id=project, description=None)
    assert made["description"] == ""
