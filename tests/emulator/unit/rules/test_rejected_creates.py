"""Creates that the server refuses: protocol 6.2 and 6.5."""

from __future__ import annotations

from typing import Any

import pytest

from ftrack_orm.emulator import Emulator
from tests.support.emulator_client import (
    VFX,
    Client,
    Refused,
    create,
    ref,
)
from tests.support.schemas import recorded

SERVER = "3a372bde-05bc-11e4-8908-20c9d081909b"


@pytest.mark.parametrize(
    ("entity_type", "data", "missing"),
    [
        ("Project", {"name": "a", "full_name": "A"}, "project_schema_id"),
        ("Project", {"name": "a", "project_schema_id": VFX}, "full_name"),
        ("Project", {"full_name": "A", "project_schema_id": VFX}, "name"),
        ("Task", {"name": "a"}, "parent_id"),
        ("AssetVersion", {"comment": "a"}, "asset_id"),
        ("Asset", {"name": "a"}, "context_id"),
        ("Metadata", {"key": "a", "value": "b"}, "parent_id"),
        ("Timelog", {}, "duration"),
    ],
)
def test_a_missing_required_attribute_is_refused(
    client: Client, entity_type: str, data: dict[str, Any], missing: str
) -> None:
    with pytest.raises(Refused) as refused:
        client.create(entity_type, **data)
    assert refused.value.exception == "ValidationError"
    assert f'"{missing}"' in refused.value.content
    assert client.query(entity_type) == []


def test_a_later_operation_may_give_what_was_missing(client: Client) -> None:
    project_id = client.project()
    client.call(
        create("Task", id="t1", name="a"),
        {
            "action": "update",
            "entity_type": "Task",
            "entity_key": ["t1"],
            "entity_data": {"parent_id": project_id},
        },
    )
    [task] = client.query("select parent_id from Task")
    assert task["parent_id"] == task["project_id"] == project_id


def test_assets_without_a_type_may_share_a_name(client: Client) -> None:
    """Tests of the official client make one of a name again and again."""
    project_id = client.project()
    made = [client.create("Asset", name="a", context_id=project_id) for _ in "ab"]
    assert made[0]["id"] != made[1]["id"]


@pytest.mark.parametrize(
    "data",
    [
        {"parent_id": "nowhere"},
        {"parent": ref("Shot", "nowhere")},
        {"parent_id": "p1", "status_id": "nowhere"},
        {"parent_id": "p1", "status": ref("Status", "nowhere")},
        # There is something of this id, and it is no status.
        {"parent_id": "p1", "status_id": "p1"},
    ],
)
def test_a_reference_to_nothing_breaks_integrity(
    client: Client, data: dict[str, Any]
) -> None:
    client.project(id="p1")
    with pytest.raises(Refused) as refused:
        client.create("Task", name="a", **data)
    assert refused.value.exception == "IntegrityError"


@pytest.mark.parametrize(
    ("entity_type", "data"),
    [
        ("Membership", {"group_id": "g1", "user_id": "g1"}),
        ("FileComponent", {"container_id": "f1"}),
        ("AssetVersion", {"asset_id": "a1", "task_id": "p1"}),
    ],
)
def test_a_key_of_another_kind_breaks_integrity(
    client: Client, entity_type: str, data: dict[str, Any]
) -> None:
    """Users and groups are resources both, but a group is no member."""
    client.project(id="p1")
    client.call(
        create("Group", id="g1", name="g"),
        create("FileComponent", id="f1"),
        create("Asset", id="a1", name="a", context_id="p1"),
    )
    with pytest.raises(Refused) as refused:
        client.create(entity_type, **data)
    assert refused.value.exception == "IntegrityError"


@pytest.mark.parametrize(
    ("entity_type", "data"),
    [
        ("Task", {"nmae": "a"}),
        ("Task", {"thumbnail_url": {}}),
        ("Task", {"link": "x"}),
        ("Task", {"time_logged": 3}),
        ("Task", {"name": 5}),
        ("Task", {"name": "\ud800"}),
        ("Task", {"bid": float("nan")}),
        ("Task", {"bid": float("inf")}),
        ("Status", {"name": "x", "sort": 2**63}),
        ("Status", {"name": "x", "sort": float("inf")}),
        ("Appointment", {"type": "visit"}),
        ("Task", {"status": ref("Type", "44dc3636-4164-11df-9218-0019bb4983d8")}),
        ("Nonsense", {}),
        ("TypedContext", {"name": "a"}),
        ("ContextCustomAttributeValue", {"value": 1}),
    ],
)
def test_what_cannot_be_set_or_made_is_invalid(
    client: Client, entity_type: str, data: dict[str, Any]
) -> None:
    with pytest.raises(Refused) as refused:
        client.create(entity_type, **data)
    assert refused.value.exception == "ValidationError"
    assert refused.value.status == 400


@pytest.mark.parametrize("kind", ["boolean", "date", "url"])
def test_a_configuration_of_a_type_without_options_needs_no_config(
    client: Client, kind: str
) -> None:
    """The documentation creates one of a date without it (protocol D)."""
    [found] = client.query(f"CustomAttributeType where name is {kind}")
    client.create(
        "CustomAttributeConfiguration",
        key=f"my_{kind}",
        entity_type="assetversion",
        type_id=found["id"],
    )
    rows = client.query("select key, config from CustomAttributeConfiguration")
    assert {row["key"]: row["config"] for row in rows}[f"my_{kind}"] == "{}"


@pytest.mark.parametrize("kind", ["text", "number", "enumerator"])
def test_a_configuration_of_a_type_with_options_needs_config(
    client: Client, kind: str
) -> None:
    [found] = client.query(f"CustomAttributeType where name is {kind}")
    with pytest.raises(Refused, match='required attribute "config"'):
        client.create(
            "CustomAttributeConfiguration",
            key=f"my_{kind}",
            entity_type="assetversion",
            type_id=found["id"],
        )


def test_unknown_attributes_of_a_create_can_be_ignored() -> None:
    with Emulator(schema=recorded(), ignore_unknown_attributes=True) as emulator:
        relaxed = Client(emulator)
        made = relaxed.create("User", username="jane", shortUsername="x")
        assert made["username"] == "jane"
        assert "shortUsername" not in made
        with pytest.raises(Refused, match="Unknown attribute"):
            relaxed.update("User", made["id"], shortUsername="x")
