"""Ctrl-C at every executed line of a write leaves a session that can go on."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

import ftrack_models
import ftrack_orm
from ftrack_orm import FtrackError, OutcomeUnknownError, Session
from tests.support.session_programs.expectation import differences
from tests.support.session_programs.invariants import check_memory, entities_of
from tests.support.session_programs.production import FIELDS, Production, Rows

SAMPLES = None if os.environ.get("FTRACK_ORM_FULL_INTERRUPTIONS") else 150
"""Lines of each program that are interrupted, spread evenly; ``None`` is every one."""

FOLDER = str(Path(ftrack_orm.__file__).parent) + os.sep
OTHER = (FOLDER + "emulator" + os.sep, FOLDER + "schema" + os.sep)

THRESHOLDS = gc.get_threshold()

PRODUCTION = Production()


class Interrupter:
    """Raises `KeyboardInterrupt` at one of the lines that an action executes.

    Attributes:
        lines: the lines that were executed so far.
        where: the line that was interrupted.
    """

    def __init__(self, at: int | None) -> None:
        self.at = at
        self.lines = 0
        self.where = ""

    def run(self, action: Callable[[], object]) -> None:
        """Do the action with the interruption."""
        outer = sys.gettrace()
        sys.settrace(self._enter)
        try:
            action()
        finally:
            sys.settrace(outer)

    def _enter(self, frame: FrameType, event: str, argument: Any) -> Any:
        name = frame.f_code.co_filename
        return self._line if name.startswith(FOLDER) and not _is_other(name) else None

    def _line(self, frame: FrameType, event: str, argument: Any) -> Any:
        if event == "line":
            self.lines += 1
            if self.lines == self.at:
                self.where = f"{frame.f_code.co_filename}:{frame.f_lineno}"
                raise KeyboardInterrupt
        return self._line


def _is_other(name: str) -> bool:
    return name.startswith(OTHER)


Action = Callable[[], object]


def commit_of_everything(session: Session) -> Action:
    """Return a commit with a create, an update, a delete, rows and pairs."""
    tasks = session.select(ftrack_models.Task).order_by(ftrack_models.Task.name).all()
    shot = session.select(ftrack_models.Shot).first()
    user = session.select(ftrack_models.User).first()
    [timelog] = session.select(ftrack_models.Timelog).all()
    listed = session.select(ftrack_models.TypedContextList).first()
    assert shot is not None
    assert user is not None
    assert listed is not None
    list(tasks[0].notes)
    list(shot.children)
    tasks[1].description = "interrupted"
    tasks[1].metadata["key"] = "value"
    tasks[0].notes.append(ftrack_models.Note(content="new", author=user))
    session.add(tasks[0].notes[-1])
    session.add(ftrack_models.Task(name="new", parent=shot))
    listed.items.append(tasks[2])
    session.remove(timelog)
    return session.commit


def create_at_once(session: Session) -> Action:
    """Return a create that acts at once."""
    [shot] = session.select(ftrack_models.Shot).limit(1).all()
    list(shot.children)
    data = {"name": "new", "parent": shot}
    return lambda: session.create(ftrack_models.Task, data)


def update_at_once(session: Session) -> Action:
    """Return an update that acts at once."""
    [task] = session.select(ftrack_models.Task).limit(1).all()
    shots = session.select(ftrack_models.Shot).order_by(ftrack_models.Shot.name).all()
    for shot in shots:
        list(shot.children)
    data = {"description": "interrupted", "parent": shots[2]}
    return lambda: session.update(ftrack_models.Task, task.id, data)


def delete_at_once(session: Session) -> Action:
    """Return a delete that acts at once, with a cascade."""
    [task] = session.select(ftrack_models.Task).where(
        ftrack_models.Task.name == "task 0"
    )
    list(task.notes)
    list(task.timelogs)
    return lambda: session.delete(ftrack_models.Task, task.id)


PROGRAMS = (commit_of_everything, create_at_once, update_at_once, delete_at_once)


def prepared(program: Callable[[Session], Action]) -> tuple[Session, Action]:
    PRODUCTION.restore()
    session, _ = PRODUCTION.session()
    return session, program(session)


def interrupted_lines(program: Callable[[Session], Action]) -> Iterator[int]:
    """Yield the numbers of the lines to interrupt, a part of them by default."""
    _, action = prepared(program)
    counter = Interrupter(None)
    counter.run(action)
    step = 1 if SAMPLES is None else max(1, counter.lines // SAMPLES)
    yield from range(1, counter.lines + 1, step)


def settle(session: Session, *, commits: bool) -> None:
    """Commit or roll back after an interruption, as its user would."""
    if not commits:
        session.rollback()
        return
    try:
        session.commit()
    except OutcomeUnknownError:
        session.rollback()


@pytest.mark.parametrize("commits", [True, False], ids=["commit", "rollback"])
@pytest.mark.parametrize("program", PROGRAMS)
def test_a_session_goes_on_after_an_interruption_at_any_line(
    program: Callable[[Session], Action], commits: bool
) -> None:
    failures = []
    with PRODUCTION.repeatable(1):
        before, after = outcomes(program)
        for line in interrupted_lines(program):
            failure = interrupted(program, line, before, after, commits=commits)
            if failure:
                failures.append(failure)
    assert not failures, f"{len(failures)} failures:\n" + "\n".join(failures[:10])


def outcomes(program: Callable[[Session], Action]) -> tuple[Rows, Rows]:
    """Return the rows before and after the action, when nothing interrupts it."""
    with PRODUCTION.repeatable(1):
        _, action = prepared(program)
        before = PRODUCTION.read()
        action()
        return before, PRODUCTION.read()


def interrupted(
    program: Callable[[Session], Action],
    line: int,
    before: Rows,
    after: Rows,
    *,
    commits: bool,
) -> str:
    """Return how the program fails when a line is interrupted, or nothing."""
    with PRODUCTION.repeatable(1):
        session, action = prepared(program)
        interrupter = Interrupter(line)
        try:
            interrupter.run(action)
        except KeyboardInterrupt:
            pass
        else:
            return ""  # it is a line that only a first run reaches
        thresholds = gc.get_threshold()
        if not gc.isenabled() or thresholds != THRESHOLDS:
            gc.enable()
            gc.set_threshold(*THRESHOLDS)
            where = interrupter.where.removeprefix(FOLDER)
            return f"{where}: the garbage collector stays off, {thresholds}"
        try:
            settle(session, commits=commits)
            check(session, before, after, must_be_applied=commits and _is_plan(program))
        except (FtrackError, AssertionError, LookupError, TypeError) as error:
            where = interrupter.where.removeprefix(FOLDER)
            text = str(error).splitlines()[0]
            return f"{where}: {type(error).__name__}: {text}"
    return ""


def _is_plan(program: Callable[[Session], Action]) -> bool:
    return program is commit_of_everything


def check(
    session: Session, before: Rows, after: Rows, *, must_be_applied: bool
) -> None:
    """Assert that all was applied or nothing, and that memory agrees."""
    server = PRODUCTION.read()
    wrong = differences(after, server)
    if wrong and not must_be_applied:
        wrong = differences(before, server)
    assert not wrong, "\n".join(wrong)
    assert not session.plan()
    check_memory(session)
    for entity in entities_of(session):
        kind = type(entity).__name__
        if kind not in FIELDS:
            continue
        row = server.rows.get(entity.id)
        for name in FIELDS[kind]:
            if name in vars(entity):
                assert row is not None, f"{entity!r} is in memory alone"
                assert vars(entity)[name] == row[name], f"{entity!r}.{name}"
    check_collections(session, server)
    session.create(ftrack_models.User, {"username": "later"})


def check_collections(session: Session, server: Rows) -> None:
    """Assert that loaded collections of tasks and shots are the server's."""
    for entity in entities_of(session):
        for name, key in (("children", "parent_id"), ("notes", "parent_id")):
            members = vars(entity).get(name)
            if members is None or not members.is_loaded:
                continue
            assert entity.id in server.rows, f"{entity!r} is in memory alone"
            kind = "Task" if name == "children" else "Note"
            there = {
                other
                for other in server.of(kind)
                if server.rows[other][key] == entity.id
            }
            assert {one.id for one in members} == there, f"{entity!r}.{name}"
