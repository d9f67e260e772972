"""The lock of a server: observation, taking over and removal."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ftrack_orm import Session
from ftrack_orm.emulator import Emulator
from ftrack_orm.errors.migration_runs import LockedError, RunTakenOverError
from ftrack_orm.migrations.client import RunClient
from ftrack_orm.migrations.history import LOCK, fence_key
from ftrack_orm.migrations.history_store import METADATA
from ftrack_orm.migrations.lock import (
    is_fence_still,
    is_process_gone,
    lock_row,
    unlock,
)
from ftrack_orm.migrations.run_start import take_over
from ftrack_orm.migrations.runs import apply, resume
from ftrack_orm.types import JSONObject
from tests.support.cut_transport import CutTransport, Killed
from tests.support.migration_plans import (
    connect,
    content,
    fast_options,
    history_of,
    make_file,
    ready,
)
from tests.support.mixed_plan import mixed_changes


class Clock:
    """A monotonic clock that only sleeping advances.

    Attributes:
        now: the time in seconds.
        on_sleep: called before each sleep.
    """

    def __init__(self, on_sleep: Callable[[], object] = lambda: None) -> None:
        self.now = 1000.0
        self.on_sleep = on_sleep

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        """Advance the time."""
        self.on_sleep()
        self.now += seconds


@pytest.fixture
def emulator() -> Emulator:
    return Emulator(seed="demo")


def interrupted(emulator: Emulator, folder: Path) -> str:
    """Return a run that was killed after a chunk; its process holds the lock."""
    session = ready(emulator)
    transport = CutTransport(emulator.transport(), 11, "after")
    options = fast_options(chunk=5)
    with (
        make_file(mixed_changes(session, 2), folder / "a.plan") as plan,
        pytest.raises(Killed),
    ):
        apply(connect(emulator, transport), plan, options=options)
    history = history_of(session)
    assert history.lock is not None
    return str(history.lock["run"])


def set_lock(session: Session, **values: object) -> None:
    """Change values of the lock."""
    lock = history_of(session).lock or {}
    RunClient(session).send([METADATA.update_row(LOCK, {**lock, **values})])


def ended_process() -> int:
    """Return the id of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_a_process_of_this_computer_is_known_to_have_ended() -> None:
    lock: JSONObject = {"host": socket.gethostname(), "pid": ended_process()}
    assert is_process_gone(lock)
    assert not is_process_gone({**lock, "pid": os.getpid()})
    assert not is_process_gone({**lock, "pid": os.getppid()})
    assert not is_process_gone({**lock, "host": "elsewhere"})
    assert not is_process_gone({})


def test_a_run_of_an_ended_process_is_resumed_at_once(
    emulator: Emulator, tmp_path: Path
) -> None:
    run = interrupted(emulator, tmp_path)
    session = connect(emulator)
    set_lock(session, pid=ended_process())
    clock = Clock()
    options = fast_options(chunk=5, clock=clock, sleep=clock.sleep)
    assert resume(session, folder=tmp_path, options=options).run == run
    assert clock.now == 1000.0


def test_a_lock_of_elsewhere_is_observed_for_a_lease(
    emulator: Emulator, tmp_path: Path
) -> None:
    interrupted(emulator, tmp_path)
    session = connect(emulator)
    set_lock(session, host="elsewhere")
    waits: list[float] = []
    clock = Clock()
    options = fast_options(chunk=5, clock=clock, sleep=clock.sleep)
    resume(session, folder=tmp_path, options=options, on_wait=waits.append)
    assert waits == [120.0]
    assert clock.now >= 1120.0
    assert history_of(session).lock is None


def test_a_living_process_keeps_its_lock(emulator: Emulator, tmp_path: Path) -> None:
    run = interrupted(emulator, tmp_path)
    session = connect(emulator)
    set_lock(session, host="elsewhere")
    before = content(emulator)

    def beat() -> None:
        fence = history_of(session).fence(run)
        assert fence is not None
        RunClient(session).send(
            [
                METADATA.delete_row(fence_key(run, fence.number)),
                METADATA.create_row(fence_key(run, fence.number + 1), fence.value),
            ]
        )

    clock = Clock(beat)
    options = fast_options(clock=clock, sleep=clock.sleep)
    with pytest.raises(LockedError, match="elsewhere"):
        resume(session, folder=tmp_path, options=options)
    assert content(emulator) == before


def test_another_run_that_takes_the_free_lock_is_named(
    emulator: Emulator, tmp_path: Path
) -> None:
    run = interrupted(emulator, tmp_path)
    session = connect(emulator)
    client = RunClient(session)
    unlock(client)
    former = history_of(session)
    client.send([METADATA.create_row(LOCK, lock_row("another", "ana", "x"))])
    with pytest.raises(LockedError, match="another"):
        take_over(client, run, former, fast_options())
    assert history_of(session).fence(run) == former.fence(run)


def test_an_observation_can_be_cancelled(emulator: Emulator, tmp_path: Path) -> None:
    run = interrupted(emulator, tmp_path)

    class Cancelled:
        def is_set(self) -> bool:
            return True

    client = RunClient(connect(emulator))
    assert not is_fence_still(client, run, cancel=Cancelled())


def test_an_unlocked_run_can_be_resumed(emulator: Emulator, tmp_path: Path) -> None:
    run = interrupted(emulator, tmp_path)
    client = RunClient(connect(emulator))
    assert unlock(client) == run
    assert unlock(client) is None
    outcome = resume(client.session, folder=tmp_path, options=fast_options())
    assert outcome.run == run


def test_an_unlock_that_comes_too_late_changes_nothing(
    emulator: Emulator, tmp_path: Path
) -> None:
    run = interrupted(emulator, tmp_path)
    session = connect(emulator)

    def beat() -> None:
        fence = history_of(session).fence(run)
        assert fence is not None
        RunClient(session).send(
            [
                METADATA.delete_row(fence_key(run, fence.number)),
                METADATA.create_row(fence_key(run, fence.number + 1), fence.value),
            ]
        )

    emulator.faults.pass_on()
    emulator.faults.call_before(beat)
    # The requests of `beat` itself must not take the fault.
    with pytest.raises(RunTakenOverError, match=run):
        unlock(RunClient(connect(emulator)))
    assert history_of(session).lock is not None


def test_a_run_that_wrote_nothing_is_removed_by_unlock(
    emulator: Emulator, tmp_path: Path
) -> None:
    session = ready(emulator)
    transport = CutTransport(emulator.transport(), 2, "after")
    groups = mixed_changes(session, 1)
    with (
        make_file(groups, tmp_path / "a.plan") as plan,
        pytest.raises(Killed),
    ):
        apply(connect(emulator, transport), plan, options=fast_options())
    assert unlock(RunClient(session)) is not None
    assert set(history_of(session).rows) == {"init"}
    with make_file(groups) as plan:
        assert apply(session, plan, options=fast_options()).applied == len(groups)
