"""Pauses, heartbeats, waits and a full disk."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ftrack_orm.emulator import Emulator
from ftrack_orm.errors.migration_runs import RunStoppedError
from ftrack_orm.errors.migrations import PlanFileError
from ftrack_orm.migrations.client import RunClient
from ftrack_orm.migrations.plan_file import PlanFile
from ftrack_orm.migrations.planned_change import PlannedChange, PlannedEffect
from ftrack_orm.migrations.runs import apply, resume
from ftrack_orm.transport.retry import RetryPolicy
from ftrack_orm.types import Reply, Transport
from tests.support.migration_plans import (
    connect,
    content,
    fast_options,
    history_of,
    make_file,
    ready,
    update,
)
from tests.support.transports import PassingTransport


class Clock:
    """A clock that moves by a step at each reading, and by each sleep.

    Attributes:
        sleeps: the sleeps in seconds.
    """

    def __init__(self, step: float = 0.0) -> None:
        self.sleeps: list[float] = []
        self._now = 0.0
        self._step = step

    def __call__(self) -> float:
        self._now += self._step
        return self._now

    def sleep(self, seconds: float) -> None:
        """Record a sleep and move on."""
        self.sleeps.append(seconds)
        self._now += seconds

    def advance(self, seconds: float) -> None:
        """Move on, as work does."""
        self._now += seconds


CLOCK = Clock()


def slow_effect(seconds: float) -> None:
    """Take a time, as a copy of a file does."""
    CLOCK.advance(seconds)


@pytest.fixture
def emulator() -> Emulator:
    return Emulator(seed="demo")


def groups_of(emulator: Emulator, count: int = 40) -> list[list[PlannedChange]]:
    rows = RunClient(connect(emulator)).rows("select id, bid from Task order by id")
    return [[update("Task", row["id"], "bid", row["bid"], 7.5)] for row in rows[:count]]


def test_a_pause_follows_each_chunk(emulator: Emulator) -> None:
    session = ready(emulator)
    clock = Clock(step=1.0)
    with make_file(groups_of(emulator)) as plan:
        options = fast_options(chunk=10, load=0.5, clock=clock, sleep=clock.sleep)
        apply(session, plan, options=options)
    # Three pauses between four chunks, each as long as the request took.
    assert sum(clock.sleeps) == pytest.approx(3 * 1.0)


def test_a_full_load_has_no_pause(emulator: Emulator) -> None:
    session = ready(emulator)
    clock = Clock(step=1.0)
    with make_file(groups_of(emulator)) as plan:
        options = fast_options(chunk=10, load=1.0, clock=clock, sleep=clock.sleep)
        apply(session, plan, options=options)
    assert clock.sleeps == []


def test_slow_requests_make_chunks_smaller(emulator: Emulator) -> None:
    session = ready(emulator)
    sizes: list[int] = []

    def on_event(event: Any) -> None:
        if event["event"] == "chunk":
            sizes.append(event["operations"])

    clock = Clock(step=5.0)
    with make_file(groups_of(emulator, 100)) as plan:
        options = fast_options(clock=clock, sleep=clock.sleep, on_event=on_event)
        apply(session, plan, options=options)
    assert sizes[:2] == [25, 25]
    assert sizes[2] < 25
    assert sum(sizes) == 100


def test_long_effects_send_heartbeats(emulator: Emulator) -> None:
    session = ready(emulator)
    effects = {
        number: [PlannedEffect(f"{__name__}:slow_effect", (20.0,))]
        for number in range(1, 7)
    }
    with make_file(groups_of(emulator, 6), effects=effects) as plan:
        options = fast_options(clock=CLOCK, sleep=CLOCK.sleep)
        emulator.forget()
        outcome = apply(session, plan, options=options)
    assert outcome.applied == 6
    moved = [
        call
        for call in emulator.calls
        if [operation["action"] for operation in call.operations]
        == ["delete", "create"]
    ]
    # 120 seconds of effects, and a heartbeat after each 30.
    assert len(moved) == 3


def test_the_wait_that_a_server_asks_for_is_kept(emulator: Emulator) -> None:
    session = ready(emulator)
    clock = Clock()
    with make_file(groups_of(emulator)) as plan:
        emulator.faults.pass_on(6)
        emulator.faults.status(503, retry_after="7")
        retry = RetryPolicy(attempts=4, first_wait=0.5)
        options = fast_options(chunk=10, retry=retry, sleep=clock.sleep)
        assert apply(session, plan, options=options).applied == 40
    assert clock.sleeps == [7.0]


def test_a_server_that_stays_away_stops_the_run(
    emulator: Emulator, tmp_path: Path
) -> None:
    session = ready(emulator)
    with make_file(groups_of(emulator), tmp_path / "a.plan") as plan:
        emulator.faults.pass_on(7)
        emulator.faults.drop_before(60)
        with pytest.raises(RunStoppedError, match="was lost") as caught:
            apply(session, plan, options=fast_options(chunk=10))
    emulator.faults.clear()
    assert caught.value.exit_code == 7
    outcome = resume(session, folder=tmp_path, by_force=True, options=fast_options())
    assert outcome.applied == 40


def test_a_full_disk_stops_the_run(
    emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = ready(emulator)
    with make_file(groups_of(emulator), tmp_path / "a.plan") as plan:
        with monkeypatch.context() as patch:
            patch.setattr(PlanFile, "record_step", failing(2, PlanFile.record_step))
            with pytest.raises(RunStoppedError, match="disk is full") as caught:
                apply(session, plan, options=fast_options(chunk=10))
        assert caught.value.upto == 20
    assert history_of(session).lock is None
    assert resume(session, folder=tmp_path, options=fast_options()).applied == 40


def failing(number: int, original: Callable[..., None]) -> Callable[..., None]:
    """Return a method that fails from its call `number` on."""
    calls = 0

    def record_step(*arguments: Any) -> None:
        nonlocal calls
        calls += 1
        if calls >= number:
            raise sqlite3.OperationalError("database or disk is full")
        original(*arguments)

    return record_step


@pytest.mark.parametrize(("call", "error"), [(1, PlanFileError), (2, RunStoppedError)])
def test_a_disk_that_is_full_at_the_beginning_holds_no_lock(
    emulator: Emulator,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    call: int,
    error: type[Exception],
) -> None:
    session = ready(emulator)
    before = content(emulator)
    with make_file(groups_of(emulator), tmp_path / "a.plan") as plan:
        monkeypatch.setattr(PlanFile, "record_run", read_only_from(call))
        with pytest.raises(error, match="cannot be written"):
            apply(session, plan, options=fast_options(chunk=10))
        assert history_of(session).lock is None
        assert content(emulator) == before
        monkeypatch.undo()
        writable(plan)
        if call == 1:
            outcome = apply(session, plan, options=fast_options())
        else:
            outcome = resume(session, folder=tmp_path, options=fast_options())
    assert outcome.applied == 40


@pytest.mark.parametrize("single_request", [False, True])
def test_a_disk_that_is_full_at_the_end_hides_nothing(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch, single_request: bool
) -> None:
    session = ready(emulator)
    with make_file(groups_of(emulator)) as plan:
        call = 2 if single_request else 3
        monkeypatch.setattr(PlanFile, "record_run", read_only_from(call))
        options = fast_options(single_request=single_request)
        outcome = apply(session, plan, options=options)
    assert outcome.applied == 40
    assert history_of(session).lock is None


def read_only_from(number: int) -> Callable[[PlanFile, str, str], None]:
    """Return `record_run` for a file that cannot be written from call `number` on."""
    calls = 0
    original = PlanFile.record_run

    def record_run(file: PlanFile, run: str, state: str) -> None:
        nonlocal calls
        calls += 1
        if calls >= number:
            file._connection.execute("pragma query_only = true")
        original(file, run, state)

    return record_run


def writable(file: PlanFile) -> None:
    file._connection.execute("pragma query_only = false")


class HeaderTransport(PassingTransport):
    """Records the push token of each request."""

    def __init__(self, inner: Transport) -> None:
        super().__init__(inner)
        self.tokens: list[str | None] = []

    def call(
        self,
        body: bytes,
        *,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
    ) -> Reply:
        """Record the token and pass the request on."""
        self.tokens.append((headers or {}).get("ftrack-pushtoken"))
        return super().call(body, headers=headers, timeout=timeout)


def test_every_request_has_the_push_token(emulator: Emulator) -> None:
    @dataclass
    class Plan:
        file: PlanFile

    ready(emulator)
    transport = HeaderTransport(emulator.transport())
    session = connect(emulator, transport)
    with make_file(groups_of(emulator)) as file:
        outcome = apply(session, Plan(file), push_token="ours", chunk=10)
    assert outcome.applied == 40
    assert len(transport.tokens) == outcome.requests
    assert set(transport.tokens) == {"ours"}
    transport.tokens.clear()
    with make_file(groups_of(emulator)) as file:
        apply(session, file, options=fast_options())
        (run,) = file.runs()
    assert set(transport.tokens) == {f"ftrack-orm:{run}"}
