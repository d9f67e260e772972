"""A run that is cut off anywhere ends as the one that was not."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from ftrack_orm import ServerError
from ftrack_orm.emulator import Emulator, FixedClock
from ftrack_orm.errors.migration_runs import (
    PlanNotFoundError,
    StalePlanError,
    UnknownRunError,
)
from ftrack_orm.migrations.client import RunClient
from ftrack_orm.migrations.history_id import SETTING_GROUP
from ftrack_orm.migrations.lock import unlock
from ftrack_orm.migrations.options import Outcome
from ftrack_orm.migrations.plan_file import PlanFile
from ftrack_orm.migrations.planned_change import PlannedChange
from ftrack_orm.migrations.runs import apply, interrupted_runs, resume
from ftrack_orm.types import JSON
from tests.support.cut_transport import CutTransport, Killed, Moment
from tests.support.migration_plans import (
    connect,
    content,
    fast_options,
    history_of,
    job_states,
    make_file,
    ready,
)
from tests.support.mixed_plan import mixed_changes

SHOTS: Final = int(os.environ.get("MIGRATION_SHOTS", "2"))
"""Shots in the plan; the nightly run has more."""

CHUNK: Final = 5
REQUESTS: Final = 4 + SHOTS * 8


class Server:
    """A server with a history, whose rows go back to the beginning.

    Args:
        refused: types of which no entity can be created.
    """

    def __init__(self, *refused: str) -> None:
        self.emulator = Emulator(seed="demo", clock=FixedClock("2024-05-06"))
        self.emulator.faults.deviations.refused_creates = refused
        session = ready(self.emulator)
        self.groups: list[list[PlannedChange]] = mixed_changes(session, SHOTS)
        self._snapshot = self.emulator.snapshot()
        self.before = content(self.emulator)
        with make_file(self.groups) as plan:
            options = fast_options(chunk=CHUNK, upload=True)
            self.outcome = apply(connect(self.emulator), plan, options=options)
        self.after = content(self.emulator)

    def reset(self) -> None:
        """Restore the rows and forget the calls."""
        self.emulator.restore(self._snapshot)
        self.emulator.faults.clear()
        self.emulator.forget()


@pytest.fixture(scope="module")
def server() -> Server:
    return Server()


def settings_of(emulator: Emulator) -> list[str]:
    """Return the names of the settings that hold the history."""
    return [row["name"] for row in emulator.dump() if row.get("group") == SETTING_GROUP]


@pytest.fixture(scope="module")
def settings_server() -> Server:
    """Return a server that keeps the history in settings."""
    server = Server("FileComponent")
    assert {"init"} < set(settings_of(server.emulator))
    return server


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "plans"


def apply_until(
    server: Server, folder: Path, number: int, moment: Moment
) -> CutTransport:
    """Apply the plan in `folder` until request `number` kills the process."""
    transport = CutTransport(server.emulator.transport(), number, moment)
    with make_file(server.groups, folder / "a.plan") as plan:
        options = fast_options(chunk=CHUNK, upload=True)
        apply(connect(server.emulator, transport), plan, options=options)
    return transport


def continue_run(server: Server, folder: Path) -> Outcome | None:
    """Resume the interrupted run; apply again where none had begun."""
    session = connect(server.emulator)
    history = history_of(session)
    if history.runs and not interrupted_runs(history):
        return None  # the end was applied
    options = fast_options(chunk=CHUNK, upload=True)
    if not history.runs:
        with PlanFile.open(folder / "a.plan") as plan:
            return apply(session, plan, options=options)
    try:
        return resume(session, folder=folder, by_force=True, options=options)
    except PlanNotFoundError:
        # Killed before the plan was uploaded, so nothing of it was written.
        assert content(server.emulator) == server.before
        unlock(RunClient(session))
        with make_file(server.groups) as plan:
            return apply(session, plan, options=options)


def test_the_plan_has_every_kind_of_operation(server: Server) -> None:
    kinds = {
        (change.action, change.entity_type)
        for group in server.groups
        for change in group
    }
    assert ("create", "Task") in kinds
    assert ("create", "Metadata") in kinds
    assert ("update", "Task") in kinds
    assert ("delete", "Appointment") in kinds
    assert {action for action, name in kinds if "CustomAttribute" in name}
    assert server.outcome.applied == len(server.groups)
    assert server.before != server.after


@pytest.mark.parametrize("is_folder_kept", [True, False], ids=["same", "empty"])
@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("number", range(1, REQUESTS + 1))
def test_a_kill_at_any_request_changes_nothing_in_the_end(
    server: Server,
    folder: Path,
    number: int,
    moment: Moment,
    is_folder_kept: bool,
) -> None:
    server.reset()
    try:
        apply_until(server, folder, number, moment)
    except Killed:
        if not is_folder_kept and history_of(connect(server.emulator)).runs:
            shutil.rmtree(folder)
        continue_run(server, folder)
    assert content(server.emulator) == server.after
    assert job_states(server.emulator) == ["done"]
    history = history_of(connect(server.emulator))
    assert history.lock is None
    assert not interrupted_runs(history)


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("number", range(1, REQUESTS + 1))
def test_a_history_in_settings_survives_a_kill(
    settings_server: Server, folder: Path, number: int, moment: Moment
) -> None:
    settings_server.reset()
    try:
        apply_until(settings_server, folder, number, moment)
    except Killed:
        continue_run(settings_server, folder)
    assert content(settings_server.emulator) == settings_server.after
    assert job_states(settings_server.emulator) == ["done"]
    history = history_of(connect(settings_server.emulator))
    assert history.lock is None
    assert not interrupted_runs(history)


def test_a_resumed_run_may_be_killed_too(server: Server, folder: Path) -> None:
    kills = 0
    for number in range(9, 13):
        server.reset()
        shutil.rmtree(folder, ignore_errors=True)
        with pytest.raises(Killed):
            apply_until(server, folder, number, "after")
        for again in range(4, 9):
            transport = CutTransport(server.emulator.transport(), again, "after")
            try:
                resume(
                    connect(server.emulator, transport),
                    folder=folder,
                    by_force=True,
                    options=fast_options(chunk=CHUNK),
                )
                break
            except Killed:
                kills += 1
            except UnknownRunError:
                break
        else:
            continue_run(server, folder)
        assert content(server.emulator) == server.after
    assert kills >= 8


def test_a_kill_before_the_local_note_changes_nothing(
    server: Server, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = PlanFile.record_step
    for number in range(1, 6):
        server.reset()
        shutil.rmtree(folder, ignore_errors=True)
        with monkeypatch.context() as patch:
            patch.setattr(PlanFile, "record_step", killing(original, number))
            with pytest.raises(Killed):
                apply_until(server, folder, 10_000, "after")
        continue_run(server, folder)
        assert content(server.emulator) == server.after


def killing(
    original: Callable[[PlanFile, str, int, JSON], None], number: int
) -> Callable[[PlanFile, str, int, JSON], None]:
    """Return a method that ends the process at its call `number`."""
    calls = 0

    def record_step(file: PlanFile, run: str, step: int, record: JSON) -> None:
        nonlocal calls
        calls += 1
        if calls == number:
            raise Killed
        original(file, run, step, record)

    return record_step


@pytest.mark.parametrize("fault", ["drop_before", "drop_after", "truncate", "html"])
def test_a_lost_reply_at_any_request_is_recognised(
    server: Server, folder: Path, fault: str
) -> None:
    # The transfer of the plan's file has its own tests, so it is left out here.
    for number in range(2, 18):
        server.reset()
        shutil.rmtree(folder, ignore_errors=True)
        server.emulator.faults.pass_on(number)
        getattr(server.emulator.faults, fault)()
        with make_file(server.groups, folder / "a.plan") as plan:
            options = fast_options(chunk=CHUNK)
            outcome = apply(connect(server.emulator), plan, options=options)
        assert outcome.applied == len(server.groups), number
        assert content(server.emulator) == server.after, number


def test_a_process_that_wakes_after_an_unlock_is_refused(
    server: Server, folder: Path
) -> None:
    server.reset()
    with pytest.raises(Killed):
        apply_until(server, folder, 12, "before")
    late = server.emulator.calls[-1]
    client = RunClient(connect(server.emulator))
    assert unlock(client) is not None
    assert history_of(client.session).lock is None
    state = content(server.emulator)
    with pytest.raises(ServerError):
        client.send(late.operations)
    assert content(server.emulator) == state
    continue_run(server, folder)
    assert content(server.emulator) == server.after


def test_a_finished_run_cannot_be_resumed(server: Server, folder: Path) -> None:
    server.reset()
    apply_until(server, folder, 10_000, "after")
    with pytest.raises(UnknownRunError, match="no run was interrupted"):
        resume(connect(server.emulator), folder=folder, options=fast_options())
    with (
        PlanFile.open(folder / "a.plan") as plan,
        pytest.raises(StalePlanError, match="applied"),
    ):
        apply(connect(server.emulator), plan, options=fast_options())
