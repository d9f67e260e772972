"""Split a file into parts (protocol 7.4)."""

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
"""Pairs of the largest size of a file and the size of its parts, in bytes.

A file larger than the last pair allows cannot be uploaded.
"""

FEWEST_PARTS: Final = 3
"""A file of fewer parts than this is sent as a whole."""


class Part(NamedTuple):
    """A part of a file: its number, from 1, its offset and its size in bytes."""

    number: int
    offset: int
    size: int


def chunk_size(file_name: str, size: int) -> int:
    """Return the size in bytes of each part of a file, except the last one.

    Raises:
        FileTooLargeError: the file is larger than a storage accepts.
    """
    for largest, chunk in CHUNKS:
        if size <= largest:
            return chunk
    limit = CHUNKS[-1][0]
    raise FileTooLargeError(
        None, file_name, f"it has {size} bytes, and a storage accepts {limit} at most"
    )


def parts_of(size: int, chunk: int) -> tuple[Part, ...]:
    """Return the parts of a file in order; a small file is a single part."""
    count = -(-size // chunk)
    if count < FEWEST_PARTS:
        return (Part(1, 0, size),)
    return tuple(
        Part(number + 1, number * chunk, min(chunk, size - number * chunk))
        for number in range(count)
    )
