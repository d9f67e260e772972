"""The interface of file stores.

A store holds whole files only: received bytes become visible when they are saved.
"""

from __future__ import annotations

import hashlib
import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from contextlib import closing
from typing import BinaryIO, Final, Protocol

BLOCK: Final = 1024 * 1024
"""Bytes of a block: files are read and written in blocks."""

_PLAIN_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,80}")


class Blob(Protocol):
    """A whole file."""

    @property
    def size(self) -> int:
        """Return the number of bytes."""
        ...

    @property
    def e_tag(self) -> str:
        """Return the entity tag, without quotes."""
        ...

    def open(self) -> BinaryIO:
        """Return the file opened for reading, unaffected by a later replacement."""
        ...


class Incoming(ABC):
    """Received bytes, not visible in the store until they are saved.

    Attributes:
        size: number of bytes received.
    """

    def __init__(self) -> None:
        self.size = 0
        # MD5 is the entity tag of the server's storage (protocol 2.9), no protection.
        self._digest = hashlib.md5(usedforsecurity=False)

    def write(self, block: bytes | bytearray) -> None:
        """Append bytes."""
        self._add(block)
        self._digest.update(block)
        self.size += len(block)

    @property
    def md5(self) -> bytes:
        """Return the MD5 digest of the bytes received so far."""
        return self._digest.digest()

    @property
    def e_tag(self) -> str:
        """Return the entity tag of a file with the bytes received so far."""
        return self.md5.hex()

    @abstractmethod
    def _add(self, block: bytes | bytearray) -> None: ...

    @abstractmethod
    def save(self, component_id: str) -> str:
        """Store the bytes as the component's file; return its entity tag."""

    @abstractmethod
    def save_part(self, upload_id: str, number: int) -> str:
        """Store the bytes as a part of an upload, or replace the part.

        Returns:
            The entity tag of the part.
        """

    @abstractmethod
    def discard(self) -> None:
        """Delete the bytes, unless they were saved."""


class BlobStore(ABC):
    """Files by component id, and the parts of uploads by upload id and number.

    Safe to use from several threads.
    """

    @abstractmethod
    def receive(self) -> Incoming:
        """Return a new buffer for received bytes."""

    @abstractmethod
    def parts(self, upload_id: str) -> dict[int, str]:
        """Return the entity tags of the stored parts, by number."""

    @abstractmethod
    def finish(self, upload_id: str, component_id: str) -> None:
        """Join the stored parts by number to the component's file."""

    @abstractmethod
    def delete_parts(self, upload_id: str) -> None:
        """Delete the parts of an abandoned upload."""

    @abstractmethod
    def find(self, component_id: str) -> Blob | None:
        """Return the component's file, ``None`` without one."""

    @abstractmethod
    def discard(self, component_id: str) -> bool:
        """Delete the component's file; return whether there was one."""

    @abstractmethod
    def contents(self) -> Iterator[tuple[str, Blob]]:
        """Yield the whole files with their names in the store, sorted by name."""

    @abstractmethod
    def replace_contents(self, contents: Iterable[tuple[str, Blob]]) -> None:
        """Replace all files, and delete the parts of all uploads."""

    @abstractmethod
    def close(self) -> None:
        """Release the store; files on disk are not deleted."""


def read_blocks(
    blob: Blob, start: int = 0, end: int | None = None, size: int = BLOCK
) -> Iterator[bytes]:
    """Yield the bytes from `start` to before `end` in blocks of at most `size`."""
    remaining = (blob.size if end is None else end) - start
    with closing(blob.open()) as source:
        source.seek(start)
        while remaining > 0 and (block := source.read(min(size, remaining))):
            remaining -= len(block)
            yield block


def multipart_tag(e_tags: Iterable[str]) -> str:
    """Return the entity tag of a file of parts, ``<md5>-<count>`` as S3 computes it."""
    digests = [bytes.fromhex(e_tag) for e_tag in e_tags]
    md5 = hashlib.md5(b"".join(digests), usedforsecurity=False)
    return f"{md5.hexdigest()}-{len(digests)}"


def name_for(identifier: str) -> str:
    """Return the file name for an id."""
    # Clients choose ids: one may be no valid file name, or leave the directory.
    if _PLAIN_NAME.fullmatch(identifier):
        return identifier
    return hashlib.sha256(identifier.encode()).hexdigest()
