"""Entity classes as fields of other models, dataclasses, adapters and unions."""

from __future__ import annotations

import asyncio
import dataclasses
import itertools
import json
import subprocess
import sys
from typing import Annotated, Any, Generic, TypeVar

import httpx
import pydantic.dataclasses
import pytest
from fastapi import FastAPI
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SerializeAsAny,
    TypeAdapter,
    ValidationError,
)

from ftrack_models import Shot, Status, Task, User
from tests.support.incomplete import incomplete

T = TypeVar("T")


class Report(BaseModel):
    """One entity class in many places."""

    one: Task
    maybe: Task | None = None
    many: list[Task] = Field(default_factory=list)
    by_name: dict[str, Shot] = Field(default_factory=dict)


class Summary(BaseModel):
    """A model of models that name the same class again."""

    reports: list[Report]
    best: Report | None = None
    task: Annotated[Task, Field(description="the first")]
    status: Status | None = None


class Page(BaseModel, Generic[T]):
    """A generic model."""

    items: list[T]
    first: T


class Lazy(BaseModel):
    """A model that is built with its first use, and names itself."""

    model_config = ConfigDict(defer_build=True)

    task: Task
    more: list[Task | Shot] = Field(default_factory=list)
    inner: Lazy | None = None


class Voted(Task):
    """A subclass with a field of its own."""

    votes: int = 0


@pytest.fixture
def task() -> Task:
    """A new task."""
    return incomplete(Task, name="anim")


def test_instances_pass_by_identity(task: Task) -> None:
    shot = incomplete(Shot, name="010")
    report = Report(one=task, maybe=task, many=[task], by_name={"010": shot})
    assert report.one is task
    assert report.maybe is task
    assert report.many[0] is task
    assert report.by_name["010"] is shot
    summary = Summary(reports=[report], best=report, task=task)
    assert summary.reports[0].one is summary.task
    assert Page[Task](items=[task], first=task).first is task
    assert Page[Report](items=[report], first=report).first.one is task
    assert Lazy(task=task, inner=Lazy(task=task, more=[shot])).task is task


def test_models_of_entities_dump_and_validate_back(task: Task) -> None:
    report = Report(
        one=task, many=[task], by_name={"010": incomplete(Shot, name="010")}
    )
    summary = Summary(reports=[report], best=report, task=task)
    again = Summary.model_validate_json(summary.model_dump_json())
    assert again.model_dump() == summary.model_dump()
    assert again.reports[0].by_name["010"].name == "010"
    assert summary.model_dump(include={"task": {"name"}}) == {"task": {"name": "anim"}}
    shown = summary.model_dump(exclude={"reports": True, "best": {"many", "by_name"}})
    assert shown["best"] == {"one": task.model_dump(), "maybe": None}


def test_the_wrong_type_is_a_validation_error() -> None:
    values: list[Any] = [incomplete(Shot, name="010"), "anim", 3, {"nmae": "anim"}]
    for value in values:
        with pytest.raises(ValidationError):
            Report(one=value)
    base: Any = incomplete(Task, name="anim")
    with pytest.raises(ValidationError):
        TypeAdapter(Voted).validate_python(base)


@pytest.mark.parametrize("mode", ["validation", "serialization"])
def test_the_json_schema_names_each_type_once(mode: Any) -> None:
    schema = Summary.model_json_schema(mode=mode)
    assert set(schema["$defs"]) == {"Report", "Shot", "Status", "Task"}
    reference = {"$ref": "#/$defs/Task"}
    properties = schema["$defs"]["Report"]["properties"]
    assert properties["one"] == reference
    assert properties["many"]["items"] == reference
    assert reference in properties["maybe"]["anyOf"]
    bid = schema["$defs"]["Task"]["properties"]["bid"]
    assert {"type": "number"} in bid["anyOf"]


def test_unions_take_and_dump_each_type(task: Task) -> None:
    adapter: TypeAdapter[Any] = TypeAdapter(list[Task | Shot | User | None])
    members = [incomplete(Shot, name="010"), task, None, User(username="anna")]
    taken = adapter.validate_python(members)
    assert [one is other for one, other in zip(taken, members, strict=True)] == (
        [True] * 4
    )
    names = [
        one and (one.get("name") or one["username"]) for one in dump(adapter, taken)
    ]
    assert names == ["010", "anim", None, "anna"]


def dump(adapter: TypeAdapter[Any], value: Any) -> Any:
    """Return the dump, the same as Python and as JSON."""
    dumped = adapter.dump_python(value, mode="json")
    assert json.loads(adapter.dump_json(value)) == dumped
    return dumped


@pytest.mark.parametrize("union", [Task | Voted, Voted | Task])
def test_a_union_dumps_an_instance_as_its_own_class(union: Any, task: Task) -> None:
    adapter: TypeAdapter[Any] = TypeAdapter(union)
    assert adapter.dump_python(incomplete(Voted, name="fx", votes=3))["votes"] == 3
    assert "votes" not in adapter.dump_python(task)


def test_a_field_dumps_the_attributes_of_its_type_unless_it_serializes_as_any() -> None:
    class Both(BaseModel):
        plain: Task
        free: SerializeAsAny[Task]

    voted = incomplete(Voted, name="fx", votes=3)
    dumped = Both(plain=voted, free=voted).model_dump()
    assert "votes" not in dumped["plain"]
    assert dumped["free"]["votes"] == 3
    dumped = Both(plain=voted, free=voted).model_dump(serialize_as_any=True)
    assert dumped["plain"]["votes"] == 3


@dataclasses.dataclass
class Plain:
    """A dataclass of the standard library."""

    task: Task
    tasks: list[Task]


@pydantic.dataclasses.dataclass
class Checked:
    """A dataclass of pydantic."""

    task: Task
    maybe: Task | None = None


def test_dataclasses_have_entities_as_fields(task: Task) -> None:
    adapter = TypeAdapter(Plain)
    taken = adapter.validate_python({"task": task, "tasks": [{"name": "fx"}]})
    assert taken.task is task
    assert taken.tasks[0].name == "fx"
    assert adapter.dump_python(taken)["task"] == task.model_dump()
    assert Checked(task, task).maybe is task
    with pytest.raises(ValidationError):
        Checked(incomplete(Shot, name="010"))  # type: ignore[arg-type] # wrong on purpose


def test_models_that_check_assignments_and_instances_keep_the_entity(
    task: Task,
) -> None:
    class Strict(BaseModel):
        model_config = ConfigDict(
            validate_assignment=True, revalidate_instances="always", strict=True
        )

        task: Task

    strict = Strict(task=task)
    strict.task = task
    assert strict.task is task
    assert Strict.model_validate(strict).task is task


def test_a_response_model_filters_a_subclass_and_takes_a_body() -> None:
    app = FastAPI()

    @app.post("/task", response_model=Task)
    def take(task: Voted) -> Voted:
        assert type(task) is Voted
        task.votes += 1
        return task

    @app.post("/report")
    def report(body: Report) -> Report:
        return body

    async def requests() -> list[httpx.Response]:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://app") as web:
            return [
                await web.post("/task", json={"name": "fx", "votes": 1}),
                await web.post("/report", json=body),
                await web.post("/report", json={"one": {"name": 3}}),
                await web.get("/openapi.json"),
            ]

    body = {"one": {"name": "a"}, "many": [{"name": "b"}]}
    taken, reported, refused, described = asyncio.run(requests())
    assert taken.json()["name"] == "fx"
    assert "votes" not in taken.json()
    assert reported.json()["many"][0]["name"] == "b"
    assert refused.status_code == 422
    schemas = described.json()["components"]["schemas"]
    assert {name.partition("-")[0] for name in schemas} >= {"Report", "Task", "Voted"}


class Linked(Task):
    """A subclass whose own fields are entities, of its own class too."""

    buddy: Task | None = None
    buddies: list[Task] = Field(default_factory=list)
    again: Linked | None = None


def test_own_fields_may_be_entities(task: Task) -> None:
    inner = incomplete(Linked, name="inner", buddy=task, buddies=[task])
    outer = incomplete(Linked, name="outer", again=inner)
    assert inner.buddy is task
    assert outer.again is inner
    dumped = outer.model_dump()
    assert dumped["again"]["buddy"]["name"] == "anim"
    taken = Linked.model_validate(dumped)
    assert isinstance(taken.again, Linked)
    assert taken.model_dump() == dumped
    assert set(Linked.model_json_schema()["$defs"]) == {"Linked", "Task"}


FIRST_USES = {
    "model": "Task(name='a').model_dump()",
    "report": "Report(one=Task(name='a'), many=[Task(name='b')]).model_dump_json()",
    "schema": "Report.model_json_schema(); Task.model_json_schema()",
    "adapter": "TypeAdapter(list[Task]).validate_python([{'name': 'a'}])",
    "union": "TypeAdapter(Shot | Task).dump_python(Task(name='a'))",
    "lazy": "Lazy(task=Task(name='a'), more=[Shot(name='b')]).model_dump()",
}


@pytest.mark.slow
def test_the_order_of_first_use_does_not_matter() -> None:
    """Each order runs in an interpreter that has built no schema yet."""
    steps = [
        "import warnings; warnings.simplefilter('error')",
        f"import sys; sys.path[:0] = {sys.path!r}",
        f"from {__name__} import *",
        "from ftrack_models import Shot, Task",
        "from pydantic import TypeAdapter",
    ]
    orders = list(itertools.permutations(FIRST_USES, 2))
    branches = "\n".join(
        f"if os.fork() == 0:\n    {FIRST_USES[one]}\n    {FIRST_USES[other]}\n"
        "    os._exit(7)\n"
        "assert os.waitstatus_to_exitcode(os.wait()[1]) == 7"
        for one, other in orders
    )
    program = "\n".join([*steps, "import os", branches])
    result = subprocess.run(  # our own program
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
