"""Locks on open files, which exclude each other also within one process."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ftrack_orm.transfer.file_lock import is_at, lock, unlock


@contextmanager
def opened(path: Path) -> Iterator[int]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "plate.exr.ftrack-upload"


def test_one_open_file_at_a_time_holds_the_lock(path: Path) -> None:
    with opened(path) as first, opened(path) as second:
        assert lock(first)
        assert not lock(second)

        unlock(first)
        assert lock(second)
        assert not lock(first)


def test_closing_a_file_releases_its_lock(path: Path) -> None:
    with opened(path) as first:
        with opened(path) as second:
            assert lock(second)
            assert not lock(first)
        assert lock(first)


def test_locks_of_different_files_are_independent(path: Path) -> None:
    with opened(path) as one, opened(path.with_suffix(".other")) as other:
        assert lock(one)
        assert lock(other)


def test_a_locked_file_can_be_read_and_written(path: Path) -> None:
    with opened(path) as descriptor:
        assert lock(descriptor)
        path.write_bytes(b"content")

        assert path.read_bytes() == b"content"


def test_a_descriptor_that_is_not_open_cannot_be_locked(path: Path) -> None:
    with opened(path) as descriptor:
        pass

    with pytest.raises(OSError, match="Bad file descriptor"):
        lock(descriptor)


def test_a_path_leads_to_the_open_file_until_it_is_replaced(path: Path) -> None:
    with opened(path) as descriptor:
        assert is_at(descriptor, path)

        path.unlink()
        assert not is_at(descriptor, path)

        path.write_bytes(b"")
        assert not is_at(descriptor, path)
