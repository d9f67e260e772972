"""Units are cut into chunks; their size follows the duration of requests."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from ftrack_orm.migrations.chunks import (
    ChunkSize,
    cut_chunk,
    decode_numbers,
    encode_numbers,
    load_pause,
)
from ftrack_orm.migrations.planned_change import PlannedUnit
from tests.support.migration_plans import make_units, update


def units_of(*sizes: int) -> list[PlannedUnit]:
    """Return a unit for each size, with as many operations."""
    return make_units(
        [update("Task", f"{unit}-{index}", "name", "a", "b") for index in range(size)]
        for unit, size in enumerate(sizes)
    )


@given(
    st.lists(st.integers(1, 9), max_size=30),
    st.integers(1, 20),
    st.one_of(st.none(), st.integers(1, 5)),
)
def test_chunks_hold_each_unit_once_and_whole(
    sizes: list[int], operations: int, max_units: int | None
) -> None:
    units = units_of(*sizes)
    position, numbers = 0, []
    while chunk := cut_chunk(units[position:], operations, max_units=max_units):
        assert chunk.operations <= operations or len(chunk.units) == 1
        assert max_units is None or len(chunk.units) <= max_units
        numbers += [unit.number for unit in chunk.units]
        position = chunk.last
    assert numbers == [unit.number for unit in units]


def test_a_chunk_ends_before_too_many_bytes() -> None:
    units = units_of(1, 1, 1)
    one = cut_chunk(units, 99, max_bytes=1)
    assert one is not None
    assert one.last == 1


def test_only_one_unit_more_than_the_chunk_is_read() -> None:
    stream = iter(units_of(1, 1, 1, 1))
    chunk = cut_chunk(stream, 2)
    assert chunk is not None
    assert chunk.last == 2
    assert [unit.number for unit in stream] == [4]


def test_the_size_doubles_while_requests_are_fast() -> None:
    size, sizes = ChunkSize(), []
    for _ in range(7):
        sizes.append(size.operations)
        size.record(0.1)
    assert sizes == [25, 50, 100, 200, 400, 500, 500]


def test_the_size_follows_the_average_duration() -> None:
    size = ChunkSize(target=2.0)
    size.record(1.0)
    assert size.operations == 27
    size.record(9.0)
    assert size.operations == 22
    size.record_failure()
    assert size.operations == 11


def test_the_size_never_falls_below_one() -> None:
    size = ChunkSize(1)
    size.record(99)
    size.record_failure()
    assert size.operations == 1


@pytest.mark.parametrize(("load", "pause"), [(1.0, 0.0), (0.5, 2.0), (0.8, 0.5)])
def test_a_pause_leaves_the_rest_of_the_time_to_others(
    load: float, pause: float
) -> None:
    assert load_pause(2.0, load) == pytest.approx(pause)


def test_numbers_are_written_as_distances_and_ranges() -> None:
    assert encode_numbers([5, 6, 7, 9]) == "5+2,2"
    assert decode_numbers("5+2,2") == [5, 6, 7, 9]


@given(st.sets(st.integers(1, 10**6)))
def test_numbers_come_back(numbers: set[int]) -> None:
    assert decode_numbers(encode_numbers(sorted(numbers))) == sorted(numbers)
