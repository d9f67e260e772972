"""`ensure`: found, changed or created, never twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from ftrack_models import (
    AssetVersion,
    ListCategory,
    Metadata,
    Note,
    Project,
    Shot,
    Status,
    Task,
    Timelog,
    TypedContextList,
    User,
)
from ftrack_orm import (
    AttributeValueError,
    EntityState,
    IdentificationError,
    MultipleResultsError,
    Session,
    UnknownAttributeError,
)
from ftrack_orm.emulator import Emulator
from tests.support.demo_production import a_shot, a_task, project
from tests.support.emulator_records import existing_row, stored, writes, written


def sent(emulator: Emulator) -> list[str]:
    """Return the actions received, in order."""
    return [step["action"] for step in emulator.call_log.operations]


def test_what_is_missing_is_created(emulator: Emulator, over_http: Session) -> None:
    shot = a_shot(over_http)
    emulator.call_log.clear()

    task = over_http.ensure(Task, {"name": "dust", "parent": shot, "bid": 3600.0})

    assert sent(emulator) == ["query", "create"]
    assert task.entity_state is EntityState.PERSISTENT
    row = existing_row(emulator, "Task", task.id)
    assert (row["name"], row["parent_id"], row["bid"]) == ("dust", shot.id, 3600.0)


def test_what_is_there_and_agrees_is_left_alone(
    emulator: Emulator, over_http: Session
) -> None:
    shot = a_shot(over_http)
    data = {"name": "dust", "parent": shot, "bid": 3600.0}
    made = over_http.ensure(Task, data)
    emulator.call_log.clear()

    assert over_http.ensure(Task, data) is made

    assert sent(emulator) == ["query"]


def test_only_what_differs_is_updated(emulator: Emulator, over_http: Session) -> None:
    task = a_task(over_http)
    approved = over_http.select(Status).where(Status.name == "Approved").one()
    emulator.call_log.clear()

    found = over_http.ensure(
        Task,
        {
            "name": task.name,
            "parent": a_shot(over_http),
            "description": "new",
            "status": approved,
            "bid": task.bid,
        },
        identifying_keys=["name", "parent"],
    )

    assert found is task
    [step] = writes(emulator)
    assert step["entity_key"] == [task.id]
    assert step["entity_data"] == {
        "__entity_type__": "Task",
        "description": "new",
        "status": {"__entity_type__": "Status", "id": approved.id},
    }
    assert task.description == "new"
    assert task.status is approved


def test_a_foreign_key_and_a_name_of_the_server_identify_as_well(
    emulator: Emulator, over_http: Session
) -> None:
    task = a_task(over_http)

    found = over_http.ensure(
        "Task", {"name": task.name, "parent_id": a_shot(over_http).id}
    )

    assert found is task
    assert written(emulator) == []


def test_text_is_encoded_never_pasted(emulator: Emulator, over_http: Session) -> None:
    hostile = """it's "quoted" \\ and 100% or name is 'x'\nlimit 0"""
    data = {"name": hostile, "parent": a_shot(over_http)}

    made = over_http.ensure(Task, data)

    assert over_http.ensure(Task, data) is made
    assert written(emulator) == [("create", "Task")]


def test_time_identifies_whatever_its_zone_and_fractions(
    emulator: Emulator, over_http: Session
) -> None:
    anna = over_http.select(User).where(User.username == "anna").one()
    moment = datetime(2026, 3, 1, 10, 0, 0, 250_000, tzinfo=UTC)
    elsewhere = moment.astimezone(timezone(timedelta(hours=5, minutes=30)))
    data = {"user": anna, "context": a_task(over_http), "duration": 60.0}

    made = over_http.ensure(Timelog, {**data, "start": moment})

    # Servers keep neither offsets nor fractions (protocol 3.1).
    assert over_http.ensure(Timelog, {**data, "start": elsewhere}) is made
    assert written(emulator) == [("create", "Timelog")]


def test_nothing_is_something_to_look_for(
    emulator: Emulator, over_http: Session
) -> None:
    anna = over_http.select(User).where(User.username == "anna").one()
    data = {"user": anna, "context": None, "name": "odd jobs", "duration": 5.0}
    start = datetime(2026, 3, 2, tzinfo=UTC)

    made = over_http.ensure(Timelog, {**data, "start": start})

    assert over_http.ensure(Timelog, {**data, "start": start}) is made
    assert written(emulator) == [("create", "Timelog")]


def test_a_key_of_several_attributes_is_found_and_changed(
    emulator: Emulator, over_http: Session
) -> None:
    task = a_task(over_http)
    data = {"parent_id": task.id, "parent_type": "Task", "key": "source"}
    keys = ("parent_id", "key")

    made = over_http.ensure(Metadata, {**data, "value": "edit"}, keys)
    again = over_http.ensure(Metadata, {**data, "value": "set"}, keys)

    assert again is made
    assert written(emulator) == [("create", "Metadata"), ("update", "Metadata")]
    row = existing_row(emulator, "Metadata", task.id, "source")
    assert row["value"] == "set"


def test_members_are_compared_as_sets(emulator: Emulator, over_http: Session) -> None:
    first = a_task(over_http)
    second = a_task(over_http, "lighting")
    category = over_http.select(ListCategory).first()
    data = {"name": "x", "project": project(over_http), "category": category}
    keys = ["name", "project"]

    made = over_http.ensure(TypedContextList, {**data, "items": [first, second]}, keys)
    over_http.ensure(TypedContextList, {**data, "items": [second, first]}, keys)
    assert written(emulator) == [("create", "TypedContextList")]

    over_http.ensure(TypedContextList, {**data, "items": [second]}, keys)
    assert written(emulator)[1:] == [("update", "TypedContextList")]
    over_http.refresh(made)
    assert [item.name for item in made.items] == ["lighting"]


def test_more_than_one_match_is_an_error_that_lists_the_keys(
    emulator: Emulator, over_http: Session
) -> None:
    named = over_http.select(Task).where(Task.name == "animation").all()
    assert len(named) > 1
    emulator.call_log.clear()

    with pytest.raises(MultipleResultsError) as raised:
        over_http.ensure(Task, {"name": "animation", "bid": 1.0}, ["name"])

    assert set(raised.value.keys) <= {f"Task({task.id})" for task in named}
    assert len(raised.value.keys) == min(len(named), 20)
    assert all(key in str(raised.value) for key in raised.value.keys)
    assert written(emulator) == []


def test_of_matches_that_differ_in_case_the_exact_one_is_meant(
    emulator: Emulator, over_http: Session
) -> None:
    shot = a_shot(over_http)
    lower = over_http.create(Task, {"name": "dust", "parent": shot}).data
    upper = over_http.create(Task, {"name": "Dust", "parent": shot}).data

    assert over_http.ensure(Task, {"name": "dust", "parent": shot}) is lower
    assert over_http.ensure(Task, {"name": "Dust", "parent": shot}) is upper
    with pytest.raises(MultipleResultsError):
        over_http.ensure(Task, {"name": "DUST", "parent": shot})
    assert written(emulator) == [("create", "Task")] * 2


def test_an_entity_serves_as_data_and_keeps_its_key_when_created(
    emulator: Emulator, over_http: Session
) -> None:
    shot = a_shot(over_http)

    given = Task(name="dust", parent=shot)
    made = over_http.ensure(Task, given)
    again = over_http.ensure(Task, Task(name="dust", parent=shot))

    assert made.id == given.id
    assert again is made
    assert written(emulator) == [("create", "Task")]


def test_local_edits_do_not_hide_what_the_server_has(
    emulator: Emulator, over_http: Session
) -> None:
    task = a_task(over_http)
    task.description = "local"

    over_http.ensure(Task, {"id": task.id, "description": "local"}, ["id"])

    assert written(emulator) == [("update", "Task")]
    row = existing_row(emulator, "Task", task.id)
    assert row["description"] == "local"


def test_found_by_a_base_type_the_concrete_one_is_updated(
    emulator: Emulator, over_http: Session
) -> None:
    shot = a_shot(over_http)

    found = over_http.ensure(
        "TypedContext", {"id": shot.id, "description": "x"}, ["id"]
    )

    assert found is shot
    assert isinstance(found, Shot)
    assert written(emulator) == [("update", "Shot")]


def test_paths_are_keys_as_names_are(emulator: Emulator, over_http: Session) -> None:
    shot = a_shot(over_http)
    data = {"name": "dust", "parent": shot, "bid": 3600.0}
    made = over_http.ensure(Task, data, [Task.name, Task.parent])
    emulator.call_log.clear()

    found = over_http.ensure(Task, {**data, "bid": 1.0}, ["name", Task.parent_id])

    assert found is made
    assert sent(emulator) == ["query", "update"]
    [query, _] = emulator.call_log.operations
    assert f'where name is "dust" and parent_id is "{shot.id}"' in query["expression"]


@pytest.mark.parametrize(
    ("data", "keys", "expected"),
    [
        ({"name": "x"}, [Status.name], IdentificationError),
        ({"name": "x"}, [Task.status.name], IdentificationError),
        ({"name": "x"}, [Task.metadata["x"]], IdentificationError),
        ({"name": "x"}, [5], IdentificationError),
        ({}, (), IdentificationError),
        ({"bid": 1.0}, ["name"], IdentificationError),
        ({"name": "x", "assignments": []}, ["assignments"], IdentificationError),
        ({"assignments": []}, (), IdentificationError),
        ({"name": "x"}, ["nmae"], UnknownAttributeError),
        ({"nmae": "x"}, (), UnknownAttributeError),
        ({"bid": "long"}, (), AttributeValueError),
    ],
)
def test_what_identifies_nothing_is_refused_before_anything_is_sent(
    emulator: Emulator,
    over_http: Session,
    data: dict[str, Any],
    keys: tuple[str, ...],
    expected: type[Exception],
) -> None:
    with emulator.expect_calls(0), pytest.raises(expected):
        over_http.ensure(Task, data, keys)


def test_the_error_says_what_was_asked_for(over_http: Session) -> None:
    with pytest.raises(IdentificationError) as raised:
        over_http.ensure(Task, {"bid": 1.0}, ["name"])

    assert raised.value.entity_type == "Task"
    assert raised.value.keys == ("name",)
    assert "name is not in the data" in str(raised.value)


def test_a_lost_answer_to_its_create_creates_nothing_twice(
    emulator: Emulator, over_http: Session
) -> None:
    shot = a_shot(over_http)
    emulator.faults.delay(0)  # the question passes
    emulator.faults.drop_after()

    task = over_http.ensure(Task, {"name": "dust", "parent": shot})

    assert written(emulator) == [("create", "Task")]
    assert stored(emulator, "Task", task.id) is not None
    assert task.name == "dust"


def test_versions_and_notes_are_found_by_their_relations(
    emulator: Emulator, over_http: Session
) -> None:
    version = over_http.select(AssetVersion).first()
    note = over_http.select(Note).first()
    assert version is not None
    assert note is not None

    found = over_http.ensure(
        AssetVersion, {"asset": version.asset, "version": version.version}
    )
    noted = over_http.ensure(
        Note, {"id": note.id, "author": note.author, "content": note.content}
    )

    assert found is version
    assert noted is note
    assert written(emulator) == []


def test_projects_are_found_by_name(emulator: Emulator, over_http: Session) -> None:
    found = over_http.ensure(Project, {"name": "bunny"})

    assert found is project(over_http)
    assert written(emulator) == []
