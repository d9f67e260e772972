"""Where the bytes of components are: whole files, and parts that are on their way."""

from __future__ import annotations

from pathlib import Path

from ftrack_orm.emulator.blobs.in_memory import MemoryStore
from ftrack_orm.emulator.blobs.on_disk import DiskStore
from ftrack_orm.emulator.blobs.store import FileStore


def make_store(data: Path | None, database: Path | None) -> FileStore:
    """Return a store in the directory `data`, or else beside the database.

    With neither it is in memory and touches no disk.
    """
    if data is None and database is not None:
        data = database.with_name(f"{database.name}.files")
    return MemoryStore() if data is None else DiskStore(data)
