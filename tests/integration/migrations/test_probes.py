"""`migrate init` measures a server; runs refuse plans that need a missing one."""

from __future__ import annotations

import pytest

from ftrack_orm.emulator import Emulator
from ftrack_orm.errors.migration_runs import UnsafeServerError
from ftrack_orm.migrations.client import RunClient
from ftrack_orm.migrations.history_id import HISTORY_ID
from ftrack_orm.migrations.probes import Guarantees, initialize
from ftrack_orm.migrations.runs import apply
from tests.support.migration_plans import (
    connect,
    fast_options,
    history_of,
    make_file,
    metadata,
    ready,
    update,
)


def measured(emulator: Emulator) -> Guarantees:
    return initialize(RunClient(connect(emulator))).guarantees


def missing(emulator: Emulator) -> set[str]:
    """Return the names of the guarantees that a server does not give."""
    results = measured(emulator).to_json()
    return {name for name, is_given in results.items() if not is_given}


def test_a_recorded_server_gives_all_guarantees() -> None:
    emulator = Emulator()
    assert missing(emulator) == set()
    assert len(emulator.calls) == 6
    assert set(history_of(connect(emulator)).rows) == {"init"}


def test_a_second_init_changes_nothing() -> None:
    emulator = Emulator()
    first = initialize(RunClient(connect(emulator)))
    emulator.forget()
    second = initialize(RunClient(connect(emulator)))
    assert (first.is_new, second.is_new) == (True, False)
    assert first.server_id == second.server_id
    assert len(emulator.calls) == 1


def test_an_init_that_was_cut_off_is_repeated() -> None:
    emulator = Emulator()
    emulator.faults.pass_on(4)
    emulator.faults.status(403)
    with pytest.raises(Exception, match="Injected"):
        measured(emulator)
    assert missing(emulator) == set()
    assert set(history_of(connect(emulator)).rows) == {"init"}
    components = [row for row in emulator.dump() if row.get("id") == HISTORY_ID]
    assert len(components) == 1


@pytest.mark.parametrize(
    ("deviation", "names"),
    [
        ("creates_overwrite", {"duplicate_create_refused"}),
        ("deletes_ignore_missing", {"missing_delete_refused"}),
        ("is_not_atomic", {"batch_atomic"}),
        ("reads_first", {"read_sees_write"}),
    ],
)
def test_a_missing_guarantee_is_noticed(deviation: str, names: set[str]) -> None:
    emulator = Emulator()
    setattr(emulator.faults.deviations, deviation, True)
    assert missing(emulator) == names
    assert set(history_of(connect(emulator)).rows) == {"init"}


@pytest.mark.parametrize(
    "deviation", ["creates_overwrite", "deletes_ignore_missing", "is_not_atomic"]
)
def test_creates_are_refused_without_the_guarantees(deviation: str) -> None:
    emulator = Emulator(seed="demo")
    setattr(emulator.faults.deviations, deviation, True)
    session = ready(emulator)
    tasks = RunClient(session).rows("select id, bid from Task order by id")
    creates = [[metadata("Task", task["id"], "a", "b")] for task in tasks[:3]]
    updates = [
        [update("Task", task["id"], "bid", task["bid"], 5.0)] for task in tasks[:3]
    ]
    before = emulator.dump()
    with (
        make_file(creates) as plan,
        pytest.raises(UnsafeServerError, match="3 creates") as caught,
    ):
        apply(session, plan, options=fast_options())
    assert caught.value.exit_code == 5
    assert emulator.dump() == before
    with make_file(updates) as plan:
        # Absolute values: applying them twice does no harm.
        assert apply(session, plan, options=fast_options()).applied == 3
    with (
        make_file([[update("Task", tasks[5]["id"], "bid", 0.0, 1.0)]]) as plan,
        pytest.raises(UnsafeServerError),
    ):
        apply(session, plan, options=fast_options(single_request=True))


def test_rows_are_read_apart_where_queries_run_first() -> None:
    emulator = Emulator(seed="demo")
    emulator.faults.deviations.reads_first = True
    session = ready(emulator)
    tasks = RunClient(session).rows("select id, bid from Task order by id")[:60]
    # The same row twice, in different chunks: an early read would find a conflict.
    groups = [
        [update("Task", task["id"], "bid", task["bid"], 1.0)] for task in tasks
    ] + [[update("Task", task["id"], "bid", 1.0, 2.0)] for task in tasks]
    with make_file(groups) as plan:
        outcome = apply(session, plan, options=fast_options(chunk=25))
    assert (outcome.applied, outcome.skipped) == (120, 0)
