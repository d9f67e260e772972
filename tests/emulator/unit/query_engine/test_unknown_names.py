"""Names in queries that no attribute has: the server's sentence, then a hint."""

from __future__ import annotations

import pytest

from tests.support.emulator_client import Client, Refused


@pytest.mark.parametrize(
    ("expression", "name", "entity_type"),
    [
        ("select nonsense from Task", "nonsense", "Task"),
        ("select id, nonsense from Task", "nonsense", "Task"),
        ("select url from Component", "url", "Component"),
        ("Task where nonsense is 1", "nonsense", "Task"),
        ("Task where id is x and not nonsense in (1, 2)", "nonsense", "Task"),
        ("Task order by nonsense", "nonsense", "Task"),
        ("select status.nonsense from Task", "nonsense", "Status"),
        ("Task where status.nonsense is 1", "nonsense", "Status"),
        ("Task where status has (nonsense is 1)", "nonsense", "Status"),
        ("Task where assignments any (nonsense is 1)", "nonsense", "Appointment"),
        ("Task where nonsense.name is 1", "nonsense", "Task"),
        ("Task where nonsense any ()", "nonsense", "Task"),
        ("Task where id in (select nonsense from Shot)", "nonsense", "Shot"),
        # Names of attributes have a case.
        ("select Name from Task", "Name", "Task"),
        ("Task where NAME is x", "NAME", "Task"),
        # The emulator hides the keys of users, and servers have none such.
        ("select api_key from User", "api_key", "User"),
    ],
)
def test_an_unknown_attribute_is_a_parse_error_in_the_words_of_servers(
    client: Client, expression: str, name: str, entity_type: str
) -> None:
    with pytest.raises(Refused) as refused:
        client.query(expression)
    assert refused.value.exception == "ParseError"
    sentence = f"No attribute '{name}' exists for schema '{entity_type}'."
    assert refused.value.content.startswith(sentence)


def test_a_hint_follows_the_sentence(client: Client) -> None:
    with pytest.raises(Refused) as refused:
        client.query("select descripton from Task")
    assert refused.value.content == (
        "No attribute 'descripton' exists for schema 'Task'. "
        "Did you mean 'description'?"
    )


@pytest.mark.parametrize(
    "expression",
    [
        "select project.id from Context",
        "select id, name, bid from Context",
        "Context where project.name is bunny",
        "Context where status_id is none",
        "Context order by bid",
        "Task where parent_id in (select id from Context where bid > 1)",
    ],
)
def test_a_query_of_contexts_has_no_attributes_of_their_subtypes(
    client: Client, expression: str
) -> None:
    with pytest.raises(Refused) as refused:
        client.query(expression)
    assert refused.value.exception == "ParseError"
    assert "exists for schema 'Context'. TypedContext has it" in refused.value.content


def test_contexts_behind_a_relation_have_attributes_of_their_subtypes(
    client: Client,
) -> None:
    assert client.query("select asset.parent.project.name from AssetVersion") == []
    assert client.query("Asset where parent.project.name is bunny") == []
    assert client.query("Asset order by parent.bid") == []
    # Other base types are not known to refuse them.
    assert client.query("Resource where username is nobody") == []


def test_the_id_of_a_setting_can_be_selected(client: Client) -> None:
    """ftrack Connect selects it at its start, and no attribute has the name."""
    [row] = client.query(
        'select id from Setting where name is "storage_scenario" and group is "STORAGE"'
    )
    assert row == {
        "__entity_type__": "Setting",
        "name": "storage_scenario",
        "group": "STORAGE",
    }
    with pytest.raises(Refused, match="No attribute 'id' exists for schema 'Setting'"):
        client.query("Setting where id is x")
