"""Wrong arguments: each its own error where the mistake is made, nothing sent."""

from __future__ import annotations

import math
import uuid
from collections.abc import Callable
from functools import reduce
from typing import Any

import pytest

from ftrack_models import Metadata, Note, Shot, Task, TypedContext
from ftrack_orm import (
    AttributeValueError,
    CriterionError,
    Entity,
    EntityKeyError,
    FtrackError,
    IdentificationError,
    InvalidArgumentError,
    InvalidOperationError,
    InvalidSettingError,
    QueryError,
    Reference,
    Session,
    UnknownAttributeError,
    UnknownEntityTypeError,
)
from ftrack_orm.emulator import Emulator
from ftrack_orm.operations import QueryServerInformation, Search
from tests.support.demo_production import a_shot, a_task

Call = Callable[[Any, Any], Any]
"""A wrong call; ``Any``, for checkers would refuse it."""

CALLS: list[tuple[type[FtrackError], str, Call]] = [
    # keys
    (EntityKeyError, "got None", lambda s, task: s.get(Task, None)),
    (EntityKeyError, "got True", lambda s, task: s.get(Task, True)),
    (EntityKeyError, "got 1.5", lambda s, task: s.get(Task, 1.5)),
    (EntityKeyError, "got b'x'", lambda s, task: s.get(Task, b"x")),
    (EntityKeyError, "got ''", lambda s, task: s.get(Task, "")),
    (EntityKeyError, "Give 1 value", lambda s, task: s.get(Task, [])),
    (EntityKeyError, "Give 1 value", lambda s, task: s.get(Task, ["a", "b"])),
    (EntityKeyError, "Give 1 value", lambda s, task: s.get(Task, {task.id})),
    (EntityKeyError, "Give 1 value", lambda s, task: s.get(Task, [[task.id]])),
    (EntityKeyError, "got {'x': 1}", lambda s, task: s.get(Task, {"x": 1})),
    (EntityKeyError, "Give a Shot", lambda s, task: s.get(Shot, task)),
    (EntityKeyError, "Give a Shot", lambda s, task: s.get(Shot, task.reference)),
    (EntityKeyError, "parent_id, key", lambda s, task: s.get(Metadata, task.id)),
    (EntityKeyError, "parent_id, key", lambda s, task: s.get(Metadata, ("a", None))),
    (EntityKeyError, "list of keys", lambda s, task: s.get_many(Task, "abc")),
    (EntityKeyError, "list of keys", lambda s, task: s.get_many(Task, None)),
    (EntityKeyError, "list of keys", lambda s, task: s.get_many(Task, task)),
    (EntityKeyError, "list of keys", lambda s, task: s.get_many(Task, {"id": "x"})),
    (EntityKeyError, "got None", lambda s, task: s.get_many(Task, [task.id, None])),
    (EntityKeyError, "got None", lambda s, task: s.update(Task, None, {"name": "x"})),
    (EntityKeyError, "Give a Shot", lambda s, task: s.delete(Shot, task)),
    # entities, operations and data
    (InvalidArgumentError, r"add\(\) takes an entity", lambda s, task: s.add(None)),
    (InvalidArgumentError, "not 'x'", lambda s, task: s.add_all("x")),
    (InvalidArgumentError, "a list of entities", lambda s, task: s.add_all(None)),
    (InvalidArgumentError, "a list of entities", lambda s, task: s.add_all(task)),
    (InvalidArgumentError, r"remove\(\)", lambda s, task: s.remove(5)),
    (InvalidArgumentError, r"refresh\(\)", lambda s, task: s.refresh(task, 5)),
    (InvalidArgumentError, r"expire\(\)", lambda s, task: s.expire("x")),
    (InvalidArgumentError, r"expunge\(\)", lambda s, task: s.expunge(None)),
    (InvalidArgumentError, "a list of operations", lambda s, task: s.call(None)),
    (InvalidArgumentError, "a list of operations", lambda s, task: s.call("query")),
    (InvalidArgumentError, "a list of operations", lambda s, task: s.call({"a": 1})),
    (InvalidArgumentError, "not 5", lambda s, task: s.call([5])),
    (InvalidArgumentError, "not 5", lambda s, task: s.encode_operations([5])),
    (InvalidArgumentError, "as text", lambda s, task: s.query(None)),
    (InvalidArgumentError, "words", lambda s, task: s.search(Task, None)),
    # lists of texts
    (
        InvalidArgumentError,
        r"takes a list of keys, such as \['fps'\], not 'fps'",
        lambda s, task: s.effective([task], "fps"),
    ),
    (InvalidArgumentError, "of keys, not", lambda s, task: s.effective([task], None)),
    (InvalidArgumentError, "of keys, not", lambda s, task: s.effective([task], b"fps")),
    (InvalidArgumentError, "of keys, not", lambda s, task: s.effective([task], [5])),
    (InvalidArgumentError, "a key, not", lambda s, task: task.effective(["fps"])),
    (InvalidArgumentError, "a key, not", lambda s, task: task.effective(None)),
    (QueryError, r"effective\(\) takes", lambda s, task: s.effective(task, ["fps"])),
    (
        InvalidArgumentError,
        r"\['version'\], not 'version'",
        lambda s, task: s.get_server_information("version"),
    ),
    (
        InvalidArgumentError,
        r"a list of object type ids, such as \['x'\]",
        lambda s, task: s.search(Task, "anim", object_type_ids="x"),
    ),
    (InvalidArgumentError, "of words, not", lambda s, task: s.search(Task, [5])),
    (
        InvalidOperationError,
        "a list of texts",
        lambda s, task: s.call([Search("select id from Task", "Task", "anim")]),  # type: ignore[arg-type] # the mistake
    ),
    (
        InvalidOperationError,
        "a list of texts",
        lambda s, task: s.call([QueryServerInformation("version")]),  # type: ignore[arg-type] # the mistake
    ),
    (InvalidArgumentError, "takes a plan", lambda s, task: s.commit("x")),
    (InvalidSettingError, "seconds above 0", lambda s, task: s.commit(timeout=0)),
    (InvalidSettingError, "above 0", lambda s, task: s.call([], timeout=-1)),
    (AttributeValueError, "a mapping", lambda s, task: s.create(Task, 5)),
    (AttributeValueError, "a mapping", lambda s, task: s.update(Task, task.id, None)),
    (AttributeValueError, "a mapping", lambda s, task: s.ensure(Task, None)),
    (CriterionError, "attribute of Shot", lambda s, task: s.load([task], Shot.status)),
    (QueryError, "not None", lambda s, task: s.get_schema(None)),
    (QueryError, "not 5", lambda s, task: s.get_primary_key_attributes(5)),
    # entity classes
    (QueryError, r"session\.model\('Task'\)", lambda s, task: s.get("Task", "x")),
    (QueryError, r"session\.model\('Task'\)", lambda s, task: s.select("Task")),
    (QueryError, "not Task", lambda s, task: s.select(task)),
    (QueryError, "not None", lambda s, task: s.select(None)),
    (QueryError, "entity class", lambda s, task: s.select(int)),
    (QueryError, "entity class", lambda s, task: s.select(Entity)),
    (QueryError, "not 5", lambda s, task: s.create(5, {})),
    (UnknownEntityTypeError, "None", lambda s, task: s.model(None)),
    # selects
    (CriterionError, "'name' cannot", lambda s, task: s.select(Task).order_by("name")),
    (
        CriterionError,
        r"Task\.status cannot",
        lambda s, task: s.select(Task).order_by(Task.status),
    ),
    (
        CriterionError,
        r"Task\.notes cannot",
        lambda s, task: s.select(Task).order_by(Task.notes),
    ),
    (
        CriterionError,
        "cannot order",
        lambda s, task: s.select(Task).order_by(Task.metadata["x"]),
    ),
    (CriterionError, "None cannot", lambda s, task: s.select(Task).order_by(None)),
    (QueryError, r"limit\(None\)", lambda s, task: s.select(Task).limit(None)),
    (QueryError, r"limit\('5'\)", lambda s, task: s.select(Task).limit("5")),
    (QueryError, r"limit\(True\)", lambda s, task: s.select(Task).limit(True)),
    (QueryError, r"limit\(-1\)", lambda s, task: s.select(Task).limit(-1)),
    (QueryError, r"offset\(1.0\)", lambda s, task: s.select(Task).offset(1.0)),
    (QueryError, r"offset\(None\)", lambda s, task: s.select(Task).offset(None)),
    (CriterionError, "True is not", lambda s, task: s.select(Task).where(True)),
    (CriterionError, "'status' is", lambda s, task: s.select(Task).load("status")),
    (CriterionError, "'x' is not", lambda s, task: s.select(Task).only("x")),
    # loading
    (CriterionError, "'status' is", lambda s, task: s.load([task], "status")),
    (QueryError, "list of entities", lambda s, task: s.load(None, Task.status)),
    (QueryError, "list of entities", lambda s, task: s.load(task, Task.status)),
    (QueryError, "takes entities", lambda s, task: s.load(["x"], Task.status)),
    # conditions
    (CriterionError, "text, not 5", lambda s, task: Task.metadata[5]),  # type: ignore[index] # the mistake
    (CriterionError, "needs text", lambda s, task: Task.name.like(5)),  # type: ignore[arg-type] # the mistake
    (CriterionError, "not in None", lambda s, task: Task.name.in_(None)),  # type: ignore[call-overload] # the mistake
    (CriterionError, "not in 5", lambda s, task: Task.name.in_(5)),  # type: ignore[call-overload] # the mistake
    (CriterionError, "not in b'x'", lambda s, task: Task.name.in_(b"x")),  # type: ignore[arg-type] # the mistake
    (QueryError, r"Use only\(\)", lambda s, task: Task.name.in_(s.select(Task))),
    (CriterionError, "leads to Shot", lambda s, task: Task.parent.as_(Shot).is_(task)),
    (
        CriterionError,
        "Task is not a subtype",
        lambda s, task: Task.parent.as_(Shot).as_(Task),
    ),
    (CriterionError, "an entity class", lambda s, task: Task.parent.as_("Shot")),  # type: ignore[arg-type] # the mistake
    (
        UnknownAttributeError,
        r"Task\.ancestors\.any\(TypedContext\.id",
        lambda s, task: Task.ancestors.id,  # type: ignore[attr-defined] # the mistake
    ),
    (UnknownAttributeError, "'nothing'", lambda s, task: Task.notes.nothing),  # type: ignore[attr-defined] # the mistake
    # ensure
    (
        IdentificationError,
        "not a list of names",
        lambda s, task: s.ensure(Task, {"name": "x"}, "name"),
    ),
    (
        IdentificationError,
        "not a list of names",
        lambda s, task: s.ensure(Task, {"name": "x"}, None),
    ),
    (
        IdentificationError,
        r"Task\.status\.name is not a name or an attribute of Task",
        lambda s, task: s.ensure(Task, {"name": "x"}, [Task.status.name]),
    ),
]


@pytest.mark.parametrize(("kind", "message", "call"), CALLS)
def test_a_wrong_argument_is_refused_where_it_is_given(
    emulator: Emulator,
    session: Session,
    kind: type[FtrackError],
    message: str,
    call: Call,
) -> None:
    task = a_task(session)
    emulator.call_log.clear()
    with pytest.raises(kind, match=message):
        call(session, task)
    assert len(emulator.call_log) == 0


def test_a_key_can_be_given_in_many_forms(session: Session) -> None:
    task, shot = a_task(session), a_shot(session)
    forms: list[Any] = [
        task.id,
        uuid.UUID(task.id),
        [task.id],
        (uuid.UUID(task.id),),
        {"id": task.id},
        task,
        task.reference,
        Reference("Task", (task.id,)),
    ]
    assert [session.get(Task, form) for form in forms] == [task] * len(forms)
    assert session.get_many(Task, iter(forms)) == [task] * len(forms)
    assert session.get(TypedContext, shot) is shot


def test_updates_and_deletes_take_every_form_of_a_key(
    session: Session, other: Session
) -> None:
    task = a_task(session)
    session.update(Task, uuid.UUID(task.id), {"description": "one"})
    session.update(Task, task, {"description": "two"})
    assert a_task(other).description == "two"
    session.create(
        Metadata,
        {"parent_id": task.id, "parent_type": "Task", "key": "k", "value": "v"},
    )
    session.update(Metadata, {"key": "k", "parent_id": task.id}, {"value": "w"})
    row = other.get(Metadata, {"parent_id": uuid.UUID(task.id), "key": "k"})
    assert row is not None
    assert row.value == "w"
    session.delete(Task, task)
    assert other.select(Task).where(Task.id == task.id).exists() is False


def test_ensure_finds_by_the_link_of_an_entity(
    session: Session, other: Session
) -> None:
    shot = a_shot(session)
    before = other.select(Task).count()
    names = ["name", "parent"]
    made = session.ensure(Task, Task(name="roto", parent=shot), names)
    again = session.ensure(Task, Task(name="roto", parent=shot), names)
    assert again is made
    assert made.parent_id == shot.id
    assert other.select(Task).count() == before + 1


@pytest.mark.parametrize(
    "options",
    [
        {"page_size": 0},
        {"page_size": -1},
        {"page_size": "5"},
        {"page_size": True},
        {"page_size": 1.5},
        {"timeout": 0},
        {"timeout": -1},
        {"timeout": math.nan},
        {"timeout": math.inf},
        {"timeout": "x"},
        {"timeout": None},
        {"timeout": True},
        {"load": "x"},
        {"load": None},
        {"load": ["auto"]},
        {"check_schema": "x"},
        {"check_schema": None},
        {"server_information_values": "version"},
        {"server_information_values": [5]},
        {"retry": 3},
        {"models": 3},
    ],
)
def test_a_setting_that_cannot_be_used_is_refused(
    emulator: Emulator, options: dict[str, Any]
) -> None:
    with pytest.raises(InvalidSettingError) as caught:
        Session(transport=emulator.transport(), **options)
    assert caught.value.setting == next(iter(options))
    assert len(emulator.call_log) == 0


def test_a_misspelled_setting_gets_an_offer(emulator: Emulator) -> None:
    options: dict[str, Any] = {"check_schema": "wran"}
    with pytest.raises(InvalidSettingError, match="did you mean 'warn'"):
        Session(transport=emulator.transport(), **options)


# -- conditions of many parts --------------------------------------------------------


def test_5000_chained_conditions_are_one_flat_condition(session: Session) -> None:
    select = session.select(Task)
    both = reduce(
        lambda left, bid: left & (Task.bid != bid), range(5_000), Task.id != ""
    )
    assert select.where(both).expression.count(" and ") == 5_000
    either = reduce(
        lambda left, bid: left | (Task.bid == bid), range(5_000), Task.id == ""
    )
    assert select.where(either).expression.count(" or ") == 5_000


def test_a_condition_of_many_levels_finds_the_same_rows(
    session: Session, other: Session
) -> None:
    condition = Task.name == "animation"
    for level in range(90):
        if level % 2:
            condition = condition & (Task.name != f"no {level}")
        else:
            condition = condition | (Task.name == f"no {level}")
    expected = other.select(Task).where(Task.name == "animation").count()
    assert session.select(Task).where(condition).count() == expected > 0


@pytest.mark.parametrize(
    "nest",
    [
        lambda inner, level: (
            (inner & (Task.bid > level)) if level % 2 else (inner | (Task.bid < level))
        ),
        lambda inner, level: ~inner,
        lambda inner, level: (
            Task.notes.any(Note.id.in_([str(level)])) & ~(inner | (Task.bid > level))
        ),
    ],
)
def test_a_condition_too_deep_to_be_sent_is_refused(nest: Any) -> None:
    with pytest.raises(CriterionError, match="100 levels"):
        reduce(nest, range(300), Task.name == "x")


def test_no_entity_is_added_where_one_of_many_is_none(session: Session) -> None:
    wrong: Any = [Shot(name="new", parent=a_shot(session).parent), 5]
    with pytest.raises(InvalidArgumentError, match=r"add_all\(\) takes an entity"):
        session.add_all(wrong)
    assert not session.plan()
