"""Where the bytes of components are: whole files, and parts that are on their way."""

from __future__ import annotations

from pathlib import Path

from ftrack_orm.emulator.blobs.in_memory import MemoryBlobStore
from ftrack_orm.emulator.blobs.on_disk import DiskBlobStore
from ftrack_orm.emulator.blobs.store import BlobStore


def make_store(data: Path | None, database: Path | None) -> BlobStore:
    """Return a store in the directory `data`, or else beside the database.

    With neither it is in memory and touches no disk.
    """
    if data is None and database is not None:
        data = database.with_name(f"{database.name}.files")
    return MemoryBlobStore() if data is None else DiskBlobStore(data)
