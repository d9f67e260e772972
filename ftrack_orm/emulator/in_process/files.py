"""File transport to an emulator in the same process."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from ftrack_orm.emulator.blobs.pictures import default_picture
from ftrack_orm.emulator.blobs.store import Incoming
from ftrack_orm.emulator.blobs.uploads import UploadTarget
from ftrack_orm.emulator.faults import Fault, Faults
from ftrack_orm.emulator.files.service import (
    DEFAULT_PICTURE,
    ENDPOINTS,
    INVALID_URL,
    NOT_FOUND,
    FileRequest,
    FileResponse,
    FileService,
    storage_failure,
)
from ftrack_orm.emulator.in_process.transport import IN_PROCESS_URL
from ftrack_orm.errors.transport import (
    ConnectionLostError,
    RequestTimeoutError,
    TruncatedResponseError,
)
from ftrack_orm.types import FileReply

_TIMEOUT: Final = 60.0


class EmulatorFiles:
    """A `ftrack_orm.types.FileTransport` to an emulator in the same process."""

    def __init__(
        self, service: FileService, faults: Faults, api_user: str, api_key: str
    ) -> None:
        self._service = service
        self._faults = faults
        self._api_user = api_user
        self._api_key = api_key

    def __repr__(self) -> str:
        return f"EmulatorFiles(api_user={self._api_user!r})"

    def url(self, path: str, parameters: Mapping[str, str]) -> str:
        """Return a URL in the emulator, with ``username`` and ``apiKey``."""
        query = {**parameters, "username": self._api_user, "apiKey": self._api_key}
        return f"{IN_PROCESS_URL}{path}?{urlencode(query)}"

    def put(
        self,
        url: str,
        blocks: Iterable[bytes],
        size: int,
        *,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
    ) -> FileReply:
        """Upload the bytes of a file, or of a part of one.

        Raises:
            ConnectionLostError, RequestTimeoutError, TruncatedResponseError: caused by
                a fault.
        """
        lower = {name.lower(): value for name, value in (headers or {}).items()}
        lower["content-length"] = str(size)
        token = urlsplit(url).path.rpartition("/")[2]
        target = self._service.uploads.target(token)
        component_id = None if target is None else target.component_id
        number = None if target is None else target.part_number
        request = FileRequest("PUT", "upload", component_id, number)
        fault = self._next_fault(request)
        if fault is not None and fault.kind == "respond":
            return _injected(fault)
        response = self._receive(token, target, blocks, lower)
        self._apply_fault(fault, request._replace(status=response.status), timeout)
        return FileReply(response.status, dict(response.headers))

    @contextmanager
    def get(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
    ) -> Iterator[InProcessDownload]:
        """Yield the response to a GET.

        Raises:
            ConnectionLostError, RequestTimeoutError: caused by a fault.
        """
        lower = {name.lower(): value for name, value in (headers or {}).items()}
        parts = urlsplit(url)
        query = dict(parse_qsl(parts.query))
        folder, _, endpoint = parts.path.rpartition("/")
        request = FileRequest(
            "GET", endpoint, query.get("id"), None, lower.get("range")
        )
        fault = self._next_fault(request)
        if fault is not None and fault.kind == "respond":
            reply = _injected(fault)
            body = FileResponse(reply.status, fault.body)
            content = _Content(body, 0, len(fault.body))
            yield InProcessDownload(reply.status, reply.headers, content)
            return
        response = self._respond(folder, endpoint, query)
        download = _download(response, lower)
        self._apply_fault(fault, request._replace(status=download.status), timeout)
        if fault is not None and fault.kind == "truncate":
            download = download.cut(fault.keep)
        yield download

    def close(self) -> None:
        """Do nothing: there is nothing to release."""

    def _receive(
        self,
        token: str,
        target: UploadTarget | None,
        blocks: Iterable[bytes],
        headers: Mapping[str, str],
    ) -> FileResponse:
        """Store the bytes of an upload; return a 507 if the disk does not take them.

        As over HTTP, all bytes are read before the response, even an error. An error
        of `blocks` belongs to the caller and is raised.
        """
        try:
            incoming = self._service.files.receive()
        except OSError as error:
            deque(blocks, maxlen=0)
            return storage_failure(error)
        try:
            failure = _write(incoming, blocks)
            if failure is not None:
                return failure
            if target is None:
                return INVALID_URL
            return self._store(token, target, incoming, headers)
        finally:
            incoming.discard()

    def _store(
        self,
        token: str,
        target: UploadTarget,
        incoming: Incoming,
        headers: Mapping[str, str],
    ) -> FileResponse:
        try:
            return self._service.store(token, target, incoming, headers)
        except OSError as error:
            return storage_failure(error)

    def _respond(
        self, folder: str, endpoint: str, query: Mapping[str, str]
    ) -> FileResponse:
        if f"{folder}/{endpoint}" == DEFAULT_PICTURE:
            return FileResponse(200, default_picture(), "image/png")
        if folder == "/component" and endpoint in ENDPOINTS:
            try:
                return self._service.respond(endpoint, query)
            except OSError as error:
                return storage_failure(error)
        return NOT_FOUND

    def _next_fault(self, request: FileRequest) -> Fault | None:
        """Return the next fault; record the request if it will not be handled.

        Raises:
            ConnectionLostError: the fault is ``drop_before``.
        """
        fault = self._faults.take()
        if fault is not None and fault.kind == "drop_before":
            self._service.record(request)
            raise ConnectionLostError(IN_PROCESS_URL, "the connection was closed")
        if fault is not None and fault.kind == "respond":
            self._service.record(request._replace(status=fault.status))
        return fault

    def _apply_fault(
        self, fault: Fault | None, request: FileRequest, timeout: float | None
    ) -> None:
        """Record a handled request, then raise or wait as the fault demands."""
        if fault is not None and fault.kind == "drop_after":
            self._service.record(request._replace(status=None))
            raise ConnectionLostError(IN_PROCESS_URL, "the connection was closed")
        self._service.record(request)
        if fault is not None and fault.kind == "truncate" and request.method == "PUT":
            raise TruncatedResponseError(IN_PROCESS_URL, 0, "it was cut")
        if fault is not None and fault.kind == "delay":
            seconds = _TIMEOUT if timeout is None else timeout
            time.sleep(min(fault.seconds, seconds))
            if fault.seconds > seconds:
                raise RequestTimeoutError(IN_PROCESS_URL, seconds)


@dataclass(frozen=True, slots=True)
class _Content:
    """A span of a response's content; at most `keep` bytes of it can be read."""

    response: FileResponse
    start: int
    end: int
    keep: int | None = None

    def blocks(self, size: int) -> Iterator[bytes]:
        end = self.end
        if self.keep is not None:
            end = min(end, self.start + self.keep)
        yield from self.response.blocks(self.start, end, size)


class InProcessDownload:
    """The response to a GET; see `ftrack_orm.types.FileDownload`."""

    def __init__(
        self, status: int, headers: Mapping[str, str], content: _Content
    ) -> None:
        self.status = status
        self.headers = headers
        self._content = content

    def cut(self, keep: int) -> InProcessDownload:
        """Return the response cut after `keep` bytes, as by a broken connection."""
        shorter = replace(self._content, keep=keep)
        return InProcessDownload(self.status, self.headers, shorter)

    def blocks(self, size: int) -> Iterator[bytes]:
        """Yield the body in blocks of at most `size` bytes.

        Raises:
            TruncatedResponseError: a fault has cut the body, or the emulator cannot
                read its file to the end.
        """
        received = 0
        blocks = self._content.blocks(size)
        while True:
            try:
                block = next(blocks, None)
            except OSError as error:
                # As over HTTP, where the status has been sent: the body is cut.
                reason = error.strerror or type(error).__name__
                raise TruncatedResponseError(
                    IN_PROCESS_URL, received, f"the emulator cannot read it: {reason}"
                ) from error
            if block is None:
                break
            received += len(block)
            yield block
        if self._content.keep is not None:
            raise TruncatedResponseError(
                IN_PROCESS_URL, self._content.keep, "the connection was closed"
            )


def _write(incoming: Incoming, blocks: Iterable[bytes]) -> FileResponse | None:
    """Write all blocks; after an error read the others, and return its response."""
    failure: FileResponse | None = None
    for block in blocks:
        if failure is None:
            try:
                incoming.write(block)
            except OSError as error:
                failure = storage_failure(error)
    return failure


def _injected(fault: Fault) -> FileReply:
    headers = {"content-type": fault.content_type}
    if fault.retry_after:
        headers["retry-after"] = fault.retry_after
    return FileReply(fault.status, headers)


def _download(
    response: FileResponse, request_headers: Mapping[str, str]
) -> InProcessDownload:
    """Return the content of a response, or the part that ``Range`` selects."""
    span = response.span(request_headers)
    headers = {
        **response.headers,
        "content-type": response.content_type,
        **span.headers,
    }
    content = _Content(response, span.start, span.end)
    return InProcessDownload(span.status, headers, content)
