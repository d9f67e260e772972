"""Download a component's file; it appears at its target only when it is complete."""

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
from ftrack_orm.transfer.file_names import name_prefix
from ftrack_orm.transfer.progress import ProgressMeter
from ftrack_orm.transfer.source import BLOCK
from ftrack_orm.transfer.workers import CancelledError, Workers
from ftrack_orm.transport.retry import Attempts, RetryPolicy, is_temporary
from ftrack_orm.transport.retry_after import parse_retry_after
from ftrack_orm.types import Cancel, FileDownload, FileTransport, OnProgress

DOWNLOAD_RETRIES: Final = RetryPolicy(attempts=8, deadline=math.inf)
"""The attempts at a file; the count starts again whenever bytes were received."""

_OK: Final = 200
_PARTIAL: Final = 206
_NO_FILE: Final = frozenset({403, 404, 410})
_UNSATISFIABLE: Final = 416
_TOO_MANY: Final = 429
_SERVER_FAULT: Final = 500

_CONTENT_RANGE: Final = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")

logger = logging.getLogger("ftrack_orm.transfer")


class FileSize(Protocol):
    """The size of a component's file in bytes, from memory or from the server."""

    def from_memory(self) -> int | None:
        """Return the loaded size, or ``None`` if only the server has it."""
        ...

    def from_server(self) -> int | None:
        """Return the size on the server, or ``None`` if it has none.

        Raises:
            ServerError, TransportError: the query failed.
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
    """Download a component's file to `target`, replacing a file there (protocol 7.2).

    The bytes are written to a temporary file in the same folder, which is renamed when
    it is complete: its size is that of the reply's headers and of the component, its
    MD5 that of the headers. If the connection breaks, only the rest is requested,
    provided that the server supports this and the file has not changed.

    Args:
        files: the transport of files.
        component_id: the component.
        target: the path of the file to write.
        size: the size of the component; ``None`` to skip its comparison.
        on_progress: called with received and total bytes, in this thread. If neither
            the server nor the component has the size, the total is 0 until the end.
        cancel: ends the download when it is set.
        retry: the attempts at the file; the count starts again whenever bytes were
            received.

    Raises:
        ComponentFileError: the server has no such component, or no file for it.
        DownloadCancelledError: `cancel` was set.
        DownloadError: the download failed; `target` is unchanged.
    """
    if target.is_dir():
        raise DownloadError(component_id, str(target), "it is a directory")
    draft = target.with_name(f".{name_prefix(target.name)}.{uuid.uuid4().hex}")
    meter = ProgressMeter(on_progress, None)

    def fetch(expected: int | None) -> None:
        # Not shared: `stop` stays set after a failed fetch.
        workers = Workers(meter, cancel)
        fetcher = _Fetcher(files, component_id, file, workers, expected, retry)
        workers.run(fetcher.run, (None,))

    try:
        with draft.open("xb") as file:
            Workers(meter, cancel).poll()
            _fetch_whole(fetch, size)
            meter.finish()
            Workers(meter, cancel).poll()
        os.replace(draft, target)
        return
    except BaseException as error:
        failure = error
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
    # Raised outside the handler, so that a cancellation has no context.
    if failure is meter.raised:
        raise failure
    _raise_download_error(failure, component_id, str(target))


def _fetch_whole(fetch: Callable[[int | None], None], size: FileSize | None) -> None:
    """Fetch a file of the component's size; query the server for it once at most."""
    if size is None:
        fetch(None)
        return
    loaded = size.from_memory()
    try:
        fetch(size.from_server() if loaded is None else loaded)
    except _SizeError as error:
        if loaded is None:
            raise
        # The file may have been replaced since the session loaded the size.
        current = size.from_server()
        if current == loaded:
            raise
        if current and current != error.received:
            fetch(current)


class _RefusedError(Exception):
    """The server refused to send the file, with the HTTP status `status`."""

    def __init__(self, status: int, retry_after: float | None) -> None:
        super().__init__(f"the server answered with HTTP status {status}")
        self.status = status
        self.retry_after = retry_after


class _MismatchError(Exception):
    """The received bytes do not match the headers, or the bytes received before."""


class _SizeError(_MismatchError):
    """A complete file does not have the component's size.

    Attributes:
        received: bytes of the file.
        is_final: true if the previous complete file had the same size.
    """

    def __init__(self, received: int, size: int) -> None:
        super().__init__(
            f"{received} bytes arrived, and the component has {size} on the server"
        )
        self.received = received
        self.is_final = False


class _Fetcher:
    """The attempts at one file; each continues where the previous one broke off.

    The size 0 is not compared: the server sets it on every component that is created
    without a size.
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
        self._max_received = 0
        # The size of the last complete file without the component's size.
        self._other_size: int | None = None
        # The strong entity tag of the received bytes, needed to request only the rest.
        self._e_tag: str | None = None
        self._checksum = Checksum({})

    def run(self, _: None) -> None:
        """Receive the whole file, in one or more attempts."""
        while True:
            try:
                self._attempt()
                return
            except (TransportError, _RefusedError, _MismatchError) as error:
                if not self._may_repeat(error):
                    raise
                logger.info("the download continues: %s", error)

    def _attempt(self) -> None:
        headers = {"Accept-Encoding": "identity"}
        if self._received and self._e_tag is not None:
            headers["Range"] = f"bytes={self._received}-"
            headers["If-Range"] = self._e_tag
        # The address contains the API key; a traceback would show a variable.
        with self._files.get(
            self._files.url(COMPONENT_PATH, {"id": self._component_id}),
            headers=headers,
        ) as reply:
            if reply.status not in (_OK, _PARTIAL):
                wait = parse_retry_after(reply.headers.get("retry-after"))
                raise _RefusedError(reply.status, wait)
            self._receive(reply)

    def _receive(self, reply: FileDownload) -> None:
        total = self._position(reply)
        self._workers.meter.total = total or self._size or 0
        for block in reply.blocks(BLOCK):
            self._workers.check_stopped()
            self._file.write(block)
            self._received += len(block)
            self._checksum.update(block)
            self._workers.meter.count(len(block))
        if total is not None and self._received != total:
            raise _MismatchError(
                f"{self._received} bytes arrived, and the headers announced {total}"
            )
        self._check_file()

    def _check_file(self) -> None:
        """Compare the complete file with the component's size and the expected MD5.

        Raises:
            _MismatchError: they differ; the next attempt requests the rest, or the
                whole file again.
        """
        received, size = self._received, self._size
        if size and received != size:
            failure = _SizeError(received, size)
            failure.is_final = self._other_size == received
            self._other_size = received
            if received > size:
                # Without a tag the next attempt requests the whole file again.
                self._e_tag = None
            raise failure
        if self._checksum.is_wrong:
            self._restart()
            raise _MismatchError("the bytes do not have the announced MD5")

    def _position(self, reply: FileDownload) -> int | None:
        """Set the file's position for the body of a reply; return the file's size.

        The size is ``None`` if the headers do not contain it.

        Raises:
            _MismatchError: the reply is another part than the requested rest.
        """
        headers = reply.headers
        e_tag = _strong_e_tag(headers)
        if reply.status == _OK:
            self._restart()
            self._e_tag = e_tag
            self._checksum = Checksum({} if _is_encoded(headers) else headers)
            return _whole_size(headers)
        content_range = _CONTENT_RANGE.fullmatch(headers.get("content-range", ""))
        is_rest = content_range is not None and int(content_range[1]) == self._received
        if content_range is None or not is_rest or e_tag not in (None, self._e_tag):
            self._restart()
            raise _MismatchError("the server sent another part than requested")
        return int(content_range[2]) if content_range[2].isdecimal() else None

    def _restart(self) -> None:
        self._e_tag = None
        if self._received:
            self._received = 0
            self._file.seek(0)
            self._file.truncate()
            self._workers.meter.reset(0)

    def _may_repeat(self, error: Exception) -> bool:
        """Wait and return true if another attempt may succeed."""
        retry_after = getattr(error, "retry_after", None)
        if isinstance(error, _SizeError) and error.is_final:
            return False
        if isinstance(error, _RefusedError):
            # The requested range does not exist: the file has been replaced.
            if error.status == _UNSATISFIABLE and self._received:
                self._restart()
            elif error.status != _TOO_MANY and error.status < _SERVER_FAULT:
                return False
        elif isinstance(error, TransportError) and not is_temporary(error):
            return False
        if self._received > self._max_received:
            self._max_received = self._received
            self._attempts = Attempts(self._retry, self._workers.stop)
        return self._attempts.wait(retry_after)


def _strong_e_tag(headers: Mapping[str, str]) -> str | None:
    """Return the strong entity tag, or ``None`` if there is none or bytes are encoded.

    Only a strong tag identifies the exact bytes, and a range of compressed bytes cannot
    be appended to decompressed ones.
    """
    e_tag = headers.get("etag", "")
    is_strong = e_tag.startswith('"') and not _is_encoded(headers)
    return e_tag if is_strong else None


def _whole_size(headers: Mapping[str, str]) -> int | None:
    length = headers.get("content-length", "")
    return int(length) if length.isdecimal() and not _is_encoded(headers) else None


def _is_encoded(headers: Mapping[str, str]) -> bool:
    return headers.get("content-encoding", "identity").lower() not in ("", "identity")


def _raise_download_error(error: BaseException, component_id: str, target: str) -> None:
    """Raise the `DownloadError` for `error`, or `error` if it is of another origin."""
    if isinstance(error, CancelledError | RequestCancelledError):
        raise DownloadCancelledError(component_id, target, "it was cancelled")
    if isinstance(error, _RefusedError) and error.status in _NO_FILE:
        raise ComponentFileError(
            component_id,
            target,
            f"the server has no such component, or no file for it (HTTP status "
            f"{error.status})",
        )
    if isinstance(error, OSError):
        reason = error.strerror or str(error)
        raise DownloadError(
            component_id, target, f"it cannot be written ({reason})"
        ) from error
    if isinstance(error, TransportError | ServerError | _RefusedError | _MismatchError):
        raise DownloadError(component_id, target, str(error).rstrip(".")) from error
    raise error
