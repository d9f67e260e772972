"""Values by composite key, of configurations that share a key: protocol 3.5 and 6.7."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.emulator_client import SHOT, Client, Refused

TEXT = "6268aef0-381c-11e0-acff-0019bb49847a"


@pytest.fixture
def twins(client: Client) -> Client:
    """A shot with a flat and a hierarchical attribute of one key, and another."""
    project = client.project()
    client.create("Shot", id="s1", name="010", parent_id=project)
    configure(client, "flat", object_type_id=SHOT)
    configure(client, "hierarchical", is_hierarchical=True)
    configure(client, "other", key="other", object_type_id=SHOT)
    return client


def configure(client: Client, configuration: str, **data: Any) -> None:
    """Create a configuration of tasks' text, by default of the key `colour`."""
    values = {"key": "colour", "label": "Colour", "config": "{}"}
    client.create(
        "CustomAttributeConfiguration",
        id=configuration,
        default=configuration,
        entity_type="task",
        type_id=TEXT,
        **{**values, **data},
    )


def values(client: Client) -> dict[str, Any]:
    """Return the values of the shot by configuration."""
    rows = client.query(
        "select value from ContextCustomAttributeValue where entity_id is s1 "
        "and key in (colour, other)"
    )
    return {row["configuration_id"]: row["value"] for row in rows}


@pytest.mark.parametrize(
    "entity_type", ["ContextCustomAttributeValue", "CustomAttributeValue"]
)
@pytest.mark.parametrize("configuration", ["flat", "hierarchical", "other"])
def test_a_value_is_set_and_deleted_by_its_key_alone(
    twins: Client, entity_type: str, configuration: str
) -> None:
    defaults = values(twins)
    assert defaults == {name: name for name in ("flat", "hierarchical", "other")}

    for value in ("red", "blue", None):
        changed = twins.update(entity_type, configuration, "s1", value=value)
        assert changed["value"] == value
        assert values(twins) == {**defaults, configuration: value}

    assert twins.delete("CustomAttributeValue", configuration, "s1") is True
    assert values(twins) == defaults
    with pytest.raises(Refused, match="Could not find entity"):
        twins.delete("CustomAttributeValue", configuration, "s1")


def test_a_projects_attribute_hides_the_flat_twin_and_not_the_hierarchical(
    twins: Client,
) -> None:
    [shot] = twins.query("select project_id from Shot where id is s1")
    project = shot["project_id"]
    configure(twins, "own", object_type_id=SHOT, project_id=project)
    assert values(twins) == {name: name for name in ("own", "hierarchical", "other")}
    with pytest.raises(Refused, match="Could not find entity"):
        twins.update("CustomAttributeValue", "flat", "s1", value="red")

    # This one is configured as the hierarchical is, for every object type.
    configure(twins, "wide", project_id=project)
    assert values(twins)["hierarchical"] == "hierarchical"


@pytest.mark.parametrize("key", ["k", "K", "", "a b", "a,b", "50%"])
def test_metadata_is_changed_and_deleted_by_owner_and_key(
    client: Client, key: str
) -> None:
    project = client.project()
    for name in (key, "beside"):
        client.create(
            "Metadata", parent_id=project, parent_type="Project", key=name, value="1"
        )
    client.update("Metadata", project, key, value="2")
    rows = client.query("select key, value from Metadata")
    assert {row["key"]: row["value"] for row in rows} == {key: "2", "beside": "1"}

    client.delete("Metadata", project, key)
    assert [row["key"] for row in client.query("Metadata")] == ["beside"]
    for change in (client.delete, client.update):
        with pytest.raises(Refused, match="Could not find entity"):
            change("Metadata", project, key)
