"""Entities are pydantic models in good standing, and looking at them never loads."""

from __future__ import annotations

import asyncio
import copy
import json
import pickle
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar

import httpx
import pytest
from fastapi import FastAPI
from pydantic import PrivateAttr, TypeAdapter, ValidationError

from ftrack_models import Shot, Status, Task, TypedContextLink
from ftrack_orm import DetachedEntityError, EntityState, Session
from ftrack_orm.entity.attribute_info import AttributeInfo
from ftrack_orm.entity.custom_rows import Configuration
from ftrack_orm.entity.effective_value import EffectiveValue
from ftrack_orm.entity.entity import Entity, adopt
from ftrack_orm.entity.relation_index import RelationIndex
from ftrack_orm.entity.state import InstanceState, LoadGroup
from ftrack_orm.entity.type_info import TypeInfo
from ftrack_orm.types import CustomLinkDeclaration, Reference
from tests.support.incomplete import incomplete
from tests.support.transports import UnusedTransport

START = datetime(2026, 1, 5, 9, tzinfo=UTC)


class Untouchable:
    """A session that must not be asked for anything."""

    def load(self, entity: Entity, attribute: AttributeInfo) -> Any:
        raise AssertionError(f"{entity!r}.{attribute.name} was loaded")

    def touch(self, entity: Entity) -> None:
        raise AssertionError(f"{entity!r} was changed")

    @property
    def relations(self) -> RelationIndex:
        raise AssertionError("relations were looked for")

    def entity_for(self, reference: Reference) -> Entity:
        raise AssertionError(f"{reference} was looked for")

    def configure(self, entity: Entity) -> None:
        raise AssertionError(f"{entity!r} was configured")

    def configured(self, configuration_id: str) -> Configuration | None:
        raise AssertionError(f"{configuration_id} was looked for")

    def known_keys(self, type_info: TypeInfo, attribute: AttributeInfo) -> list[str]:
        raise AssertionError(f"keys of {type_info!r} were looked for")

    def load_stored(self, entity: Entity, attribute: AttributeInfo) -> None:
        raise AssertionError(f"stored values of {entity!r} were loaded")

    def load_custom_links(
        self, entity: Entity, attribute: AttributeInfo, link: CustomLinkDeclaration
    ) -> None:
        raise AssertionError(f"custom links of {entity!r} were loaded")

    def load_together(
        self, entity: Entity, attributes: Sequence[AttributeInfo]
    ) -> None:
        raise AssertionError(f"{attributes} of {entity!r} were loaded")

    def effective(self, entity: Entity, key: str) -> EffectiveValue:
        raise AssertionError(f"{key} of {entity!r} was looked for")

    def allowed_statuses(
        self, project: Entity, subject: Any, task_type: Any
    ) -> list[Any]:
        raise AssertionError(f"statuses of {project!r} were looked for")

    def allowed_types(self, project: Entity, subject: Any) -> list[Any]:
        raise AssertionError(f"types of {project!r} were looked for")

    def rekey(self, entity: Entity, old: Any) -> None:
        raise AssertionError(f"{entity!r} was rekeyed from {old}")


def loaded_task() -> Task:
    """Return a task and its shot as a session would have loaded them, in a circle."""
    state = InstanceState(
        EntityState.PERSISTENT, Untouchable(), LoadGroup(), shared=True
    )
    shot: Any = adopt(Shot, {"id": "s1", "name": "010"}, state)
    task: Task = adopt(
        Task,
        {"id": "t1", "name": "anim", "bid": 3600, "start_date": START, "parent": shot},
        state,
    )
    vars(shot)["thumbnail"] = None
    return task


DUMPED = {
    "id": "t1",
    "name": "anim",
    "bid": 3600,
    "start_date": START,
    "parent": {"__entity_type__": "Shot", "id": "s1"},
}


def test_a_dump_holds_what_is_loaded_and_links_as_references() -> None:
    task = loaded_task()
    assert task.model_dump() == DUMPED
    assert task.model_dump(mode="json") == {
        **DUMPED,
        "start_date": "2026-01-05T09:00:00Z",
    }
    assert json.loads(task.model_dump_json()) == task.model_dump(mode="json")
    assert task.model_dump(include={"name"}) == {"name": "anim"}
    assert "parent" not in task.model_dump(exclude={"parent"})


def test_a_dump_by_alias_uses_the_server_s_names() -> None:
    one, other = incomplete(Task, name="a"), incomplete(Task, name="b")
    link = TypedContextLink(from_=one, to=other)
    by_alias = link.model_dump(by_alias=True)
    assert by_alias["from"] == {"__entity_type__": "Task", "id": one.id}
    assert "from_" not in by_alias


@pytest.mark.parametrize("mode", ["python", "json"])
def test_a_dump_validates_back(mode: str) -> None:
    again = Task.model_validate(loaded_task().model_dump(mode=mode))
    # A link brings its foreign key: the two always agree.
    assert again.model_dump() == {**DUMPED, "parent_id": "s1"}
    assert Task.model_validate_json(loaded_task().model_dump_json()) == again


def test_wrong_data_is_a_validation_error_of_pydantic() -> None:
    for data in ({"name": 3}, {"nmae": "a"}, [1]):
        with pytest.raises(ValidationError):
            Task.model_validate(data)


def test_looking_never_loads() -> None:
    task = loaded_task()
    assert repr(task) == "Task(id='t1', name='anim')"
    assert str(task) == repr(task)
    assert task == loaded_task()
    assert task != task.parent
    assert hash(task) == hash(loaded_task())
    assert len({task, loaded_task()}) == 1
    assert task.model_fields_set == set(DUMPED)


@pytest.mark.parametrize(
    "copied",
    [
        copy.copy,
        copy.deepcopy,
        lambda task: task.model_copy(),
        lambda task: task.model_copy(deep=True),
        lambda task: pickle.loads(pickle.dumps(task)),  # noqa: S301 # our own bytes
    ],
)
def test_a_copy_holds_the_same_and_is_nobody_s(copied: Any) -> None:
    task = loaded_task()
    again = copied(task)
    assert again is not task
    assert again == task
    assert again.model_dump() == DUMPED
    assert again.entity_state is EntityState.DETACHED
    again.name = "other"
    assert task.name == "anim"
    with pytest.raises(DetachedEntityError):
        Session(transport=UnusedTransport()).add(again)


def test_a_copy_with_updates_checks_them() -> None:
    assert loaded_task().model_copy(update={"name": "fx"}).name == "fx"
    with pytest.raises(ValueError, match="name"):
        loaded_task().model_copy(update={"name": 3})


class Reviewed(Task):
    """A task as somebody's own code extends it."""

    ticket: str
    votes: int = 0
    KIND: ClassVar[str] = "reviewed"
    _seen: bool = PrivateAttr(default=False)

    @property
    def title(self) -> str:
        """Return name and ticket."""
        return f"{self.name} ({self.ticket})"


def test_a_subclass_has_fields_of_its_own() -> None:
    task = incomplete(Reviewed, name="anim", ticket="T-1")
    assert task.title == "anim (T-1)"
    assert (task.votes, task.KIND, task._seen) == (0, "reviewed", False)
    task.votes = 2
    task._seen = True
    assert task._seen
    assert task.model_dump(include={"name", "ticket", "votes"}) == {
        "name": "anim",
        "ticket": "T-1",
        "votes": 2,
    }
    wrong: Any = task
    with pytest.raises(ValidationError):
        wrong.votes = "many"
    assert task.entity_type == "Task"


async def answers(app: FastAPI, *paths: str) -> list[Any]:
    """Return what the application answers to GET, decoded."""
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://app") as http:
        return [(await http.get(path)).json() for path in paths]


def test_an_entity_is_a_response_model_of_a_web_framework() -> None:
    app = FastAPI()

    @app.get("/task", response_model=Task)
    def read_task() -> Task:
        return loaded_task()

    @app.get("/tasks")
    def read_tasks() -> list[Task]:
        return [loaded_task()]

    answered, listed, schema = asyncio.run(
        answers(app, "/task", "/tasks", "/openapi.json")
    )
    assert answered["name"] == "anim"
    assert answered["parent"] == {"__entity_type__": "Shot", "id": "s1"}
    assert listed[0]["id"] == "t1"
    assert "bid" in json.dumps(schema["components"]["schemas"])


def test_the_json_schema_never_reaches_other_entities() -> None:
    schema = Task.model_json_schema(mode="serialization")
    assert set(schema["properties"]) == {
        attribute.server_name for attribute in Task.__ftrack__.attributes.values()
    }
    assert "$defs" not in schema


def test_a_type_adapter_takes_entities_and_data() -> None:
    adapter = TypeAdapter(list[Status])
    status = Status(name="Approved", is_active=True)
    first, second = adapter.validate_python([status, {"name": "Other"}])
    assert first is status
    assert second.name == "Other"
