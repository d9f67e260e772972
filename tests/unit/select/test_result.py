"""Pages: when each is asked for, and what is never asked twice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from ftrack_models import Task
from ftrack_orm import QueryError
from ftrack_orm.select.executor import PrefetchedPages, RawPage
from ftrack_orm.select.select import Select
from tests.support.fake_executor import Arriving, FakeExecutor, select, tasks


def pages(executor: FakeExecutor) -> list[str]:
    """Return the end of every expression asked, and which were asked ahead."""
    return [
        ("ahead: " if one.startswith("ahead: ") else "") + one[one.index("offset") :]
        for one in executor.asked
    ]


def names(found: Any) -> list[str]:
    return [task.name for task in found]


def test_iterating_gives_every_row_once_in_order() -> None:
    found, executor = select(Task, tasks(8))
    assert names(found) == [f"t{i}" for i in range(8)]
    assert pages(executor) == [
        "offset 0 limit 3",
        "ahead: offset 3 limit 3",
        "ahead: offset 6 limit 3",
    ]


def test_a_last_page_that_is_full_is_not_followed_by_an_empty_one() -> None:
    found, executor = select(Task, tasks(6))
    assert len(names(found)) == 6
    assert len(executor.asked) == 2


def test_the_next_page_is_asked_for_once_the_first_row_has_been_worked_on() -> None:
    found, executor = select(Task, tasks(5))
    rows = iter(found)
    assert executor.asked == []
    next(rows)
    assert pages(executor) == ["offset 0 limit 3"]
    next(rows)
    assert pages(executor) == ["offset 0 limit 3", "ahead: offset 3 limit 3"]


def test_the_next_page_asks_for_what_the_first_row_turned_out_to_lack() -> None:
    found, executor = select(Task, tasks(5))
    rows = iter(found)
    first = next(rows)
    group = first.__ftrack_state__.group
    assert group is not None
    group.late_projections[Task] = ["status.name", "name"]
    next(rows)
    ahead = executor.asked[1]
    assert ", status.name from Task" in ahead
    assert ahead.count(" name,") == 1


def test_iterating_again_asks_nothing() -> None:
    found, executor = select(Task, tasks(5))
    first = list(found)
    count = len(executor.asked)
    assert [one is other for one, other in zip(first, found, strict=True)] == [True] * 5
    assert len(executor.asked) == count


def test_two_loops_at_once_share_the_pages() -> None:
    found, executor = select(Task, tasks(5))
    pairs = [(a.name, b.name) for a in found for b in found]
    assert len(pairs) == 25
    assert len(executor.asked) == 2


def test_all_asks_each_time() -> None:
    found, executor = select(Task, tasks(2))
    assert names(found.all()) == names(found.all()) == ["t0", "t1"]
    assert pages(executor) == ["offset 0 limit 3"] * 2


@pytest.mark.parametrize("limit", [0, 1, 3, 4, 6, 7, 100])
def test_a_limit_holds_across_pages(limit: int) -> None:
    found, executor = select(Task, tasks(7))
    assert names(found.limit(limit)) == [f"t{i}" for i in range(min(limit, 7))]
    asked = sum(int(one.rpartition(" ")[2]) for one in pages(executor))
    assert limit > 7 or asked == limit
    assert len(executor.asked) == -(-min(limit, 7) // 3)


def test_an_offset_is_where_the_first_page_begins() -> None:
    found, executor = select(Task, tasks(7))
    assert names(found.offset(5)) == ["t5", "t6"]
    assert pages(executor) == ["offset 5 limit 3"]


def test_an_index_fetches_pages_up_to_its_own_only() -> None:
    found, executor = select(Task, tasks(9))
    assert found[4].name == "t4"
    assert pages(executor) == ["offset 0 limit 3", "offset 3 limit 3"]
    assert found[1].name == "t1"
    assert len(executor.asked) == 2


def test_an_index_from_the_end_fetches_all() -> None:
    found, _ = select(Task, tasks(7))
    assert found[-1].name == "t6"
    assert found[-7].name == "t0"


@pytest.mark.parametrize("index", [7, 100, -8])
def test_an_index_outside_is_an_index_error(index: int) -> None:
    found, _ = select(Task, tasks(7))
    with pytest.raises(IndexError):
        _ = found[index]


def test_a_slice_is_a_list() -> None:
    found, _ = select(Task, tasks(7))
    assert names(found[2:5]) == ["t2", "t3", "t4"]
    assert names(found[::-3]) == ["t6", "t3", "t0"]


def test_a_select_that_goes_on_from_another_reads_for_itself() -> None:
    found, executor = select(Task, tasks(4))
    list(found)
    asked = len(executor.asked)
    assert names(found.limit(1)) == ["t0"]
    assert len(executor.asked) == asked + 1


def test_a_page_that_failed_is_asked_for_again() -> None:
    class Failing(FakeExecutor):
        failures = 1

        def fetch_ahead(self, expressions: Sequence[str]) -> PrefetchedPages:
            if not self.failures:
                return super().fetch_ahead(expressions)
            self.failures -= 1
            self.asked.append(f"ahead: {expressions[0]}")
            return Arriving(self.fail)

        def fail(self) -> list[RawPage]:
            raise ConnectionError("gone")

    executor = Failing(tasks(5))
    found = Select._of(executor, Task)
    with pytest.raises(ConnectionError, match="gone"):
        list(found)
    assert names(found) == [f"t{i}" for i in range(5)]
    assert pages(executor) == [
        "offset 0 limit 3",
        "ahead: offset 3 limit 3",
        "ahead: offset 3 limit 3",
    ]


def test_an_interrupted_wait_leaves_the_page_on_its_way() -> None:
    class Interrupted(FakeExecutor):
        waits = 0

        def fetch_ahead(self, expressions: Sequence[str]) -> PrefetchedPages:
            arriving = super().fetch_ahead(expressions)
            result = arriving.result

            def wait() -> list[RawPage]:
                self.waits += 1
                if self.waits == 1:
                    raise KeyboardInterrupt
                return result()

            return Arriving(wait)

    executor = Interrupted(tasks(5))
    rows = iter(Select._of(executor, Task))
    first = [next(rows).name, next(rows).name, next(rows).name]
    with pytest.raises(KeyboardInterrupt):
        next(rows)
    assert [*first, *names(rows)] == [f"t{i}" for i in range(5)]
    assert pages(executor) == ["offset 0 limit 3", "ahead: offset 3 limit 3"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_a_page_that_could_not_be_built_is_asked_for_again(
    error: type[BaseException],
) -> None:
    class Breaking(FakeExecutor):
        builds = 0

        def build_entities(self, rows: Any, group: Any, entity_class: Any) -> Any:
            self.builds += 1
            built = super().build_entities(rows, group, entity_class)
            if self.builds == 2:
                raise error
            return built

    executor = Breaking(tasks(8))
    found = Select._of(executor, Task)
    rows = iter(found)
    first = [next(rows).name, next(rows).name, next(rows).name]
    with pytest.raises(error):
        next(rows)
    assert [*first, *names(rows)] == [f"t{i}" for i in range(8)]
    assert names(found) == [f"t{i}" for i in range(8)]


def test_a_result_has_no_truth_value() -> None:
    found, _ = select(Task, tasks(1))
    with pytest.raises(QueryError, match=r"exists\(\)"):
        bool(found._stored_result())


def test_a_result_is_open_from_its_first_page_to_its_last() -> None:
    found, executor = select(Task, tasks(7))
    rows = iter(found)
    assert executor.open_results.complete() is False
    next(rows)
    assert executor.open_results.complete() is True
    assert executor.open_results.complete() is False
    asked = len(executor.asked)
    assert len(names(rows)) == 6
    assert len(executor.asked) == asked
