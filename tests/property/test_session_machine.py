"""Random work in a session, against a plain dictionary and a fresh session."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, settings, strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    rule,
)

from ftrack_models import Shot, Status, Task
from ftrack_orm import (
    EntityState,
    OutcomeUnknownError,
    ServerError,
    Session,
)
from ftrack_orm.emulator import Emulator

STATUSES = ("Not started", "In progress", "Approved")
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8)
KEYS = st.sampled_from(["source", "reviewed by", 'a "key"'])

EMULATOR = Emulator(seed="demo")
CLEAN = EMULATOR.snapshot()

Record = dict[str, Any]


class SessionMachine(RuleBasedStateMachine):
    """One session at work on the tasks of one shot; `server` is what must be there."""

    tasks: Bundle[Task] = Bundle("tasks")

    def __init__(self) -> None:
        super().__init__()
        EMULATOR.restore(CLEAN)
        EMULATOR.faults.clear()
        self.session = Session(transport=EMULATOR.transport())
        self.statuses = {
            status.name: status
            for status in self.session.select(Status).where(Status.name.in_(STATUSES))
        }
        shots = self.session.select(Shot).order_by(Shot.name).limit(2).all()
        self.shots: list[Shot] = shots
        self.server: dict[str, Record] = {}
        self.memory: dict[str, Record] = {}
        self.count = 0

    @initialize(target=tasks)
    def first_task(self) -> Task:
        return self.add_task("first")

    @rule(target=tasks, text=TEXT)
    def add(self, text: str) -> Task:
        return self.add_task(text)

    def add_task(self, text: str) -> Task:
        self.count += 1
        name = f"made {self.count}"
        shot = self.shots[0]
        task = Task(name=name, parent=shot, description=text)
        self.session.add(task)
        self.memory[task.id] = {
            "name": name,
            "description": text,
            "parent": shot.id,
            "metadata": {},
        }
        return task

    def is_here(self, task: Task) -> bool:
        """Whether the task is one that the session would commit or has."""
        return task.id in self.memory

    @rule(task=tasks, text=TEXT)
    def describe(self, task: Task, text: str) -> None:
        if self.is_here(task):
            task.description = text
            self.memory[task.id]["description"] = text

    @rule(task=tasks, name=st.sampled_from(STATUSES))
    def give_status(self, task: Task, name: str) -> None:
        if self.is_here(task):
            task.status = self.statuses[name]
            self.memory[task.id]["status"] = name

    @rule(task=tasks, place=st.integers(0, 1))
    def move(self, task: Task, place: int) -> None:
        if self.is_here(task):
            task.parent = self.shots[place]
            self.memory[task.id]["parent"] = self.shots[place].id

    @rule(task=tasks, key=KEYS, value=TEXT)
    def note(self, task: Task, key: str, value: str) -> None:
        if self.is_here(task):
            task.metadata[key] = value
            self.memory[task.id]["metadata"][key] = value

    @rule(task=tasks, key=KEYS)
    def unnote(self, task: Task, key: str) -> None:
        if self.is_here(task) and key in self.memory[task.id]["metadata"]:
            del task.metadata[key]
            del self.memory[task.id]["metadata"][key]

    @rule(task=consumes(tasks))
    def remove(self, task: Task) -> None:
        if self.is_here(task):
            self.session.remove(task)
            del self.memory[task.id]

    @rule()
    def commit(self) -> None:
        self.session.commit(expect=self.session.plan())
        self.keep()

    @rule()
    def commit_that_is_refused(self) -> None:
        plan = self.session.plan()
        if plan:
            EMULATOR.faults.deny_permission()
            with pytest.raises(ServerError):
                self.session.commit()
            assert self.session.plan() == plan
        EMULATOR.faults.clear()

    @rule(is_applied=st.booleans())
    def commit_whose_answer_is_lost(self, is_applied: bool) -> None:
        if self.session.plan():
            drop = (
                EMULATOR.faults.drop_after
                if is_applied
                else EMULATOR.faults.drop_before
            )
            drop()
            try:
                self.session.commit()
            except OutcomeUnknownError:
                EMULATOR.faults.clear()
                self.session.commit()
            self.keep()
        EMULATOR.faults.clear()

    @rule()
    def roll_back(self) -> None:
        self.session.rollback()
        self.memory = {key: copied(record) for key, record in self.server.items()}
        for key, record in self.server.items():
            task = self.session.get(Task, key)
            assert task is not None
            assert told(task, record) == record

    def keep(self) -> None:
        """Take what was committed for what the server must have, and look."""
        self.server = {key: copied(record) for key, record in self.memory.items()}
        fresh = Session(transport=EMULATOR.transport())
        found = fresh.select(Task).where(Task.name.like("made %")).all()
        assert {task.id: told(task, self.server.get(task.id)) for task in found} == (
            self.server
        )

    @invariant()
    def nothing_is_held_twice(self) -> None:
        persistent = [
            key
            for key in self.server
            if self.session.get(Task, key) is not self.session.get(Task, key)
        ]
        assert persistent == []


def copied(record: Record) -> Record:
    return {**record, "metadata": dict(record["metadata"])}


def told(task: Task, expected: Record | None) -> Record:
    """Return a task as the dictionary holds it; a status only where one was given."""
    assert task.entity_state is EntityState.PERSISTENT
    record: Record = {
        "name": task.name,
        "description": task.description,
        "parent": task.parent_id,
        "metadata": dict(task.metadata),
    }
    if expected is not None and "status" in expected:
        record["status"] = task.status.name
    return record


TestSessionMachine = SessionMachine.TestCase
TestSessionMachine.settings = settings(
    max_examples=40,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
