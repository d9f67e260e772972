"""A plan, sent as it is, leaves what a commit of the same edits leaves."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings, strategies as st

from ftrack_models import Shot, Task
from ftrack_orm import FtrackError, Session
from ftrack_orm.emulator import CountedIds, Emulator, FixedClock
from ftrack_orm.migrations import Planner, make_plan
from tests.support.planned_programs import EDITS, KEYS, Edit, Production, run
from tests.support.planning import READS, actions_of, send, session_on

MOMENT = datetime(2026, 11, 26, tzinfo=UTC)

SERVER_KEYS = ("ListObject", "StatusChange")
"""Types whose keys the server makes, in the order of the operations."""


class Programs:
    """An emulator, and the keys of the entities that programs edit."""

    def __init__(self) -> None:
        self.emulator = Emulator(
            seed="demo", clock=FixedClock(MOMENT), ids=CountedIds(), log_events=False
        )
        with session_on(self.emulator) as session:
            self.production = Production.of(session)
        self._snapshot = self.emulator.snapshot()

    def rows_after(self, act: Callable[[Session], object]) -> Counter[str]:
        """Return all rows after `act`, which begins with the rows of the demo."""
        self.emulator.restore(self._snapshot)
        with session_on(self.emulator) as session:
            act(session)
        return Counter(map(_text, self.emulator.dump()))


def _text(row: dict[str, Any]) -> str:
    """Return a row as text; 1 and 1.0 are one number, and made keys are left out."""
    if str(row["__entity_type__"]).endswith(SERVER_KEYS):
        row = {name: value for name, value in row.items() if name != "id"}
    plain = json.loads(json.dumps(row, default=str), parse_int=float)
    return json.dumps(plain, sort_keys=True)


@pytest.fixture(scope="module")
def programs() -> Iterator[Programs]:
    programs = Programs()
    yield programs
    programs.emulator.close()


def alone(position: int) -> AbstractContextManager[None]:
    del position
    return nullcontext()


def commit(edits: Sequence[Edit], production: Production) -> Callable[[Session], None]:
    def act(session: Session) -> None:
        try:
            run(edits, production, session, session.remove, alone)
            session.commit()
        # The edits exclude each other, or the server refuses them.
        except FtrackError:
            assume(False)

    return act


QUICK = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.mark.slow
@QUICK
@given(edits=EDITS, units=st.lists(st.booleans(), min_size=12, max_size=12))
def test_a_plan_does_what_a_commit_does(
    programs: Programs, edits: list[Edit], units: list[bool]
) -> None:
    emulator, production = programs.emulator, programs.production
    expected = programs.rows_after(commit(edits, production))

    def up(plan: Planner) -> None:
        def grouped(position: int) -> AbstractContextManager[None]:
            return plan.unit() if units[position] else nullcontext()

        run(edits, production, plan.session, plan.remove, grouped)

    def act(session: Session) -> None:
        emulator.call_log.clear()
        with make_plan(session, up) as plan:
            assert actions_of(emulator) <= READS
            assert plan.digest == plan.file.computed_digest()
            send(session, plan)

    assert programs.rows_after(act) == expected


@pytest.mark.slow
@QUICK
@given(edits=EDITS, page=st.integers(1, 9))
def test_a_plan_made_page_by_page_does_what_a_commit_does(
    programs: Programs, edits: list[Edit], page: int
) -> None:
    """Every edit is made while its task is the current entity of a loop."""
    production = programs.production
    by_task: dict[str, list[Edit]] = {}
    for edit in edits:
        key = production.tasks[edit.target % len(production.tasks)]
        if edit.act in ("task", "status", "metadata", "no metadata", "no task"):
            by_task.setdefault(key, []).append(edit)
    ordered = [edit for key in sorted(by_task) for edit in by_task[key]]
    expected = programs.rows_after(commit(ordered, production))

    def up(plan: Planner) -> None:
        tasks = plan.select(Task).where(Task.id.in_(production.tasks))
        for task in plan.each(tasks, page=page):
            part = by_task.get(task.id, [])
            run(part, production, plan.session, plan.remove, alone)

    def act(session: Session) -> Any:
        with make_plan(session, up) as plan:
            send(session, plan)

    assert programs.rows_after(act) == expected


ROWS = st.lists(
    st.tuples(
        st.integers(0, 4),
        st.sampled_from(KEYS),
        st.one_of(st.none(), st.floats(0, 2000, width=32)),
    ),
    max_size=15,
)
"""The position of a shot, a key, and the value to set, ``None`` to clear it."""


Rows = dict[str, list[tuple[str, float | None]]]


def commit_rows(session: Session, by_shot: Rows) -> None:
    for shot_id, edits in by_shot.items():
        shot = session.get(Shot, shot_id)
        assert shot is not None
        for key, value in edits:
            if value is None:
                del shot.custom_attributes[key]
            else:
                shot.custom_attributes[key] = value
    session.commit()


def plan_rows(plan: Planner, by_shot: Rows, page: int, *, is_stored: bool) -> None:
    values = {key: plan.values(key, of=Shot, kind=float) for key in KEYS}
    shots = plan.select(Shot)
    owners = plan.each(shots, page=page)
    if is_stored:
        owners = (shot for shot, _ in values["fstart"].stored(shots))
    for shot in owners:
        for key, value in by_shot.get(shot.id, ()):
            if value is None:
                values[key].clear(shot)
            else:
                values[key].set(shot, value)


@pytest.mark.slow
@QUICK
@given(rows=ROWS, page=st.integers(1, 6), is_stored=st.booleans())
def test_values_do_what_custom_attributes_do(
    programs: Programs,
    rows: list[tuple[int, str, float | None]],
    page: int,
    is_stored: bool,
) -> None:
    by_shot: Rows = {}
    for index, key, value in rows:
        shot_id = programs.production.shots[index]
        by_shot.setdefault(shot_id, []).append((key, value))

    def by_plan(session: Session) -> None:
        up = partial(plan_rows, by_shot=by_shot, page=page, is_stored=is_stored)
        with make_plan(session, up) as plan:
            send(session, plan)

    def by_commit(session: Session) -> None:
        commit_rows(session, by_shot)

    assert programs.rows_after(by_plan) == programs.rows_after(by_commit)
