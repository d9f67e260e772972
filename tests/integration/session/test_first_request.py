"""What a session asks before it is asked, and what it makes of another schema."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import pytest

import ftrack_models
from ftrack_models import Project, Status, Task, TypedContext
from ftrack_orm import (
    SchemaDriftError,
    SchemaDriftWarning,
    Session,
    UnknownEntityTypeError,
)
from ftrack_orm.emulator import Emulator
from ftrack_orm.schema.model import Schema
from ftrack_orm.types import Reference
from tests.support.demo_production import a_task
from tests.support.emulator_records import stored, written
from tests.support.incomplete import incomplete

OBJECT_TYPE_ID = "5e7b1ece-0000-4000-8000-000000000001"


def test_building_a_session_and_a_query_asks_nothing(emulator: Emulator) -> None:
    with emulator.expect_calls(0), Session(transport=emulator.transport()) as session:
        query = session.select(Task).where(Task.name == "animation").limit(3)
        assert "animation" in query.expression
        assert session.model("Shot").__name__ == "Shot"
        assert session.requests == 0
        assert "emulator" in repr(session)
        assert not session.plan()
        session.commit()
        session.rollback()


def test_a_session_over_http_asks_nothing_either() -> None:
    with (
        Emulator(seed="standard") as emulator,
        emulator.expect_calls(1),
        Session(**emulator.credentials) as session,
    ):
        assert session.server_url == emulator.server_url
        assert session.select(Status).first() is not None
        assert session.requests == 1


def test_the_schema_hash_is_asked_in_the_batch_of_the_first_request(
    emulator: Emulator,
) -> None:
    with Session(transport=emulator.transport()) as session:
        session.select(Task).first()
        session.select(Status).first()

    first, second = emulator.calls
    assert [step["action"] for step in first.operations] == [
        "query",
        "query_server_information",
    ]
    assert first.operations[1]["values"] == ["schema_hash"]
    assert [step["action"] for step in second.operations] == ["query"]


def test_a_session_told_to_ignore_the_schema_never_asks(emulator: Emulator) -> None:
    with Session(transport=emulator.transport(), check_schema="ignore") as session:
        session.select(Task).first()

    [call] = emulator.calls
    assert [step["action"] for step in call.operations] == ["query"]


def changed_schema() -> Schema:
    """Return the models' schema with an attribute and an object type more."""
    schema = ftrack_models.registry.schema()
    task, shot = schema["Task"], schema["Shot"]
    weather = dataclasses.replace(task.attributes["description"], name="weather")
    attributes = {**task.attributes, "weather": weather}
    types = dict(schema.types)
    types["Task"] = dataclasses.replace(task, attributes=attributes)
    types["SetPiece"] = dataclasses.replace(
        shot,
        name="SetPiece",
        alias_for={"id": "Task", "classifiers": {"object_typeid": OBJECT_TYPE_ID}},
    )
    return Schema(types)


@pytest.fixture(scope="module")
def drifted() -> Iterator[Emulator]:
    with Emulator(seed="demo", schema=changed_schema()) as emulator:
        yield emulator


def test_another_schema_is_warned_about_once_and_says_what_differs(
    drifted: Emulator,
) -> None:
    with Session(transport=drifted.transport()) as session:
        with pytest.warns(SchemaDriftWarning, match="weather") as caught:
            assert session.select(Task).first() is not None
        session.select(Status).first()

    assert len(caught) == 1
    assert "ftrack-orm generate" in str(caught[0].message)


def test_another_schema_can_be_an_error(drifted: Emulator) -> None:
    session = Session(transport=drifted.transport(), check_schema="error")
    with pytest.raises(SchemaDriftError, match="weather") as raised:
        session.select(Task).first()

    assert any("Task" in str(problem) for problem in raised.value.problems)


def test_nothing_is_written_to_a_server_whose_schema_is_an_error(
    drifted: Emulator,
) -> None:
    snapshot = drifted.snapshot()
    with Session(transport=drifted.transport(), check_schema="error") as session:
        project_schema = Reference("ProjectSchema", ("p1",))
        session.add(
            incomplete(
                Project, name="new", full_name="new", project_schema=project_schema
            )
        )
        drifted.call_log.clear()

        with pytest.raises(SchemaDriftError):
            session.commit()
        assert written(drifted) == []

        with pytest.raises(SchemaDriftError):
            session.commit()
        assert written(drifted) == []
    drifted.restore(snapshot)


def test_another_schema_can_be_ignored(drifted: Emulator) -> None:
    with Session(transport=drifted.transport(), check_schema="ignore") as session:
        assert session.select(Task).first() is not None


def test_the_same_schema_served_in_another_order_is_no_drift() -> None:
    schema = ftrack_models.registry.schema()
    turned = Schema({name: schema[name] for name in sorted(schema.types, reverse=True)})
    emulator = Emulator(seed="standard", schema=turned)
    with Session(transport=emulator.transport(), check_schema="error") as session:
        assert session.select(Status).first() is not None
    emulator.close()


# -- types that the models do not know -----------------------------------------------


def set_piece(emulator: Emulator) -> str:
    """Put an entity of the type that the models do not know; return its name."""
    with emulator.storage.transaction() as connection:
        [shot] = emulator.storage.find_where(connection, "Shot", name="sq010_sh010")
        values = {
            "id": "piece-1",
            "name": "well",
            "parent_id": shot["parent_id"],
            "project_id": shot["project_id"],
            "context_type": "task",
            "object_type_id": OBJECT_TYPE_ID,
            "status_id": shot["status_id"],
        }
        emulator.storage.insert(connection, "SetPiece", values)
    return "well"


def test_an_unknown_type_becomes_a_class_that_works(drifted: Emulator) -> None:
    snapshot = drifted.snapshot()
    name = set_piece(drifted)
    with Session(transport=drifted.transport()) as session:
        query = session.select(TypedContext).where(TypedContext.name == name)
        with pytest.warns(SchemaDriftWarning, match="SetPiece"):
            piece = query.load(TypedContext.status).one()
        assert piece.entity_type == "SetPiece"
        assert isinstance(piece, TypedContext)
        assert piece.status is not None
        assert piece.status.name
        assert piece.parent is not None
        assert piece.parent.name == "sq010"
        assert piece in piece.parent.children
        piece.description = "deep"
        drifted.call_log.clear()
        session.commit()
        row = stored(drifted, "SetPiece", "piece-1")
    assert written(drifted) == [("update", "SetPiece")]
    drifted.restore(snapshot)

    assert row is not None
    assert row["description"] == "deep"


def test_a_class_made_for_one_server_is_unknown_to_sessions_on_others(
    drifted: Emulator, session: Session
) -> None:
    snapshot = drifted.snapshot()
    name = set_piece(drifted)
    with Session(transport=drifted.transport()) as drifting:
        query = drifting.select(TypedContext).where(TypedContext.name == name)
        with pytest.warns(SchemaDriftWarning, match="SetPiece"):
            query.one()
        assert drifting.model("SetPiece").__name__ == "SetPiece"
    drifted.restore(snapshot)

    assert "SetPiece" not in ftrack_models.registry
    with pytest.raises(UnknownEntityTypeError):
        session.model("SetPiece")


def test_values_of_a_type_the_models_do_not_know_are_read(drifted: Emulator) -> None:
    snapshot = drifted.snapshot()
    name = set_piece(drifted)
    with Session(transport=drifted.transport(), check_schema="ignore") as session:
        query = session.select(TypedContext).where(TypedContext.name == name)
        rows = query.values(TypedContext.name, TypedContext.parent.name.or_none)
    drifted.restore(snapshot)

    assert rows == [("well", "sq010")]


def test_an_unknown_type_by_name_offers_the_nearest(session: Session) -> None:
    with pytest.raises(UnknownEntityTypeError) as raised:
        session.model("Shott")

    assert "Shot" in raised.value.suggestions


def test_drift_does_not_stop_a_commit_that_comes_first(drifted: Emulator) -> None:
    snapshot = drifted.snapshot()
    with Session(transport=drifted.transport()) as session:
        with pytest.warns(SchemaDriftWarning):
            task = a_task(session)
        task.name = "anim"
        session.commit()
        row = stored(drifted, "Task", task.id)
    drifted.restore(snapshot)

    assert row is not None
    assert row["name"] == "anim"
