"""Pages that are fetched ahead: errors, interruptions, and closing meanwhile."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from typing import Any

import pytest

from ftrack_models import Shot, Task
from ftrack_orm import (
    RetryPolicy,
    ServerError,
    Session,
    SessionClosedError,
    TransportError,
)
from ftrack_orm.emulator import Emulator


def test_closing_does_not_wait_for_a_page(emulator: Emulator, paging: Session) -> None:
    tasks = iter(paging.select(Task))
    next(tasks)
    emulator.faults.delay(3)
    next(tasks)
    began = time.monotonic()
    paging.close()
    assert time.monotonic() - began < 1


@pytest.mark.parametrize("seconds", [0.0, 0.5])
def test_reading_on_after_closing_is_an_error(
    emulator: Emulator, paging: Session, seconds: float
) -> None:
    tasks, shots = iter(paging.select(Task)), iter(paging.select(Shot))
    next(tasks)
    next(shots)
    if seconds:
        emulator.faults.delay(seconds, times=2)
    next(tasks)
    next(shots)
    time.sleep(0.2)
    paging.close()
    for rows in (tasks, shots):
        with pytest.raises(SessionClosedError):
            list(rows)


def test_a_reader_in_another_thread_ends_when_the_session_is_closed(
    emulator: Emulator, paging: Session
) -> None:
    tasks = iter(paging.select(Task))
    next(tasks)
    emulator.faults.delay(5)
    next(tasks)
    errors: list[BaseException] = []

    def read() -> None:
        try:
            list(tasks)
        except BaseException as error:
            errors.append(error)

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    time.sleep(0.1)
    paging.close()
    reader.join(2)
    assert not reader.is_alive()
    assert [type(error) for error in errors] == [SessionClosedError]


def test_the_end_of_a_program_does_not_wait_for_a_page() -> None:
    program = (
        "from ftrack_orm import Session\n"
        "from ftrack_orm.emulator import Emulator\n"
        "from ftrack_models import Status\n"
        "emulator = Emulator(seed='standard')\n"
        "session = Session(transport=emulator.transport(), page_size=2,\n"
        "                  check_schema='ignore')\n"
        "rows = iter(session.select(Status))\n"
        "next(rows)\n"
        "emulator.faults.delay(60)\n"
        "next(rows)\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=30)


def test_two_results_read_in_turns_are_complete(paging: Session) -> None:
    tasks, shots = iter(paging.select(Task)), iter(paging.select(Shot))
    read: list[Any] = []
    for shot in shots:
        read += [shot.id, next(tasks).id]
    read += [task.id for task in tasks]
    assert len(set(read)) == len(read) == 139 + 24


@pytest.mark.parametrize("fault", ["status", "truncate", "drop_before", "refuse"])
def test_an_iterator_goes_on_after_a_page_that_failed(
    emulator: Emulator, paging: Session, other: Session, fault: str
) -> None:
    expected = [task.id for task in other.select(Task)]
    rows = iter(paging.select(Task))
    read = [next(rows).id]
    if fault == "status":
        emulator.faults.status(502)
    elif fault == "refuse":
        emulator.faults.deny_permission()
    else:
        getattr(emulator.faults, fault)()
    errors = 0
    while True:
        try:
            read.append(next(rows).id)
        except (TransportError, ServerError):
            errors += 1
        except StopIteration:
            break
    assert errors == 1
    assert read == expected


def test_a_page_ahead_is_retried_as_any_read(
    emulator: Emulator, other: Session
) -> None:
    expected = [task.id for task in other.select(Task)]
    retry = RetryPolicy(attempts=3, first_wait=0.01)
    with Session(
        transport=emulator.transport(),
        check_schema="ignore",
        retry=retry,
        page_size=5,
    ) as session:
        rows = iter(session.select(Task))
        read = [next(rows).id]
        emulator.faults.status(503, times=2)
        read += [task.id for task in rows]
    assert read == expected
