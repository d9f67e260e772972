"""What an upload remembers on disk, so that another process can go on with it.

A file of JSON lines: first what is uploaded and as which component, then where the
server wants the bytes, then a line for each part that the storage has taken. It holds
addresses that let anyone write, so nobody but its owner may read it.
"""

from __future__ import annotations

import json
import logging
import os
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

from ftrack_orm.operations import UploadMetadata

VERSION: Final = 1
SUFFIX: Final = ".ftrack-upload"

logger = logging.getLogger("ftrack_orm.transfer")


class JournalError(Exception):
    """The journal cannot be read or written."""


@dataclass(frozen=True, slots=True)
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
    """The memory of one upload.

    Attributes:
        path: the file.
        intent: what the upload is about, ``None`` before it began.
        metadata: where the bytes go, ``None`` before the server has said so.
        parts: numbers of the parts that were taken, and their entity tags.
    """

    def __init__(self, path: Path) -> None:
        """Read what an earlier process has written, if it has.

        Raises:
            JournalError: the file cannot be read, or is no journal.
        """
        self.path = path
        self.intent: Intent | None = None
        self.metadata: UploadMetadata | None = None
        self.parts: dict[int, str] = {}
        self._file: BinaryIO | None = None
        self._writing = threading.Lock()
        with _explained(path):
            self._read()

    def __repr__(self) -> str:
        return f"Journal({str(self.path)!r}, {len(self.parts)} parts)"

    def begin(self, intent: Intent) -> None:
        """Forget what was remembered, and remember `intent`.

        Raises:
            JournalError: it cannot be written.
        """
        self.close()
        self.intent, self.metadata, self.parts = intent, None, {}
        # Whole or not at all: a first line that is torn could be anybody's file.
        draft = self.path.with_name(f".{self.path.name}.{uuid.uuid4().hex}")
        line = _line({"ftrack_upload": VERSION, **asdict(intent)})
        with _explained(self.path):
            try:
                flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
                with os.fdopen(os.open(draft, flags, 0o600), "wb") as file:
                    _write(file, line)
                draft.replace(self.path)
            except BaseException:
                draft.unlink(missing_ok=True)
                raise

    def remember_addresses(self, metadata: UploadMetadata) -> None:
        """Remember where the bytes go.

        Raises:
            JournalError: it cannot be written.
        """
        self.metadata = metadata
        self._append(
            {
                "upload_id": metadata.upload_id,
                "url": metadata.url,
                "headers": dict(metadata.headers),
                "urls": [list(item) for item in metadata.urls],
            }
        )

    def remember_part(self, number: int, e_tag: str) -> None:
        """Remember that a part was taken; several threads may do so.

        Raises:
            JournalError: it cannot be written.
        """
        self._append({"part": number, "e_tag": e_tag})
        self.parts[number] = e_tag

    def close(self) -> None:
        """Let go of the file, which stays."""
        with self._writing:
            file, self._file = self._file, None
            if file is not None:
                file.close()

    def delete(self) -> None:
        """Remove the file; a system that refuses is told of in the log alone."""
        self.close()
        self.intent, self.metadata, self.parts = None, None, {}
        try:
            self.path.unlink(missing_ok=True)
        except OSError as error:
            logger.warning("%s could not be deleted: %s", self.path, error.strerror)

    # -- the file --------------------------------------------------------------------

    def _append(self, record: dict[str, Any]) -> None:
        with self._writing, _explained(self.path):
            if self._file is None:
                self._file = self.path.open("ab")
            _write(self._file, _line(record))

    def _read(self) -> None:
        try:
            content = self.path.read_bytes()
        except FileNotFoundError:
            return
        if not content:
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
            os.truncate(self.path, whole)

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


def _line(record: dict[str, Any]) -> bytes:
    return json.dumps(record, separators=(",", ":")).encode("ascii") + b"\n"


def _write(file: BinaryIO, line: bytes) -> None:
    file.write(line)
    file.flush()
    os.fsync(file.fileno())


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise JournalError(
            f"the journal {path} cannot be kept ({error.strerror or error})"
        ) from error
