"""Collections, metadata, notes and custom attributes: protocol 3.4, 3.5, 6.2, 6.7."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.emulator_client import (
    ADMIN,
    FSTART,
    TASK,
    Client,
    Refused,
    create,
    date,
    delete,
    ref,
    update,
)

ANIMATION = "44dc3636-4164-11df-9218-0019bb4983d8"
RECIPIENT = {"__entity_type__": "Recipient", "note_id": "n2", "resource_id": ADMIN}
DATE_TYPE = "79968e9e-381c-11e0-acff-0019bb49847a"


@pytest.fixture
def shot(client: Client) -> str:
    """A shot "s1" of project "p1"."""
    client.project(id="p1")
    client.create("Shot", id="s1", name="010", parent_id="p1")
    return "s1"


# -- collections -------------------------------------------------------------


def test_members_sent_replace_the_members_there_were(client: Client) -> None:
    client.call(
        create("SequenceComponent", id="seq"),
        *(create("FileComponent", id=f"f{number}") for number in (1, 2, 3)),
        update(
            "SequenceComponent",
            "seq",
            members=[ref("FileComponent", "f1"), ref("FileComponent", "f2")],
        ),
    )
    client.update(
        "SequenceComponent",
        "seq",
        members=[ref("FileComponent", "f2"), ref("FileComponent", "f3")],
    )
    found = client.query("select container_id from FileComponent")
    # The one that left is detached, not deleted.
    assert {row["id"]: row["container_id"] for row in found} == {
        "f1": None,
        "f2": "seq",
        "f3": "seq",
    }


def test_a_create_may_bring_its_members(client: Client) -> None:
    client.create("FileComponent", id="f1")
    made = client.create(
        "SequenceComponent", id="seq", members=[ref("FileComponent", "f1")]
    )
    assert [member["id"] for member in made["members"]] == ["f1"]


def test_members_that_need_an_owner_go_when_they_leave(client: Client) -> None:
    client.call(
        create("Group", id="g1", name="g"),
        create("Membership", id="m1", group_id="g1", user_id=ADMIN),
        update("Group", "g1", memberships=[]),
    )
    assert client.query("Membership") == []


def test_members_that_need_an_owner_cannot_leave_but_go(
    client: Client, shot: str
) -> None:
    """Leaving a list detaches, it does not delete (protocol 3.4)."""
    client.create("Task", id="t1", name="a", parent_id=shot)
    with pytest.raises(Refused, match="parent_id") as refused:
        client.update("Shot", shot, children=[])
    assert refused.value.exception == "ValidationError"
    client.call(update("Shot", shot, children=[]), delete("Task", "t1"))
    assert client.query("Task") == []


@pytest.mark.parametrize(
    ("entity_type", "key", "data"),
    [
        # A shot is of its object type, and has no type that could be changed.
        ("ObjectType", TASK, {"tasks": [ref("Shot", "s1")]}),
        ("Type", ANIMATION, {"tasks": [ref("Shot", "s1")]}),
        # A recipient names its note in its key.
        ("Note", "n1", {"recipients": [RECIPIENT]}),
    ],
)
def test_a_list_does_not_change_what_nobody_may_change(
    client: Client, shot: str, entity_type: str, key: str, data: dict[str, Any]
) -> None:
    client.create("Note", id="n1", content="x")
    client.create("Note", id="n2", content="y")
    with pytest.raises(Refused) as refused:
        client.update(entity_type, key, **data)
    assert refused.value.exception == "ValidationError"
    assert refused.value.content.endswith("is immutable.")


def test_links_of_a_list_go_with_all_that_is_theirs(client: Client, shot: str) -> None:
    client.call(
        create("Task", id="t1", name="a", parent_id=shot),
        create("Task", id="t2", name="b", parent_id=shot),
        create("TypedContextLink", id="tl", from_id="t1", to_id="t2"),
        create(
            "Metadata",
            parent_id="tl",
            parent_type="TypedContextLink",
            key="k",
            value="v",
        ),
        update("Task", "t1", outgoing_links=[]),
    )
    assert client.query("TypedContextLink") == []
    assert client.query("Metadata") == []


def test_items_of_a_list_are_rows_of_their_own(client: Client, shot: str) -> None:
    client.call(
        create("Task", id="t1", name="a", parent_id=shot),
        create("Task", id="t2", name="b", parent_id=shot),
        create(
            "TypedContextList",
            id="l1",
            name="l",
            project_id="p1",
            category_id="a063986c-916b-47a9-a74c-3d4af59f274b",
            items=[ref("Task", "t1")],
        ),
    )
    client.update("TypedContextList", "l1", items=[ref("Task", "t2")])
    [row] = client.query("select entity_id, list_id from ListObject")
    assert (row["entity_id"], row["list_id"]) == ("t2", "l1")


def test_used_versions_are_linked(client: Client, shot: str) -> None:
    client.call(
        create("Asset", id="a1", name="a", context_id=shot),
        create("AssetVersion", id="v1", asset_id="a1"),
        create("AssetVersion", id="v2", asset_id="a1"),
        update("AssetVersion", "v2", uses_versions=[ref("AssetVersion", "v1")]),
    )
    [row] = client.query("select uses_versions from AssetVersion where id is v2")
    assert [used["id"] for used in row["uses_versions"]] == ["v1"]
    assert len(client.query("AssetVersionLink")) == 1


def test_a_member_that_is_not_there_breaks_integrity(client: Client) -> None:
    client.create("SequenceComponent", id="seq")
    with pytest.raises(Refused) as refused:
        client.update(
            "SequenceComponent", "seq", members=[ref("FileComponent", "nope")]
        )
    assert refused.value.exception == "IntegrityError"


@pytest.mark.parametrize(
    ("entity_type", "key", "name"),
    [
        ("Shot", "s1", "notes"),
        ("TypedContextList", "l1", "items"),
        ("AssetVersion", "v1", "uses_versions"),
        ("AssetVersion", "v1", "components"),
    ],
)
def test_a_member_is_of_the_kind_of_the_list(
    client: Client, shot: str, entity_type: str, key: str, name: str
) -> None:
    category = "a063986c-916b-47a9-a74c-3d4af59f274b"
    client.call(
        create("Asset", id="a1", name="a", context_id=shot),
        create("AssetVersion", id="v1", asset_id="a1"),
        create("TypedContextList", id="l1", project_id="p1", category_id=category),
    )
    with pytest.raises(Refused, match="must refer to") as refused:
        client.update(entity_type, key, **{name: [ref("Asset", "a1")]})
    assert refused.value.exception == "ValidationError"


@pytest.mark.parametrize("name", ["ancestors", "descendants", "custom_attribute_links"])
def test_collections_the_server_works_out_cannot_be_set(
    client: Client, shot: str, name: str
) -> None:
    with pytest.raises(Refused) as refused:
        client.update("Shot", shot, **{name: []})
    assert refused.value.exception == "ValidationError"


# -- metadata ----------------------------------------------------------------


def meta(owner: str, key: str) -> dict[str, str]:
    return {"__entity_type__": "Metadata", "parent_id": owner, "key": key}


def metadata_of(client: Client, owner: str) -> dict[str, str]:
    [row] = client.query(f"select metadata from Shot where id is {owner}")  # noqa: S608 - no SQL
    return {item["key"]: item["value"] for item in row["metadata"]}


def test_metadata_is_written_as_the_python_client_writes_it(
    client: Client, shot: str
) -> None:
    results = client.call(
        create("Metadata", parent_id=shot, parent_type="Shot", key="source", value="e"),
        update("Shot", shot, metadata=[meta(shot, "source")]),
    )
    assert results[0]["data"]["parent_type"] == "Shot"
    client.update("Metadata", shot, "source", value="f")
    client.create(
        "Metadata", parent_id=shot, parent_type="TypedContext", key="more", value="1"
    )
    assert metadata_of(client, shot) == {"source": "f", "more": "1"}
    # Removing a key: the reduced list, and the delete of the row (protocol 3.5).
    client.call(
        update("Shot", shot, metadata=[meta(shot, "more")]),
        delete("Metadata", shot, "source"),
    )
    assert metadata_of(client, shot) == {"more": "1"}


@pytest.mark.parametrize("parent_type", ["Shot", "TypedContext", "Context"])
def test_the_type_of_an_owner_is_kept_as_it_was_sent(
    client: Client, shot: str, parent_type: str
) -> None:
    client.create(
        "Metadata", parent_id=shot, parent_type=parent_type, key="k", value="v"
    )
    [row] = client.query("select parent_type from Metadata")
    assert row["parent_type"] == parent_type


@pytest.mark.parametrize("parent_type", ["task", "Nonsense", ""])
def test_the_type_of_an_owner_is_one_of_the_schema(
    client: Client, shot: str, parent_type: str
) -> None:
    with pytest.raises(Refused) as refused:
        client.create(
            "Metadata", parent_id=shot, parent_type=parent_type, key="k", value="v"
        )
    assert refused.value.exception == "ValidationError"


def test_metadata_is_text(client: Client, shot: str) -> None:
    with pytest.raises(Refused, match="must be of type string"):
        client.create("Metadata", parent_id=shot, parent_type="Shot", key="k", value=1)


def test_metadata_may_be_listed_before_it_is_created(client: Client) -> None:
    client.project(id="p1")
    client.call(
        create("Shot", id="s1", name="a", parent_id="p1", metadata=[meta("s1", "k")]),
        create("Metadata", parent_id="s1", parent_type="Shot", key="k", value="v"),
    )
    assert metadata_of(client, "s1") == {"k": "v"}


def test_the_list_of_metadata_is_authoritative(client: Client, shot: str) -> None:
    for key in ("a", "b"):
        client.create(
            "Metadata", parent_id=shot, parent_type="Shot", key=key, value="1"
        )
    client.update("Shot", shot, metadata=[])
    assert metadata_of(client, shot) == {}


# -- notes -------------------------------------------------------------------


def test_a_note_gets_its_parent_from_the_owners_list(client: Client, shot: str) -> None:
    client.create("User", id="u1", username="jane")
    client.call(
        create("Note", id="n1", content="hi", author=ref("User", ADMIN)),
        update("Shot", shot, notes=[ref("Note", "n1")]),
        create("Recipient", note_id="n1", resource_id="u1"),
        update(
            "Note",
            "n1",
            recipients=[
                {"__entity_type__": "Recipient", "note_id": "n1", "resource_id": "u1"}
            ],
        ),
    )
    [note] = client.query("select parent_id, parent_type, project_id from Note")
    assert note["parent_id"] == shot
    assert note["parent_type"] == "Shot"
    assert note["project_id"] == "p1"
    assert {row["resource_id"] for row in client.query("Recipient")} == {"u1", ADMIN}


def test_a_reply_belongs_to_its_thread(client: Client, shot: str) -> None:
    client.call(
        create(
            "Note",
            id="n1",
            content="hi",
            parent_id=shot,
            parent_type="Shot",
            date="2020-01-01",
        ),
        create("Note", id="n2", content="yes", date="2020-01-02"),
        update("Note", "n1", replies=[ref("Note", "n2")]),
    )
    [note] = client.query("select in_reply_to_id from Note where id is n2")
    assert note["in_reply_to_id"] == "n1"
    # The latest date of the thread (protocol 6.3).
    [thread] = client.query("select thread_activity from Note where id is n1")
    assert thread["thread_activity"] == date("2020-01-02T00:00:00")


# -- custom attributes -------------------------------------------------------


def value_of(client: Client, entity_id: str, key: str) -> Any:
    [row] = client.query(
        "select value from ContextCustomAttributeValue "  # noqa: S608 - no SQL
        f'where entity_id is "{entity_id}" and key is "{key}"'
    )
    return row["value"]


@pytest.mark.parametrize(
    "entity_type", ["ContextCustomAttributeValue", "CustomAttributeValue"]
)
def test_an_update_of_a_value_that_was_never_set_sets_it(
    client: Client, shot: str, entity_type: str
) -> None:
    assert value_of(client, shot, "fstart") == 1
    answer = client.update(entity_type, FSTART, shot, value=1001)
    assert answer["__entity_type__"] == entity_type
    assert answer["configuration_id"] == FSTART
    assert answer["entity_id"] == shot
    assert answer["value"] == 1001
    client.update(entity_type, FSTART, shot, value=1010)
    assert value_of(client, shot, "fstart") == 1010


def test_a_value_of_a_new_entity_may_be_set_in_the_same_request(
    client: Client,
) -> None:
    client.project(id="p1")
    value = {
        "__entity_type__": "ContextCustomAttributeValue",
        "configuration_id": FSTART,
        "entity_id": "s1",
    }
    client.call(
        create("Shot", id="s1", name="a", parent_id="p1"),
        update("ContextCustomAttributeValue", FSTART, "s1", value=7),
        update("Shot", "s1", custom_attributes=[value]),
    )
    assert value_of(client, "s1", "fstart") == 7


def test_deleting_the_stored_row_brings_the_default_back(
    client: Client, shot: str
) -> None:
    client.create(
        "CustomAttributeValue", configuration_id=FSTART, entity_id=shot, value=5
    )
    assert value_of(client, shot, "fstart") == 5
    client.delete("CustomAttributeValue", FSTART, shot)
    assert value_of(client, shot, "fstart") == 1


def test_a_value_of_another_type_is_refused_in_the_recorded_words(
    client: Client, shot: str
) -> None:
    with pytest.raises(Refused) as refused:
        client.update("ContextCustomAttributeValue", FSTART, shot, value="test")
    assert refused.value.answer == {
        "exception": "ValidationError",
        "content": 'Custom attribute value for "fstart" must be of type number. '
        "Got \"test\" of type <type 'unicode'>",
        "error_code": None,
    }


def test_null_is_a_value_of_any_type(client: Client, shot: str) -> None:
    client.update("ContextCustomAttributeValue", FSTART, shot, value=None)
    assert value_of(client, shot, "fstart") is None


def test_a_date_value_is_served_in_its_wrapper(client: Client, shot: str) -> None:
    client.create(
        "CustomAttributeConfiguration",
        id="due",
        key="due",
        type_id=DATE_TYPE,
        entity_type="task",
        config=json.dumps({}),
        default=None,
    )
    client.update(
        "ContextCustomAttributeValue",
        "due",
        shot,
        value={"__type__": "datetime", "value": "2024-06-22T02:00:00+02:00"},
    )
    assert value_of(client, shot, "due") == date("2024-06-22T00:00:00")


@pytest.mark.parametrize(
    ("entity_type", "entity_id"),
    [
        ("ContextCustomAttributeValue", "p1"),
        ("UserCustomAttributeValue", ADMIN),
        ("CustomAttributeValue", "p1"),
    ],
)
def test_a_value_is_of_what_its_configuration_is_for(
    client: Client, shot: str, entity_type: str, entity_id: str
) -> None:
    """`fstart` is for shots (protocol 9.8): a project has no row of it (3.5)."""
    with pytest.raises(Refused) as refused:
        client.update(entity_type, FSTART, entity_id, value=1)
    assert refused.value.exception == "ValueError"
    assert refused.value.content.startswith(f"Could not find entity {entity_type}")


def test_a_value_needs_configuration_and_entity(client: Client, shot: str) -> None:
    for key in (("nope", shot), (FSTART, "nope")):
        with pytest.raises(Refused) as refused:
            client.update("ContextCustomAttributeValue", *key, value=1)
        assert refused.value.exception == "ValueError"
