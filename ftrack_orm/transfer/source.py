"""The bytes of an upload, from a file on disk or a stream."""

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
"""Bytes of one read and one write."""

FileSource: TypeAlias = "str | os.PathLike[str] | BinaryIO"
"""A path, or a stream open for reading bytes."""

_NO_NAME: Final = "the stream"


class SourceChangedError(Exception):
    """The file has changed since the upload began, or cannot be read."""


class FileName(NamedTuple):
    """A file's name, split as in the JavaScript client (protocol 7.4)."""

    name: str
    file_type: str

    @classmethod
    def of(cls, file_name: str) -> FileName:
        """Split a file's name: ``FileName("plate.0001", ".exr")``.

        The type begins at the last dot. A name whose last dot is its first or last
        character has no type. Letters with accents become single characters (NFC).
        """
        normal = unicodedata.normalize("NFC", file_name)
        dot = normal.rfind(".")
        if dot <= 0 or dot == len(normal) - 1:
            return cls(normal, "")
        return cls(normal[:dot], normal[dot:])

    def __str__(self) -> str:
        return self.name + self.file_type


class Source:
    """Bytes to upload, readable at any offset and in several threads.

    Attributes:
        file_name: the name that the caller chose, or that of the file.
        size: bytes in total.
        path: the path on disk, or ``None`` for a stream.
        modified: the modification time of the file, in nanoseconds; 0 for a stream.
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
        """Use `size` bytes of a seekable stream, from the offset `start`.

        Args:
            stream: the stream.
            file_name: the name to upload the bytes as.
            size: the number of bytes.
            start: the offset of the first byte in the stream.
            path: the path on disk, or ``None``.
            modified: the modification time of the file, in nanoseconds.
            is_owned: true if `close` closes the stream.
        """
        self.file_name = file_name
        self.size = size
        self.path = path
        self.modified = modified
        self._stream = stream
        self._start = start
        self._is_owned = is_owned
        self._is_closed = False
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"Source({self.file_name!r}, {self.size} bytes)"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        error_class: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; a stream of the caller stays open."""
        with self._lock:
            self._is_closed = True
            if self._is_owned:
                self._stream.close()

    def read_at(self, offset: int, size: int) -> bytes:
        """Return the `size` bytes at `offset`.

        Raises:
            SourceChangedError: they cannot be read, or the file is shorter now.
        """
        try:
            with self._lock:
                if self._is_closed:
                    raise SourceChangedError("it was closed")
                self._stream.seek(self._start + offset)
                return self._read(offset, size)
        except (OSError, ValueError) as error:
            raise SourceChangedError(f"it cannot be read: {error}") from error

    def _read(self, offset: int, size: int) -> bytes:
        """Return the next `size` bytes of the stream."""
        # A raw file, and some streams, may return fewer bytes than requested.
        data = self._stream.read(size)
        while len(data) < size:
            more = self._stream.read(size - len(data))
            if not more:
                raise SourceChangedError(
                    f"it ends after {offset + len(data)} bytes, and had "
                    f"{self.size} when the upload began"
                )
            data += more
        return data

    def blocks(self, offset: int, size: int) -> Iterator[bytes]:
        """Yield the `size` bytes at `offset`, in blocks.

        Raises:
            SourceChangedError: they cannot be read, or the file is shorter now.
        """
        end = offset + size
        for start in range(offset, end, BLOCK):
            yield self.read_at(start, min(BLOCK, end - start))

    def require_unchanged(self) -> None:
        """Check that a file on disk has not changed since it was opened.

        Raises:
            SourceChangedError: its size or its modification time differs.
        """
        if self.path is None:
            return
        with self._lock:
            status = os.fstat(self._stream.fileno())
        if (status.st_size, status.st_mtime_ns) != (self.size, self.modified):
            raise SourceChangedError("it was changed while it was uploaded")

    def md5(self) -> str:
        """Return the MD5 checksum in base64, the form of the protocol.

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
    """Return the source for a file or stream.

    A stream is read from its current position. A stream that cannot seek is first
    copied to a temporary file on disk, which is deleted when the source is closed.

    Args:
        file: a path, or a stream open for reading bytes.
        name: the name to upload the file as; required for a stream without a name.
        cancel: ends the copying when it is set.

    Raises:
        UploadCancelledError: `cancel` was set; nothing was sent.
        UploadError: the file cannot be read, or has no name; nothing was sent.
    """
    if isinstance(file, str | os.PathLike):
        return _from_path(Path(file), name)
    return _from_stream(file, name, cancel)


def _from_path(path: Path, name: str | None) -> Source:
    file_name = path.name if name is None else name
    with _read_errors(file_name or str(path)):
        stream = path.open("rb", buffering=0)
        status = os.fstat(stream.fileno())
    if not stat.S_ISREG(status.st_mode):
        stream.close()
        raise UploadError(None, file_name or str(path), "it is not a regular file")
    # Its `read` may return fewer bytes than that of a BinaryIO; `Source` reads again.
    source: Any = stream
    return Source(
        source,
        file_name,
        status.st_size,
        path=path,
        modified=status.st_mtime_ns,
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
    with _read_errors(file_name):
        # Reading 0 bytes reveals a text stream without consuming anything.
        if not isinstance(read(0), bytes):
            raise UploadError(
                None, file_name, "it is a text stream; open it in binary mode"
            )
        if not _is_seekable(stream):
            return _spool(stream, file_name, cancel)
        start = stream.tell()
        end = stream.seek(0, os.SEEK_END)
        stream.seek(start)
    return Source(stream, file_name, max(0, end - start), start=start, is_owned=False)


def _spool(stream: BinaryIO, file_name: str, cancel: Cancel | None) -> Source:
    """Copy a stream that cannot seek to a temporary file; return its source."""
    # Closed by the source, or here if the copying fails.
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
    """Return the name of a stream's file, or ``None``."""
    # The name of a stream opened from a descriptor is a number.
    name = getattr(stream, "name", None)
    return os.path.basename(name) if isinstance(name, str) else None


def _is_seekable(stream: BinaryIO) -> bool:
    with suppress(AttributeError, OSError):
        return bool(stream.seekable())
    return False


@contextmanager
def _read_errors(file_name: str) -> Iterator[None]:
    """Raise errors of the system, or of a closed stream, as `UploadError`."""
    try:
        yield
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UploadError(None, file_name, f"it cannot be read ({reason})") from error
