"""Store files in memory, as the blocks in which they were received.

The blocks are never joined: a copy would double the memory of a large file.
"""

from __future__ import annotations

import io
import threading
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, BinaryIO

from ftrack_orm.emulator.blobs.store import (
    Blob,
    BlobStore,
    Incoming,
    multipart_tag,
    name_for,
    read_blocks,
)

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


class MemoryBlob:
    """A whole file in memory. See `ftrack_orm.emulator.blobs.store.Blob`."""

    def __init__(self, blocks: Sequence[bytes], e_tag: str) -> None:
        # The offset of each block, and the size of the file.
        self._starts = list(accumulate(map(len, blocks), initial=0))
        self.blocks = tuple(blocks)
        self.e_tag = e_tag

    @property
    def size(self) -> int:
        """Return the number of bytes."""
        return self._starts[-1]

    def open(self) -> BinaryIO:
        """Return the file opened for reading."""
        return io.BufferedReader(_Reader(self))

    def copy_to(self, buffer: memoryview, start: int) -> int:
        """Copy bytes from the block at `start` into `buffer`; return their number."""
        if start >= self.size:
            return 0
        number = bisect_right(self._starts, start) - 1
        offset = start - self._starts[number]
        content = memoryview(self.blocks[number])[offset : offset + len(buffer)]
        buffer[: len(content)] = content
        return len(content)


class _Reader(io.RawIOBase):
    """A seekable stream over a file in memory."""

    def __init__(self, file: MemoryBlob) -> None:
        self._file = file
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        read = self._file.copy_to(memoryview(buffer).cast("B"), self._position)
        self._position += read
        return read

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        origin = {io.SEEK_CUR: self._position, io.SEEK_END: self._file.size}
        self._position = max(origin.get(whence, 0) + offset, 0)
        return self._position


class MemoryBlobStore(BlobStore):
    """A store that lives as long as the process."""

    def __init__(self) -> None:
        self._files: dict[str, MemoryBlob] = {}
        self._parts: dict[str, dict[int, MemoryBlob]] = {}
        self._lock = threading.Lock()

    def receive(self) -> MemoryIncoming:
        """Return a new buffer for received bytes."""
        return MemoryIncoming(self)

    def add(self, component_id: str, file: MemoryBlob) -> None:
        """Set the file of a component."""
        with self._lock:
            self._files[name_for(component_id)] = file

    def add_part(self, upload_id: str, number: int, file: MemoryBlob) -> None:
        """Add a part of an upload, or replace it."""
        with self._lock:
            self._parts.setdefault(upload_id, {})[number] = file

    def parts(self, upload_id: str) -> dict[int, str]:
        """Return the entity tags of the stored parts, by number."""
        with self._lock:
            parts = self._parts.get(upload_id, {})
            return {number: parts[number].e_tag for number in sorted(parts)}

    def finish(self, upload_id: str, component_id: str) -> None:
        """Join the stored parts by number to the component's file."""
        with self._lock:
            parts_by_number = self._parts.pop(upload_id, {})
            parts = [parts_by_number[number] for number in sorted(parts_by_number)]
            blocks = [block for part in parts for block in part.blocks]
            e_tag = multipart_tag(part.e_tag for part in parts)
            self._files[name_for(component_id)] = MemoryBlob(blocks, e_tag)

    def delete_parts(self, upload_id: str) -> None:
        """Delete the parts of an abandoned upload."""
        with self._lock:
            self._parts.pop(upload_id, None)

    def find(self, component_id: str) -> MemoryBlob | None:
        """Return the component's file, ``None`` without one."""
        with self._lock:
            return self._files.get(name_for(component_id))

    def discard(self, component_id: str) -> bool:
        """Delete the component's file; return whether there was one."""
        with self._lock:
            return self._files.pop(name_for(component_id), None) is not None

    def contents(self) -> Iterator[tuple[str, MemoryBlob]]:
        """Yield the whole files with their names in the store, sorted by name."""
        # A copy, so that the lock is not held while the caller reads the files.
        with self._lock:
            files = sorted(self._files.items())
        yield from files

    def replace_contents(self, contents: Iterable[tuple[str, Blob]]) -> None:
        """Replace all files, and delete the parts of all uploads."""
        files = {name: _in_memory(blob) for name, blob in contents}
        with self._lock:
            self._files = files
            self._parts.clear()

    def close(self) -> None:
        """Delete everything."""
        self.replace_contents(())


class MemoryIncoming(Incoming):
    """Received bytes in memory."""

    def __init__(self, store: MemoryBlobStore) -> None:
        super().__init__()
        self._store = store
        self._blocks: list[bytes] = []

    def _add(self, block: bytes | bytearray) -> None:
        self._blocks.append(bytes(block))

    def save(self, component_id: str) -> str:
        """Store the bytes as the component's file; return its entity tag."""
        self._store.add(component_id, MemoryBlob(self._blocks, self.e_tag))
        return self.e_tag

    def save_part(self, upload_id: str, number: int) -> str:
        """Store the bytes as a part of an upload; return its entity tag."""
        self._store.add_part(upload_id, number, MemoryBlob(self._blocks, self.e_tag))
        return self.e_tag

    def discard(self) -> None:
        """Delete the bytes, unless they were saved."""
        self._blocks = []


def _in_memory(blob: Blob) -> MemoryBlob:
    if isinstance(blob, MemoryBlob):
        return blob
    return MemoryBlob([*read_blocks(blob)], blob.e_tag)
