"""Downloads a component's file; it appears when it is whole, or not at all."""

from __future__ import annotations

import logging
import math
import os
import re
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Final, Protocol

from ftrack_orm.errors.component import (
    ComponentFileError,
    DownloadCancelledError,
    DownloadError,
)
from ftrack_orm.errors.server import ServerError
from ftrack_orm.errors.transport import RequestCancelledError, TransportError
from ftrack_orm.transfer.checksum import Checksum
from ftrack_orm.transfer.defaults import COMPONENT_PATH
from ftrack_orm.transfer.file_names import beginning
from ftrack_orm.transfer.source import BLOCK
from ftrack_orm.transfer.workers import CancelledError, ProgressMeter, Workers
from ftrack_orm.transport.retry import Attempts, RetryPolicy, is_temporary
from ftrack_orm.transport.retry_after import parse_retry_after
from ftrack_orm.types import Cancel, FileDownload, FileTransport, OnProgress

DOWNLOAD_RETRIES: Final = RetryPolicy(attempts=8, deadline=math.inf)
"""How often a file is tried; counted anew whenever more of it has come."""

_OK: Final = 200
_PARTIAL: Final = 206
_NO_FILE: Final = frozenset({403, 404, 410})
_UNSATISFIABLE: Final = 416
_TOO_MANY: Final = 429
_SERVER_FAULT: Final = 500

_CONTENT_RANGE: Final = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")

logger = logging.getLogger("ftrack_orm.transfer")


class FileSize(Protocol):
    """The size of a component's file, as the server has it; ``None`` for no size."""

    def remembered(self) -> int | None:
        """Return the size without a request, ``None`` where it takes one."""
        ...

    def asked(self) -> int | None:
        """Ask the server.

        Raises:
            ServerError, TransportError: it did not answer.
        """
        ...


def download(
    files: FileTransport,
    component_id: str,
    target: Path,
    *,
    size: FileSize | None = None,
    on_progress: OnProgress | None = None,
    cancel: Cancel | None = None,
    retry: RetryPolicy | None = None,
) -> None:
    """Put a component's file at `target`, replacing what is there (protocol 7.2).

    It is written under another name beside `target` and renamed when it is whole:
    when its size is the announced one and the component's, and its MD5 the announced
    one. Where the connection breaks only the rest is requested, if the server can do
    that and the file is still the same.

    Args:
        files: reaches the server.
        component_id: whose file.
        target: path of the file.
        size: of the component; not compared when not given.
        on_progress: called with bytes done and bytes in all, in this thread. Where
            neither the server nor the component has the size, the second number is 0
            until the end.
        cancel: ends the download when it is set.
        retry: how often and how long it is tried, counted anew whenever more of the
            file has come.

    Raises:
        ComponentFileError: the server has no such component, or no file of it.
        DownloadCancelledError: `cancel` was set.
        DownloadError: it failed; `target` is as it was.
    """
    if target.is_dir():
        raise DownloadError(component_id, str(target), "it is a directory")
    draft = target.with_name(f".{beginning(target.name)}.{uuid.uuid4().hex}")
    meter = ProgressMeter(on_progress, None)

    def fetch(expected: int | None) -> None:
        # A new watch each time: one that has raised stays stopped.
        workers = Workers(meter, cancel)
        fetching = _Fetching(files, component_id, file, workers, expected, retry)
        workers.run(fetching.run, (None,))

    try:
        with draft.open("xb") as file:
            Workers(meter, cancel).look()
            _fetch_whole(fetch, size)
            meter.finish()
            Workers(meter, cancel).look()
        os.replace(draft, target)
        return
    except BaseException as error:
        failed = error
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
    # Outside the handler: a cancellation has no cause that would tell more.
    if failed is meter.raised:
        raise failed
    _raise(failed, component_id, str(target))


def _fetch_whole(fetch: Callable[[int | None], None], size: FileSize | None) -> None:
    """Fetch a file of the component's size; ask the server for that once at most."""
    if size is None:
        fetch(None)
        return
    remembered = size.remembered()
    try:
        fetch(size.asked() if remembered is None else remembered)
    except _SizeError as error:
        if remembered is None:
            raise
        # The file may have been replaced since the session loaded the size.
        current = size.asked()
        if current == remembered:
            raise
        if current and current != error.received:
            fetch(current)


class _RefusedError(Exception):
    """The server does not give the file; `status` is what it answered with."""

    def __init__(self, status: int, retry_after: float | None) -> None:
        super().__init__(f"the server answered with HTTP status {status}")
        self.status = status
        self.retry_after = retry_after


class _BrokenError(Exception):
    """What came does not fit what came before, or what was announced."""


class _SizeError(_BrokenError):
    """An answer is whole, but not of the component's size.

    Attributes:
        received: bytes of the answer.
        is_final: the whole answer before it had the same size.
    """

    def __init__(self, received: int, size: int) -> None:
        super().__init__(
            f"{received} bytes came, and the component has {size} on the server"
        )
        self.received = received
        self.is_final = False


class _Fetching:
    """The attempts at one file, each going on where the one before broke off.

    The size 0 is not compared: the server gives it to every component that is created
    without one.
    """

    def __init__(
        self,
        files: FileTransport,
        component_id: str,
        file: BinaryIO,
        workers: Workers,
        size: int | None,
        retry: RetryPolicy | None,
    ) -> None:
        self._files = files
        self._component_id = component_id
        self._file = file
        self._workers = workers
        self._retry = retry or DOWNLOAD_RETRIES
        self._attempts = Attempts(self._retry, workers.stop)
        self._size = size
        self._received = file.tell()
        self._farthest = 0
        # Bytes of the last answer that was whole, but not of the component's size.
        self._other_size: int | None = None
        # Of the version that was received, where the server names one.
        self._e_tag: str | None = None
        self._checksum = Checksum({})

    def run(self, _: None) -> None:
        """Receive the file, in one attempt or in several."""
        while True:
            try:
                self._attempt()
                return
            except (TransportError, _RefusedError, _BrokenError) as error:
                if not self._may_repeat(error):
                    raise
                logger.info("the download goes on: %s", error)

    def _attempt(self) -> None:
        headers = {"Accept-Encoding": "identity"}
        if self._received and self._e_tag is not None:
            headers["Range"] = f"bytes={self._received}-"
            headers["If-Range"] = self._e_tag
        # The address has the key in it, so it gets no name that a report could show.
        with self._files.get(
            self._files.url(COMPONENT_PATH, {"id": self._component_id}),
            headers=headers,
        ) as answer:
            if answer.status not in (_OK, _PARTIAL):
                wait = parse_retry_after(answer.headers.get("retry-after"))
                raise _RefusedError(answer.status, wait)
            self._receive(answer)

    def _receive(self, answer: FileDownload) -> None:
        total = self._place(answer)
        self._workers.meter.total = total or self._size or 0
        for block in answer.blocks(BLOCK):
            self._workers.require_wanted()
            self._file.write(block)
            self._received += len(block)
            self._checksum.update(block)
            self._workers.meter.count(len(block))
        if total is not None and self._received != total:
            raise _BrokenError(
                f"{self._received} bytes came where {total} were announced"
            )
        self._require_whole()

    def _require_whole(self) -> None:
        """Compare the file with the component; its answer was whole in itself."""
        received, size = self._received, self._size
        if size and received != size:
            failed = _SizeError(received, size)
            failed.is_final = self._other_size == received
            self._other_size = received
            if received > size:
                self._e_tag = None  # there is no rest to ask for
            raise failed
        if self._checksum.is_wrong:
            self._begin_again()
            raise _BrokenError("the bytes that came do not have the announced MD5")

    def _place(self, answer: FileDownload) -> int | None:
        """Go to where the body of an answer belongs; return the size of the file."""
        headers = answer.headers
        e_tag = _strong_e_tag(headers)
        if answer.status == _OK:
            self._begin_again()
            self._e_tag = e_tag
            self._checksum = Checksum({} if _is_packed(headers) else headers)
            return _whole_size(headers)
        found = _CONTENT_RANGE.fullmatch(headers.get("content-range", ""))
        is_rest = found is not None and int(found[1]) == self._received
        if found is None or not is_rest or e_tag not in (None, self._e_tag):
            self._begin_again()
            raise _BrokenError("the server sent another part than was asked for")
        return int(found[2]) if found[2].isdecimal() else None

    def _begin_again(self) -> None:
        self._e_tag = None
        if self._received:
            self._received = 0
            self._file.seek(0)
            self._file.truncate()
            self._workers.meter.reset(0)

    def _may_repeat(self, error: Exception) -> bool:
        """Wait, and return true, when another attempt may go farther."""
        retry_after = getattr(error, "retry_after", None)
        if isinstance(error, _SizeError) and error.is_final:
            return False
        if isinstance(error, _RefusedError):
            if error.status == _UNSATISFIABLE and self._received:
                self._begin_again()
            elif error.status != _TOO_MANY and error.status < _SERVER_FAULT:
                return False
        elif isinstance(error, TransportError) and not is_temporary(error):
            return False
        if self._received > self._farthest:
            self._farthest = self._received
            self._attempts = Attempts(self._retry, self._workers.stop)
        return self._attempts.wait(retry_after)


def _strong_e_tag(headers: Mapping[str, str]) -> str | None:
    """Return the tag of exactly these bytes; packed ones are no part of the file."""
    e_tag = headers.get("etag", "")
    is_strong = e_tag.startswith('"') and not _is_packed(headers)
    return e_tag if is_strong else None


def _whole_size(headers: Mapping[str, str]) -> int | None:
    length = headers.get("content-length", "")
    return int(length) if length.isdecimal() and not _is_packed(headers) else None


def _is_packed(headers: Mapping[str, str]) -> bool:
    return headers.get("content-encoding", "identity").lower() not in ("", "identity")


def _raise(error: BaseException, component_id: str, target: str) -> None:
    """Raise what stands for `error`, or itself where it is none of ours."""
    if isinstance(error, CancelledError | RequestCancelledError):
        raise DownloadCancelledError(component_id, target, "it was cancelled")
    if isinstance(error, _RefusedError) and error.status in _NO_FILE:
        raise ComponentFileError(
            component_id,
            target,
            f"the server has no such component, or no file of it (HTTP status "
            f"{error.status})",
        )
    if isinstance(error, OSError):
        words = error.strerror or str(error)
        raise DownloadError(
            component_id, target, f"it cannot be written ({words})"
        ) from error
    if isinstance(error, TransportError | ServerError | _RefusedError | _BrokenError):
        raise DownloadError(component_id, target, str(error).rstrip(".")) from error
    raise error
