"""What a session says about types and keys."""

from __future__ import annotations

import dataclasses

import pytest

import ftrack_models
from ftrack_models import Metadata, Shot, Task, registry
from ftrack_orm import NOT_LOADED, EntityKeyError, Session
from ftrack_orm.emulator import Emulator
from ftrack_orm.schema.parse import parse_schema
from tests.support.demo_production import a_task
from tests.support.incomplete import incomplete
from tests.support.recorded_responses import stock_schema


def test_the_schema_of_a_type_is_the_recorded_one(
    emulator: Emulator, over_http: Session
) -> None:
    recorded = parse_schema(stock_schema()).schema

    with emulator.expect_calls(0):
        assert over_http.get_schema("Task") == recorded["Task"]
        assert over_http.get_schema(Metadata) == recorded["Metadata"]


def test_the_key_of_a_type_is_the_recorded_one(
    emulator: Emulator, over_http: Session
) -> None:
    recorded = parse_schema(stock_schema()).schema

    with emulator.expect_calls(0):
        for name in registry:
            expected = list(recorded[name].primary_key)
            assert over_http.get_primary_key_attributes(name) == expected
        assert over_http.get_primary_key_attributes(Metadata) == ["parent_id", "key"]


def test_an_unknown_type_is_asked_for_once_and_has_none(
    emulator: Emulator, over_http: Session
) -> None:
    with emulator.expect_calls(1):
        assert over_http.get_schema("Taks") is None
        assert over_http.get_primary_key_attributes("Nothing") is None
        assert over_http.get_identifying_key({"__entity_type__": "No"}) is None


def test_a_type_of_the_server_that_the_models_lack_is_answered_by_the_server() -> None:
    schema = ftrack_models.registry.schema()
    shot = schema["Shot"]
    types = {**schema.types, "SetPiece": dataclasses.replace(shot, name="SetPiece")}
    with (
        Emulator(seed="empty", schema=dataclasses.replace(schema, types=types)) as own,
        Session(transport=own.transport(), check_schema="ignore") as session,
    ):
        found = session.get_schema("SetPiece")

    assert found is not None
    assert found.attributes.keys() == shot.attributes.keys()


def test_an_identifying_key_is_type_and_key(
    emulator: Emulator, over_http: Session
) -> None:
    task = a_task(over_http)

    with emulator.expect_calls(0):
        assert over_http.get_identifying_key(task) == f"Task,{task.id}"
        mapping = {"__entity_type__": "Metadata", "parent_id": "a", "key": "b", "x": 1}
        assert over_http.get_identifying_key(mapping) == "Metadata,a,b"
        assert over_http.get_identifying_key(incomplete(Shot, name="x")) is not None


def test_what_has_no_key_yet_has_no_identifying_key(over_http: Session) -> None:
    assert over_http.get_identifying_key({"__entity_type__": "Task"}) is None
    assert over_http.get_identifying_key({"id": "x"}) is None
    assert over_http.get_identifying_key({}) is None
    partly = {"__entity_type__": "Metadata", "parent_id": "a"}
    assert over_http.get_identifying_key(partly) is None
    assert over_http.get_identifying_key({**partly, "key": NOT_LOADED}) is None


@pytest.mark.parametrize("keys", [["a"], ["a", "b", "c"], "a"])
def test_a_wrong_number_of_key_values_is_an_error_before_sending(
    emulator: Emulator, over_http: Session, keys: str | list[str]
) -> None:
    with emulator.expect_calls(0):
        with pytest.raises(EntityKeyError) as raised:
            over_http.delete(Metadata, keys)
        with pytest.raises(EntityKeyError):
            over_http.update("Metadata", keys, {"value": "x"})

    assert raised.value.expected == ("parent_id", "key")
    with pytest.raises(EntityKeyError):
        over_http.delete(Task, ("a", "b"))
