"""Custom attributes of every type, made through the API (protocol 3.5, 6.7, 9.7)."""

from __future__ import annotations

from typing import Any, Final

import pytest

from tests.support.emulator_client import SHOT, Client, Refused, create, date, ref

TYPES: Final = {
    "text": "6268aef0-381c-11e0-acff-0019bb49847a",
    "number": "92009b00-381c-11e0-acff-0019bb49847a",
    "date": "79968e9e-381c-11e0-acff-0019bb49847a",
    "boolean": "ad1034d8-15e2-11e1-b21a-0019bb4983d8",
    "enumerator": "6ff9c812-ead3-11e2-846c-f23c91dfaa16",
    "dynamic enumerator": "882e4aee-fae6-11e3-b623-20c9d0831e59",
    "expression": "d2e6a530-357f-11e2-bd73-0019bb4985b8",
    "url": "ec616dcd-56e2-4147-99f8-7e4a4f040cf9",
}
SINGLE: Final = (
    '{"multiSelect": false, "data": "[{\\"menu\\": \\"A\\", \\"value\\": \\"a\\"}]"}'
)


def configure(client: Client, kind: str = "text", **data: Any) -> str:
    """Create a configuration of tasks' text unless told otherwise; return its id."""
    values = {
        "key": "made",
        "label": "Made",
        "config": "{}",
        "entity_type": "task",
        **data,
    }
    made = client.create("CustomAttributeConfiguration", type_id=TYPES[kind], **values)
    return str(made["id"])


@pytest.fixture
def shot(client: Client) -> str:
    project = client.project(id="project")
    return str(client.create("Shot", name="shot", parent_id=project)["id"])


def values_of(
    client: Client, entity_id: str, owner: str = "Context", key: str = "made"
) -> list[Any]:
    """Return the values that an entity shows for a key: one or none."""
    rows = client.query(
        f"select value from {owner}CustomAttributeValue "  # noqa: S608 - no SQL
        f'where entity_id is "{entity_id}" and key is "{key}"'
    )
    return [row["value"] for row in rows]


# -- values ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("text", "hello"),
        ("number", 2.5),
        ("number", 0),
        ("date", date("2024-06-22T00:00:00")),
        ("boolean", False),
        ("enumerator", ["a"]),
        ("enumerator", ["a", "b"]),
        ("enumerator", []),
        ("enumerator", ["not in the configuration"]),
        ("dynamic enumerator", ["x"]),
        ("expression", "{self.fend}"),
        ("url", '{"url": "https://example.com"}'),
        ("text", None),
        ("enumerator", None),
    ],
)
def test_a_value_of_each_type_is_kept(
    client: Client, shot: str, kind: str, value: Any
) -> None:
    key = configure(client, kind, config=SINGLE)
    client.update("ContextCustomAttributeValue", key, shot, value=value)
    assert values_of(client, shot) == [value]


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        ("text", 3, "\"3\" of type <type 'int'>"),
        ("number", True, "\"True\" of type <type 'bool'>"),
        ("date", 7, "\"7\" of type <type 'int'>"),
        ("boolean", 1, "\"1\" of type <type 'int'>"),
        ("enumerator", "a", "\"a\" of type <type 'unicode'>"),
        ("dynamic enumerator", "a", "\"a\" of type <type 'unicode'>"),
        ("expression", 1.5, "\"1.5\" of type <type 'float'>"),
        ("url", False, "\"False\" of type <type 'bool'>"),
    ],
)
def test_a_value_of_another_type_is_refused_for_each_type(
    client: Client, shot: str, kind: str, value: Any, shown: str
) -> None:
    key = configure(client, kind)
    text = f'Custom attribute value for "made" must be of type {kind}. Got {shown}'
    for write in (
        lambda: client.update("ContextCustomAttributeValue", key, shot, value=value),
        lambda: configure(client, kind, key="other", default=value),
    ):
        with pytest.raises(Refused) as refused:
            write()
        assert refused.value.exception == "ValidationError"
        assert refused.value.content.replace('"other"', '"made"') == text
    assert len(values_of(client, shot)) == 1


@pytest.mark.parametrize(
    ("kind", "default"),
    [
        ("text", ""),
        ("number", None),
        ("date", None),
        ("boolean", None),
        ("enumerator", []),
        ("dynamic enumerator", []),
        ("url", None),
    ],
)
def test_a_configuration_without_default_has_that_of_its_type(
    client: Client, shot: str, kind: str, default: Any
) -> None:
    configure(client, kind)
    assert values_of(client, shot) == [default]


def test_a_configuration_is_used_in_the_request_that_makes_it(client: Client) -> None:
    client.project(id="p")
    _, _, answer = client.call(
        create(
            "CustomAttributeConfiguration",
            id="c",
            key="made",
            type=ref("CustomAttributeType", TYPES["number"]),
            entity_type="task",
            object_type_id=SHOT,
            config="{}",
            default=5,
        ),
        create("Shot", id="s", name="s", parent_id="p"),
        {"action": "query", "expression": "select custom_attributes from Shot"},
    )
    shown = {row["key"]: row["value"] for row in answer["data"][0]["custom_attributes"]}
    assert shown["made"] == 5


def test_roles_of_a_configuration_can_be_given(client: Client) -> None:
    [role, *_] = client.query("select id from SecurityRole")
    roles = [ref("SecurityRole", role["id"])]
    key = configure(client, read_security_roles=roles, write_security_roles=roles)
    [found] = client.query(
        "select read_security_roles, write_security_roles "  # noqa: S608 - no SQL
        f"from CustomAttributeConfiguration where id is {key}"
    )
    assert [each["id"] for each in found["read_security_roles"]] == [role["id"]]
    assert len(found["write_security_roles"]) == 1


# -- where they apply --------------------------------------------------------


def test_attributes_of_one_object_type_are_no_others(client: Client, shot: str) -> None:
    task = client.create("Task", name="t", parent_id=shot)["id"]
    configure(client, object_type_id=SHOT)
    assert values_of(client, shot) == [""]
    assert values_of(client, task) == []


def make_owners(client: Client, shot: str) -> dict[str, str]:
    """Return an entity of each kind that has custom attributes, by value prefix."""
    [user] = client.query("select id from User limit 1")
    [category] = client.query("select id from ListCategory limit 1")
    client.create("Asset", id="asset", name="a", context_id=shot)
    client.create("AssetVersion", id="version", asset_id="asset")
    client.create(
        "TypedContextList",
        id="list",
        name="l",
        project_id="project",
        category_id=category["id"],
    )
    client.create("ListObject", id="item", list_id="list", entity_id=shot)
    return {
        "Asset": "asset",
        "AssetVersion": "version",
        "List": "list",
        "ListObject": "item",
        "User": user["id"],
    }


@pytest.mark.parametrize(
    ("owner", "entity_type"),
    [
        ("Asset", "asset"),
        ("AssetVersion", "assetversion"),
        ("List", "list"),
        ("ListObject", "listobject"),
        ("User", "user"),
    ],
)
def test_owners_of_each_kind_have_attributes(
    client: Client, shot: str, owner: str, entity_type: str
) -> None:
    owners = make_owners(client, shot)
    key = configure(client, "number", entity_type=entity_type, default=1)
    assert values_of(client, owners[owner], owner) == [1]
    client.update(f"{owner}CustomAttributeValue", key, owners[owner], value=2)
    assert values_of(client, owners[owner], owner) == [2]
    expression = "custom_attributes any (key is made and value is 2)"
    kind = "TypedContextList" if owner == "List" else owner
    [found] = client.query(f"{kind} where {expression}")
    assert found["id"] == owners[owner]
    for other in owners.keys() - {owner}:
        assert values_of(client, owners[other], other) == []


def test_hierarchical_ones_apply_to_trees_and_inherit_nothing(
    client: Client, shot: str
) -> None:
    owners = make_owners(client, shot)
    key = configure(client, entity_type="show", is_hierarchical=True, default="d")
    client.update("ContextCustomAttributeValue", key, "project", value="set")
    assert values_of(client, "project") == ["set"]
    assert values_of(client, shot) == ["d"]
    assert values_of(client, owners["Asset"], "Asset") == ["d"]
    assert values_of(client, owners["AssetVersion"], "AssetVersion") == ["d"]
    assert values_of(client, owners["List"], "List") == []
    assert values_of(client, owners["User"], "User") == []


def test_a_projects_own_hides_the_global_one(client: Client, shot: str) -> None:
    configure(client, default="global")
    configure(client, default="own", project_id="project")
    other = client.project("other")
    elsewhere = client.create("Shot", name="b", parent_id=other)["id"]
    assert values_of(client, shot) == ["own"]
    assert values_of(client, elsewhere) == ["global"]


def test_items_of_lists_have_the_attributes_of_their_project(
    client: Client, shot: str
) -> None:
    owners = make_owners(client, shot)
    configure(client, entity_type="listobject", default="o", project_id="project")
    assert values_of(client, owners["ListObject"], "ListObject") == ["o"]


# -- changing and deleting ---------------------------------------------------


def test_a_changed_default_is_that_of_new_entities_alone(
    client: Client, shot: str
) -> None:
    key = configure(client, default="first")
    client.update("CustomAttributeConfiguration", key, default="second")
    middle = client.create("Shot", name="b", parent_id="project")["id"]
    client.update("CustomAttributeConfiguration", key, default=None)
    last = client.create("Shot", name="c", parent_id="project")["id"]
    client.update("CustomAttributeConfiguration", key, default="fourth")
    client.update("CustomAttributeConfiguration", key, default="fifth")
    shown = [values_of(client, each)[0] for each in (shot, middle, last)]
    assert shown == ["first", "second", None]
    found = client.query('Shot where custom_attributes any (value is "second")')
    assert [row["id"] for row in found] == [middle]
    found = client.query(
        "Shot where custom_attributes any (key is made and value is none)"
    )
    assert [row["id"] for row in found] == [last]
    client.update("ContextCustomAttributeValue", key, shot, value="set")
    client.delete("CustomAttributeValue", key, shot)
    assert values_of(client, shot) == ["first"]


def test_a_deleted_entity_does_not_leave_its_default_to_the_next(
    client: Client, shot: str
) -> None:
    key = configure(client, default="old")
    client.update("CustomAttributeConfiguration", key, default="new")
    client.delete("Shot", shot)
    after = client.create("Shot", name="next", parent_id="project")["id"]
    assert values_of(client, after) == ["new"]
    client.delete("CustomAttributeConfiguration", key)
    configure(client, id=key, default="again")
    assert values_of(client, "project", key="made") == []
    assert values_of(client, after) == ["again"]


def test_a_default_that_fails_with_its_batch_changes_nothing(
    client: Client, shot: str
) -> None:
    key = configure(client, default="old")
    snapshot = client.emulator.snapshot()
    client.update("CustomAttributeConfiguration", key, default="new")
    assert values_of(client, shot) == ["old"]
    client.emulator.restore(snapshot)
    after = client.create("Shot", name="next", parent_id="project")["id"]
    assert values_of(client, after) == ["old"]


def test_type_and_project_of_a_configuration_stay(client: Client, shot: str) -> None:
    key = configure(client, project_id="project")
    with pytest.raises(Refused, match=r"ValidationError.*type"):
        client.update("CustomAttributeConfiguration", key, type_id=TYPES["number"])
    client.update("CustomAttributeConfiguration", key, project_id=None)
    other = client.create("Shot", name="b", parent_id=client.project("other"))["id"]
    assert values_of(client, other) == [""]
    with pytest.raises(Refused, match=r"ValidationError.*project"):
        client.update("CustomAttributeConfiguration", key, project_id="project")


@pytest.mark.parametrize(
    "scope",
    [{}, {"object_type_id": SHOT}, {"project_id": "project"}],
    ids=["global", "object type", "project"],
)
def test_a_key_is_taken_once_for_its_scope(
    client: Client, shot: str, scope: dict[str, str]
) -> None:
    configure(client, **scope)
    with pytest.raises(Refused, match="DuplicateEntryError"):
        configure(client, "number", **scope)
    configure(client, entity_type="user")


def test_entities_that_have_no_attributes_are_refused(client: Client) -> None:
    with pytest.raises(Refused, match=r"ValidationError.*entity_type"):
        configure(client, entity_type="Shot")


def test_a_configuration_goes_with_its_values(client: Client, shot: str) -> None:
    key = configure(client)
    client.update("ContextCustomAttributeValue", key, shot, value="x")
    client.delete("CustomAttributeConfiguration", key)
    assert values_of(client, shot) == []
    assert client.query(f"CustomAttributeValue where configuration_id is {key}") == []


def test_values_go_with_their_entity(client: Client, shot: str) -> None:
    key = configure(client)
    client.update("ContextCustomAttributeValue", key, shot, value="x")
    client.delete("Shot", shot)
    assert client.query(f"CustomAttributeValue where configuration_id is {key}") == []


def test_plain_rows_are_only_those_that_were_set(client: Client, shot: str) -> None:
    key = configure(client, default="d")
    expression = f"select value from CustomAttributeValue where entity_id is {shot}"  # noqa: S608 - no SQL
    assert client.query(expression) == []
    client.update("ContextCustomAttributeValue", key, shot, value="x")
    assert [row["value"] for row in client.query(expression)] == ["x"]


# -- links -------------------------------------------------------------------


@pytest.fixture
def supervisor(client: Client) -> str:
    made = client.create(
        "CustomAttributeLinkConfiguration",
        key="supervisor",
        label="Supervisor",
        entity_type="task",
        entity_type_to="user",
        config="{}",
        one_to_one=False,
    )
    return str(made["id"])


def link(client: Client, supervisor: str, shot: str) -> str:
    [user] = client.query("select id from User limit 1")
    values = {
        "configuration_id": supervisor,
        "from_id": shot,
        "from_entity_type": "Shot",
        "to_id": user["id"],
        "to_entity_type": "User",
    }
    return str(client.create("UserCustomAttributeLink", **values)["id"])


def test_links_are_filtered_by_from_both_ends(
    client: Client, shot: str, supervisor: str
) -> None:
    client.create("Shot", name="without", parent_id="project")
    link(client, supervisor, shot)
    found = client.query(
        "Shot where custom_attribute_links any "
        '(configuration.key is "supervisor" and user.last_name is "Admin")'
    )
    assert [row["id"] for row in found] == [shot]
    assert client.query(
        f'User where custom_attribute_links_from any (from_id is "{shot}")'
    )
    with pytest.raises(Refused):
        client.query("select custom_attribute_links from Shot")


def test_a_link_is_made_once(client: Client, shot: str, supervisor: str) -> None:
    link(client, supervisor, shot)
    with pytest.raises(Refused, match="DuplicateEntryError"):
        link(client, supervisor, shot)


@pytest.mark.parametrize("goes", ["configuration", "entity", "row"])
def test_a_link_goes_with_what_it_joins(
    client: Client, shot: str, supervisor: str, goes: str
) -> None:
    row = link(client, supervisor, shot)
    if goes == "configuration":
        client.delete("CustomAttributeLinkConfiguration", supervisor)
    elif goes == "entity":
        client.delete("Shot", shot)
    else:
        client.delete("UserCustomAttributeLink", row)
    assert client.query("CustomAttributeLink") == []


def test_a_links_configuration_hides_no_attribute(client: Client, shot: str) -> None:
    configure(client, default="d")
    client.create(
        "CustomAttributeLinkConfiguration",
        key="made",
        entity_type="task",
        entity_type_to="asset_version",
        project_id="project",
        config="{}",
    )
    assert values_of(client, shot) == ["d"]


def test_what_a_link_leads_to_is_one_of_the_known(client: Client) -> None:
    with pytest.raises(Refused, match=r"ValidationError.*entity_type_to"):
        client.create(
            "CustomAttributeLinkConfiguration",
            key="k",
            entity_type="task",
            entity_type_to="status",
            config="{}",
        )
