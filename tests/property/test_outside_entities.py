"""Copies, constructors, pickles and validated data touch no other entity.

A session has loaded tasks, collections and edits. Random actions outside of it must
leave its plan, its collections, its links and its entities' values as they are.
"""

from __future__ import annotations

import contextlib
import copy
import pickle
from collections.abc import Callable
from typing import Any

from hypothesis import given, settings, strategies as st
from pydantic import TypeAdapter, ValidationError

from ftrack_models import Note, Shot, Status, Task, User
from ftrack_orm import NO_RETRIES, FtrackError, Session
from ftrack_orm.emulator import Emulator
from ftrack_orm.entity.entity import Entity

EMULATOR = Emulator(seed="demo")
SESSION = Session(
    transport=EMULATOR.transport(), check_schema="ignore", retry=NO_RETRIES
)


class Voted(Task):
    """A subclass whose constructor may fail after its attributes were checked."""

    votes: int = 0


SHOTS = SESSION.select(Shot).limit(3).all()
USERS = SESSION.select(User).limit(2).all()
STATUSES = SESSION.select(Status).limit(2).all()
TASKS = [task for shot in SHOTS for task in shot.children if type(task) is Task]
MADE = Task(name="made", parent=SHOTS[0])


def prepare() -> None:
    """Load collections and mappings, and leave some edits uncommitted."""
    for task in TASKS:
        len(task.notes)
        len(task.assignments)
        len(task.metadata)
        assert task.status.name
    for shot in SHOTS:
        len(shot.notes)
        len(shot.ancestors)
    TASKS[0].name = "edited"
    TASKS[1].metadata["key"] = "value"
    TASKS[2].parent = SHOTS[1]
    SESSION.add(MADE)
    # Reading a collection of a new entity makes it.
    assert (len(MADE.notes), len(MADE.metadata)) == (0, 0)


prepare()
ENTITIES: list[Entity] = [*SHOTS, *USERS, *STATUSES, *TASKS, MADE]


def record() -> Any:
    """Return everything that must stay as it is."""
    return (
        [str(change) for change in SESSION.plan().changes],
        [(entity.entity_state, entity.model_dump()) for entity in ENTITIES],
        [[id(child) for child in shot.children] for shot in SHOTS],
        [[id(note) for note in task.notes] for task in TASKS],
        [id(task.parent) for task in TASKS],
        [id(task.status) for task in TASKS],
    )


BEFORE = record()


def construct_task(task: Task) -> Any:
    """Make a task among the session's entities."""
    return Task(
        name=task.name,
        parent=task.parent or SHOTS[0],
        status=task.status,
        notes=[Note(content="new")],
    )


def construct_wrong(task: Task) -> Any:
    """Fail in the last argument."""
    wrong: dict[str, Any] = {"parent": SHOTS[2], "notes": list(task.notes), "bid": "x"}
    return Task(name="x", **wrong)


def construct_wrong_field(task: Task) -> Any:
    """Fail in a field of a subclass, after every attribute was good."""
    wrong: dict[str, Any] = {"votes": "many"}
    return Voted(name="x", parent=SHOTS[2], status=task.status, **wrong)


ACTIONS: list[Callable[[Task], Any]] = [
    copy.copy,
    copy.deepcopy,
    lambda task: pickle.loads(pickle.dumps(task)),  # noqa: S301 # our own bytes
    lambda task: task.model_copy(),
    lambda task: task.model_copy(deep=True),
    lambda task: task.model_copy(update={"name": "other", "parent": SHOTS[2]}),
    lambda task: task.model_copy(update={"parent_id": SHOTS[2].id}),
    lambda task: task.model_copy(update={"bid": "wrong"}),
    lambda task: Task.model_validate(task.model_dump()),
    lambda task: Task.model_validate_json(task.model_dump_json()),
    lambda task: Task.model_validate({"name": "x", "parent": task.parent}),
    lambda task: Task.model_validate({"parent": task.parent, "bid": "wrong"}),
    lambda task: Task.model_construct(name=3, parent=task.parent, status=task.status),
    lambda task: TypeAdapter(list[Task]).validate_python([task, {"name": "x"}]),
    lambda task: task.model_dump_json(),
    construct_task,
    construct_wrong,
    construct_wrong_field,
]

EDITS: list[Callable[[Task], Any]] = [
    lambda task: setattr(task, "name", "changed"),
    lambda task: setattr(task, "parent", SHOTS[2]),
    lambda task: setattr(task, "parent_id", SHOTS[2].id),
    lambda task: setattr(task, "status", STATUSES[1]),
    lambda task: task.metadata.update(key="changed"),
    lambda task: task.notes.append(Note(content="x")),
    lambda task: task.notes.clear(),
]


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(
            st.integers(0, len(TASKS)),
            st.sampled_from(ACTIONS),
            st.lists(st.sampled_from(EDITS), max_size=2),
        ),
        min_size=1,
        max_size=6,
    )
)
def test_nothing_outside_touches_a_session(
    program: list[tuple[int, Callable[[Task], Any], list[Callable[[Task], Any]]]],
) -> None:
    for index, action, edits in program:
        task = [*TASKS, MADE][index]
        with contextlib.suppress(FtrackError, ValidationError):
            made = action(task)
            if isinstance(made, Task):
                for edit in edits:
                    edit(made)
    assert record() == BEFORE
