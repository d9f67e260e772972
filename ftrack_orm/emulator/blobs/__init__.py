"""Stores for the bytes of components: whole files, and parts of unfinished uploads.

`uploads` holds the URLs that accept bytes and the target of each. A store, the
interface in `store`, receives them `in_memory` or `on_disk` and returns the files.
`signed_urls` makes the URLs of files in responses, `headers` the HTTP headers of a
download, `pictures` thumbnails.
"""

from __future__ import annotations

from pathlib import Path

from ftrack_orm.emulator.blobs.in_memory import MemoryBlobStore
from ftrack_orm.emulator.blobs.on_disk import DiskBlobStore
from ftrack_orm.emulator.blobs.store import BlobStore


def make_store(data: Path | None, database: Path | None) -> BlobStore:
    """Return a store for the files of components.

    Args:
        data: directory of the files.
        database: without `data`, the files are in ``<database>.files``.

    Returns:
        A store on disk; one in memory without both arguments.
    """
    if data is None and database is not None:
        data = database.with_name(f"{database.name}.files")
    return MemoryBlobStore() if data is None else DiskBlobStore(data)
