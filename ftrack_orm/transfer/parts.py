"""Sends the parts of a file to a storage: several at once, each until it is taken."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from ftrack_orm.errors.transport import TransportError
from ftrack_orm.transfer.chunks import Part
from ftrack_orm.transfer.source import Source
from ftrack_orm.transfer.workers import Workers
from ftrack_orm.transport.retry import Attempts, RetryPolicy
from ftrack_orm.transport.retry_after import parse_retry_after
from ftrack_orm.types import FileReply, FileTransport

PART_RETRIES: Final = RetryPolicy(
    attempts=16, first_wait=1.0, longest_wait=64.0, deadline=math.inf
)
"""How often a part is sent, as the JavaScript client does it (protocol 7.4)."""

_OK: Final = 200
_NO_SUCCESS: Final = 300
_TOO_MANY: Final = 429
_SERVER_FAULT: Final = 500

logger = logging.getLogger("ftrack_orm.transfer")


class PartUpload(NamedTuple):
    """A part, and where it goes with which headers; ``None`` of them for parts."""

    part: Part
    url: str
    headers: Mapping[str, str] | None

    def __repr__(self) -> str:
        return f"<errand for part {self.part.number}>"


class RefusedError(Exception):
    """The storage does not take a part; `status` is what it answered with."""

    def __init__(self, reason: str, status: int) -> None:
        super().__init__(reason)
        self.status = status


class PartSender:
    """Sends parts of one file, as a `Workers` allows it."""

    def __init__(
        self,
        files: FileTransport,
        source: Source,
        workers: Workers,
        *,
        retry: RetryPolicy,
        on_taken: Callable[[int, str], None],
    ) -> None:
        """Prepare to send.

        Args:
            files: carries the bytes.
            source: has them.
            workers: runs the uploads and reports their progress.
            retry: how often each part is tried.
            on_taken: told number and entity tag of each part that the storage has,
                in the thread that sent it.
        """
        self._files = files
        self._source = source
        self._workers = workers
        self._retry = retry
        self._on_taken = on_taken

    def send(self, part_uploads: Iterable[PartUpload], *, parallel: int) -> None:
        """Send every part; return when the storage has them all.

        Raises:
            RefusedError: the storage does not take one, and never will.
            TransportError: the exchange failed, as often as it was tried.
            SourceChangedError: the file cannot be read as it was.
        """
        self._workers.run(self._send_one, part_uploads, threads=parallel)

    def _send_one(self, part_upload: PartUpload) -> None:
        attempts = Attempts(self._retry, self._workers.stop)
        while True:
            sending = _Sending(self._source, part_upload.part, self._workers)
            try:
                reply = self._files.put(
                    part_upload.url,
                    sending,
                    part_upload.part.size,
                    headers=part_upload.headers,
                )
            except TransportError as error:
                sending.take_back()
                if not attempts.may_repeat(error):
                    raise
                logger.info("part %d goes again: %s", part_upload.part.number, error)
                continue
            e_tag = _e_tag(part_upload, reply)
            if e_tag is not None:
                self._on_taken(part_upload.part.number, e_tag)
                return
            sending.take_back()
            if not _may_repeat(reply, attempts):
                raise _refusal(part_upload, reply)
            logger.info(
                "part %d goes again: HTTP status %d",
                part_upload.part.number,
                reply.status,
            )


class _Sending:
    """The blocks of a part on their way, counted as they go."""

    def __init__(self, source: Source, part: Part, workers: Workers) -> None:
        self._source = source
        self._part = part
        self._workers = workers
        self._sent = 0

    def __iter__(self) -> Iterator[bytes]:
        self.take_back()
        for block in self._source.blocks(self._part.offset, self._part.size):
            self._workers.require_wanted()
            yield block
            self._sent += len(block)
            self._workers.meter.count(len(block))

    def take_back(self) -> None:
        """Forget what was sent: it has to go again."""
        self._workers.meter.count(-self._sent)
        self._sent = 0


def _e_tag(part_upload: PartUpload, reply: FileReply) -> str | None:
    """Return the entity tag of a part that was taken, empty for a whole file's.

    A part counts with status 200 and a tag alone. A whole file counts with any
    success; what redirects has not stored it (protocol 7.4, where browsers follow).
    """
    if part_upload.headers is not None:
        return "" if reply.status < _NO_SUCCESS else None
    e_tag = reply.headers.get("etag", "").removeprefix("W/").strip('"')
    return e_tag if reply.status == _OK and e_tag else None


def _may_repeat(reply: FileReply, attempts: Attempts) -> bool:
    is_temporary = reply.status == _TOO_MANY or reply.status >= _SERVER_FAULT
    return is_temporary and attempts.wait(
        parse_retry_after(reply.headers.get("retry-after"))
    )


def _refusal(part_upload: PartUpload, reply: FileReply) -> RefusedError:
    what = (
        "it" if part_upload.headers is not None else f"part {part_upload.part.number}"
    )
    reason = f"the storage answered {what} with HTTP status {reply.status}"
    if part_upload.headers is None and reply.status == _OK:
        reason = f"the storage gave {what} no entity tag"
    return RefusedError(reason, reply.status)
