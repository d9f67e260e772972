"""The session API that acts at once: call, query, create, update, delete."""

from __future__ import annotations

import pytest

from ftrack_models import Note, Project, Status, Task, TypedContext
from ftrack_orm import (
    AttributeValueError,
    EntityKeyError,
    EntityState,
    QueryError,
    ServerError,
    Session,
    UnknownAttributeError,
    UnknownEntityTypeError,
)
from ftrack_orm.emulator import Emulator
from ftrack_orm.operations import (
    Create,
    Delete,
    Query,
    QuerySchemas,
    QueryServerInformation,
    Update,
)
from tests.support.demo_production import a_shot, a_task, state_of
from tests.support.emulator_records import existing_row, stored, writes, written
from tests.support.incomplete import incomplete


def test_call_sends_one_batch_and_answers_in_order(
    emulator: Emulator, session: Session
) -> None:
    task = a_task(session)
    emulator.call_log.clear()

    responses = session.call(
        [
            QueryServerInformation(("version",)),
            Query("select name from Status where name is 'Approved'"),
            Create(
                "Note", {"content": "hi", "parent_id": task.id, "parent_type": "Task"}
            ),
            Update("Task", (task.id,), {"description": "x"}),
            {"action": "query", "expression": "select id from Project", "metadata": {}},
        ]
    )

    assert len(emulator.calls) == 1
    assert [response.action for response in responses] == [
        "query_server_information",
        "query",
        "create",
        "update",
        "query",
    ]
    assert responses[0].data["version"]
    [approved] = responses[1].data
    assert isinstance(approved, Status)
    assert isinstance(responses[2].data, Note)
    assert responses[3].data is task
    assert task.description == "x"
    assert isinstance(responses[4].data[0], Project)


def test_a_refused_batch_applies_nothing(emulator: Emulator, session: Session) -> None:
    task = a_task(session)
    with pytest.raises(ServerError, match="Could not find"):
        session.call(
            [
                Update("Task", (task.id,), {"description": "x"}),
                Delete("Task", ("nowhere",)),
            ]
        )

    row = existing_row(emulator, "Task", task.id)
    assert row["description"] == ""
    assert task.description == ""


def test_query_answers_with_tracked_entities_and_the_next_page(
    session: Session,
) -> None:
    task = a_task(session)
    response = session.query(f"Task where id is '{task.id}'", Task)
    assert response.data == [task]
    assert response.data[0] is task
    assert response.metadata.next.offset is None

    page = session.query("select id from Task limit 5", Task)
    assert len(page.data) == 5
    assert page.metadata.next.offset == 5


def test_rows_are_of_the_type_that_was_asked_for(session: Session) -> None:
    task = a_task(session)
    expression = f"TypedContext where id is '{task.id}'"

    assert session.query(expression, "Task").data == [task]
    assert session.query(expression, TypedContext).data == [task]
    with pytest.raises(QueryError, match="of type Task, not Status"):
        session.query(expression, Status)
    with pytest.raises(UnknownEntityTypeError):
        session.query(expression, "Taks")


def test_create_makes_the_key_and_answers_with_the_entity(
    emulator: Emulator, session: Session
) -> None:
    shot = a_shot(session)
    emulator.call_log.clear()

    task = session.create(Task, {"name": "dust", "parent": shot, "bid": 3600}).data

    assert task.entity_state is EntityState.PERSISTENT
    assert task.status_id
    [step] = writes(emulator)
    assert step["entity_key"] == [task.id]
    assert step["entity_data"]["parent"] == {"__entity_type__": "Shot", "id": shot.id}
    assert session.get(Task, task.id) is task
    assert stored(emulator, "Task", task.id) is not None
    assert not session.plan()


def test_create_takes_an_entity_too(emulator: Emulator, session: Session) -> None:
    given = Task(name="dust", parent=a_shot(session))

    made = session.create(Task, given).data

    assert made.id == given.id
    assert stored(emulator, "Task", given.id) is not None


def test_update_changes_the_entity_in_hand(
    emulator: Emulator, session: Session
) -> None:
    task = a_task(session)
    emulator.call_log.clear()

    response = session.update(
        Task, task.id, {"name": "anim", "status": a_status(session)}
    )

    assert response.data is task
    assert task.name == "anim"
    assert task.status.name == "Approved"
    assert written(emulator) == [("update", "Task")]
    assert session.update("Task", [task.id], {"name": "anim2"}).data is task
    assert task.name == "anim2"


def a_status(session: Session) -> Status:
    return session.select(Status).where(Status.name == "Approved").one()


def test_delete_detaches_the_entity_in_hand(
    emulator: Emulator, session: Session
) -> None:
    task = a_task(session)

    assert session.delete(Task, task.id).data is True

    assert state_of(task) is EntityState.DETACHED
    assert session.get(Task, task.id) is None
    assert stored(emulator, "Task", task.id) is None


def test_delete_by_the_base_type_finds_the_concrete_entity(session: Session) -> None:
    task = a_task(session)

    session.delete("TypedContext", task.id)

    assert state_of(task) is EntityState.DETACHED


def test_schemas_are_answered_as_they_are_served(session: Session) -> None:
    [response] = session.call([QuerySchemas()])

    assert {"id", "properties"} <= set(response.data[0])


def test_mistakes_are_found_before_anything_is_sent(
    emulator: Emulator, session: Session
) -> None:
    with emulator.expect_calls(0):
        with pytest.raises(UnknownAttributeError) as unknown:
            session.create(Task, {"nmae": "x"})
        with pytest.raises(AttributeValueError, match=r"bid.*a number"):
            session.create(Task, {"bid": "long"})
        with pytest.raises(AttributeValueError, match=r"status.*a Status"):
            session.update(Task, "t1", {"status": incomplete(Task, name="no status")})
        with pytest.raises(UnknownEntityTypeError) as missing:
            session.create("Taks", {})
        with pytest.raises(EntityKeyError):
            session.update(Task, ("a", "b"), {})
        with pytest.raises(EntityKeyError):
            session.delete("Metadata", "one")
        assert session.call([]) == []

    assert "name" in unknown.value.suggestions
    assert "Task" in missing.value.suggestions


def test_an_update_now_spares_what_is_edited_and_not_committed(
    session: Session,
) -> None:
    task = a_task(session)
    task.description = "local"

    session.update(Task, task.id, {"name": "anim"})

    assert task.name == "anim"
    assert task.description == "local"
    assert len(session.plan()) == 1
