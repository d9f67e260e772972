"""Metadata and custom attributes of every type (protocol 3.5, 6.7)."""

from __future__ import annotations

import json
import re
from typing import Any

import arrow
import ftrack_api.exception
import pytest

from ftrack_orm.emulator import Emulator

TYPES = {
    "text": ("words", json.dumps({"markdown": False})),
    "number": (2.5, json.dumps({"isdecimal": True})),
    "boolean": (True, "{}"),
    "enumerator": (
        ["a"],
        json.dumps(
            {
                "multiSelect": False,
                "data": json.dumps(
                    [{"menu": "A", "value": "a"}, {"menu": "B", "value": "b"}]
                ),
            }
        ),
    ),
    "date": (arrow.get("2024-05-06T10:00:00+00:00"), "{}"),
    "url": ("https://example.com/x", "{}"),
    "expression": ("{self.fend}", "{}"),
}
"""Name of each type (protocol 9.7), a value of it, and a configuration's options."""


def configure(session: Any, kind: str, **more: Any) -> Any:
    """Create a custom attribute through the API."""
    kinds = {each["name"]: each for each in session.query("CustomAttributeType")}
    values = {
        "key": f"my_{kind}",
        "label": f"My {kind}",
        "type": kinds[kind],
        "config": TYPES[kind][1],
        "entity_type": "show",
        **more,
    }
    made = session.create("CustomAttributeConfiguration", values)
    session.commit()
    return made


def test_metadata_is_added_changed_and_removed(
    session: Any, fresh: Any, task: Any
) -> None:
    task["metadata"]["a"] = "1"
    task["metadata"]["b"] = "2"
    session.commit()
    task["metadata"]["a"] = "3"
    del task["metadata"]["b"]
    session.commit()
    assert dict(fresh.get("Task", task["id"])["metadata"]) == {"a": "3"}


def test_metadata_is_replaced_as_a_whole(session: Any, fresh: Any, task: Any) -> None:
    task["metadata"] = {"a": "1", "b": "2"}
    session.commit()
    task["metadata"] = {"b": "3", "c": "4"}
    session.commit()
    assert dict(fresh.get("Task", task["id"])["metadata"]) == {"b": "3", "c": "4"}


@pytest.mark.parametrize("kind", ["project", "shot", "task", "version", "jane"])
def test_metadata_names_the_type_of_its_parent(
    request: pytest.FixtureRequest, session: Any, fresh: Any, kind: str
) -> None:
    entity = request.getfixturevalue(kind)
    entity["metadata"]["a"] = "1"
    session.commit()
    row = fresh.get("Metadata", [entity["id"], "a"])
    assert row["parent_type"] == entity.entity_type
    assert row["value"] == "1"


def test_metadata_comes_with_a_new_entity(
    session: Any, fresh: Any, project: Any
) -> None:
    made = session.create(
        "Folder", {"name": "f", "parent": project, "metadata": {"a": "1"}}
    )
    session.commit()
    assert dict(fresh.get("Folder", made["id"])["metadata"]) == {"a": "1"}


def test_shots_have_the_standard_attributes(session: Any, shot: Any) -> None:
    assert dict(shot["custom_attributes"]) == {
        "fstart": 1,
        "fend": 1,
        "handles": 0,
        "fps": 25,
        "duration": "{self.fend - self.fstart + 1}",
    }


def test_each_type_has_its_own_attributes(
    session: Any, project: Any, shot: Any, task: Any
) -> None:
    assert dict(project["custom_attributes"]) == {"fps": 24}
    assert dict(shot["parent"]["custom_attributes"]) == {"fps": 25}
    assert dict(task["custom_attributes"]) == {}


def test_a_value_is_stored_and_read_back(session: Any, fresh: Any, shot: Any) -> None:
    shot["custom_attributes"]["fstart"] = 1001
    session.commit()
    seen = fresh.get("Shot", shot["id"])["custom_attributes"]
    assert (seen["fstart"], seen["fend"]) == (1001, 1)


def test_values_come_with_a_new_entity(session: Any, fresh: Any, project: Any) -> None:
    made = session.create(
        "Shot",
        {
            "name": "s",
            "parent": project,
            "custom_attributes": {"fstart": 7, "fend": 9},
        },
    )
    session.commit()
    seen = fresh.get("Shot", made["id"])["custom_attributes"]
    assert (seen["fstart"], seen["fend"], seen["handles"]) == (7, 9, 0)


def test_a_wrong_value_is_refused_in_the_servers_words(
    session: Any, fresh: Any, shot: Any
) -> None:
    shot["custom_attributes"]["fstart"] = "test"
    shot["description"] = "changed with it"
    with pytest.raises(
        ftrack_api.exception.ServerError,
        match=re.escape(
            'Custom attribute value for "fstart" must be of type number. '
            "Got \"test\" of type <type 'unicode'>"
        ),
    ):
        session.commit()
    session.rollback()
    seen = fresh.get("Shot", shot["id"])
    assert (seen["description"], seen["custom_attributes"]["fstart"]) == ("", 1)


def test_an_unknown_key_is_refused_by_the_client(session: Any, shot: Any) -> None:
    with pytest.raises(KeyError):
        shot["custom_attributes"]["nothing"] = 1


@pytest.mark.parametrize("kind", list(TYPES))
def test_every_type_can_be_configured_and_used(
    session: Any, fresh: Any, project: Any, kind: str
) -> None:
    configure(session, kind)
    key, (value, _) = f"my_{kind}", TYPES[kind]
    session.reset()
    session.get("Project", project["id"])["custom_attributes"][key] = value
    session.commit()
    fresh.reset()
    assert fresh.get("Project", project["id"])["custom_attributes"][key] == value


@pytest.mark.parametrize(
    ("kind", "owner", "entity_type"),
    [
        ("text", "project", "show"),
        ("number", "version", "assetversion"),
        ("text", "asset", "asset"),
        ("boolean", "jane", "user"),
    ],
)
def test_attributes_are_for_one_kind_of_entity(
    request: pytest.FixtureRequest,
    session: Any,
    fresh: Any,
    kind: str,
    owner: str,
    entity_type: str,
) -> None:
    entity = request.getfixturevalue(owner)
    configure(session, kind, entity_type=entity_type)
    session.reset()
    key, (value, _) = f"my_{kind}", TYPES[kind]
    mine = session.get(entity.entity_type, entity["id"])
    mine["custom_attributes"][key] = value
    session.commit()
    fresh.reset()
    seen = fresh.get(entity.entity_type, entity["id"])
    assert seen["custom_attributes"][key] == value


def test_attributes_of_lists(session: Any, fresh: Any, project: Any) -> None:
    configure(session, "text", entity_type="list")
    session.reset()
    made = session.create(
        "AssetVersionList",
        {
            "name": "l",
            "project": session.get("Project", project["id"]),
            "category": session.query("ListCategory").first(),
        },
    )
    session.commit()
    made["custom_attributes"]["my_text"] = "words"
    session.commit()
    fresh.reset()
    seen = fresh.get("AssetVersionList", made["id"])
    assert seen["custom_attributes"]["my_text"] == "words"


def test_a_hierarchical_attribute_is_on_every_level_and_inherits_nothing(
    session: Any, fresh: Any, task: Any, shot: Any, project: Any
) -> None:
    configure(session, "number", is_hierarchical=True, default=3)
    session.reset()
    session.get("Project", project["id"])["custom_attributes"]["my_number"] = 5
    session.commit()
    fresh.reset()
    values = [
        fresh.get(each.entity_type, each["id"])["custom_attributes"]["my_number"]
        for each in (project, shot, task)
    ]
    assert values == [5, 3, 3]


def test_a_projects_own_attribute_hides_the_global_one(
    session: Any, fresh: Any, project: Any, shot: Any
) -> None:
    kind = session.query('ObjectType where name is "Shot"').one()
    configure(
        session,
        "number",
        key="fps",
        entity_type="task",
        object_type_id=kind["id"],
        project_id=project["id"],
        default=48,
    )
    session.reset()
    other = session.create("Shot", {"name": "later", "parent": project})
    session.commit()
    assert session.get("Shot", other["id"])["custom_attributes"]["fps"] == 48


def test_only_what_was_set_is_a_plain_row(session: Any, fresh: Any, shot: Any) -> None:
    expression = f'CustomAttributeValue where entity_id is "{shot["id"]}"'
    assert fresh.query(expression).all() == []
    shot["custom_attributes"]["fend"] = 1100
    session.commit()
    fresh.reset()
    [row] = fresh.query(expression)
    assert (row["configuration"]["key"], row["value"]) == ("fend", 1100)
    dense = fresh.query(
        f'ContextCustomAttributeValue where entity_id is "{shot["id"]}"'
    )
    assert len(dense.all()) == 5


def test_values_are_found_by_key_and_value(session: Any, shot: Any) -> None:
    shot["custom_attributes"]["fend"] = 1100
    session.commit()
    found = session.query(
        'Shot where custom_attributes any (key is "fend" and value > 1000)'
    ).all()
    assert [each["id"] for each in found] == [shot["id"]]


def test_links_to_entities_are_found(
    session: Any, fresh: Any, shot: Any, jane: Any
) -> None:
    configuration = session.create(
        "CustomAttributeLinkConfiguration",
        {
            "key": "supervisor",
            "label": "Supervisor",
            "entity_type": "task",
            "object_type_id": shot["object_type_id"],
            "entity_type_to": "user",
            "config": "{}",
        },
    )
    session.commit()
    session.create(
        "UserCustomAttributeLink",
        {
            "configuration": configuration,
            "from_id": shot["id"],
            "to_id": jane["id"],
        },
    )
    session.commit()
    found = fresh.query(
        'Shot where custom_attribute_links any (configuration.key is "supervisor" '
        'and user.username is "jane")'
    ).all()
    assert [each["id"] for each in found] == [shot["id"]]


def test_reading_metadata_of_many_takes_one_request(
    emulator: Emulator, session: Any, project: Any
) -> None:
    for number in range(5):
        session.create(
            "Folder",
            {"name": f"f{number}", "parent": project, "metadata": {"n": str(number)}},
        )
    session.commit()
    session.reset()
    emulator.forget()
    found = session.query("select metadata from Folder").all()
    with session.auto_populating(False):
        assert {each["metadata"]["n"] for each in found} == set("01234")
    assert len(emulator.calls) == 1
