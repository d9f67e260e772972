"""What a store of files can do, wherever it keeps them.

Nothing is ever half there: what arrives counts for nothing until it is kept.
"""

from __future__ import annotations

import hashlib
import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from contextlib import closing
from typing import BinaryIO, Final, Protocol

BLOCK: Final = 1024 * 1024
"""Bytes that are read or written at once."""

_PLAIN_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,80}")


class Blob(Protocol):
    """A whole file."""

    @property
    def size(self) -> int:
        """Return how many bytes it has."""
        ...

    @property
    def e_tag(self) -> str:
        """Return its entity tag, without quotes."""
        ...

    def open(self) -> BinaryIO:
        """Return it open for reading; what takes its place meanwhile is not read."""
        ...


class Incoming(ABC):
    """Bytes that arrive. They count for nothing until they are kept.

    Attributes:
        size: bytes so far.
    """

    def __init__(self) -> None:
        self.size = 0
        # The tag of a storage, as protocol 2.9 shows it; nothing is kept secret by it.
        self._digest = hashlib.md5(usedforsecurity=False)

    def write(self, block: bytes | bytearray) -> None:
        """Add the next bytes."""
        self._add(block)
        self._digest.update(block)
        self.size += len(block)

    @property
    def md5(self) -> bytes:
        """Return the MD5 of the bytes so far."""
        return self._digest.digest()

    @property
    def e_tag(self) -> str:
        """Return the entity tag that they would be kept with."""
        return self.md5.hex()

    @abstractmethod
    def _add(self, block: bytes | bytearray) -> None: ...

    @abstractmethod
    def keep(self, component_id: str) -> str:
        """Make what arrived the component's file; return its entity tag."""

    @abstractmethod
    def keep_part(self, upload_id: str, number: int) -> str:
        """Make what arrived a part of an upload, in place of an earlier one.

        Returns its entity tag.
        """

    @abstractmethod
    def discard(self) -> None:
        """Forget what arrived; what has been kept stays."""


class BlobStore(ABC):
    """Files by component id, and the parts of uploads by upload id and number.

    Several threads may use it at once.
    """

    @abstractmethod
    def receive(self) -> Incoming:
        """Return a place for bytes that arrive now."""

    @abstractmethod
    def parts(self, upload_id: str) -> dict[int, str]:
        """Return the entity tags of the parts that have arrived, by number."""

    @abstractmethod
    def finish(self, upload_id: str, component_id: str) -> None:
        """Make the parts that have arrived the component's file, in their order."""

    @abstractmethod
    def drop(self, upload_id: str) -> None:
        """Forget the parts of an upload that will not be finished."""

    @abstractmethod
    def find(self, component_id: str) -> Blob | None:
        """Return the component's file, ``None`` when there is none."""

    @abstractmethod
    def discard(self, component_id: str) -> bool:
        """Delete the component's file; return whether there was one."""

    @abstractmethod
    def contents(self) -> Iterator[tuple[str, Blob]]:
        """Yield every whole file under the name it is kept by, in their order."""

    @abstractmethod
    def replace_contents(self, contents: Iterable[tuple[str, Blob]]) -> None:
        """Make these the whole files, and drop the parts of every upload."""

    @abstractmethod
    def close(self) -> None:
        """Let go of what is kept, unless it is to outlive the process."""


def read_blocks(
    kept: Blob, start: int = 0, end: int | None = None, size: int = BLOCK
) -> Iterator[bytes]:
    """Yield the bytes from `start` to before `end` in blocks of at most `size`."""
    left = (kept.size if end is None else end) - start
    with closing(kept.open()) as source:
        source.seek(start)
        while left > 0 and (block := source.read(min(size, left))):
            left -= len(block)
            yield block


def joined_tag(e_tags: Iterable[str]) -> str:
    """Return the entity tag of a file of parts: that of storages, ``<md5>-<count>``."""
    digests = [bytes.fromhex(e_tag) for e_tag in e_tags]
    md5 = hashlib.md5(b"".join(digests), usedforsecurity=False)
    return f"{md5.hexdigest()}-{len(digests)}"


def name_for(identifier: str) -> str:
    """Return the name to keep something by; ids are the clients' to choose."""
    if _PLAIN_NAME.fullmatch(identifier):
        return identifier
    return hashlib.sha256(identifier.encode()).hexdigest()
