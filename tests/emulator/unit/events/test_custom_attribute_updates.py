"""Changes of custom attributes in update events."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ftrack_orm.emulator.events.listener import Listener
from tests.support.emulator_client import (
    TASK,
    Client,
    create,
    update,
)
from tests.support.update_events import last, of


def configure(client: Client, kind: str) -> str:
    types = client.query("select id, name from CustomAttributeType")
    [type_id] = [each["id"] for each in types if each["name"] == kind]
    values: dict[str, Any] = {"config": "{}"}
    if kind == "enumerator":
        data = json.dumps([{"menu": "A", "value": "a"}, {"menu": "B", "value": "b"}])
        values["config"] = json.dumps({"multiSelect": True, "data": data})
    made = client.create(
        "CustomAttributeConfiguration",
        key=WIP_TYPES[kind],
        label=kind,
        entity_type="task",
        object_type_id=TASK,
        type_id=type_id,
        **values,
    )
    return str(made["id"])


@pytest.mark.parametrize(
    ("kind", "value", "told"),
    [
        ("text", "red", "red"),
        ("boolean", True, True),
        ("number", 25, 25),
        (
            "date",
            {"__type__": "datetime", "value": "2024-05-06T00:00:00"},
            "2024-05-06T00:00:00.000000",
        ),
        ("enumerator", ["a", "b"], "a,b"),
    ],
)
def test_custom_attributes_stand_under_their_key_as_values(
    client: Client, updates: Listener, task: str, kind: str, value: Any, told: Any
) -> None:
    configuration = configure(client, kind)
    client.update("ContextCustomAttributeValue", configuration, task, value=value)
    [entity] = last(updates)["entities"]
    assert (entity["entity_type"], entity["action"]) == ("Task", "update")
    assert entity["keys"] == [WIP_TYPES[kind]]
    assert entity["changes"] == {WIP_TYPES[kind]: {"old": None, "new": told}}
    assert type(entity["changes"][WIP_TYPES[kind]]["new"]) is type(told)


def test_custom_attributes_of_a_new_entity_stand_with_it(
    client: Client, updates: Listener, shot: str
) -> None:
    configuration = configure(client, "text")
    client.call(
        create("Task", id="t1", name="anim", parent_id=shot),
        update("ContextCustomAttributeValue", configuration, "t1", value="red"),
    )
    entity = of(updates, "Task")
    assert entity["action"] == "add"
    assert entity["changes"]["custom_text"] == {"old": None, "new": "red"}
    assert len(last(updates)["entities"]) == 1


def test_custom_attributes_of_a_deleted_entity_go_with_it(
    client: Client, updates: Listener, task: str
) -> None:
    configuration = configure(client, "text")
    client.update("ContextCustomAttributeValue", configuration, task, value="red")
    client.update("ContextCustomAttributeValue", configuration, task, value="blue")
    assert of(updates, "Task")["changes"] == {
        "custom_text": {"old": "red", "new": "blue"}
    }
    client.delete("Task", task)
    entity = of(updates, "Task")
    assert entity["action"] == "remove"
    assert entity["changes"]["custom_text"] == {"old": "blue", "new": None}


WIP_TYPES = {
    "text": "custom_text",
    "boolean": "custom_flag",
    "number": "custom_number",
    "date": "custom_date",
    "enumerator": "custom_list",
}
