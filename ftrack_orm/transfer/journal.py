"""The journal of an upload on disk, from which another process can resume it.

It is a file of JSON lines: the upload's subject and component, the addresses for the
bytes, then a line for each part that the storage has. The addresses grant write access
to anyone, so only the file's owner may read it. An open journal is locked: only one
upload uses it at a time.
"""

from __future__ import annotations

import json
import logging
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from io import FileIO
from pathlib import Path
from typing import Any, Final

from ftrack_orm.lazy_dataclass import lazy_dataclass
from ftrack_orm.operations import UploadMetadata
from ftrack_orm.transfer.file_lock import is_at, lock, unlock
from ftrack_orm.transfer.file_names import name_with_suffix

VERSION: Final = 1
SUFFIX: Final = ".ftrack-upload"

# If a process is killed while writing the first line, the journal counts as empty. The
# prefix distinguishes it from a file that is no journal.
_FIRST_BYTES: Final = b'{"ftrack_upload":'

logger = logging.getLogger("ftrack_orm.transfer")


class JournalError(Exception):
    """The journal cannot be read or written."""


class JournalLockedError(JournalError):
    """Another upload in this or another process holds the journal."""


@lazy_dataclass(frozen=True, slots=True)
class Intent:
    """The identity of an upload: its file, its component and its server.

    Attributes:
        server_url: the server.
        component_id: the component, recorded before the server creates it.
        location_id: the location of the component.
        file_name: the name of the file.
        size: bytes of the file.
        modified: the modification time of the file, in nanoseconds.
        chunk: bytes of a part.
        data: a digest of the component's attributes.
    """

    server_url: str
    component_id: str
    location_id: str
    file_name: str
    size: int
    modified: int
    chunk: int
    data: str

    def is_same_upload(self, other: Intent) -> bool:
        """Return whether both upload the same bytes with the same attributes.

        The component may differ, because each call chooses a new id. The size of the
        parts may differ: a resumed upload uses the recorded one.
        """
        return (
            self.server_url == other.server_url
            and self.location_id == other.location_id
            and self.file_name == other.file_name
            and self.size == other.size
            and self.modified == other.modified
            and self.data == other.data
        )


class Journal:
    """The record of one upload, locked until it is closed or deleted.

    Attributes:
        path: the file.
        intent: the upload's identity, ``None`` before it began.
        metadata: the addresses for the bytes, ``None`` before the server returned them.
        parts: the entity tag of each part in the storage, by the part's number.
    """

    def __init__(self, path: Path) -> None:
        """Create the file if it does not exist, lock it, and read it.

        Raises:
            JournalLockedError: another upload holds the journal.
            JournalError: the file cannot be read, locked or written, or is no journal.
        """
        self.path = path
        self.intent: Intent | None = None
        self.metadata: UploadMetadata | None = None
        self.parts: dict[int, str] = {}
        self._write_lock = threading.Lock()
        with _journal_errors(path):
            self._file: FileIO | None = _open_locked(path)
            try:
                self._read(self._file)
            except BaseException:
                self.close()
                raise

    def __repr__(self) -> str:
        return f"Journal({str(self.path)!r}, {len(self.parts)} parts)"

    def begin(self, intent: Intent) -> None:
        """Delete the record of an earlier upload, and record `intent`.

        Raises:
            JournalError: the file cannot be written; it is empty then.
        """
        self.intent, self.metadata, self.parts = None, None, {}
        with self._open_file() as file:
            file.truncate(0)
            _append(file, {"ftrack_upload": VERSION, **asdict(intent)})
        self.intent = intent

    def record_addresses(self, metadata: UploadMetadata) -> None:
        """Record the addresses for the bytes.

        Raises:
            JournalError: the file cannot be written.
        """
        record = {
            "upload_id": metadata.upload_id,
            "url": metadata.url,
            "headers": dict(metadata.headers),
            "urls": [list(item) for item in metadata.urls],
        }
        with self._open_file() as file:
            _append(file, record)
        self.metadata = metadata

    def record_part(self, number: int, e_tag: str) -> None:
        """Record that the storage has a part; several threads may call this.

        Raises:
            JournalError: the file cannot be written.
        """
        with self._open_file() as file:
            _append(file, {"part": number, "e_tag": e_tag})
            self.parts[number] = e_tag

    def close(self) -> None:
        """Unlock and close the file; delete it only if it is empty."""
        self._release(is_done=False)

    def delete(self) -> None:
        """Delete the file; if that fails, leave it empty and log a warning."""
        self.intent, self.metadata, self.parts = None, None, {}
        self._release(is_done=True)

    # -- the file --------------------------------------------------------------------

    @contextmanager
    def _open_file(self) -> Iterator[FileIO]:
        with self._write_lock, _journal_errors(self.path):
            if self._file is None:
                # A thread left running after its upload failed may still write.
                raise JournalError(f"the journal {self.path} is closed")
            yield self._file

    def _release(self, *, is_done: bool) -> None:
        with self._write_lock:
            file, self._file = self._file, None
        if file is None:
            return
        with file:
            with suppress(OSError):
                if is_done:
                    # Before unlocking: if the deletion fails, the next upload must not
                    # read this record.
                    file.truncate(0)
                is_done = is_done or not os.fstat(file.fileno()).st_size
            # Deleted while locked, or another upload's file could be deleted. Windows
            # cannot delete an open file, so there it is deleted afterwards.
            is_deleted = is_done and self._unlink(logging.DEBUG)
            with suppress(OSError):
                unlock(file.fileno())
        if is_done and not is_deleted:
            self._unlink(logging.WARNING)

    def _unlink(self, level: int) -> bool:
        try:
            self.path.unlink(missing_ok=True)
        except OSError as error:
            logger.log(level, "%s could not be deleted: %s", self.path, error.strerror)
            return False
        return True

    def _read(self, file: FileIO) -> None:
        content = file.readall()
        if not content or _is_torn_first_line(content):
            return
        valid_size = 0
        for number, line in enumerate(content.splitlines(keepends=True)):
            if not line.endswith(b"\n") or not self._read_line(number, line):
                break
            valid_size += len(line)
        if self.intent is None:
            raise JournalError(f"{self.path} is not the journal of an upload")
        if valid_size < len(content):
            # A killed process left an incomplete line; a record appended to it would be
            # lost too.
            file.truncate(valid_size)

    def _read_line(self, number: int, line: bytes) -> bool:
        """Read one line; return false if it is not a valid record."""
        try:
            record = json.loads(line)
            if number == 0:
                self.intent = _intent(record)
            elif number == 1 and self.intent is not None:
                self.metadata = UploadMetadata(
                    self.intent.component_id,
                    record["url"],
                    dict(record["headers"]),
                    record["upload_id"],
                    tuple((int(part), str(url)) for part, url in record["urls"]),
                )
            else:
                self.parts[int(record["part"])] = str(record["e_tag"])
        except (ValueError, KeyError, TypeError):
            return False
        return True


def _intent(record: dict[str, Any]) -> Intent:
    fields = dict(record)
    if fields.pop("ftrack_upload") != VERSION:
        raise ValueError
    return Intent(**fields)


def _is_torn_first_line(content: bytes) -> bool:
    return content.startswith(_FIRST_BYTES) and b"\n" not in content


def _open_locked(path: Path) -> FileIO:
    """Open and lock the file at `path`; create it if it does not exist."""
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0)
    while True:
        file = FileIO(os.open(path, flags, 0o600), "r+")
        try:
            if not lock(file.fileno()):
                raise JournalLockedError(f"another upload holds the journal {path}")
            # The previous upload may have deleted the file between `open` and `lock`.
            if is_at(file.fileno(), path):
                file.seek(0)
                return file
        except BaseException:
            file.close()
            raise
        file.close()


def _append(file: FileIO, record: dict[str, Any]) -> None:
    """Append a record as one line; remove it again if it is not written completely."""
    end = file.seek(0, os.SEEK_END)
    rest = json.dumps(record, separators=(",", ":")).encode("ascii") + b"\n"
    try:
        while rest:
            rest = rest[file.write(rest) or 0 :]
        os.fsync(file.fileno())
    except BaseException:
        with suppress(OSError):
            file.truncate(end)
        raise


def default_journal_path(file: Path) -> Path:
    """Return the default path of the journal for uploads of `file`, in its folder."""
    return file.with_name(name_with_suffix(file, SUFFIX))


@contextmanager
def _journal_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise JournalError(
            f"the journal {path} cannot be used ({error.strerror or error})"
        ) from error
