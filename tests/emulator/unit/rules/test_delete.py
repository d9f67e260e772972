"""Deletes and what goes with them: protocol 2.5 and 6.4."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ftrack_orm.schema.relations import Relation, Relations
from tests.support.emulator_client import (
    ADMIN,
    FSTART,
    NOT_STARTED,
    Client,
    Refused,
    create,
    delete,
    ref,
    update,
)

SERVER = "3a372bde-05bc-11e4-8908-20c9d081909b"

BELONGINGS = (
    "Appointment",
    "Asset",
    "AssetVersion",
    "Component",
    "ComponentLocation",
    "CustomAttributeValue",
    "ListObject",
    "Manager",
    "Metadata",
    "Note",
    "Recipient",
    "StatusChange",
    "Timelog",
    "TypedContext",
    "TypedContextLink",
)


def counts(client: Client) -> dict[str, int]:
    return {kind: len(client.query(kind)) for kind in BELONGINGS}


def populate(client: Client) -> None:
    """Make project p1 with one of everything that belongs to a shot s1."""
    client.project(id="p1")
    client.call(
        create("Shot", id="s1", name="010", parent_id="p1"),
        create("Task", id="t1", name="anim", parent_id="s1"),
        create("Task", id="t2", name="light", parent_id="s1"),
        create("Appointment", type="assignment", context_id="t1", resource_id=ADMIN),
        create("Asset", id="a1", name="a", context_id="s1"),
        create("AssetVersion", id="v1", asset_id="a1", task_id="t1"),
        create("FileComponent", id="c1", version_id="v1"),
        create("ComponentLocation", component_id="c1", location_id=SERVER),
        update("ContextCustomAttributeValue", FSTART, "s1", value=1001),
        create("Manager", context_id="s1", user_id=ADMIN),
        create("Metadata", parent_id="t1", parent_type="Task", key="k", value="v"),
        create("Note", id="n1", content="x", parent_id="t1", parent_type="Task"),
        create("Note", id="n2", content="y", in_reply_to_id="n1"),
        create("Timelog", context_id="t1", duration=60),
        create("TypedContextLink", from_id="t1", to_id="t2"),
        update("Task", "t1", status_id="44ddd0fe-4164-11df-9218-0019bb4983d8"),
        create(
            "TypedContextList",
            id="l1",
            name="l",
            project_id="p1",
            category_id="a063986c-916b-47a9-a74c-3d4af59f274b",
        ),
        update("TypedContextList", "l1", items=[ref("Task", "t1")]),
    )


def test_the_answer_is_true(client: Client) -> None:
    assert client.delete("Project", client.project()) is True
    assert client.query("Project") == []


def test_a_project_goes_with_its_whole_tree(client: Client) -> None:
    before = counts(client)
    populate(client)
    assert all(after > before[kind] for kind, after in counts(client).items())
    client.delete("Project", "p1")
    assert counts(client) == before
    assert client.query("List") == []


def test_a_shot_goes_with_all_below_it_and_leaves_the_project(client: Client) -> None:
    before = counts(client)
    populate(client)
    client.delete("Shot", "s1")
    assert counts(client) == before
    assert [row["id"] for row in client.query("Project")] == ["p1"]


def test_a_task_goes_and_its_versions_forget_it(client: Client) -> None:
    populate(client)
    client.delete("TypedContext", "t1")
    [version] = client.query("select task_id from AssetVersion")
    assert version["task_id"] is None
    assert client.query("Note") == []
    assert client.query("Recipient") == []


def test_a_component_goes_with_its_locations(client: Client) -> None:
    populate(client)
    client.delete("Component", "c1")
    assert client.query("ComponentLocation") == []
    assert len(client.query("AssetVersion")) == 1


def test_child_and_parent_may_go_in_one_request(client: Client) -> None:
    populate(client)
    results = client.call(delete("Task", "t1"), delete("Shot", "s1"))
    assert [result["data"] for result in results] == [True, True]


def test_a_row_of_two_keys_goes_by_both(client: Client) -> None:
    populate(client)
    assert client.delete("Recipient", "n1", ADMIN) is True
    assert client.delete("Metadata", "t1", "k") is True
    assert client.query("Metadata") == []


@pytest.mark.parametrize("entity_type", ["Task", "Shot"])
def test_an_unknown_key_is_an_error(client: Client, entity_type: str) -> None:
    populate(client)
    key = "nope" if entity_type == "Task" else "t1"
    with pytest.raises(Refused) as refused:
        client.delete(entity_type, key)
    assert refused.value.exception == "ValueError"
    assert refused.value.content == (
        f"Could not find entity {entity_type} with entity_key [u'{key}']."
    )


def test_an_entity_is_deleted_once(client: Client) -> None:
    project_id = client.project()
    client.delete("Project", project_id)
    with pytest.raises(Refused, match="Could not find entity Project"):
        client.delete("Project", project_id)


def test_a_status_in_use_cannot_go(client: Client) -> None:
    populate(client)
    with pytest.raises(Refused) as refused:
        client.delete("Status", NOT_STARTED)
    assert refused.value.exception == "IntegrityError"


def test_prefixed_values_cannot_be_deleted(client: Client) -> None:
    populate(client)
    with pytest.raises(Refused) as refused:
        client.delete("ContextCustomAttributeValue", FSTART, "s1")
    assert refused.value.exception == "ValidationError"


def test_many_deletes_read_the_relations_of_the_schema_once(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    walks: list[Relations] = []
    every = Relations.every

    def counted(relations: Relations) -> Iterator[tuple[str, str, Relation]]:
        walks.append(relations)
        return every(relations)

    names = [f"u{number}" for number in range(20)]
    client.call(*(create("User", id=name, username=name) for name in names))
    monkeypatch.setattr(Relations, "every", counted)
    client.call(*(delete("User", name) for name in names))

    # One walk for each family of the cascade, not for each delete.
    assert len(walks) < len(names)
