"""How a file is cut into parts (protocol 7.4)."""

from __future__ import annotations

from typing import Final, NamedTuple

from ftrack_orm.errors.component import FileTooLargeError

_MIB: Final = 1024 * 1024
_GIB: Final = 1024 * _MIB

CHUNKS: tuple[tuple[int, int], ...] = (
    (128 * _MIB, 8 * _MIB),
    (1 * _GIB, 16 * _MIB),
    (8 * _GIB, 32 * _MIB),
    (64 * _GIB, 64 * _MIB),
    (10_000 * 128 * _MIB, 128 * _MIB),
)
"""Largest size of a file, and the size of its parts; what is larger has no place."""

FEWEST_PARTS: Final = 3
"""What would make fewer parts than this goes in one."""


class Part(NamedTuple):
    """A piece of a file: its number, from 1, where it begins, and its bytes."""

    number: int
    offset: int
    size: int


def chunk_size(file_name: str, size: int) -> int:
    """Return the bytes of each part of a file, but of the last one.

    Raises:
        FileTooLargeError: the file is larger than what a storage takes.
    """
    for largest, chunk in CHUNKS:
        if size <= largest:
            return chunk
    limit = CHUNKS[-1][0]
    raise FileTooLargeError(
        None, file_name, f"it has {size} bytes, and a storage takes {limit} at most"
    )


def parts_of(size: int, chunk: int) -> tuple[Part, ...]:
    """Return the parts of a file in order; one, of all bytes, for a small file."""
    count = -(-size // chunk)
    if count < FEWEST_PARTS:
        return (Part(1, 0, size),)
    return tuple(
        Part(number + 1, number * chunk, min(chunk, size - number * chunk))
        for number in range(count)
    )
