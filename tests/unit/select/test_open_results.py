"""The results with pages left, completed in the order in which they were added."""

from __future__ import annotations

import gc
from collections.abc import Callable

import pytest

from ftrack_models import Task
from ftrack_orm import ConnectionLostError
from ftrack_orm.select.open_results import OpenResults
from ftrack_orm.select.result import Result
from tests.support.fake_executor import select, tasks

LOST = ConnectionLostError("https://studio.example", "the connection was closed")


class Noting(Result[Task]):
    """A result that notes its completion, and may fail."""

    def __init__(self, complete: Callable[[], bool]) -> None:
        self._noted = complete

    def complete(self) -> bool:
        return self._noted()


def test_results_are_completed_in_the_order_of_their_addition() -> None:
    results, order = OpenResults(), list[int]()

    def completion(number: int) -> Callable[[], bool]:
        def complete() -> bool:
            order.append(number)
            return number == 7

        return complete

    kept = [Noting(completion(number)) for number in range(20)]
    for result in kept:
        results.add(result)

    assert results.complete()
    assert order == list(range(20))


def test_nothing_is_fetched_when_no_result_has_pages_left() -> None:
    results = OpenResults()
    assert not results.complete()

    result = Noting(lambda: False)
    results.add(result)
    assert not results.complete()


def test_a_result_with_pages_left_adds_itself_and_is_completed_once() -> None:
    found, executor = select(Task, tasks(7))
    result = iter(found)
    next(result)

    assert executor.open_results.complete()
    assert not executor.open_results.complete()

    asked = len(executor.asked)
    assert [task.name for task in result] == [f"t{number}" for number in range(1, 7)]
    assert len(executor.asked) == asked == 3


def test_a_result_without_references_is_not_completed() -> None:
    found, executor = select(Task, tasks(7))
    next(iter(found))
    del found
    gc.collect()

    assert not executor.open_results.complete()
    assert len(executor.asked) == 1


def test_a_result_that_fails_is_completed_by_the_next_attempt() -> None:
    results, order = OpenResults(), list[str]()

    def first() -> bool:
        order.append("first")
        if len(order) == 1:
            raise LOST
        return True

    def second() -> bool:
        order.append("second")
        return True

    kept = [Noting(first), Noting(second)]
    for result in kept:
        results.add(result)

    with pytest.raises(ConnectionLostError):
        results.complete()
    assert results.complete()
    assert not results.complete()
    assert order == ["first", "first", "second"]
