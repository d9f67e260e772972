"""Files to and from an emulator of this process: same answers, no socket."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from ftrack_orm.emulator.blobs.pictures import default_picture
from ftrack_orm.emulator.faults import Fault, Faults
from ftrack_orm.emulator.files.service import (
    DEFAULT_PICTURE,
    ENDPOINTS,
    STALE,
    UNKNOWN,
    FileAnswer,
    FileRequest,
    FileService,
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
    """A `ftrack_orm.types.FileTransport` that ends in an emulator of this process."""

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
        """Return an address in the emulator, with ``username`` and ``apiKey``."""
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
        """Hand over the bytes of an upload, or of a part of one.

        Raises:
            ConnectionLostError, RequestTimeoutError, TruncatedResponseError: what a
                fault makes of it.
        """
        announced = {name.lower(): value for name, value in (headers or {}).items()}
        announced["content-length"] = str(size)
        token = urlsplit(url).path.rpartition("/")[2]
        slot = self._service.uploads.slot(token)
        component_id = None if slot is None else slot.component_id
        number = None if slot is None else slot.part_number
        request = FileRequest("PUT", "upload", component_id, number)
        fault = self._taken(request)
        if fault is not None and fault.kind == "respond":
            return _injected(fault)
        incoming = self._service.files.receive()
        try:
            for block in blocks:
                incoming.write(block)
            if slot is None:
                found = STALE
            else:
                found = self._service.store(token, slot, incoming, announced)
        finally:
            incoming.discard()
        self._met(fault, request._replace(status=found.status), timeout)
        return FileReply(found.status, dict(found.headers))

    @contextmanager
    def get(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
    ) -> Iterator[InProcessDownload]:
        """Give the answer to a GET.

        Raises:
            ConnectionLostError, RequestTimeoutError: what a fault makes of it.
        """
        asked = {name.lower(): value for name, value in (headers or {}).items()}
        parts = urlsplit(url)
        query = dict(parse_qsl(parts.query))
        folder, _, endpoint = parts.path.rpartition("/")
        request = FileRequest(
            "GET", endpoint, query.get("id"), None, asked.get("range")
        )
        fault = self._taken(request)
        if fault is not None and fault.kind == "respond":
            reply = _injected(fault)
            body = FileAnswer(reply.status, fault.body)
            content = _Content(body, 0, len(fault.body))
            yield InProcessDownload(reply.status, reply.headers, content)
            return
        found = self._answer(folder, endpoint, query)
        download = _ranged(found, asked)
        self._met(fault, request._replace(status=download.status), timeout)
        if fault is not None and fault.kind == "truncate":
            download = download.cut(fault.keep)
        yield download

    def close(self) -> None:
        """There is nothing to release."""

    def _answer(
        self, folder: str, endpoint: str, query: Mapping[str, str]
    ) -> FileAnswer:
        if f"{folder}/{endpoint}" == DEFAULT_PICTURE:
            return FileAnswer(200, default_picture(), "image/png")
        if folder == "/component" and endpoint in ENDPOINTS:
            return self._service.answer(endpoint, query)
        return UNKNOWN

    def _taken(self, request: FileRequest) -> Fault | None:
        fault = self._faults.take()
        if fault is not None and fault.kind == "drop_before":
            self._service.note(request)
            raise ConnectionLostError(IN_PROCESS_URL, "the connection was closed")
        if fault is not None and fault.kind == "respond":
            self._service.note(request._replace(status=fault.status))
        return fault

    def _met(
        self, fault: Fault | None, request: FileRequest, timeout: float | None
    ) -> None:
        if fault is not None and fault.kind == "drop_after":
            self._service.note(request._replace(status=None))
            raise ConnectionLostError(IN_PROCESS_URL, "the connection was closed")
        self._service.note(request)
        if fault is not None and fault.kind == "truncate" and request.method == "PUT":
            raise TruncatedResponseError(IN_PROCESS_URL, 0, "it was cut")
        if fault is not None and fault.kind == "delay":
            seconds = _TIMEOUT if timeout is None else timeout
            time.sleep(min(fault.seconds, seconds))
            if fault.seconds > seconds:
                raise RequestTimeoutError(IN_PROCESS_URL, seconds)


@dataclass(frozen=True, slots=True)
class _Content:
    """Bytes of an answer to be read; at most `keep` of them."""

    found: FileAnswer
    start: int
    end: int
    keep: int | None = None

    def blocks(self, size: int) -> Iterator[bytes]:
        end = self.end
        if self.keep is not None:
            end = min(end, self.start + self.keep)
        yield from self.found.blocks(self.start, end, size)


class InProcessDownload:
    """The answer to a GET; see `ftrack_orm.types.FileDownload`."""

    def __init__(
        self, status: int, headers: Mapping[str, str], content: _Content
    ) -> None:
        self.status = status
        self.headers = headers
        self._content = content

    def cut(self, keep: int) -> InProcessDownload:
        """Return the answer as it arrives when the connection breaks."""
        shorter = replace(self._content, keep=keep)
        return InProcessDownload(self.status, self.headers, shorter)

    def blocks(self, size: int) -> Iterator[bytes]:
        """Yield the body in blocks of at most `size` bytes.

        Raises:
            TruncatedResponseError: a fault cut it.
        """
        yield from self._content.blocks(size)
        if self._content.keep is not None:
            raise TruncatedResponseError(
                IN_PROCESS_URL, self._content.keep, "the connection was closed"
            )


def _injected(fault: Fault) -> FileReply:
    headers = {"content-type": fault.content_type}
    if fault.retry_after:
        headers["retry-after"] = fault.retry_after
    return FileReply(fault.status, headers)


def _ranged(found: FileAnswer, asked: Mapping[str, str]) -> InProcessDownload:
    """Return the answer, or the part of it that ``Range`` asks for."""
    wanted = found.span(asked)
    headers = {
        **found.headers,
        "content-type": found.content_type,
        **wanted.headers,
    }
    content = _Content(found, wanted.start, wanted.end)
    return InProcessDownload(wanted.status, headers, content)
