"""The options of a commit: token, progress, cancelling, slow servers."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from ftrack_models import Note, Task, User
from ftrack_orm import (
    NO_RETRIES,
    OutcomeUnknownError,
    RequestCancelledError,
    RequestTimeoutError,
    Session,
)
from ftrack_orm.emulator import Emulator
from ftrack_orm.types import Reply, Transport
from tests.support.demo_production import a_shot, a_task
from tests.support.emulator_records import existing_row, written
from tests.support.transports import PassingTransport

# -- push token --------------------------------------------------------------------


def test_a_push_token_comes_back_in_the_events_of_the_commit(
    emulator: Emulator, session: Session
) -> None:
    task = a_task(session)
    task.description = "new"
    anna = session.select(User).where(User.username == "anna").one()
    session.add(Note(content="hi", author=anna, parent_id=task.id, parent_type="Task"))
    listener = emulator.event_hub.subscribe("topic=ftrack.update")

    session.commit(push_token="token-1")
    task.description = "newer"
    session.commit()
    listener.close()

    tokens = [event.data["pushToken"] for event in listener.events]
    assert tokens == ["token-1", None]


# -- progress ----------------------------------------------------------------------


def test_progress_is_reported_before_sending_and_after_memory_agrees(
    emulator: Emulator, session: Session
) -> None:
    task = a_task(session)
    task.description = "new"
    new = Task(name="dust", parent=a_shot(session))
    session.add(new)
    emulator.call_log.clear()
    steps: list[tuple[int, int, int, str]] = []

    def on_progress(done: int, total: int) -> None:
        steps.append((done, total, len(emulator.calls), new.entity_state.value))

    session.commit(on_progress=on_progress)

    assert steps == [(0, 2, 0, "pending"), (2, 2, 1, "persistent")]
    assert not session.plan()


def test_no_progress_is_reported_where_nothing_is_sent(session: Session) -> None:
    steps: list[tuple[int, int]] = []

    session.commit(on_progress=lambda done, total: steps.append((done, total)))

    assert steps == []


@pytest.mark.parametrize("failing", [0, 1])
def test_an_error_of_the_progress_callback_leaves_the_outcome_known(
    emulator: Emulator, session: Session, failing: int
) -> None:
    task = a_task(session)
    task.description = "new"
    emulator.call_log.clear()

    def on_progress(done: int, total: int) -> None:
        if done == failing:
            raise KeyError(done)

    with pytest.raises(KeyError):
        session.commit(on_progress=on_progress)

    # Before sending nothing was sent; afterwards memory agrees with the server.
    assert len(written(emulator)) == failing
    assert len(session.plan()) == 1 - failing
    session.commit()
    assert written(emulator) == [("update", "Task")]
    assert not session.plan()


# -- cancelling --------------------------------------------------------------------


def test_a_commit_that_is_cancelled_before_it_is_sent_changes_nothing(
    emulator: Emulator, session: Session
) -> None:
    task = a_task(session)
    task.description = "new"
    cancel = threading.Event()
    cancel.set()

    with pytest.raises(RequestCancelledError):
        session.commit(cancel=cancel)

    assert written(emulator) == []
    session.commit()
    assert written(emulator) == [("update", "Task")]


def test_a_commit_that_is_cancelled_on_its_way_is_settled_by_the_next(
    emulator: Emulator, over_http: Session
) -> None:
    task = a_task(over_http)
    task.description = "new"
    emulator.call_log.clear()
    cancel = threading.Event()
    emulator.faults.delay(2.0)
    timer = threading.Timer(0.1, cancel.set)
    timer.start()
    started = time.monotonic()

    with pytest.raises(RequestCancelledError):
        over_http.commit(cancel=cancel)

    assert time.monotonic() - started < 1.5
    timer.join()
    plan = over_http.commit()
    assert [change.reference for change in plan] == [task.reference]
    assert written(emulator) == [("update", "Task")]
    assert not over_http.plan()


# -- slow servers ------------------------------------------------------------------


def test_a_batch_that_was_applied_but_answered_late_is_a_success(
    emulator: Emulator, over_http: Session
) -> None:
    task = a_task(over_http)
    task.description = "new"
    emulator.call_log.clear()
    emulator.faults.delay(1.0)

    plan = over_http.commit(timeout=0.2)

    assert [change.reference for change in plan] == [task.reference]
    assert written(emulator) == [("update", "Task")]
    assert not over_http.plan()


def test_a_longer_timeout_waits_for_a_slow_answer(
    emulator: Emulator, over_http: Session
) -> None:
    task = a_task(over_http)
    task.description = "new"
    emulator.call_log.clear()
    emulator.faults.delay(0.3)

    over_http.commit(timeout=10)

    assert len(emulator.calls) == 1
    assert not over_http.plan()


class SlowTransport(PassingTransport):
    """The next write times out, and is applied some requests later."""

    def __init__(self, inner: Transport, requests: int) -> None:
        super().__init__(inner)
        self._requests = requests
        self._late: Callable[[], Reply] | None = None
        self.is_slow = False

    def reply_to(self, body: bytes, send: Callable[[], Reply]) -> Reply:
        if self.is_slow:
            self.is_slow = False
            self._late = send
            raise RequestTimeoutError(self.server_url, 0)
        if self._late is not None:
            self._requests -= 1
            if self._requests < 0:
                late, self._late = self._late, None
                late()
        return send()


@pytest.mark.parametrize("requests", [0, 1, 3])
def test_a_slow_commit_of_updates_alone_ends_and_is_sent_once(
    emulator: Emulator, requests: int
) -> None:
    transport = SlowTransport(emulator.transport(), requests)
    with Session(
        transport=transport, check_schema="ignore", retry=NO_RETRIES
    ) as session:
        tasks = [a_task(session), a_task(session, "layout")]
        for task in tasks:
            task.description = "new"
        emulator.call_log.clear()
        transport.is_slow = True
        verdicts: list[set[str]] = []
        plan: Any = None
        while plan is None and len(verdicts) < 10:
            try:
                plan = session.commit()
            except OutcomeUnknownError as error:
                verdicts.append({one.verdict for one in error.operations})

        assert verdicts == [{"not applied"}] * requests
        assert plan is not None
        assert len(plan) == 2
        assert written(emulator) == [("update", "Task")] * 2
        assert not session.plan()
        for task in tasks:
            row = existing_row(emulator, "Task", task.id)
            assert row["description"] == "new"
