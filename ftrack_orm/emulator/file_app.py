"""The endpoints for files, beside ``/api``: routes of the application (7.2)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, Response, StreamingResponse
from starlette.routing import Route

from ftrack_orm.emulator.breaking import HangUp, Silence, break_off
from ftrack_orm.emulator.faults import Fault, Faults
from ftrack_orm.emulator.file_service import (
    DEFAULT_PICTURE,
    NOT_ALLOWED,
    STALE,
    FileAnswer,
    FileRequest,
    FileService,
    default_picture,
)
from ftrack_orm.emulator.ranges import Span, span
from ftrack_orm.emulator.uploads import Slot

BLOCK: Final = 1024 * 1024
"""Bytes that are read or written at once."""

Handler = Callable[[Request], Awaitable[tuple[FileAnswer, FileRequest]]]


class _LargeBlocks(FileResponse):
    chunk_size = BLOCK


class FileApp:
    """Answers requests for files, each meeting the next fault first."""

    def __init__(
        self, service: FileService, faults: Faults, hang_up: HangUp | None
    ) -> None:
        self._service = service
        self._faults = faults
        self._hang_up = hang_up

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            Route("/upload/{token}", self._meeting(self._put), methods=["PUT"]),
            *(
                Route(f"/component/{name}", self._meeting(self._get), methods=["GET"])
                for name in ("get", "remove", "thumbnail", "signed")
            ),
            Route(DEFAULT_PICTURE, self._picture),
        ]

    def _meeting(self, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            fault = self._faults.take()
            if fault is not None and fault.kind == "drop_before":
                self._service.note(_noted(request))
                return Silence(self._hang_up, request)
            if fault is not None and fault.kind == "respond":
                async for _ in request.stream():
                    pass  # a client that is still sending would not hear the answer
                self._service.note(_noted(request, fault.status))
                return _injected(fault)
            try:
                found, noted = await handler(request)
            except ClientDisconnect:
                return Response(status_code=400)
            lost = fault is not None and fault.kind == "drop_after"
            self._service.note(noted._replace(status=None) if lost else noted)
            return await self._met(fault, found, request)

        return answer

    async def _met(
        self, fault: Fault | None, found: FileAnswer, request: Request
    ) -> Response:
        if fault is None:
            return _response(found)
        if fault.kind == "drop_after":
            return Silence(self._hang_up, request)
        if fault.kind == "truncate":
            return self._cut(found, fault.keep, request)
        await asyncio.sleep(fault.seconds)
        return _response(found)

    def _cut(self, found: FileAnswer, keep: int, request: Request) -> Response:
        wanted = _span(found, request)
        announced = wanted.headers
        size = min(keep, wanted.end - wanted.start)

        async def beginning() -> AsyncIterator[bytes]:
            yield await run_in_threadpool(_read, found, wanted.start, size)
            break_off(self._hang_up, request, is_at_once=False)

        return StreamingResponse(
            beginning(),
            wanted.status,
            headers={**found.headers, **announced},
            media_type=found.content_type,
        )

    # -- one request ---------------------------------------------------------------

    async def _put(self, request: Request) -> tuple[FileAnswer, FileRequest]:
        """Take the bytes of an upload, or of a part of one."""
        slot = self._service.uploads.slot(request.path_params["token"])
        if slot is None:
            async for _ in request.stream():
                pass
            return STALE, _noted(request, STALE.status)
        found = await self._taken(slot, request)
        noted = _noted(request, found.status, slot.component_id)
        return found, noted._replace(part_number=slot.part_number)

    async def _taken(self, slot: Slot, request: Request) -> FileAnswer:
        incoming = self._service.files.receive()
        waiting = bytearray()
        try:
            async for piece in request.stream():
                waiting += piece
                if len(waiting) >= BLOCK:
                    # In a thread, where its checksum holds up no other part; piece
                    # by piece the way there would cost more than the work.
                    await run_in_threadpool(incoming.write, waiting)
                    waiting = bytearray()
            incoming.write(waiting)
            return await run_in_threadpool(
                self._service.store, slot, incoming, dict(request.headers)
            )
        finally:
            incoming.discard()

    async def _get(self, request: Request) -> tuple[FileAnswer, FileRequest]:
        """Give a file, a picture of it, or delete it."""
        query = dict(request.query_params)
        endpoint = _endpoint(request)
        if endpoint == "remove" and request.method == "HEAD":
            # The framework sends HEAD wherever GET is taken; asking deletes nothing.
            return NOT_ALLOWED, _noted(request, NOT_ALLOWED.status)
        found = await run_in_threadpool(self._service.answer, endpoint, query)
        return found, _noted(request, _span(found, request).status, query.get("id"))

    async def _picture(self, request: Request) -> Response:
        return Response(default_picture(), media_type="image/png")


def _response(found: FileAnswer) -> Response:
    headers = dict(found.headers)
    if found.kept is None:
        return Response(
            found.body, found.status, headers=headers, media_type=found.content_type
        )
    # Ranges, `If-Range` and conditional requests are the framework's.
    return _LargeBlocks(
        found.kept.path,
        headers=headers,
        media_type=found.content_type,
        filename=found.name,
    )


def _injected(fault: Fault) -> Response:
    extra = {"retry-after": fault.retry_after} if fault.retry_after else None
    return Response(
        fault.body, fault.status, headers=extra, media_type=fault.content_type
    )


def _endpoint(request: Request) -> str:
    parts: list[str] = request.url.path.strip("/").split("/")
    return parts[1] if parts[0] == "component" else parts[0]


def _span(found: FileAnswer, request: Request) -> Span:
    """Return which bytes of the content are answered, and with which status."""
    if found.kept is None:
        return Span(found.status, 0, len(found.body), len(found.body))
    size = found.kept.path.stat().st_size
    return span(request.headers, found.headers["etag"], size)


def _read(found: FileAnswer, start: int, size: int) -> bytes:
    if found.kept is None:
        return found.body[start : start + size]
    with found.kept.path.open("rb") as source:
        source.seek(start)
        return source.read(size)


def _noted(
    request: Request, status: int | None = None, component_id: str | None = None
) -> FileRequest:
    known: Any = component_id or request.query_params.get("id")
    return FileRequest(
        request.method,
        _endpoint(request),
        known,
        None,
        request.headers.get("range"),
        status,
    )
