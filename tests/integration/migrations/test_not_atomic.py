"""A server that keeps the changes before a refused one: no unit is lost there."""

from __future__ import annotations

from pathlib import Path

import pytest

from ftrack_orm import Session
from ftrack_orm.emulator import Emulator
from ftrack_orm.errors.migration_runs import RunStoppedError
from ftrack_orm.migrations.client import RunClient
from ftrack_orm.migrations.comparison import verify
from ftrack_orm.migrations.planned_change import PlannedChange
from ftrack_orm.migrations.runs import apply, resume
from ftrack_orm.migrations.undo import plan_undo
from tests.support.migration_plans import (
    content,
    fast_options,
    history_of,
    make_file,
    ready,
    update,
)

COUNT = 60
QUERY = "select id, bid, status_id from Task order by id"


@pytest.fixture
def session(emulator: Emulator) -> Session:
    emulator.faults.deviations.is_not_atomic = True
    return ready(emulator)


@pytest.fixture(autouse=True)
def _restored(emulator: Emulator) -> object:
    yield
    emulator.faults.deviations.is_not_atomic = False
    emulator.faults.clear()


def groups_of(session: Session, refused: tuple[int, ...]) -> list[list[PlannedChange]]:
    """Return a unit for each of the first tasks; the server refuses some."""
    tasks = RunClient(session).rows(QUERY)[:COUNT]
    groups = [[update("Task", task["id"], "bid", task["bid"], 5.5)] for task in tasks]
    for number in refused:
        task = tasks[number]
        groups[number] = [
            update("Task", task["id"], "status_id", task["status_id"], "nowhere")
        ]
    return groups


def written(session: Session) -> set[int]:
    """Return the positions of the tasks that have the new bid."""
    rows = RunClient(session).rows(QUERY)[:COUNT]
    return {number for number, row in enumerate(rows) if row["bid"] == 5.5}


@pytest.mark.parametrize("refused", [(7,), (0, 24, 25, 59)])
@pytest.mark.parametrize("chunk", [8, 500])
def test_units_beside_a_refused_one_are_written_and_undone(
    emulator: Emulator,
    session: Session,
    tmp_path: Path,
    refused: tuple[int, ...],
    chunk: int,
) -> None:
    before = content(emulator)
    groups = groups_of(session, refused)
    with make_file(groups, tmp_path / "a.plan") as plan:
        options = fast_options(chunk=chunk, on_error="skip")
        outcome = apply(session, plan, options=options)
    expected = set(range(COUNT)) - set(refused)
    assert (outcome.applied, outcome.already) == (len(expected), 0)
    assert outcome.refused == len(refused)
    assert written(session) == expected
    assert verify(session, outcome.run, folder=tmp_path).different == 0
    with plan_undo(session, outcome.run, folder=tmp_path) as undo:
        apply(session, undo, options=fast_options())
    assert content(emulator) == before


def test_a_run_stops_before_a_refused_unit_and_continues(
    session: Session, tmp_path: Path
) -> None:
    with make_file(groups_of(session, (7,)), tmp_path / "a.plan") as plan:
        with pytest.raises(RunStoppedError, match="unit 8 "):
            apply(session, plan, options=fast_options())
        assert written(session) == set(range(7))
        assert history_of(session).lock is None
    outcome = resume(session, folder=tmp_path, options=fast_options(on_error="skip"))
    assert (outcome.applied, outcome.refused) == (COUNT - 1, 1)
    assert written(session) == set(range(COUNT)) - {7}


def test_lost_replies_repeat_nothing(
    emulator: Emulator, session: Session, tmp_path: Path
) -> None:
    with make_file(groups_of(session, ()), tmp_path / "a.plan") as plan:
        emulator.faults.pass_on(4)
        emulator.faults.drop_after(2)
        outcome = apply(session, plan, options=fast_options(chunk=8))
    assert (outcome.applied, outcome.refused) == (COUNT, 0)
    assert written(session) == set(range(COUNT))
