"""Facts that the newest official tests and notes about live servers state (protocol D).

The tests of the newest client are not released: its source distributions have had none
since 2.5.4 (see `official_suite`). Each test here is one row of appendix D, as the
official client sees it.
"""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import Any, Final

import arrow
import ftrack_api.event.base
import ftrack_api.exception
import ftrack_api.symbol
import httpx
import pytest

from ftrack_orm.emulator import Emulator
from tests.support.official_hub import Connect

PART: Final = 8 * 1024 * 1024
"""Bytes of a part, as the newest client cuts files of up to 128 MiB."""


def refused(session: Any, expression: str) -> str:
    """Return the error of the server for a query."""
    with pytest.raises(ftrack_api.exception.ServerError) as caught:
        session.query(expression).all()
    return str(caught.value)


def test_a_plain_component_is_created_renamed_and_deleted(
    session: Any, fresh: Any
) -> None:
    component = session.create("Component", {"name": "plain"})
    session.commit()
    component["name"] = "renamed"
    session.commit()
    found = fresh.get("Component", component["id"])
    assert (found["name"], found.entity_type) == ("renamed", "Component")
    session.delete(component)
    session.commit()
    fresh.reset()
    assert fresh.query(f'Component where id is "{component["id"]}"').all() == []


def test_results_of_writes_repeat_microseconds_and_queries_do_not(
    session: Any, fresh: Any, admin: Any
) -> None:
    moment = arrow.get("2024-05-06T07:08:09.123456+00:00")
    timelog = session.create(
        "Timelog", {"start": moment, "duration": 10, "user": admin}
    )
    session.commit()
    assert timelog["start"] == moment
    timelog["start"] = moment.shift(hours=1)
    session.commit()
    assert timelog["start"] == moment.shift(hours=1)
    found = fresh.get("Timelog", timelog["id"])
    assert found["start"] == moment.shift(hours=1).replace(microsecond=0)


def test_a_row_is_ensured_with_a_moment_of_microseconds(
    session: Any, admin: Any
) -> None:
    data = {"start": arrow.get("2024-05-06T07:08:09.5"), "duration": 10}
    first = session.ensure("Timelog", data)
    assert session.ensure("Timelog", data) is first


def test_the_first_project_schema_has_shots_and_their_statuses(session: Any) -> None:
    schema = session.query("ProjectSchema").first()
    assert schema["name"] == "VFX"
    assert schema.get_statuses("Shot")
    kind = schema.get_types("Task")[0]
    assert schema.get_statuses("Task", kind["id"])


def test_a_new_project_schema_has_tasks_and_milestones(
    session: Any, fresh: Any
) -> None:
    vfx = session.query('ProjectSchema where name is "VFX"').one()
    names = (
        "asset_version_workflow_schema",
        "task_workflow_schema",
        "task_type_schema",
    )
    made = session.create(
        "ProjectSchema", {"name": "new", **{name: vfx[name] for name in names}}
    )
    session.commit()
    found = fresh.get("ProjectSchema", made["id"])
    assert {each["name"] for each in found["object_types"]} == {"Task", "Milestone"}


def test_the_first_occurrence_has_the_attributes_of_later_ones(
    session: Any, emulator: Emulator, task: Any
) -> None:
    session.create("Task", {"name": "comp", "parent": task["parent"]})
    session.commit()
    session.reset()
    expression = "select name, parent.name, parent.children.type.name from Task"
    emulator.forget()
    for each in session.query(expression).all():
        siblings = each["parent"]["children"]
        assert {"anim", "comp"} == {sibling["name"] for sibling in siblings}
        assert [sibling["type"] and sibling["type"]["name"] for sibling in siblings]
    assert len(emulator.calls) == 1


def test_an_unknown_attribute_is_a_parse_error_of_live_words(session: Any) -> None:
    for expression, schema in (
        ("select nothing from Task", "Task"),
        ("Task where parent.nothing is 1", "Context"),
        ("Task order by nothing", "Task"),
    ):
        message = refused(session, expression)
        assert "ParseError" in message
        assert f"No attribute 'nothing' exists for schema '{schema}'." in message


def test_the_root_type_takes_no_attributes_of_its_subtypes(
    session: Any, version: Any, project: Any
) -> None:
    assert "ParseError" in refused(session, "select project.id from Context")
    found = session.query("select asset.parent.project.id from AssetVersion").one()
    assert found["asset"]["parent"]["project"]["id"] == project["id"]


def test_a_notes_parent_is_found_by_its_table_and_named_by_its_schema(
    session: Any, admin: Any, task: Any, version: Any, project: Any
) -> None:
    for parent, table in (
        (task, "task"),
        (version, "asset_version"),
        (project, "show"),
    ):
        parent.create_note("Hello", author=admin)
        session.commit()
        [note] = session.query(f'Note where parent_type is "{table}"')
        assert note["parent_type"] == parent.entity_type
        assert not session.query(f'Note where parent_type is "{parent.entity_type}x"')


def test_a_configuration_needs_no_config_where_its_type_has_none(
    session: Any, fresh: Any, task: Any
) -> None:
    for type_name, value in (("boolean", True), ("date", arrow.get("2024-05-06"))):
        kind = session.query(f'CustomAttributeType where name is "{type_name}"').one()
        session.create(
            "CustomAttributeConfiguration",
            {
                "entity_type": "task",
                "object_type_id": task["object_type_id"],
                "type": kind,
                "label": type_name,
                "key": f"without_{type_name}",
            },
        )
        session.commit()
        fresh.reset()
        found = fresh.get("Task", task["id"])
        found["custom_attributes"][f"without_{type_name}"] = value
        fresh.commit()
        fresh.reset()
        found = fresh.get("Task", task["id"])
        assert found["custom_attributes"][f"without_{type_name}"] == value


def test_a_search_needs_no_expression(session: Any, task: Any) -> None:
    [result] = session.call(
        [{"action": "search", "entity_type": "Task", "terms": ["ani"]}]
    )
    assert [each["id"] for each in result["data"]] == [task["id"]]


def test_dates_may_lack_leading_zeros(session: Any, task: Any) -> None:
    task["start_date"] = arrow.get("2024-01-08")
    session.commit()
    assert session.query("Task where start_date is 2024-1-8").one() is task
    assert session.query('Task where start_date >= "2024-1-9"').all() == []


def test_the_id_of_a_setting_is_no_error(session: Any) -> None:
    rows = session.query("select id, name from Setting").all()
    assert all(row["name"] for row in rows)


def test_an_event_of_a_change_has_native_values(
    session: Any, emulator: Emulator, task: Any, jane: Any
) -> None:
    task["bid"] = 3600
    jane["is_active"] = True
    session.commit()
    with emulator.event_hub.subscribe("topic=ftrack.update") as updates:
        task["bid"] = 0.0
        jane["is_active"] = False
        session.commit()
    [event] = updates.events
    new = {
        name: change["new"]
        for entity in event.data["entities"]
        for name, change in entity["changes"].items()
    }
    assert (new["bid"], type(new["bid"])) == (0.0, float)
    assert new["isactive"] is False


def test_every_change_is_an_event_row_deletions_included(
    session: Any, fresh: Any, jane: Any
) -> None:
    session.delete(jane)
    session.commit()
    expression = f'Event where parent_id is "{jane["id"]}" order by id'
    rows = fresh.query(expression).all()
    assert [row["insert"] for row in rows] == ["insert", "delete"]
    assert rows[0]["id"] < rows[1]["id"]


@pytest.mark.parametrize("size", [1024 * 1024, PART + 5])
def test_a_component_that_does_not_exist_takes_an_upload(
    session: Any, size: int
) -> None:
    """The tests of the newest client upload to an id without a component."""
    component_id = "17db4ccc-dd37-49c9-8be5-9afc4abf7c2c"
    content = b"DEADBEEF" * (size // 8)
    parts = [content[start : start + PART] for start in range(0, len(content), PART)]
    operation = {
        "action": "get_upload_metadata",
        "component_id": component_id,
        "file_name": "test.jpg",
        "file_size": len(content),
    }
    if len(parts) == 1:
        operation["checksum"] = base64.b64encode(
            hashlib.md5(content, usedforsecurity=False).digest()
        ).decode()
        [metadata] = session.call([operation])
        answer = httpx.put(
            metadata["url"], content=content, headers=metadata["headers"]
        )
        assert answer.status_code == 200
    else:
        [metadata] = session.call([{**operation, "parts": len(parts)}])
        e_tags = [
            httpx.put(address["signed_url"], content=part).headers["etag"].strip('"')
            for address, part in zip(metadata["urls"], parts, strict=True)
        ]
        listed = [
            {"part_number": number, "e_tag": e_tag}
            for number, e_tag in enumerate(e_tags, 1)
        ]
        session.call(
            [
                {
                    "action": "complete_multipart_upload",
                    "upload_id": metadata["upload_id"],
                    "component_id": component_id,
                    "parts": listed,
                }
            ]
        )
    server = session.get("Location", ftrack_api.symbol.SERVER_LOCATION_ID)
    url = server.accessor.get_url(component_id)
    assert httpx.get(url).content == content


def test_sessions_on_one_connection_unsubscribe_alone(
    emulator: Emulator, connected: Connect
) -> None:
    """The newest client shares a connection between sessions of one user."""
    hub = connected().event_hub
    heard: list[str] = []
    ends = [
        hub.subscribe("topic=studio.shared", lambda event: heard.append("first")),
        hub.subscribe("topic=studio.shared", lambda event: heard.append("second")),
    ]
    emulator.event_hub.wait_for_subscriber("studio.shared")
    hub.unsubscribe(ends[0])
    hub.publish(ftrack_api.event.base.Event(topic="studio.shared"))
    hub.wait(2)
    assert heard == ["second"]


def test_the_schema_cache_of_the_client_is_used_by_its_hash(
    emulator: Emulator, folder: Path
) -> None:
    credentials = emulator.credentials
    for expected in (1, 0):
        emulator.forget()
        session = ftrack_api.Session(
            **credentials, schema_cache_path=str(folder), auto_connect_event_hub=False
        )
        session.close()
        actions = [
            operation["action"]
            for call in emulator.calls
            for operation in call.operations
        ]
        assert actions.count("query_schemas") == expected
