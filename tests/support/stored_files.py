"""Short ways to put something into a store, and to look at it."""

from __future__ import annotations

import hashlib

from ftrack_orm.emulator.blobs.store import BlobStore, read_blocks


def md5(content: bytes) -> str:
    return hashlib.md5(content).hexdigest()  # noqa: S324 # a storage's tag


def keep(store: BlobStore, component_id: str, *blocks: bytes) -> str:
    """Keep a file that arrives in these blocks, and return its tag."""
    incoming = store.receive()
    for block in blocks:
        incoming.write(block)
    return incoming.save(component_id)


def keep_part(store: BlobStore, upload_id: str, number: int, content: bytes) -> str:
    incoming = store.receive()
    incoming.write(content)
    return incoming.save_part(upload_id, number)


def content_of(store: BlobStore, component_id: str) -> bytes | None:
    kept = store.find(component_id)
    return None if kept is None else b"".join(read_blocks(kept))
