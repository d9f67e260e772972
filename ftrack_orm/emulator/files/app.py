"""Routes of the file endpoints (protocol 7.2)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import Any

from starlette.concurrency import iterate_in_threadpool, run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from ftrack_orm.emulator.authentication import LOGIN_COOKIE
from ftrack_orm.emulator.blobs.pictures import default_picture
from ftrack_orm.emulator.blobs.store import BLOCK
from ftrack_orm.emulator.blobs.uploads import UploadTarget
from ftrack_orm.emulator.disconnect import HangUp, Silence, break_off
from ftrack_orm.emulator.faults import Fault, Faults
from ftrack_orm.emulator.files.ranges import Span
from ftrack_orm.emulator.files.service import (
    DEFAULT_PICTURE,
    ENDPOINTS,
    INVALID_URL,
    LEGACY_UPLOAD,
    NOT_ALLOWED,
    FileRequest,
    FileResponse,
    FileService,
    storage_failure,
)
from ftrack_orm.emulator.known_keys import remember

Handler = Callable[[Request], Awaitable[tuple[FileResponse, FileRequest]]]


class _Blocks(StreamingResponse):
    """An HTTP response with a span of a file, which is closed afterwards."""

    def __init__(
        self,
        response: FileResponse,
        span: Span,
        keep: int | None = None,
        on_sent: Callable[[], None] | None = None,
    ) -> None:
        """Prepare the response.

        Args:
            response: the content and its headers.
            span: the bytes that the headers announce.
            keep: the number of bytes to send; by default all of the span.
            on_sent: called after the last byte.
        """
        end = span.end if keep is None else min(span.start + keep, span.end)
        self._blocks = response.blocks(span.start, end)
        self._on_sent = on_sent
        headers = {**response.headers, **span.headers}
        super().__init__(self._stream(), span.status, headers, response.content_type)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Send the bytes and close the file, also if the client disconnects."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._blocks.close()

    async def _stream(self) -> AsyncIterator[bytes]:
        async for block in iterate_in_threadpool(self._blocks):
            yield block
        if self._on_sent is not None:
            self._on_sent()


class FileApp:
    """The file endpoints; each request meets the next queued fault."""

    def __init__(
        self, service: FileService, faults: Faults, hang_up: HangUp | None
    ) -> None:
        self._service = service
        self._faults = faults
        self._hang_up = hang_up

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            Route("/upload/{token}", self._with_fault(self._put), methods=["PUT"]),
            Route("/component/add", self._with_fault(self._add), methods=["POST"]),
            *(
                Route(
                    f"/component/{name}", self._with_fault(self._get), methods=["GET"]
                )
                for name in ENDPOINTS
            ),
            Route(DEFAULT_PICTURE, self._picture),
        ]

    def _with_fault(self, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
        """Return an endpoint that applies the next fault to the handler's response."""

        async def endpoint(request: Request) -> Response:
            fault = self._faults.take()
            if fault is not None and fault.kind == "drop_before":
                self._service.record(_file_request(request))
                return Silence(self._hang_up, request)
            if fault is not None and fault.kind == "respond":
                await _drain(request)
                self._service.record(_file_request(request, fault.status))
                return _injected(fault)
            try:
                response, entry = await handler(request)
            except ClientDisconnect:
                return Response(status_code=400)
            except OSError as error:
                # RuntimeError: the request has been read to its end.
                with suppress(ClientDisconnect, RuntimeError):
                    await _drain(request)
                response = storage_failure(error)
                entry = _file_request(request, response.status)
            is_lost = fault is not None and fault.kind == "drop_after"
            self._service.record(entry._replace(status=None) if is_lost else entry)
            return await self._apply_fault(fault, response, request)

        return endpoint

    async def _apply_fault(
        self, fault: Fault | None, response: FileResponse, request: Request
    ) -> Response:
        if fault is None:
            return _http_response(response, request)
        if fault.kind == "drop_after":
            return Silence(self._hang_up, request)
        if fault.kind == "truncate":
            return self._truncated(response, fault.keep, request)
        await asyncio.sleep(fault.seconds)
        return _http_response(response, request)

    def _truncated(
        self, response: FileResponse, keep: int, request: Request
    ) -> Response:
        on_sent = partial(break_off, self._hang_up, request, is_at_once=False)
        return _Blocks(response, response.span(request.headers), keep, on_sent)

    # -- one request ---------------------------------------------------------------

    async def _put(self, request: Request) -> tuple[FileResponse, FileRequest]:
        """Store the bytes of an upload, or of a part of one."""
        token = request.path_params["token"]
        target = self._service.uploads.target(token)
        if target is None:
            await _drain(request)
            return INVALID_URL, _file_request(request, INVALID_URL.status)
        response = await self._receive(token, target, request)
        entry = _file_request(request, response.status, target.component_id)
        return response, entry._replace(part_number=target.part_number)

    async def _receive(
        self, token: str, target: UploadTarget, request: Request
    ) -> FileResponse:
        incoming = self._service.files.receive()
        buffer = bytearray()
        try:
            async for chunk in request.stream():
                buffer += chunk
                if len(buffer) >= BLOCK:
                    # In a thread, so that computing the checksum does not block other
                    # uploads. In blocks, because switching threads for each chunk
                    # takes longer than the checksum.
                    await run_in_threadpool(incoming.write, buffer)
                    buffer = bytearray()
            incoming.write(buffer)
            headers = dict(request.headers)
            return await run_in_threadpool(
                self._service.store, token, target, incoming, headers
            )
        finally:
            incoming.discard()

    async def _add(self, request: Request) -> tuple[FileResponse, FileRequest]:
        """Refuse an upload in the form of outdated clients."""
        await _drain(request)
        return LEGACY_UPLOAD, _file_request(request, LEGACY_UPLOAD.status)

    async def _get(self, request: Request) -> tuple[FileResponse, FileRequest]:
        """Return a file or a thumbnail of it, or delete it."""
        query = dict(request.query_params)
        endpoint = _endpoint(request)
        if endpoint == "remove" and request.method == "HEAD":
            # Starlette routes HEAD to every GET endpoint; HEAD must delete nothing.
            return NOT_ALLOWED, _file_request(request, NOT_ALLOWED.status)
        cookie = request.cookies.get(LOGIN_COOKIE, "")
        response = await run_in_threadpool(
            self._service.respond, endpoint, query, cookie
        )
        status = response.span(request.headers).status
        return response, _file_request(request, status, query.get("id"))

    async def _picture(self, request: Request) -> Response:
        return Response(default_picture(), media_type="image/png")


async def _drain(request: Request) -> None:
    """Read the rest of a request: clients read no response before they have sent it."""
    async for _ in request.stream():
        pass


def _http_response(response: FileResponse, request: Request) -> Response:
    if response.blob is None:
        return Response(
            response.body,
            response.status,
            headers=dict(response.headers),
            media_type=response.content_type,
        )
    span = response.span(request.headers)
    if request.method == "HEAD":
        headers = {**response.headers, **span.headers}
        return Response(b"", span.status, headers, response.content_type)
    return _Blocks(response, span)


def _injected(fault: Fault) -> Response:
    headers = {"retry-after": fault.retry_after} if fault.retry_after else None
    return Response(
        fault.body, fault.status, headers=headers, media_type=fault.content_type
    )


def _endpoint(request: Request) -> str:
    parts: list[str] = request.url.path.strip("/").split("/")
    return parts[1] if parts[0] == "component" else parts[0]


def _file_request(
    request: Request, status: int | None = None, component_id: str | None = None
) -> FileRequest:
    """Return the log entry of a request, without its token or key."""
    remember(request.query_params.get("apiKey", ""))
    return FileRequest(
        request.method,
        _endpoint(request),
        component_id or request.query_params.get("id"),
        None,
        request.headers.get("range"),
        status,
    )
