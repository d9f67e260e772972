"""Send the parts of a file to a storage, several at the same time, with retries."""

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
"""The attempts at each part, as in the JavaScript client (protocol 7.4)."""

_OK: Final = 200
_REDIRECT: Final = 300
_TOO_MANY: Final = 429
_SERVER_FAULT: Final = 500

logger = logging.getLogger("ftrack_orm.transfer")


class PartUpload(NamedTuple):
    """A part, its address and its headers.

    The headers are ``None`` for a part of a multi-part upload.
    """

    part: Part
    url: str
    headers: Mapping[str, str] | None

    def __repr__(self) -> str:
        # Without the address, which grants write access to anyone.
        return f"<upload of part {self.part.number}>"


class RefusedError(Exception):
    """The storage refused a part with the HTTP status `status`."""

    def __init__(self, reason: str, status: int) -> None:
        super().__init__(reason)
        self.status = status


class PartSender:
    """Sends the parts of one file in the threads of a `Workers`."""

    def __init__(
        self,
        files: FileTransport,
        source: Source,
        workers: Workers,
        *,
        retry: RetryPolicy,
        on_stored: Callable[[int, str], None],
    ) -> None:
        """Prepare to send.

        Args:
            files: the transport of files.
            source: the bytes.
            workers: the threads that send the parts, and their progress.
            retry: the attempts at each part.
            on_stored: called with the number and the entity tag of each part that the
                storage has, in the thread that sent it.
        """
        self._files = files
        self._source = source
        self._workers = workers
        self._retry = retry
        self._on_stored = on_stored

    def send(self, part_uploads: Iterable[PartUpload], *, parallel: int) -> None:
        """Send all parts; return when the storage has them.

        Args:
            part_uploads: the parts.
            parallel: the number of parts sent at the same time.

        Raises:
            RefusedError: the storage refused a part, and a retry is useless.
            TransportError: every attempt at a part failed.
            SourceChangedError: the file has changed or cannot be read.
        """
        self._workers.run(self._send_part, part_uploads, threads=parallel)

    def _put(self, part_upload: PartUpload, body: _PartBody) -> FileReply:
        return self._files.put(
            part_upload.url,
            body,
            part_upload.part.size,
            headers=part_upload.headers,
        )

    def _send_part(self, part_upload: PartUpload) -> None:
        attempts = Attempts(self._retry, self._workers.stop)
        while True:
            body = _PartBody(self._source, part_upload.part, self._workers)
            try:
                reply = self._put(part_upload, body)
            except TransportError as error:
                body.reset()
                if not attempts.may_repeat(error):
                    raise
                logger.info("part %d is sent again: %s", part_upload.part.number, error)
                continue
            e_tag = _e_tag(part_upload, reply)
            if e_tag is not None:
                self._on_stored(part_upload.part.number, e_tag)
                return
            body.reset()
            if not _may_repeat(reply, attempts):
                raise _refused_error(part_upload, reply)
            logger.info(
                "part %d is sent again: HTTP status %d",
                part_upload.part.number,
                reply.status,
            )


class _PartBody:
    """The blocks of a part; each is counted after it was sent."""

    def __init__(self, source: Source, part: Part, workers: Workers) -> None:
        self._source = source
        self._part = part
        self._workers = workers
        self._sent = 0

    def __iter__(self) -> Iterator[bytes]:
        self.reset()
        for block in self._source.blocks(self._part.offset, self._part.size):
            self._workers.check_stopped()
            yield block
            self._sent += len(block)
            self._workers.meter.count(len(block))

    def reset(self) -> None:
        """Subtract the sent bytes from the progress: they must be sent again."""
        self._workers.meter.count(-self._sent)
        self._sent = 0


def _e_tag(part_upload: PartUpload, reply: FileReply) -> str | None:
    """Return the entity tag of a stored part, or ``None`` if it was not stored.

    A part is stored if the status is 200 and there is a tag. A whole file is stored if
    the status is any success; its tag is returned as empty text. A storage that
    redirects has not stored the bytes (protocol 7.4; browsers follow the redirect).
    """
    if part_upload.headers is not None:
        return "" if reply.status < _REDIRECT else None
    e_tag = reply.headers.get("etag", "").removeprefix("W/").strip('"')
    return e_tag if reply.status == _OK and e_tag else None


def _may_repeat(reply: FileReply, attempts: Attempts) -> bool:
    is_temporary = reply.status == _TOO_MANY or reply.status >= _SERVER_FAULT
    return is_temporary and attempts.wait(
        parse_retry_after(reply.headers.get("retry-after"))
    )


def _refused_error(part_upload: PartUpload, reply: FileReply) -> RefusedError:
    subject = (
        "it" if part_upload.headers is not None else f"part {part_upload.part.number}"
    )
    reason = f"the storage answered {subject} with HTTP status {reply.status}"
    if part_upload.headers is None and reply.status == _OK:
        reason = f"the storage gave {subject} no entity tag"
    return RefusedError(reason, reply.status)
