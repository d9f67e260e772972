"""An applied revision is planned again: only what its runs left out remains."""

from __future__ import annotations

import itertools
import math
import random
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ftrack_models import Note, Project, Shot, Task
from ftrack_orm import Session
from ftrack_orm.emulator import Emulator, FixedClock
from ftrack_orm.errors.migration_runs import (
    PlanRefusedError,
    RunStoppedError,
    StalePlanError,
    UnknownRunError,
)
from ftrack_orm.errors.planning import PlanningError
from ftrack_orm.migrations import Plan, Planner, Revision
from ftrack_orm.migrations.client import RunClient
from ftrack_orm.migrations.comparison import verify
from ftrack_orm.migrations.earlier_runs import EarlierRuns
from ftrack_orm.migrations.lint.plan_lint import lint_plan
from ftrack_orm.migrations.options import Outcome
from ftrack_orm.migrations.plan_function import plan_function
from ftrack_orm.migrations.runs import apply, resume
from ftrack_orm.migrations.status import mark_revision
from ftrack_orm.migrations.undo import plan_undo
from tests.support.migration_plans import (
    connect,
    content,
    fast_options,
    history_of,
    ready,
)
from tests.support.planning import facts_of

REVISION = Revision("20261126_7f3a", "bids are doubled", accepts=["whole-server"])

UpFunction = Callable[[Planner], None]


@pytest.fixture
def emulator() -> Emulator:
    return Emulator(seed="demo", clock=FixedClock("2024-05-06"))


def double_bids(plan: Planner) -> None:
    for task in plan.each(plan.select(Task)):
        task.bid = (task.bid or 0) * 2 + 1


def add_notes(plan: Planner) -> None:
    for task in plan.each(plan.select(Task)):
        with plan.unit():
            task.metadata["seen"] = "yes"
            plan.add(Note(content="Look again", parent_id=task.id, parent_type="Task"))


def plan_again(session: Session, up: UpFunction, folder: Path) -> Plan:
    """Plan the revision, which the server lists as applied."""
    earlier = EarlierRuns.read(session, REVISION.id, folder=folder)
    try:
        return plan_function(session, up, revision=REVISION, earlier=earlier)
    finally:
        earlier.close()


def apply_plan(
    session: Session, plan: Plan, folder: Path, name: str, **options: Any
) -> Outcome:
    """Apply a plan, of which the folder keeps a copy."""
    path = folder / f"{name}.plan"
    plan.save(path)
    options = {"chunk": 9, "conflict_limit": 1.0, **options}
    with Plan.open(path) as saved:
        return apply(session, saved, options=fast_options(**options))


def bids(emulator: Emulator) -> dict[str, float]:
    with connect(emulator) as session:
        return {task.id: task.bid or 0 for task in session.select(Task)}


def set_bids(emulator: Emulator, changed: dict[str, float]) -> None:
    with connect(emulator) as session:
        for task in session.select(Task).where(Task.id.in_(changed)):
            task.bid = changed[task.id]
        session.commit()


@pytest.mark.parametrize("seed", range(6))
def test_only_conflicts_are_planned_again(
    emulator: Emulator, tmp_path: Path, seed: int
) -> None:
    choice = random.Random(seed)
    session = ready(emulator)
    first = bids(emulator)
    edited: dict[str, float] = {}
    plan = plan_function(session, double_bids, revision=REVISION)
    for number in range(3):
        # The edits since the plan, of tasks that no run has written.
        candidates = sorted(edited or first)
        edited = {
            key: float(choice.randint(50, 90))
            for key in choice.sample(candidates, k=min(len(candidates), 6 - 2 * number))
        }
        before = bids(emulator)
        set_bids(emulator, edited)
        outcome = apply_plan(session, plan, tmp_path, str(number))
        assert outcome.conflicts == len(edited)
        planned = {change.key[0] for unit in plan.units() for change in unit.changes}
        assert bids(emulator) == {
            key: edited.get(key, value * 2 + 1 if key in planned else value)
            for key, value in before.items()
        }
        plan = plan_again(session, double_bids, tmp_path)
        left = {unit.changes[0].key[0]: unit.changes[0] for unit in plan.units()}
        assert {key: (c.before, c.after) for key, c in left.items()} == {
            key: (value, value * 2 + 1) for key, value in edited.items()
        }
        assert plan.meta("repeated") == len(first) - len(edited)


def test_the_pace_of_a_run_is_used_by_the_next_plan(
    emulator: Emulator, tmp_path: Path
) -> None:
    session = ready(emulator)
    plan = plan_function(session, double_bids, revision=REVISION)
    assert plan.meta("ms_per_operation") is None
    # Each request takes a second by this clock, and each of 9 operations 1/9 of it.
    ticks = itertools.count()
    options = {"clock": lambda: float(next(ticks)), "chunk": 9}
    run = apply_plan(session, plan, tmp_path, "1", **options).run
    row = history_of(session).run(run) or {}
    tasks = len(bids(emulator))
    requests = math.ceil(tasks / 9)
    assert row["ms_per_operation"] == round(1000 * requests / tasks, 3)
    again = plan_function(session, double_bids)
    assert again.meta("ms_per_operation") == row["ms_per_operation"]
    with plan_undo(session, run, folder=tmp_path) as undo:
        apply(session, undo, options=fast_options(single_request=True))
    assert plan_function(session, double_bids).meta("ms_per_operation") is not None


def test_nothing_is_left_of_a_revision_that_was_applied_whole(
    emulator: Emulator, tmp_path: Path
) -> None:
    session = ready(emulator)

    def up(plan: Planner) -> None:
        double_bids(plan)
        show = plan.find(Project, Project.name == "bunny")
        shot = plan.add(Shot(name="new", parent=show))
        plan.add(Task(name="comp", parent=shot))

    plan = plan_function(session, up, revision=REVISION)
    assert apply_plan(session, plan, tmp_path, "1").skipped == 0
    again = plan_again(session, up, tmp_path)
    assert facts_of(again) == []
    assert again.meta("unknown_creates") == {}


def test_new_rows_are_planned(emulator: Emulator, tmp_path: Path) -> None:
    session = ready(emulator)
    apply_plan(
        session,
        plan_function(session, add_notes, revision=REVISION),
        tmp_path,
        "1",
    )
    with connect(emulator) as other:
        parent = other.select(Shot).where(Shot.name == "sq010_sh010").one()
        other.add(Task(name="late", parent=parent))
        other.commit()
    again = plan_again(session, add_notes, tmp_path)
    assert [unit.title for unit in again.units()] == [
        "Task sq010_sh010/late and 1 more"
    ]
    assert again.meta("unknown_creates") == {"Note": 1}
    finding = next(each for each in lint_plan(again) if each.code == "FM110")
    assert finding.severity == "warn"
    assert finding.message.startswith("1 Note would be created")


def test_entities_that_exist_are_not_created_again(
    emulator: Emulator, tmp_path: Path
) -> None:
    """One task in five has the metadata already, so that its note is left out."""
    session = ready(emulator)
    plan = plan_function(session, add_notes, revision=REVISION)
    with connect(emulator) as other:
        tasks = list(other.select(Task))[::5]
        for task in tasks:
            task.metadata["seen"] = "no"
        other.commit()
    assert apply_plan(session, plan, tmp_path, "1").conflicts == len(tasks)
    again = plan_again(session, add_notes, tmp_path)
    assert again.unit_count == len(tasks)
    assert again.meta("unknown_creates") == {}
    apply_plan(session, again, tmp_path, "2")
    count = session.select(Note).where(Note.content == "Look again").count()
    assert count == len(bids(emulator))


def test_undo_of_the_revision_restores_the_values_before_all_runs(
    emulator: Emulator, tmp_path: Path
) -> None:
    session = ready(emulator)
    start = content(emulator)
    first = bids(emulator)
    edited = dict.fromkeys(sorted(first)[:3], 70.0)
    plan = plan_function(session, double_bids, revision=REVISION)
    set_bids(emulator, edited)
    run = apply_plan(session, plan, tmp_path, "1").run
    second = apply_plan(
        session, plan_again(session, double_bids, tmp_path), tmp_path, "2"
    ).run
    history = history_of(session)
    assert history.applied_runs(REVISION.id) == (second, run)
    result = verify(session, REVISION.id, folder=tmp_path)
    assert (result.run, result.changes, result.different) == (second, len(first), 0)

    with plan_undo(session, REVISION.id, folder=tmp_path) as undo:
        apply(session, undo, options=fast_options())
    assert bids(emulator) == {**first, **edited}
    set_bids(emulator, {key: first[key] for key in edited})
    assert content(emulator) == start
    history = history_of(session)
    assert {(history.run(each) or {})["state"] for each in (run, second)} == {"undone"}
    assert (history.revision(REVISION.id) or {})["state"] == "undone"


@pytest.mark.parametrize("single_request", [False, True])
def test_undo_of_the_last_run_leaves_the_revision_applied(
    emulator: Emulator, tmp_path: Path, single_request: bool
) -> None:
    session = ready(emulator)
    plan = plan_function(session, double_bids, revision=REVISION)
    edited = dict.fromkeys(sorted(bids(emulator))[:3], 70.0)
    set_bids(emulator, edited)
    run = apply_plan(session, plan, tmp_path, "1").run
    row = history_of(session).revision(REVISION.id)
    again = plan_again(session, double_bids, tmp_path)
    last = apply_plan(session, again, tmp_path, "2", single_request=single_request).run
    with pytest.raises(UnknownRunError, match=f"run {last} has continued it"):
        plan_undo(session, run, folder=tmp_path)
    with plan_undo(session, last, folder=tmp_path) as undo:
        apply(session, undo, options=fast_options(single_request=single_request))
    assert {key: bids(emulator)[key] for key in edited} == edited
    assert history_of(session).revision(REVISION.id) == row
    # The units of the undone run are left again.
    assert plan_again(session, double_bids, tmp_path).unit_count == len(edited)


def test_a_plan_that_another_run_has_made_stale(
    emulator: Emulator, tmp_path: Path
) -> None:
    session = ready(emulator)
    plan = plan_function(session, double_bids, revision=REVISION)
    set_bids(emulator, dict.fromkeys(sorted(bids(emulator))[:3], 70.0))
    run = apply_plan(session, plan, tmp_path, "1").run
    stale = plan_again(session, double_bids, tmp_path)
    with plan_undo(session, run, folder=tmp_path) as undo:
        apply_plan(session, plan_again(session, double_bids, tmp_path), tmp_path, "2")
        before = content(emulator)
        with pytest.raises(StalePlanError, match=f"no longer applied by run {run}"):
            apply_plan(session, stale, tmp_path, "3")
        with pytest.raises(StalePlanError, match=f"has continued run {run}"):
            apply(session, undo, options=fast_options())
    assert content(emulator) == before


def test_a_revision_that_was_marked_by_hand(emulator: Emulator, tmp_path: Path) -> None:
    session = ready(emulator)
    mark_revision(RunClient(session), REVISION.id, "applied")
    with pytest.raises(PlanningError, match="mark 20261126_7f3a pending"):
        EarlierRuns.read(session, REVISION.id, folder=tmp_path)


def test_a_revision_is_not_applied_while_its_undo_is_interrupted(
    emulator: Emulator, tmp_path: Path
) -> None:
    """Its plan would double the bids that the undo has not restored so far."""
    session = ready(emulator)
    first = bids(emulator)
    plan = plan_function(session, double_bids, revision=REVISION)
    apply_plan(session, plan, tmp_path, "1")
    cancel = threading.Event()
    options = fast_options(
        chunk=9,
        cancel=cancel,
        on_event=lambda event: cancel.set() if event["event"] == "chunk" else None,
    )
    path = tmp_path / "undo.plan"
    with (
        plan_undo(session, REVISION.id, path, folder=tmp_path) as undo,
        pytest.raises(RunStoppedError) as caught,
    ):
        apply(session, undo, options=options)
    half = bids(emulator)
    assert half != first
    again = plan_function(session, double_bids, revision=REVISION)
    with pytest.raises(PlanRefusedError, match=f"migrate resume {caught.value.run}"):
        apply_plan(session, again, tmp_path, "2")
    assert bids(emulator) == half
    resume(session, folder=tmp_path, options=fast_options())
    assert bids(emulator) == first


def undo_run(
    session: Session, run: str, folder: Path, name: str, **options: Any
) -> str:
    """Undo a run or revision, with its plan in the folder; return the new run."""
    with plan_undo(session, run, folder / f"{name}.plan", folder=folder) as undo:
        options = {"chunk": 9, "conflict_limit": 1.0, **options}
        return apply(session, undo, options=fast_options(**options)).run


@pytest.mark.parametrize("single_request", [False, True])
def test_the_undo_of_an_undo_applies_the_revision_again(
    emulator: Emulator, tmp_path: Path, single_request: bool
) -> None:
    session = ready(emulator)
    first = bids(emulator)
    plan = plan_function(session, double_bids, revision=REVISION)
    edited = dict.fromkeys(sorted(first)[:3], 70.0)
    set_bids(emulator, edited)
    run = apply_plan(session, plan, tmp_path, "1").run
    second = apply_plan(
        session, plan_again(session, double_bids, tmp_path), tmp_path, "2"
    ).run
    doubled, row = bids(emulator), history_of(session).revision(REVISION.id)
    options = {"single_request": single_request}
    undo = undo_run(session, REVISION.id, tmp_path, "3", **options)
    redo = undo_run(session, undo, tmp_path, "4", **options)

    assert bids(emulator) == doubled
    history = history_of(session)
    assert history.applied_runs(REVISION.id) == (second, run)
    states = {name: each["state"] for name, each in history.runs.items()}
    applied = {run: "applied", second: "applied", redo: "applied"}
    assert states == {**applied, undo: "undone"}
    assert history.revision(REVISION.id) == row
    assert facts_of(plan_again(session, double_bids, tmp_path)) == []

    undo_run(session, redo, tmp_path, "5", **options)
    assert bids(emulator) == {**first, **edited}
    assert (history_of(session).revision(REVISION.id) or {})["state"] == "undone"


def test_the_undo_of_the_undo_of_the_last_run(
    emulator: Emulator, tmp_path: Path
) -> None:
    session = ready(emulator)
    plan = plan_function(session, double_bids, revision=REVISION)
    set_bids(emulator, dict.fromkeys(sorted(bids(emulator))[:3], 70.0))
    run = apply_plan(session, plan, tmp_path, "1").run
    again = plan_again(session, double_bids, tmp_path)
    last = apply_plan(session, again, tmp_path, "2").run
    undo = undo_run(session, last, tmp_path, "3")
    undo_run(session, undo, tmp_path, "4")
    assert history_of(session).applied_runs(REVISION.id) == (last, run)


@pytest.mark.parametrize("is_partial", [False, True])
def test_an_undo_stays_once_the_revision_is_applied_again(
    emulator: Emulator, tmp_path: Path, is_partial: bool
) -> None:
    """Its own undo would make the changes of the first run a second time."""
    session = ready(emulator)
    plan = plan_function(session, double_bids, revision=REVISION)
    run = REVISION.id
    if is_partial:
        set_bids(emulator, dict.fromkeys(sorted(bids(emulator))[:3], 70.0))
        apply_plan(session, plan, tmp_path, "0")
        plan = plan_again(session, double_bids, tmp_path)
    last = apply_plan(session, plan, tmp_path, "1").run
    undo = undo_run(session, last if is_partial else run, tmp_path, "2")
    path = tmp_path / "3.plan"
    with plan_undo(session, undo, path, folder=tmp_path) as stale:
        plan = plan_function(session, double_bids, revision=REVISION)
        if is_partial:
            plan = plan_again(session, double_bids, tmp_path)
        apply_plan(session, plan, tmp_path, "4")
        row = history_of(session).revision(REVISION.id)
        with pytest.raises(StalePlanError, match="was applied again"):
            apply(session, stale, options=fast_options())
    with pytest.raises(UnknownRunError, match="was applied again"):
        plan_undo(session, undo, folder=tmp_path)
    assert history_of(session).revision(REVISION.id) == row
