"""What is uploaded: a file on disk, or what comes out of a stream."""

from __future__ import annotations

import base64
import hashlib
import os
import stat
import tempfile
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Final, NamedTuple, Self, TypeAlias

from ftrack_orm.errors.component import UploadCancelledError, UploadError
from ftrack_orm.types import Cancel

BLOCK: Final = 1024 * 1024
"""Bytes that are read and sent at once."""

FileSource: TypeAlias = "str | os.PathLike[str] | BinaryIO"
"""What can be uploaded: a path, or a stream open for reading bytes."""

_NO_NAME: Final = "the stream"


class SourceChangedError(Exception):
    """The file can no longer be read as it was when the upload began."""


class FileName(NamedTuple):
    """A file's name taken apart as the JavaScript client does it (protocol 7.4)."""

    name: str
    file_type: str

    @classmethod
    def of(cls, file_name: str) -> FileName:
        """Return name and type of a file: ``FileName("plate.0001", ".exr")``.

        The last dot parts them; one at the very beginning or end does not. Letters
        with accents become single characters (NFC).
        """
        normal = unicodedata.normalize("NFC", file_name)
        dot = normal.rfind(".")
        if dot <= 0 or dot == len(normal) - 1:
            return cls(normal, "")
        return cls(normal[:dot], normal[dot:])

    def __str__(self) -> str:
        return self.name + self.file_type


class Source:
    """Bytes to upload, readable at any place and by several threads.

    Attributes:
        file_name: the name it was given, or goes by.
        size: bytes in all.
        path: where it lies on disk, or ``None`` for a stream.
        modified: when the file changed last, in nanoseconds; 0 for a stream.
    """

    def __init__(
        self,
        stream: BinaryIO,
        file_name: str,
        size: int,
        *,
        start: int = 0,
        path: Path | None = None,
        modified: int = 0,
        is_owned: bool = True,
    ) -> None:
        """Take `size` bytes of a seekable stream, from `start` on."""
        self.file_name = file_name
        self.size = size
        self.path = path
        self.modified = modified
        self._stream = stream
        self._start = start
        self._is_owned = is_owned
        self._is_closed = False
        self._reading = threading.Lock()

    def __repr__(self) -> str:
        return f"Source({self.file_name!r}, {self.size} bytes)"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file; a stream that the caller gave stays open."""
        with self._reading:
            self._is_closed = True
            if self._is_owned:
                self._stream.close()

    def read_at(self, offset: int, size: int) -> bytes:
        """Return the `size` bytes from `offset` on.

        Raises:
            SourceChangedError: they cannot be read, or are not there any more.
        """
        try:
            with self._reading:
                if self._is_closed:
                    raise SourceChangedError("it was closed")
                self._stream.seek(self._start + offset)
                return self._read(offset, size)
        except (OSError, ValueError) as error:
            raise SourceChangedError(f"it cannot be read: {error}") from error

    def _read(self, offset: int, size: int) -> bytes:
        """Return the next `size` bytes; one read of a file may give fewer."""
        found = self._stream.read(size)
        while len(found) < size:
            more = self._stream.read(size - len(found))
            if not more:
                raise SourceChangedError(
                    f"it ends after {offset + len(found)} bytes, and had "
                    f"{self.size} when the upload began"
                )
            found += more
        return found

    def blocks(self, offset: int, size: int) -> Iterator[bytes]:
        """Yield the `size` bytes from `offset` on, in blocks.

        Raises:
            SourceChangedError: they cannot be read, or are not there any more.
        """
        end = offset + size
        for start in range(offset, end, BLOCK):
            yield self.read_at(start, min(BLOCK, end - start))

    def require_unchanged(self) -> None:
        """Make sure that a file on disk is still the one that was opened.

        Raises:
            SourceChangedError: somebody has written to it since.
        """
        if self.path is None:
            return
        with self._reading:
            facts = os.fstat(self._stream.fileno())
        if (facts.st_size, facts.st_mtime_ns) != (self.size, self.modified):
            raise SourceChangedError("it was changed while it was uploaded")

    def md5(self) -> str:
        """Return the MD5 checksum as the protocol has it, in base64.

        Raises:
            SourceChangedError: the file cannot be read.
        """
        digest = hashlib.md5(usedforsecurity=False)
        for block in self.blocks(0, self.size):
            digest.update(block)
        return base64.b64encode(digest.digest()).decode("ascii")


def open_source(
    file: FileSource, name: str | None = None, cancel: Cancel | None = None
) -> Source:
    """Return what `file` holds, ready to be read.

    A stream is taken from where it stands. One that cannot go back is copied to a
    temporary file on disk first, which goes away with the source.

    Args:
        file: a path, or a stream open for reading bytes.
        name: the name to upload it as; a stream without a name of its own needs one.
        cancel: stops the copying.

    Raises:
        UploadError: it cannot be read, or has no name; nothing was sent.
    """
    if isinstance(file, str | os.PathLike):
        return _from_path(Path(file), name)
    return _from_stream(file, name, cancel)


def _from_path(path: Path, name: str | None) -> Source:
    file_name = path.name if name is None else name
    with _refusing(file_name or str(path)):
        stream = path.open("rb", buffering=0)
        facts = os.fstat(stream.fileno())
    if not stat.S_ISREG(facts.st_mode):
        stream.close()
        raise UploadError(None, file_name or str(path), "it is no regular file")
    source: Any = stream  # a raw file reads as a buffered one does, but for less
    return Source(
        source, file_name, facts.st_size, path=path, modified=facts.st_mtime_ns
    )


def _from_stream(stream: BinaryIO, name: str | None, cancel: Cancel | None) -> Source:
    file_name = _name_of(stream) if name is None else name
    read = getattr(stream, "read", None)
    if not callable(read):
        raise UploadError(
            None, file_name or _NO_NAME, "it is neither a path nor a binary stream"
        )
    if not file_name:
        raise UploadError(None, _NO_NAME, "it has no name, so name= is needed")
    with _refusing(file_name):
        if not isinstance(read(0), bytes):
            raise UploadError(
                None, file_name, "it is a text stream; open it in binary mode"
            )
        if not _is_seekable(stream):
            return _spooled(stream, file_name, cancel)
        start = stream.tell()
        end = stream.seek(0, os.SEEK_END)
        stream.seek(start)
    return Source(stream, file_name, max(0, end - start), start=start, is_owned=False)


def _spooled(stream: BinaryIO, file_name: str, cancel: Cancel | None) -> Source:
    """Copy a stream that cannot go back to disk."""
    # Closed by the source, or here when copying fails.
    copy: Any = tempfile.TemporaryFile(prefix="ftrack-upload-")  # noqa: SIM115
    size = 0
    try:
        while block := stream.read(BLOCK):
            size += len(block)
            copy.write(block)
            if cancel is not None and cancel.is_set():
                raise UploadCancelledError(None, file_name, "it was cancelled")
        copy.flush()
    except BaseException:
        copy.close()
        raise
    return Source(copy, file_name, size)


def _name_of(stream: object) -> str | None:
    """Return the name of a stream's file; some carry a number there, or no name."""
    name = getattr(stream, "name", None)
    return os.path.basename(name) if isinstance(name, str) else None


def _is_seekable(stream: BinaryIO) -> bool:
    with suppress(AttributeError, OSError):
        return bool(stream.seekable())
    return False


@contextmanager
def _refusing(file_name: str) -> Iterator[None]:
    """Say which file it was that the system, or a closed stream, refused."""
    try:
        yield
    except (OSError, ValueError) as error:
        words = getattr(error, "strerror", None) or str(error)
        raise UploadError(None, file_name, f"it cannot be read ({words})") from error
