"""An undo leaves edited rows as they are; the next plan does not change them twice."""

from __future__ import annotations

import os
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from ftrack_models import Note, Task
from ftrack_orm import Session
from ftrack_orm.emulator import Emulator, FixedClock
from ftrack_orm.errors.migration_runs import StalePlanError, UnknownRunError
from ftrack_orm.migrations import Plan, Planner, Revision
from ftrack_orm.migrations.earlier_runs import EarlierRuns
from ftrack_orm.migrations.plan_function import plan_function
from ftrack_orm.migrations.runs import apply
from ftrack_orm.migrations.undo import plan_undo
from tests.support.migration_plans import connect, fast_options, history_of, ready
from tests.support.planning import facts_of

REVISION: Final = Revision("r1", "double", accepts=["whole-server"])
SEEDS: Final = int(os.environ.get("MIGRATION_PROGRAMS", "300")) // 30
CONTENT: Final = "Bid again"


@pytest.fixture
def emulator() -> Emulator:
    return Emulator(seed="demo", clock=FixedClock("2024-05-06"))


def double(plan: Planner, count: int, *, has_notes: bool = True) -> None:
    """Double the bids of the first tasks, and add a note to each."""
    for task in plan.each(plan.select(Task).order_by(Task.id).limit(count)):
        with plan.unit():
            task.bid = (task.bid or 0) * 2 + 1
            if has_notes:
                plan.add(Note(content=CONTENT, parent_id=task.id, parent_type="Task"))


@dataclass
class Server:
    """A server, and the folder with the plans of its runs."""

    emulator: Emulator
    folder: Path
    count: int = 6
    has_notes: bool = True

    @property
    def session(self) -> Session:
        return connect(self.emulator)

    def plan(self) -> Plan:
        earlier = EarlierRuns.read(self.session, REVISION.id, folder=self.folder)
        try:
            return plan_function(
                self.session,
                double,
                (self.count,),
                {"has_notes": self.has_notes},
                revision=REVISION,
                earlier=earlier,
            )
        finally:
            earlier.close()

    def path(self) -> Path:
        return self.folder / f"{len(list(self.folder.iterdir()))}.plan"

    def apply(self, plan: Plan, **options: object) -> str:
        path = self.path()
        plan.save(path)
        options = {"chunk": 5, "conflict_limit": 1.0, **options}
        with Plan.open(path) as saved:
            return apply(self.session, saved, options=fast_options(**options)).run

    def undo(self, run: str, **options: object) -> str:
        options = {"chunk": 5, "conflict_limit": 1.0, **options}
        with plan_undo(self.session, run, self.path(), folder=self.folder) as undo:
            return apply(self.session, undo, options=fast_options(**options)).run

    def bids(self) -> dict[str, float]:
        tasks = self.session.select(Task).order_by(Task.id).limit(self.count)
        return {task.id: task.bid or 0.0 for task in tasks}

    def set_bids(self, values: dict[str, float]) -> None:
        with self.session as session:
            for task in session.select(Task).where(Task.id.in_(values)):
                task.bid = values[task.id]
            session.commit()

    def notes(self) -> dict[str, int]:
        found = dict.fromkeys(self.bids(), 0)
        for note in self.session.select(Note).where(Note.content == CONTENT):
            assert note.parent_id is not None
            found[note.parent_id] += 1
        return found


@pytest.fixture
def server(emulator: Emulator, tmp_path: Path) -> Server:
    ready(emulator)
    return Server(emulator, tmp_path)


def test_units_that_an_undo_has_left_are_not_planned_again(server: Server) -> None:
    first = server.bids()
    early = plan_function(server.session, double, (6,), revision=REVISION)
    server.apply(server.plan())
    edited, other, *_ = first
    server.set_bids({edited: 70.0})
    with server.session as session:
        note = session.select(Note).where(
            Note.parent_id == other, Note.content == CONTENT
        )
        answered = note.one()
        session.add(
            Note(
                content="why?",
                in_reply_to=answered,
                parent_id=other,
                parent_type="Task",
            )
        )
        session.commit()
    server.undo(REVISION.id)
    kept = {edited: 70.0, other: first[other] * 2 + 1}
    assert server.bids() == {**first, **kept}

    plan = server.plan()
    assert {unit.changes[0].key[0] for unit in plan.units()} == first.keys() - kept
    assert (plan.meta("continues"), plan.meta("repeated")) == (None, 4)
    with pytest.raises(StalePlanError, match="left units of revision r1"):
        server.apply(early)
    server.apply(plan)
    doubled = {key: value * 2 + 1 for key, value in first.items()}
    assert server.bids() == {**doubled, **kept}
    assert server.notes() == dict.fromkeys(first, 1)
    assert facts_of(server.plan()) == []


def test_an_undo_that_restored_all_needs_no_plan_of_it(
    server: Server, tmp_path: Path
) -> None:
    first = server.bids()
    server.apply(server.plan(), upload=False)
    server.undo(REVISION.id, upload=False)
    for path in tmp_path.iterdir():
        path.unlink()
    assert server.plan().unit_count == len(first)


@dataclass
class Row:
    """The bid of a task, and the run that has changed it."""

    bid: float
    run: str | None = None
    before: float = 0.0
    written: float = 0.0


@dataclass
class Model:
    """Runs, undos and edits in any order; each change is made once."""

    server: Server
    rows: dict[str, Row]
    choice: random.Random
    restored: dict[str, dict[str, str]]
    count: int = 0

    def edit(self) -> None:
        changed: dict[str, float] = {}
        for key in self.choice.sample(sorted(self.rows), k=2):
            self.count += 1
            changed[key] = self.rows[key].bid = self.count + 0.123
        self.server.set_bids(changed)

    def apply(self) -> None:
        plan = self.server.plan()
        before = {key: row.bid for key, row in self.rows.items()}
        if self.choice.random() < 0.5:
            self.edit()
        run = self.server.apply(plan)
        for key, row in self.rows.items():
            if row.run is None and row.bid == before[key]:
                row.run, row.before = run, row.bid
                row.bid = row.written = row.bid * 2 + 1

    def undo(self) -> None:
        applied = history_of(self.server.session).applied_runs(REVISION.id)
        if not applied:
            return
        is_whole = self.choice.random() < 0.5
        runs = applied if is_whole else applied[:1]
        undo = self.server.undo(REVISION.id if is_whole else applied[0])
        self.restored[undo] = {}
        for key, row in self.rows.items():
            if row.run in runs and row.bid == row.written:
                self.restored[undo][key] = row.run
                row.run, row.bid = None, row.before

    def redo(self) -> None:
        history = history_of(self.server.session)
        undos = [run for run in self.restored if history.run(run) is not None]
        for undo in undos:
            if (history.run(undo) or {})["state"] != "applied":
                continue
            try:
                self.server.undo(undo)
            except UnknownRunError:
                continue
            for key, run in self.restored[undo].items():
                row = self.rows[key]
                if row.run is None and row.bid == row.before:
                    row.run, row.bid = run, row.written
            return

    def check(self) -> None:
        assert self.server.bids() == {key: row.bid for key, row in self.rows.items()}
        if self.server.has_notes:
            notes = {key: int(row.run is not None) for key, row in self.rows.items()}
            assert self.server.notes() == notes


@pytest.mark.parametrize("seed", range(SEEDS))
@pytest.mark.parametrize("has_notes", [False, True])
def test_runs_undos_and_edits_in_any_order(
    server: Server, seed: int, has_notes: bool
) -> None:
    server.has_notes = has_notes
    # The delete of a note cannot be undone, so such an undo is not undone here.
    names = ["edit", "apply", "apply", "undo", "undo", *["redo"] * (not has_notes)]
    rows = {key: Row(bid) for key, bid in server.bids().items()}
    model = Model(server, rows, random.Random(seed), {})
    for _ in range(9):
        getattr(model, model.choice.choice(names))()
        model.check()
    if not history_of(server.session).applied_runs(REVISION.id):
        model.apply()
    model.apply()
    model.check()
