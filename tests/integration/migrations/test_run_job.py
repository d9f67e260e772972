"""The job that shows a run in the web interface, and on which no run depends."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from ftrack_orm import Session
from ftrack_orm.emulator import Emulator
from ftrack_orm.emulator.errors import Invalid
from ftrack_orm.errors.migration_runs import RunStoppedError, StalePlanError
from ftrack_orm.migrations.client import RunClient
from ftrack_orm.migrations.history import revision_key
from ftrack_orm.migrations.history_store import METADATA
from ftrack_orm.migrations.lock import unlock
from ftrack_orm.migrations.options import RunOptions
from ftrack_orm.migrations.planned_change import PlannedChange
from ftrack_orm.migrations.run_job import job_id
from ftrack_orm.migrations.runs import apply, resume
from ftrack_orm.types import Reply
from tests.support.cut_transport import CutTransport, Killed
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

REVISION = "20261126_7f3a"
CHUNK = 10


class Clock:
    """A clock that moves after each chunk."""

    def __init__(self, step: float = 5.0) -> None:
        self._now = 0.0
        self._step = step

    def __call__(self) -> float:
        return self._now

    def on_event(self, event: Mapping[str, Any]) -> None:
        """Move on after a chunk."""
        if event["event"] == "chunk":
            self._now += self._step


def timed_options(step: float = 5.0, **options: Any) -> RunOptions:
    """Return options of small chunks, each of which takes `step` seconds."""
    clock = Clock(step)
    return fast_options(
        **{"chunk": CHUNK, "clock": clock, "on_event": clock.on_event, **options}
    )


class WithoutJobs(PassingTransport):
    """Lets the emulator refuse each request that names a job, as a role may.

    Attributes:
        refused: the number of requests that were refused.
    """

    def __init__(self, emulator: Emulator) -> None:
        super().__init__(emulator.transport())
        self.refused = 0
        self._emulator = emulator

    def reply_to(self, body: bytes, send: Callable[[], Reply]) -> Reply:
        """Return the reply, or a refusal."""
        if b'"Job"' in body:
            self.refused += 1
            self._emulator.faults.refuse(Invalid("No jobs for this role."))
        return send()


@pytest.fixture
def emulator() -> Emulator:
    return Emulator(seed="demo")


def groups_of(session: Session, count: int = 40) -> list[list[PlannedChange]]:
    rows = RunClient(session).rows("select id, bid from Task order by id")
    return [[update("Task", row["id"], "bid", row["bid"], 7.5)] for row in rows[:count]]


def job_of(emulator: Emulator, run: str) -> tuple[str, str]:
    """Return the status and the text of the only job, that of a run."""
    row = one_job(emulator)
    assert row["id"] == job_id(run)
    return row["status"], json.loads(row["data"])["description"]


def one_job(emulator: Emulator) -> dict[str, Any]:
    (row,) = jobs_of(emulator)
    return row


def jobs_of(emulator: Emulator) -> list[dict[str, Any]]:
    jobs = [row for row in emulator.dump() if row["__entity_type__"] == "Job"]
    return [row for row in jobs if "description" in str(row["data"])]


def texts_sent(emulator: Emulator) -> list[str]:
    """Return the texts of the job that were sent, in order."""
    return [
        json.loads(operation["entity_data"]["data"])["description"]
        for operation in emulator.call_log.operations
        if operation.get("entity_type") == "Job"
    ]


def only_run(session: Session) -> str:
    (run,) = history_of(session).runs
    return run


def killed_run(emulator: Emulator, folder: Path) -> str:
    """Return a run that was killed after 20 of 40 units."""
    session = ready(emulator)
    transport = CutTransport(emulator.transport(), 6, "after")
    options = timed_options()
    with (
        make_file(
            groups_of(session), folder / "a.plan", revision=REVISION, title="bids"
        ) as plan,
        pytest.raises(Killed),
    ):
        apply(connect(emulator, transport), plan, options=options)
    return only_run(session)


@pytest.mark.parametrize(
    ("step", "updates"),
    [(5.0, ["20 of 40", "30 of 40", "40 of 40"]), (2.5, ["30 of 40"]), (1.0, [])],
)
def test_the_job_shows_the_progress_within_requests_of_the_run(
    emulator: Emulator, step: float, updates: list[str]
) -> None:
    session = ready(emulator)
    groups = groups_of(session)
    snapshot = emulator.snapshot()
    counts, contents = [], []
    for job in (True, False):
        emulator.restore(snapshot)
        emulator.forget()
        options = timed_options(step, job=job)
        with make_file(groups, revision=REVISION, title="bids") as plan:
            outcome = apply(session, plan, options=options)
        if job:
            texts = ["0 of 40", *updates, "40 of 40"]
            assert texts_sent(emulator) == [f"7f3a: {text}" for text in texts]
            assert job_of(emulator, outcome.run) == ("done", "7f3a: 40 of 40")
        counts.append((outcome.requests, len(emulator.calls)))
        contents.append(content(emulator))
    assert not jobs_of(emulator)
    assert counts[0] == counts[1]
    assert contents[0] == contents[1]


def test_the_job_belongs_to_the_user_of_the_run(emulator: Emulator) -> None:
    emulator.start()
    credentials = emulator.credentials
    ready(emulator)
    with Session(**credentials, models="ftrack_models", check_schema="ignore") as own:
        with make_file(groups_of(own)) as plan:
            apply(own, plan, options=fast_options())
        rows = RunClient(own).rows(
            f'select id from User where username is "{credentials["api_user"]}"'  # noqa: S608
        )
    emulator.close()
    (creation,) = [
        operation["entity_data"]
        for operation in emulator.call_log.operations
        if operation.get("entity_type") == "Job" and operation["action"] == "create"
    ]
    assert creation["user_id"] == rows[0]["id"]
    assert creation["type"] == "api_job"


def test_units_that_are_left_out_are_counted(emulator: Emulator) -> None:
    session = ready(emulator)
    groups = groups_of(session)
    session.update("Task", groups[3][0].key[0], {"bid": 1.25})
    with make_file(groups, title="bids") as plan:
        options = fast_options(conflict_limit=1.0)
        outcome = apply(session, plan, options=options)
    assert job_of(emulator, outcome.run) == ("done", "bids: 40 of 40, 1 left out")


def test_a_resumed_run_continues_its_job(emulator: Emulator, tmp_path: Path) -> None:
    run = killed_run(emulator, tmp_path)
    assert job_of(emulator, run) == ("running", "7f3a: 20 of 40")
    emulator.forget()
    options = timed_options()
    outcome = resume(connect(emulator), folder=tmp_path, by_force=True, options=options)
    assert outcome.run == run
    assert texts_sent(emulator) == [
        "7f3a: 30 of 40",
        "7f3a: 40 of 40",
        "7f3a: 40 of 40",
    ]
    assert job_of(emulator, run) == ("done", "7f3a: 40 of 40")


def test_a_stopped_run_says_how_to_continue(emulator: Emulator, tmp_path: Path) -> None:
    session = ready(emulator)
    cancel = Event()

    def on_event(event: Any) -> None:
        if event["event"] == "chunk":
            cancel.set()

    options = fast_options(chunk=CHUNK, cancel=cancel, on_event=on_event)
    with (
        make_file(groups_of(session), tmp_path / "a.plan", title="bids") as plan,
        pytest.raises(RunStoppedError),
    ):
        apply(session, plan, options=options)
    run = only_run(session)
    assert job_of(emulator, run) == (
        "failed",
        "bids: stopped at 10 of 40; continue it with "
        f"`ftrack-orm migrate resume {run}`",
    )
    resume(session, folder=tmp_path, options=fast_options(chunk=CHUNK))
    assert job_of(emulator, run) == ("done", "bids: 40 of 40")


def test_a_server_that_refuses_the_job_applies_the_plan(emulator: Emulator) -> None:
    session = ready(emulator)
    groups = groups_of(session)
    transport = WithoutJobs(emulator)
    with make_file(groups) as plan:
        options = timed_options()
        outcome = apply(connect(emulator, transport), plan, options=options)
    assert outcome.applied == 40
    assert transport.refused == 1
    assert jobs_of(emulator) == []
    assert (history_of(session).run(outcome.run) or {})["job"] is None


def test_a_job_that_a_person_deletes_is_not_missed(emulator: Emulator) -> None:
    session = ready(emulator)
    groups = groups_of(session)

    clock = Clock()

    def delete(event: Mapping[str, Any]) -> None:
        clock.on_event(event)
        if event["event"] == "chunk" and event["upto"] == 10:
            session.delete("Job", one_job(emulator)["id"])

    with make_file(groups) as plan:
        options = timed_options(clock=clock, on_event=delete)
        outcome = apply(session, plan, options=options)
    assert (outcome.applied, outcome.refused) == (40, 0)
    assert jobs_of(emulator) == []
    assert history_of(session).lock is None


def test_a_refused_unit_keeps_the_job(emulator: Emulator) -> None:
    session = ready(emulator)
    groups = groups_of(session)
    rows = RunClient(session).rows("select id, status_id from Task order by id")
    groups[14] = [
        update("Task", rows[14]["id"], "status_id", rows[14]["status_id"], "nowhere")
    ]
    with make_file(groups, title="bids") as plan:
        options = timed_options(on_error="skip")
        outcome = apply(session, plan, options=options)
    assert (outcome.applied, outcome.refused) == (39, 1)
    texts = [text.removeprefix("bids: ") for text in texts_sent(emulator)]
    numbers = [int(text.split()[0]) for text in texts]
    # The refused chunk, then chunks after the refused unit.
    assert numbers[:2] == [0, 20]
    assert [number for number in numbers[2:] if 15 < number < 40]
    assert job_of(emulator, outcome.run) == ("done", "bids: 40 of 40, 1 left out")


def test_unlocking_shows_that_the_run_stopped(
    emulator: Emulator, tmp_path: Path
) -> None:
    run = killed_run(emulator, tmp_path)
    session = connect(emulator)
    assert unlock(RunClient(session)) == run
    status, text = job_of(emulator, run)
    assert status == "failed"
    assert text.startswith("7f3a: stopped at 20 of 40")
    session.delete("Job", job_id(run))
    options = timed_options()
    assert resume(session, folder=tmp_path, options=options).applied == 40


@pytest.mark.parametrize("is_deleted", [False, True])
def test_a_run_that_wrote_nothing_leaves_no_job(
    emulator: Emulator, is_deleted: bool
) -> None:
    session = ready(emulator)
    transport = CutTransport(emulator.transport(), 2, "after")
    with make_file(groups_of(session)) as plan:
        with pytest.raises(Killed):
            apply(connect(emulator, transport), plan, options=fast_options())
        assert job_of(emulator, only_run(session))[0] == "running"
        if is_deleted:
            session.delete("Job", one_job(emulator)["id"])
        unlock(RunClient(session))
        assert jobs_of(emulator) == []
        outcome = apply(session, plan, options=fast_options())
    assert job_of(emulator, outcome.run)[0] == "done"


def test_a_stale_plan_leaves_no_job(emulator: Emulator) -> None:
    session = ready(emulator)
    with make_file(groups_of(session), revision=REVISION) as plan:
        other = RunClient(connect(emulator))
        row = METADATA.create_row(revision_key(REVISION), {"state": "applied"})
        emulator.faults.pass_on(1)

        def write_row() -> None:
            emulator.faults.clear()
            other.send([row])

        emulator.faults.call_after(write_row)
        with pytest.raises(StalePlanError):
            apply(session, plan, options=fast_options())
    assert jobs_of(emulator) == []
    assert history_of(session).runs == {}
