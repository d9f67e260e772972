"""Random plans: undo restores the rows, and a cut-off run ends as a whole one."""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path
from typing import Final

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from ftrack_orm.emulator import Emulator, FixedClock
from ftrack_orm.migrations.plan_file import PlanFile
from ftrack_orm.migrations.runs import apply, interrupted_runs, resume
from ftrack_orm.migrations.undo import plan_undo
from tests.support.cut_transport import CutTransport, Killed, Moment
from tests.support.migration_plans import (
    connect,
    content,
    fast_options,
    history_of,
    make_file,
    ready,
)
from tests.support.random_plans import (
    PROGRAMS,
    ProgramState,
    Step,
    add_production,
)

EXAMPLES: Final = int(os.environ.get("MIGRATION_PROGRAMS", "300"))
"""Random programs; `make nightly` has 10,000."""

PARTS: Final = 6
"""Tests that share the programs, so that several processes can run them."""

OPTIONS: Final = fast_options(chunk=7, conflict_limit=1.0)

# Status changes cannot be removed by a client.
LISTED: Final = ("StatusChange",)


@cache
def server() -> tuple[Emulator, bytes]:
    """Return a small production with a history, and its rows."""
    emulator = Emulator(clock=FixedClock("2024-05-06"))
    session = ready(emulator)
    add_production(session)
    return emulator, emulator.snapshot()


def rows_of(emulator: Emulator) -> list[str]:
    """Return all rows but those that an undo leaves."""
    lines = content(emulator)
    return [
        line
        for line in lines
        if not json.loads(line)["__entity_type__"].endswith(LISTED)
    ]


def apply_whole(emulator: Emulator, program: list[Step], path: Path) -> str:
    session = connect(emulator)
    groups = ProgramState(session).changes(program)
    with make_file(groups, path) as plan:
        outcome = apply(session, plan, options=OPTIONS)
    assert outcome.applied == len(groups)
    return outcome.run


def apply_with_cut(
    emulator: Emulator, program: list[Step], path: Path, cut: int, moment: Moment
) -> None:
    """Apply a program until a request, and continue from there."""
    session = connect(emulator, CutTransport(emulator.transport(), cut, moment))
    groups = ProgramState(connect(emulator)).changes(program)
    with make_file(groups, path) as plan:
        try:
            apply(session, plan, options=OPTIONS)
            return
        except Killed:
            pass
    history = history_of(connect(emulator))
    if interrupted_runs(history):
        resume(connect(emulator), folder=path.parent, by_force=True, options=OPTIONS)
    elif not history.runs:
        with PlanFile.open(path) as plan:
            apply(connect(emulator), plan, options=OPTIONS)


@pytest.mark.parametrize("part", range(PARTS))
@settings(
    max_examples=EXAMPLES // PARTS,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    program=PROGRAMS,
    cut=st.integers(1, 20),
    moment=st.sampled_from(["before", "after"]),
)
def test_undo_restores_and_a_cut_changes_nothing(
    tmp_path_factory: object, part: int, program: list[Step], cut: int, moment: Moment
) -> None:
    del part
    emulator, snapshot = server()
    emulator.restore(snapshot)
    before = rows_of(emulator)
    folder = Path(tmp_path_factory.mktemp("plans"))  # type: ignore[attr-defined] # pytest's factory has no public type
    run = apply_whole(emulator, program, folder / "a.plan")
    after = content(emulator)
    if run:
        session = connect(emulator)
        with plan_undo(session, run, folder / "undo.plan", folder=folder) as reverse:
            assert not list(reverse.skipped())
            outcome = apply(session, reverse, options=OPTIONS)
        assert outcome.skipped == outcome.already == 0
        assert rows_of(emulator) == before
    emulator.restore(snapshot)
    apply_with_cut(emulator, program, folder / "cut" / "a.plan", cut, moment)
    assert content(emulator) == after
    assert history_of(connect(emulator)).lock is None
