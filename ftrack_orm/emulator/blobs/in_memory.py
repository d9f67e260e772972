"""Files in memory, in the pieces in which they came: nothing is ever joined."""

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
    joined_tag,
    name_for,
    read_blocks,
)

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


class MemoryBlob:
    """A whole file in memory. See `ftrack_orm.emulator.blobs.store.Kept`."""

    def __init__(self, pieces: Sequence[bytes], e_tag: str) -> None:
        # Where each piece begins, and where the last one ends.
        self._starts = list(accumulate(map(len, pieces), initial=0))
        self.pieces = tuple(pieces)
        self.e_tag = e_tag

    @property
    def size(self) -> int:
        """Return how many bytes it has."""
        return self._starts[-1]

    def open(self) -> BinaryIO:
        """Return it open for reading."""
        return io.BufferedReader(_Reader(self))

    def copy_to(self, buffer: memoryview, start: int) -> int:
        """Copy what one piece has from `start` on; return how many bytes that is."""
        if start >= self.size:
            return 0
        number = bisect_right(self._starts, start) - 1
        offset = start - self._starts[number]
        found = memoryview(self.pieces[number])[offset : offset + len(buffer)]
        buffer[: len(found)] = found
        return len(found)


class _Reader(io.RawIOBase):
    """Reads a file in memory from wherever it is told to."""

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
    """Files that are gone with the process, and touch no disk."""

    def __init__(self) -> None:
        self._files: dict[str, MemoryBlob] = {}
        self._parts: dict[str, dict[int, MemoryBlob]] = {}
        self._lock = threading.Lock()

    def receive(self) -> MemoryIncoming:
        """Return a place for bytes that arrive now."""
        return MemoryIncoming(self)

    def add(self, component_id: str, file: MemoryBlob) -> None:
        """Make this the component's file."""
        with self._lock:
            self._files[name_for(component_id)] = file

    def add_part(self, upload_id: str, number: int, file: MemoryBlob) -> None:
        """Make this a part of an upload, in place of an earlier one."""
        with self._lock:
            self._parts.setdefault(upload_id, {})[number] = file

    def parts(self, upload_id: str) -> dict[int, str]:
        """Return the entity tags of the parts that have arrived, by number."""
        with self._lock:
            parts = self._parts.get(upload_id, {})
            return {number: parts[number].e_tag for number in sorted(parts)}

    def finish(self, upload_id: str, component_id: str) -> None:
        """Make the parts that have arrived the component's file, in their order."""
        with self._lock:
            arrived = self._parts.pop(upload_id, {})
            parts = [arrived[number] for number in sorted(arrived)]
            pieces = [piece for part in parts for piece in part.pieces]
            e_tag = joined_tag(part.e_tag for part in parts)
            self._files[name_for(component_id)] = MemoryBlob(pieces, e_tag)

    def drop(self, upload_id: str) -> None:
        """Forget the parts of an upload that will not be finished."""
        with self._lock:
            self._parts.pop(upload_id, None)

    def find(self, component_id: str) -> MemoryBlob | None:
        """Return the component's file, ``None`` when there is none."""
        with self._lock:
            return self._files.get(name_for(component_id))

    def discard(self, component_id: str) -> bool:
        """Delete the component's file; return whether there was one."""
        with self._lock:
            return self._files.pop(name_for(component_id), None) is not None

    def contents(self) -> Iterator[tuple[str, MemoryBlob]]:
        """Yield every whole file under the name it is kept by, in their order."""
        with self._lock:
            found = sorted(self._files.items())
        yield from found

    def replace_contents(self, contents: Iterable[tuple[str, Blob]]) -> None:
        """Make these the whole files, and drop the parts of every upload."""
        files = {name: _in_memory(kept) for name, kept in contents}
        with self._lock:
            self._files = files
            self._parts.clear()

    def close(self) -> None:
        """Let go of everything."""
        self.replace_contents(())


class MemoryIncoming(Incoming):
    """Bytes that arrive in memory."""

    def __init__(self, store: MemoryBlobStore) -> None:
        super().__init__()
        self._store = store
        self._pieces: list[bytes] = []

    def _add(self, block: bytes | bytearray) -> None:
        self._pieces.append(bytes(block))

    def keep(self, component_id: str) -> str:
        """Make what arrived the component's file; return its entity tag."""
        self._store.add(component_id, MemoryBlob(self._pieces, self.e_tag))
        return self.e_tag

    def keep_part(self, upload_id: str, number: int) -> str:
        """Make what arrived a part of an upload; return its entity tag."""
        self._store.add_part(upload_id, number, MemoryBlob(self._pieces, self.e_tag))
        return self.e_tag

    def discard(self) -> None:
        """Forget what arrived; what has been kept stays."""
        self._pieces = []


def _in_memory(kept: Blob) -> MemoryBlob:
    if isinstance(kept, MemoryBlob):
        return kept
    return MemoryBlob([*read_blocks(kept)], kept.e_tag)
