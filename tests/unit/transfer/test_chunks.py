"""Parts as the table of protocol 7.4 cuts them."""

from __future__ import annotations

import pytest

from ftrack_orm import FileTooLargeError
from ftrack_orm.transfer.chunks import chunk_size, parts_of

MIB = 1 << 20
GIB = 1 << 30


@pytest.mark.parametrize(
    ("size", "chunk"),
    [
        (0, 8 * MIB),
        (1, 8 * MIB),
        (128 * MIB, 8 * MIB),
        (128 * MIB + 1, 16 * MIB),
        (1 * GIB, 16 * MIB),
        (1 * GIB + 1, 32 * MIB),
        (8 * GIB, 32 * MIB),
        (8 * GIB + 1, 64 * MIB),
        (64 * GIB, 64 * MIB),
        (64 * GIB + 1, 128 * MIB),
        (10_000 * 128 * MIB, 128 * MIB),
    ],
)
def test_a_part_has_the_size_of_the_table(size: int, chunk: int) -> None:
    assert chunk_size("plate.mov", size) == chunk


def test_a_file_of_more_than_10000_largest_parts_is_refused() -> None:
    with pytest.raises(FileTooLargeError) as caught:
        chunk_size("plate.mov", 10_000 * 128 * MIB + 1)

    assert caught.value.file_name == "plate.mov"
    assert "1342177280001" in str(caught.value)
    assert "Nothing was sent" in str(caught.value)


@pytest.mark.parametrize("size", [0, 1, 8 * MIB, 8 * MIB + 1, 16 * MIB])
def test_up_to_two_parts_go_as_one(size: int) -> None:
    assert parts_of(size, 8 * MIB) == ((1, 0, size),)


@pytest.mark.parametrize(
    ("size", "count", "last"),
    [(16 * MIB + 1, 3, 1), (24 * MIB, 3, 8 * MIB), (24 * MIB + 5, 4, 5)],
)
def test_more_parts_follow_each_other_to_the_end(
    size: int, count: int, last: int
) -> None:
    parts = parts_of(size, 8 * MIB)

    assert [part.number for part in parts] == list(range(1, count + 1))
    assert parts[-1].size == last
    end = 0
    for part in parts:
        assert part.offset == end
        end += part.size
    assert end == size
