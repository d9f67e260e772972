"""Reads that fail for now are tried again; nothing that writes is, unasked."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from types import SimpleNamespace

import pytest

from ftrack_models import Status, Task
from ftrack_orm import (
    ConnectionFailedError,
    ConnectionLostError,
    NotJSONError,
    RetryPolicy,
    ServerError,
    ServerUnavailableError,
    Session,
)
from ftrack_orm.emulator import Emulator
from ftrack_orm.emulator.faults import Faults
from ftrack_orm.operations import Query, QuerySchemas, Update
from ftrack_orm.transport import retry
from tests.support.demo_production import a_task
from tests.support.emulator_records import written

QUICK = RetryPolicy(attempts=4, first_wait=0.001, deadline=20.0)

PASSING: dict[str, Callable[[Faults], None]] = {
    "dropped before": lambda faults: faults.drop_before(times=3),
    "dropped after": lambda faults: faults.drop_after(times=3),
    "truncated": lambda faults: faults.truncate(times=3),
    "429": lambda faults: faults.status(429, times=3),
    "502": lambda faults: faults.html(status=502, times=3),
    "503": lambda faults: faults.status(503, retry_after="0", times=3),
    "504": lambda faults: faults.status(504, times=3),
}


@pytest.fixture
def patient(emulator: Emulator) -> Iterator[Session]:
    with Session(
        **emulator.start().credentials, check_schema="ignore", retry=QUICK
    ) as session:
        yield session


@pytest.mark.parametrize("fault", PASSING)
def test_a_read_is_tried_again_until_it_succeeds(
    emulator: Emulator, patient: Session, fault: str
) -> None:
    PASSING[fault](emulator.faults)

    with emulator.expect_calls(4):
        found = patient.query("select id from Status", Status).data

    assert found
    assert patient.requests == 4


@pytest.mark.parametrize("fault", PASSING)
def test_a_late_page_is_tried_again_too(emulator: Emulator, fault: str) -> None:
    with Session(
        **emulator.start().credentials, check_schema="ignore", retry=QUICK, page_size=20
    ) as session:
        expected = len(session.query("select id from Task", Task).data)
        tasks = iter(session.select(Task))
        next(tasks)
        PASSING[fault](emulator.faults)

        assert 1 + sum(1 for _ in tasks) == expected


def test_a_late_page_is_tried_no_oftener_than_any_other(emulator: Emulator) -> None:
    with Session(
        **emulator.start().credentials, check_schema="ignore", retry=QUICK, page_size=20
    ) as session:
        # The first page is in hand, and the second asked for, when all goes wrong.
        emulator.faults.delay(0)
        emulator.faults.drop_before(times=30)
        tasks = iter(session.select(Task))

        with emulator.expect_calls(1 + 4), pytest.raises(ConnectionLostError):
            list(tasks)


def test_after_the_last_attempt_the_error_is_raised_as_it_is(
    emulator: Emulator, patient: Session
) -> None:
    emulator.faults.status(503, retry_after="0", times=4)

    with emulator.expect_calls(4), pytest.raises(ServerUnavailableError):
        patient.query("select id from Status")


def test_permanent_errors_are_not_repeated(
    emulator: Emulator, patient: Session
) -> None:
    emulator.faults.html(status=200)
    with emulator.expect_calls(1), pytest.raises(NotJSONError):
        patient.query("select id from Status")
    with emulator.expect_calls(1), pytest.raises(ServerError, match="parse"):
        patient.query("select from from")


def test_the_server_decides_how_long_to_wait(
    emulator: Emulator, patient: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    clock = SimpleNamespace(sleep=waits.append, monotonic=lambda: 100.0 + sum(waits))
    monkeypatch.setattr(retry, "time", clock)
    emulator.faults.status(503, retry_after="7")

    assert patient.query("select id from Status limit 1").data

    assert waits == [7.0]


def test_a_batch_that_writes_is_not_repeated_after_a_refusal(
    emulator: Emulator, patient: Session
) -> None:
    task = a_task(patient)
    emulator.faults.status(503, retry_after="0")

    with emulator.expect_calls(1), pytest.raises(ServerUnavailableError):
        patient.call(
            [Query("select id from Status"), Update("Task", (task.id,), {"name": "x"})]
        )


def test_the_schema_is_read_with_patience_too(
    emulator: Emulator, patient: Session
) -> None:
    emulator.faults.drop_before(times=2)

    assert patient.call([QuerySchemas()])[0].data


def test_a_server_that_is_away_is_waited_for(emulator: Emulator) -> None:
    emulator.start()
    port = int(emulator.server_url.rpartition(":")[2])
    credentials = emulator.credentials
    emulator.stop()
    back = Emulator(seed="standard", port=port)
    timer = threading.Timer(0.3, back.start)
    try:
        with Session(**credentials, check_schema="ignore") as session:
            timer.start()
            assert session.query("select id from Status").data
    finally:
        timer.join()
        back.close()


def test_a_server_that_stays_away_is_said_to_be(emulator: Emulator) -> None:
    emulator.start()
    credentials = emulator.credentials
    emulator.stop()

    with (
        Session(**credentials, check_schema="ignore", retry=QUICK) as session,
        pytest.raises(ConnectionFailedError),
    ):
        session.query("select id from Status")

    assert session.requests == 4


def test_a_host_that_does_not_exist_is_not_looked_for_again() -> None:
    with (
        Session("https://studio.invalid", "anna", "key", retry=QUICK) as session,
        pytest.raises(ConnectionFailedError),
    ):
        session.query("select id from Status")

    assert session.requests == 1


def test_a_commit_is_asked_about_with_patience(
    emulator: Emulator, patient: Session
) -> None:
    task = a_task(patient)
    patient.add(Task(name="dust", parent=task.parent))
    emulator.faults.drop_after()
    emulator.faults.drop_before(times=2)

    patient.commit()

    assert written(emulator) == [("create", "Task")]
