"""A revision that is planned until nothing is left has made each change once."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

from hypothesis import HealthCheck, given, settings, strategies as st

from ftrack_models import Note, Project, Shot, Task
from ftrack_orm import Session
from ftrack_orm.emulator import Emulator, FixedClock
from ftrack_orm.migrations import Plan, Planner, Revision
from ftrack_orm.migrations.earlier_runs import EarlierRuns
from ftrack_orm.migrations.plan_function import plan_function
from ftrack_orm.migrations.runs import apply, interrupted_runs, resume
from ftrack_orm.migrations.undo import plan_undo
from ftrack_orm.types import Transport
from tests.support.cut_transport import CutTransport, Killed
from tests.support.migration_plans import (
    connect,
    content,
    fast_options,
    history_of,
    ready,
)
from tests.support.random_plans import add_production

EXAMPLES: Final = int(os.environ.get("MIGRATION_PROGRAMS", "300")) // 10

REVISION: Final = Revision("r1", "again", accepts=["delete", "whole-server"])
OPTIONS: Final = fast_options(chunk=5, conflict_limit=1.0)

STEPS: Final = ("bid", "name", "metadata", "value", "note")
"""The changes of tasks and shots; the first four read the value that they replace."""


class Edit(NamedTuple):
    """An edit by another user, of a task or shot."""

    step: str
    number: int


EDITS = st.lists(
    st.builds(Edit, st.sampled_from(STEPS[:4]), st.integers(0, 5)), max_size=8
)


@cache
def server() -> tuple[Emulator, bytes]:
    emulator = Emulator(clock=FixedClock("2024-05-06"))
    add_production(ready(emulator))
    return emulator, emulator.snapshot()


@cache
def all_ids() -> dict[str, tuple[str, ...]]:
    """Return the ids of the production's tasks and shots by type."""
    emulator, snapshot = server()
    emulator.restore(snapshot)
    with connect(emulator) as session:
        return {
            "Task": tuple(sorted(each.id for each in session.select(Task))),
            "Shot": tuple(sorted(each.id for each in session.select(Shot))),
        }


@dataclass(frozen=True)
class Doubling:
    """A function that doubles numbers, appends to texts, and creates entities.

    Attributes:
        steps: the changes to make.
        is_unit: whether the changes of a task are one unit.
    """

    steps: frozenset[str]
    is_unit: bool

    def __call__(self, plan: Planner) -> None:
        tasks = plan.select(Task).where(Task.id.in_(all_ids()["Task"]))
        for task in plan.each(tasks.load(Task.metadata)):
            with plan.unit() if self.is_unit else nullcontext():
                self._change(plan, task)
        if "value" in self.steps:
            shots = plan.select(Shot).where(Shot.id.in_(all_ids()["Shot"]))
            for shot in plan.each(shots.load(Shot.custom_attributes)):
                value = float(shot.custom_attributes["fstart"] or 0)
                shot.custom_attributes["fstart"] = value * 2 + 1
        show = plan.find(Project, Project.name == "p")
        new = plan.add(Shot(name="new", parent=show))
        plan.add(Task(name="comp", parent=new))

    def _change(self, plan: Planner, task: Task) -> None:
        if "bid" in self.steps:
            task.bid = (task.bid or 0) * 2 + 1
        if "name" in self.steps:
            task.name = f"{task.name}x"
        if "metadata" in self.steps:
            task.metadata["k"] = f"{task.metadata.get('k', '')}x"
        if "note" in self.steps:
            plan.add(Note(content="n", parent_id=task.id, parent_type="Task"))


@dataclass
class Values:
    """The values that the test expects.

    Attributes:
        base: the values before the revision, with the edits of other users.
        made: the values that the revision has written.
        kept: the values that were edited after that.
    """

    base: dict[tuple[str, str], float | str]
    made: set[tuple[str, str]] = field(default_factory=set)
    kept: set[tuple[str, str]] = field(default_factory=set)
    count: int = 0

    def edit(self, emulator: Emulator, edits: list[Edit]) -> None:
        with connect(emulator) as session:
            for step, number in edits:
                entity_id, new = self._edit(session, step, number)
                key = step, entity_id
                self.base[key] = new
                if key in self.made:
                    self.kept.add(key)
            session.commit()

    def _edit(
        self, session: Session, step: str, number: int
    ) -> tuple[str, float | str]:
        """Set a value that no edit has set before; return the entity's id, and it."""
        self.count += 1
        number_value, text = 2.0 * self.count, f"{step} {self.count}"
        if step == "value":
            shots = all_ids()["Shot"]
            shot = session.select(Shot).where(Shot.id == shots[number % 3]).one()
            shot.custom_attributes["fstart"] = number_value
            return shot.id, number_value
        task = session.select(Task).where(Task.id == all_ids()["Task"][number]).one()
        if step == "bid":
            task.bid = number_value
            return task.id, number_value
        if step == "name":
            task.name = text
        else:
            task.metadata["k"] = text
        return task.id, text

    def expect(self, steps: frozenset[str]) -> dict[tuple[str, str], float | str]:
        """Return the values after each change was made once."""
        return {
            key: value if key in self.kept or key[0] not in steps else once(value)
            for key, value in self.base.items()
        }

    def after_undo(self, steps: frozenset[str]) -> dict[tuple[str, str], float | str]:
        """Return the values after an undo, which leaves units with a kept value."""
        made = self.expect(steps)
        return {
            key: made[key] if key[1] in self.kept_owners else value
            for key, value in self.base.items()
        }

    @property
    def kept_owners(self) -> set[str]:
        return {entity_id for _, entity_id in self.kept}


def once(value: float | str) -> float | str:
    return f"{value}x" if isinstance(value, str) else value * 2 + 1


def values_of(emulator: Emulator) -> dict[tuple[str, str], float | str]:
    values: dict[tuple[str, str], float | str] = {}
    with connect(emulator) as session:
        for task in (
            session.select(Task)
            .where(Task.id.in_(all_ids()["Task"]))
            .load(Task.metadata)
        ):
            values["bid", task.id] = task.bid or 0.0
            values["name", task.id] = task.name
            values["metadata", task.id] = task.metadata.get("k", "")
        for shot in session.select(Shot).where(Shot.id.in_(all_ids()["Shot"])):
            values["value", shot.id] = float(shot.custom_attributes["fstart"] or 0)
    return values


def counts_of(emulator: Emulator) -> tuple[int, int, int]:
    """Return the numbers of notes, new shots and tasks below them."""
    with connect(emulator) as session:
        return (
            session.select(Note).count(),
            session.select(Shot).where(Shot.name == "new").count(),
            session.select(Task).where(Task.parent.name == "new").count(),
        )


def plan_revision(
    session: Session, up: Callable[[Planner], None], folder: Path
) -> Plan:
    if not history_of(session).applied_runs(REVISION.id):
        return plan_function(session, up, revision=REVISION)
    earlier = EarlierRuns.read(session, REVISION.id, folder=folder)
    try:
        return plan_function(session, up, revision=REVISION, earlier=earlier)
    finally:
        earlier.close()


def apply_cut(emulator: Emulator, plan: Plan, folder: Path, cut: int | None) -> None:
    """Apply a plan; after a kill at request `cut`, continue it."""
    path = folder / f"{len(list(folder.iterdir()))}.plan"
    plan.save(path)
    transport: Transport = emulator.transport()
    if cut is not None:
        transport = CutTransport(transport, cut, "after")
    try:
        with Plan.open(path) as saved:
            apply(connect(emulator, transport), saved, options=OPTIONS)
    except Killed:
        session = connect(emulator)
        if interrupted_runs(history_of(session)):
            resume(session, folder=folder, by_force=True, options=OPTIONS)
        elif plan.digest not in map(_digest, history_of(session).runs.values()):
            with Plan.open(path) as saved:
                apply(session, saved, options=OPTIONS)


def _digest(row: dict[str, object]) -> object:
    return row.get("digest")


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    steps=st.sets(st.sampled_from(STEPS)).map(frozenset),
    is_unit=st.booleans(),
    rounds=st.lists(
        st.tuples(EDITS, EDITS, st.none() | st.integers(1, 12)),
        min_size=1,
        max_size=3,
    ),
)
def test_every_change_is_made_once(
    tmp_path_factory: object,
    steps: frozenset[str],
    is_unit: bool,
    rounds: list[tuple[list[Edit], list[Edit], int | None]],
) -> None:
    emulator, snapshot = server()
    emulator.restore(snapshot)
    folder = Path(tmp_path_factory.mktemp("plans"))  # type: ignore[attr-defined] # pytest's factory has no public type
    up = Doubling(steps, is_unit)
    values = Values(values_of(emulator))
    for before, meanwhile, cut in [*rounds, ([], [], None)]:
        values.edit(emulator, before)
        plan = plan_revision(connect(emulator), up, folder)
        values.edit(emulator, meanwhile)
        apply_cut(emulator, plan, folder, cut)
        now = values_of(emulator)
        values.made |= {key for key in now if now[key] != values.base[key]}
    assert values_of(emulator) == values.expect(steps)
    assert counts_of(emulator) == (len(all_ids()["Task"]) * ("note" in steps), 1, 1)
    rest = plan_revision(connect(emulator), up, folder)
    assert (rest.unit_count, rest.meta("unknown_creates")) == (0, {})

    session = connect(emulator)
    with plan_undo(session, REVISION.id, folder=folder) as undo:
        apply(session, undo, options=OPTIONS)
    assert values_of(emulator) == values.after_undo(steps)
    in_unit = values.kept_owners & set(all_ids()["Task"]) if is_unit else ()
    assert counts_of(emulator) == (len(in_unit) * ("note" in steps), 0, 0)
    assert not any('"name": "comp"' in line for line in content(emulator))
