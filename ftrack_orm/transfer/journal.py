"""The record of an upload on disk, with which another process can go on.

A file of JSON lines: the upload's subject and component, the addresses for the bytes,
then a line for each part that the storage has taken. The addresses let anyone write, so
only the file's owner may read it. An open journal is locked: one upload at a time.
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
from ftrack_orm.transfer.file_names import name_beside

VERSION: Final = 1
SUFFIX: Final = ".ftrack-upload"

# How the first line begins. A kill may tear it, and a torn one is an empty journal.
_BEGINNING: Final = b'{"ftrack_upload":'

logger = logging.getLogger("ftrack_orm.transfer")


class JournalError(Exception):
    """The journal cannot be read or written."""


class JournalLockedError(JournalError):
    """Another upload holds the journal, in this process or in another."""


@lazy_dataclass(frozen=True, slots=True)
class Intent:
    """What an upload is about; one that differs in anything is another upload.

    Attributes:
        server_url: the server.
        component_id: the component, made before the server was told of it.
        location_id: where the component goes.
        file_name: what it is uploaded as.
        size: bytes of the file.
        modified: when the file changed last, in nanoseconds.
        chunk: bytes of a part.
        data: a digest of what the component is created with.
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
        """Return whether both are about the same bytes and the same component data."""
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
        intent: the upload's subject, ``None`` before it began.
        metadata: the addresses for the bytes, ``None`` before the server gave them.
        parts: numbers of the parts that were taken, and their entity tags.
    """

    def __init__(self, path: Path) -> None:
        """Lock the file, made where there is none, and read it.

        Raises:
            JournalLockedError: another upload holds it.
            JournalError: the file cannot be read, locked or written, or is no journal.
        """
        self.path = path
        self.intent: Intent | None = None
        self.metadata: UploadMetadata | None = None
        self.parts: dict[int, str] = {}
        self._writing = threading.Lock()
        with _explained(path):
            self._file: FileIO | None = _locked(path)
            try:
                self._read(self._file)
            except BaseException:
                self.close()
                raise

    def __repr__(self) -> str:
        return f"Journal({str(self.path)!r}, {len(self.parts)} parts)"

    def begin(self, intent: Intent) -> None:
        """Forget the earlier upload, and remember `intent`.

        Raises:
            JournalError: it cannot be written; the file is empty then.
        """
        self.intent, self.metadata, self.parts = None, None, {}
        with self._open_file() as file:
            file.truncate(0)
            _append(file, {"ftrack_upload": VERSION, **asdict(intent)})
        self.intent = intent

    def remember_addresses(self, metadata: UploadMetadata) -> None:
        """Remember where the bytes go.

        Raises:
            JournalError: it cannot be written.
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

    def remember_part(self, number: int, e_tag: str) -> None:
        """Remember that a part was taken; several threads may do so.

        Raises:
            JournalError: it cannot be written.
        """
        with self._open_file() as file:
            _append(file, {"part": number, "e_tag": e_tag})
            self.parts[number] = e_tag

    def close(self) -> None:
        """Release the file. It stays, unless there is nothing in it."""
        self._release(is_done=False)

    def delete(self) -> None:
        """Remove the file; one that cannot be removed is emptied and logged."""
        self.intent, self.metadata, self.parts = None, None, {}
        self._release(is_done=True)

    # -- the file --------------------------------------------------------------------

    @contextmanager
    def _open_file(self) -> Iterator[FileIO]:
        with self._writing, _explained(self.path):
            if self._file is None:
                # A thread of an upload that was given up may come late.
                raise JournalError(f"the journal {self.path} is closed")
            yield self._file

    def _release(self, *, is_done: bool) -> None:
        with self._writing:
            file, self._file = self._file, None
        if file is None:
            return
        with file:
            with suppress(OSError):
                if is_done:
                    # Before it is unlocked, for the upload that finds it next.
                    file.truncate(0)
                is_done = is_done or not os.fstat(file.fileno()).st_size
            # Windows deletes no open file; elsewhere a lock guards the deletion.
            is_gone = is_done and self._unlink(logging.DEBUG)
            with suppress(OSError):
                unlock(file.fileno())
        if is_done and not is_gone:
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
        if not content or _is_torn_beginning(content):
            return
        whole = 0
        for number, line in enumerate(content.splitlines(keepends=True)):
            if not line.endswith(b"\n") or not self._take(number, line):
                break
            whole += len(line)
        if self.intent is None:
            raise JournalError(f"{self.path} is not the journal of an upload")
        if whole < len(content):
            # A line that a kill has torn; the next one must not go on in it.
            file.truncate(whole)

    def _take(self, number: int, line: bytes) -> bool:
        """Take one line in; return false when it says nothing."""
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
    facts = dict(record)
    if facts.pop("ftrack_upload") != VERSION:
        raise ValueError
    return Intent(**facts)


def _is_torn_beginning(content: bytes) -> bool:
    return content.startswith(_BEGINNING) and b"\n" not in content


def _locked(path: Path) -> FileIO:
    """Open and lock the file at `path`; make it where there is none."""
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0)
    while True:
        file = FileIO(os.open(path, flags, 0o600), "r+")
        try:
            if not lock(file.fileno()):
                raise JournalLockedError(f"another upload holds the journal {path}")
            # The upload that held it may have deleted it before it was locked here.
            if is_at(file.fileno(), path):
                file.seek(0)
                return file
        except BaseException:
            file.close()
            raise
        file.close()


def _append(file: FileIO, record: dict[str, Any]) -> None:
    """Write a line; one that cannot be written whole is taken back."""
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


def journal_beside(file: Path) -> Path:
    """Return where the journal of a file's upload lies when no place is given."""
    return file.with_name(name_beside(file, SUFFIX))


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise JournalError(
            f"the journal {path} cannot be kept ({error.strerror or error})"
        ) from error
