"""Commits as the official client hears of them."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import pytest

from ftrack_orm.emulator import Emulator
from tests.support.official_hub import Connect, subscribe, wait
from tests.support.official_studio import Studio

with warnings.catch_warnings():
    # The client's copy of pyparsing imports a deprecated module.
    warnings.simplefilter("ignore", DeprecationWarning)
    import ftrack_api.exception
    from ftrack_api.event.base import Event

SERVER = "3a372bde-05bc-11e4-8908-20c9d081909b"
ORIGIN = "ce9b348f-8809-11e3-821c-20c9d081909b"
IN_PROGRESS = "44ddd0fe-4164-11df-9218-0019bb4983d8"


def test_a_commit_is_told_to_another_session(
    emulator: Emulator, session: Any, task: Any, connected: Connect
) -> None:
    hub = connected().event_hub
    heard = subscribe(emulator, hub, "topic=ftrack.update")
    old = task["status_id"]
    task["status"] = session.get("Status", IN_PROGRESS)
    session.commit()
    wait(lambda: heard, hub)
    entity = heard[0]["data"]["entities"][0]
    assert entity["changes"] == {"statusid": {"old": old, "new": IN_PROGRESS}}
    assert (entity["action"], entity["entityType"]) == ("update", "task")
    assert (entity["entityId"], entity["parentId"]) == (task["id"], task["parent_id"])
    # As handlers of events find what has changed.
    assert session.get(entity["entity_type"], entity["entityId"]) is task
    shows = [each for each in entity["parents"] if each["entityType"] == "show"]
    assert [each["entityId"] for each in shows] == [task["project_id"]]


def test_creating_and_deleting_is_told(
    emulator: Emulator, session: Any, shot: Any, hub: Any
) -> None:
    heard = subscribe(emulator, hub, "topic=ftrack.update")
    made = session.create("Task", {"name": "layout", "parent": shot})
    session.commit()
    session.delete(made)
    session.commit()
    wait(lambda: len(heard) == 2, hub)
    added, removed = (event["data"]["entities"][0] for event in heard)
    assert (added["action"], removed["action"]) == ("add", "remove")
    assert added["changes"]["name"] == {"old": None, "new": "layout"}
    assert removed["changes"]["name"] == {"old": "layout", "new": None}
    assert added["entityId"] == removed["entityId"] == made["id"]


def test_a_commit_of_many_is_one_event(
    emulator: Emulator, session: Any, shot: Any, hub: Any
) -> None:
    heard = subscribe(emulator, hub, "topic=ftrack.update")
    for number in range(20):
        session.create("Task", {"name": f"task{number}", "parent": shot})
    session.commit()
    wait(lambda: heard, hub)
    names = [each["changes"]["name"]["new"] for each in heard[0]["data"]["entities"]]
    assert names == [f"task{number}" for number in range(20)]


def test_a_commit_that_fails_tells_nothing(
    emulator: Emulator, session: Any, shot: Any, hub: Any
) -> None:
    heard = subscribe(emulator, hub, "topic=ftrack.update")
    end = subscribe(emulator, hub, "topic=end")
    session.create("Task", {"name": "layout", "parent": shot})
    emulator.faults.deny_permission()
    with pytest.raises(ftrack_api.exception.ServerError):
        session.commit()
    session.rollback()
    hub.publish(Event("end"))
    wait(lambda: end, hub)
    assert heard == []


def test_a_custom_attribute_is_told_under_its_key(
    emulator: Emulator, session: Any, shot: Any, hub: Any
) -> None:
    kind = session.query('CustomAttributeType where name is "number"').one()
    session.create(
        "CustomAttributeConfiguration",
        {
            "key": "cut_in",
            "label": "Cut in",
            "type": kind,
            "entity_type": "task",
            "object_type_id": shot["object_type_id"],
            "config": '{"isdecimal": false}',
            "default": 0,
        },
    )
    session.commit()
    heard = subscribe(emulator, hub, "topic=ftrack.update")
    shot["custom_attributes"]["cut_in"] = 1001
    session.commit()
    wait(lambda: heard, hub)
    [entity] = heard[0]["data"]["entities"]
    assert (entity["entityId"], entity["keys"]) == (shot["id"], ["cut_in"])
    assert entity["changes"]["cut_in"]["new"] == 1001


def test_only_the_changes_of_a_user_can_be_heard(
    emulator: Emulator, session: Any, shot: Any, hub: Any
) -> None:
    base = "topic=ftrack.update and source.user.username="
    mine = subscribe(emulator, hub, f"{base}admin")
    others = subscribe(emulator, hub, f"{base}jane")
    session.create("Task", {"name": "layout", "parent": shot})
    session.commit()
    wait(lambda: mine, hub)
    assert (len(mine), others) == (1, [])


def test_an_upload_is_told_by_the_session_that_made_it(
    emulator: Emulator, studio: Studio, connected: Connect, folder: Path
) -> None:
    uploading, listening = connected(), connected().event_hub
    heard = subscribe(emulator, listening, "topic=ftrack.location.component-added")
    file = folder / "plate.jpg"
    file.write_bytes(b"plate")
    location = uploading.get("Location", SERVER)
    component = uploading.create_component(str(file), location=location)
    uploading.commit()
    wait(lambda: len(heard) == 2, listening)
    # First where the file is, then where it was copied to.
    assert [event["data"] for event in heard] == [
        {"component_id": component["id"], "location_id": each}
        for each in (ORIGIN, SERVER)
    ]
