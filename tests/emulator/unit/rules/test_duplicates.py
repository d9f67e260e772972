"""Rows that there may be one of: protocol 6.5."""

from __future__ import annotations

from typing import Any, Final

import pytest

from tests.support.emulator_client import ADMIN, VFX, Client, Refused, create, update
from tests.support.every_type import Maker

UPLOAD: Final = "749b17d2-5d99-4ca0-b4ea-05f220366e01"

LINKS: Final = (
    "Appointment",
    "AssetVersionLink",
    "CalendarEventResource",
    "ComponentLocation",
    "ContextCustomAttributeLink",
    "DashboardResource",
    "JobComponent",
    "ListObject",
    "Manager",
    "Membership",
    "NoteComponent",
    "NoteLabelLink",
    "ProjectSchemaObjectType",
    "Recipient",
    "ReviewSessionObjectAnnotationComponent",
    "SchemaStatus",
    "SchemaType",
    "SettingComponent",
    "TaskTypeSchemaType",
    "TypedContextLink",
    "UserCustomAttributeLinkFrom",
    "UserSecurityRole",
    "UserSecurityRoleProject",
    "WorkflowSchemaStatus",
)
"""Types whose rows join what they name, each once."""


@pytest.mark.parametrize("entity_type", LINKS)
def test_what_is_joined_is_not_joined_again(client: Client, entity_type: str) -> None:
    made = Maker(client).whole(entity_type, "ids")
    again = {name: value for name, value in made.sent.items() if name != "id"}
    with pytest.raises(Refused) as refused:
        client.create(entity_type, **again)
    assert refused.value.exception == "DuplicateEntryError"
    assert len(client.query(f"{entity_type} where {made.where}")) == 1


def test_a_name_is_taken_among_siblings_whatever_their_type(client: Client) -> None:
    client.project(id="p1")
    client.create("Shot", id="s1", name="010", parent_id="p1")
    client.create("Task", id="t1", name="010", parent_id="s1")
    with pytest.raises(Refused, match="DuplicateEntryError"):
        client.create("Folder", name="010", parent_id="p1")
    with pytest.raises(Refused, match="DuplicateEntryError"):
        client.update("Task", "t1", parent_id="p1")


def test_an_asset_is_one_of_its_name_and_type_below_its_parent(client: Client) -> None:
    client.project(id="p1")
    client.create("AssetType", id="t1", name="A", short="a")
    client.create("Asset", name="hero", context_id="p1", type_id="t1")
    with pytest.raises(Refused, match="DuplicateEntryError"):
        client.create("Asset", name="hero", context_id="p1", type_id="t1")
    client.create("Asset", name="hero", context_id="p1", type_id=UPLOAD)


def test_users_have_names_and_addresses_of_their_own(client: Client) -> None:
    client.create("User", id="u1", username="jane", email="jane@example.com")
    client.create("User", id="u2", username="john")
    client.create("User", id="u3", username="jim")
    for change in ({"username": "jane"}, {"email": "jane@example.com"}):
        with pytest.raises(Refused, match="DuplicateEntryError"):
            client.call(update("User", "u2", **change))
    assert client.update("User", "u2", username="john")["username"] == "john"


def test_what_has_no_value_is_no_duplicate(client: Client) -> None:
    client.create("UserSecurityRole")
    client.create("UserSecurityRole")
    data = {"full_name": "x", "project_schema_id": VFX}
    with pytest.raises(Refused, match="ValidationError"):
        client.create("Project", **data)


def test_a_version_number_is_taken_once(client: Client) -> None:
    client.project(id="p1")
    client.create("Asset", id="a1", name="a", context_id="p1")
    client.create("AssetVersion", asset_id="a1", version=3)
    with pytest.raises(Refused, match="DuplicateEntryError"):
        client.create("AssetVersion", asset_id="a1", version=3)


def test_a_user_has_one_timer(client: Client) -> None:
    client.create("Timer")
    with pytest.raises(Refused, match="DuplicateEntryError"):
        client.create("Timer", user_id=ADMIN)


@pytest.mark.parametrize(
    ("entity_type", "data"),
    [
        ("Project", {"name": "demo", "full_name": "x", "project_schema_id": VFX}),
        ("Task", {"name": "anim", "parent_id": "p1"}),
        ("Folder", {"name": "anim", "parent_id": "p1"}),
        ("Task", {"id": "t1", "name": "other", "parent_id": "p1"}),
        ("Shot", {"id": "t1", "name": "other", "parent_id": "p1"}),
        ("User", {"username": "admin"}),
        ("User", {"username": "x", "email": "admin@example.com"}),
        ("Asset", {"name": "hero", "context_id": "p1", "type_id": UPLOAD}),
        ("Timer", {}),
        ("Membership", {"group_id": "g1", "user_id": ADMIN}),
        (
            "Metadata",
            {"parent_id": "p1", "parent_type": "Project", "key": "k", "value": "2"},
        ),
    ],
)
def test_a_duplicate_is_refused(
    client: Client, entity_type: str, data: dict[str, Any]
) -> None:
    client.project(id="p1")
    client.call(
        create("Task", id="t1", name="anim", parent_id="p1"),
        create("Asset", name="hero", context_id="p1", type_id=UPLOAD),
        create("Timer"),
        create("Group", id="g1", name="g"),
        create("Membership", group_id="g1", user_id=ADMIN),
        create("Metadata", parent_id="p1", parent_type="Project", key="k", value="1"),
    )
    with pytest.raises(Refused) as refused:
        client.create(entity_type, **data)
    assert refused.value.exception == "DuplicateEntryError"
    assert refused.value.status == 409


def test_the_same_name_is_free_below_another_parent(client: Client) -> None:
    one, other = client.project("one"), client.project("other")
    client.create("Task", name="anim", parent_id=one)
    assert client.create("Task", name="anim", parent_id=other)["name"] == "anim"
