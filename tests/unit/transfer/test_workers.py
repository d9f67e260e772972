"""Worker threads that the caller's thread observes, and their end."""

from __future__ import annotations

import threading

import pytest

from ftrack_orm.transfer.progress import ProgressMeter
from ftrack_orm.transfer.workers import (
    CancelledError,
    Deadline,
    StoppedError,
    Workers,
)


def workers(cancel: threading.Event | Deadline | None = None) -> Workers:
    return Workers(ProgressMeter(None, None), cancel)


def test_each_item_is_worked_on_once() -> None:
    done: list[int] = []

    workers().run(done.append, range(100), threads=4)

    assert sorted(done) == list(range(100))


def test_one_thread_keeps_the_order_of_the_items() -> None:
    done: list[int] = []

    workers().run(done.append, iter([3, 1, 2]))

    assert done == [3, 1, 2]


def test_as_many_items_as_threads_are_worked_on_at_the_same_time() -> None:
    meeting = threading.Barrier(3, timeout=5)
    places: list[int] = []

    def work(item: int) -> None:
        places.append(meeting.wait())

    workers().run(work, range(6), threads=3)

    assert sorted(places) == [0, 0, 1, 1, 2, 2]


def test_the_first_failure_stops_the_others_and_is_raised() -> None:
    group = workers()
    began: list[int] = []

    def work(item: int) -> None:
        began.append(item)
        if item == 2:
            raise KeyError(item)

    with pytest.raises(KeyError) as caught:
        group.run(work, range(10))

    assert caught.value.args == (2,)
    assert began == [0, 1, 2]
    assert group.stop.is_set()
    with pytest.raises(StoppedError):
        group.check_stopped()


def test_a_cancelled_run_begins_no_work() -> None:
    cancel, began = threading.Event(), list[int]()
    cancel.set()
    group = workers(cancel)

    with pytest.raises(CancelledError):
        group.run(began.append, range(3))

    assert began == []
    assert group.stop.is_set()


def test_a_thread_that_waits_is_stopped_by_a_cancellation() -> None:
    cancel = threading.Event()
    group = workers(cancel)
    stopped: list[bool] = []

    def work(item: int) -> None:
        cancel.set()
        stopped.append(group.stop.wait(5))

    with pytest.raises(CancelledError):
        group.run(work, range(3))

    assert stopped == [True]


def test_progress_is_reported_in_the_thread_of_the_caller() -> None:
    reports: list[tuple[threading.Thread, int]] = []

    def on_progress(size: int, total: int) -> None:
        reports.append((threading.current_thread(), size))

    meter = ProgressMeter(on_progress, 30)
    Workers(meter, None).run(meter.count, [10, 20])

    assert {thread for thread, _ in reports} == {threading.current_thread()}
    assert reports[-1][1] == 30


@pytest.mark.parametrize(("seconds", "is_set"), [(0, True), (-1, True), (60, False)])
def test_a_deadline_is_set_once_its_seconds_have_passed(
    seconds: float, is_set: bool
) -> None:
    assert Deadline(seconds).is_set() is is_set
