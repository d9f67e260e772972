"""Units of which the server has a part, more than a row of the history lists."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ftrack_orm import Session
from ftrack_orm.emulator import Emulator
from ftrack_orm.migrations.client import RunClient
from ftrack_orm.migrations.planned_change import PlannedChange, operations_of
from ftrack_orm.migrations.runs import apply
from ftrack_orm.migrations.undo import plan_undo
from tests.support.migration_plans import (
    content,
    fast_options,
    history_of,
    make_file,
    metadata,
    ready,
    tasks_of,
    update,
)


def large_unit(session: Session) -> list[list[PlannedChange]]:
    """Return one unit of thousands of rows; the server has every second one."""
    task = tasks_of(session)[0]["id"]
    unit = [metadata("Task", task, f"k{number}", "v") for number in range(4_200)]
    RunClient(session).send(list(operations_of(unit[::2])))
    return [unit]


def many_units(session: Session) -> list[list[PlannedChange]]:
    """Return hundreds of units; the server has the first half of each."""
    task = tasks_of(session)[0]["id"]
    units = [
        [metadata("Task", task, f"{half}{number}", "v") for half in "ab"]
        for number in range(499)
    ]
    RunClient(session).send(list(operations_of(unit[0] for unit in units)))
    return units


@pytest.mark.parametrize("make", [large_unit, many_units])
def test_what_a_run_wrote_of_them_is_undone(
    emulator: Emulator,
    tmp_path: Path,
    make: Callable[[Session], list[list[PlannedChange]]],
) -> None:
    session = ready(emulator)
    groups = make(session)
    before = content(emulator)
    with make_file(groups, tmp_path / "a.plan") as plan:
        options = fast_options(single_request=make is many_units)
        run = apply(session, plan, options=options).run
    assert len(history_of(session).skipped(run)) > 1
    with plan_undo(session, run, folder=tmp_path) as undo:
        assert sum(undo.action_counts().values()) == sum(map(len, groups)) // 2
        apply(session, undo, options=fast_options())
    assert content(emulator) == before


def test_the_rows_of_a_request_are_read_in_order(emulator: Emulator) -> None:
    session = ready(emulator)
    groups = [
        [update("Task", task["id"], "bid", task["bid"], 1.0)]
        for task in tasks_of(session)[:30]
    ]
    session.update("Task", groups[3][0].key, {"bid": 9.0})
    session.update("Task", groups[28][0].key, {"bid": 9.0})
    with make_file(groups) as plan:
        options = fast_options(conflict_limit=1.0, chunk=2)
        run = apply(session, plan, options=options).run
    rows = history_of(session).skipped(run)
    assert [row["conflicts"] for row in rows] == ["4", "29"]
