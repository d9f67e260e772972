"""The endpoints for files, beside ``/api``: routes of the application (7.2)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
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
    LEGACY_UPLOAD,
    NOT_ALLOWED,
    STALE,
    FileAnswer,
    FileRequest,
    FileService,
)

Handler = Callable[[Request], Awaitable[tuple[FileAnswer, FileRequest]]]


class _Blocks(StreamingResponse):
    """Some bytes of a file, which is closed when they are sent or nobody wants them."""

    def __init__(
        self,
        found: FileAnswer,
        span: Span,
        keep: int | None = None,
        then: Callable[[], None] | None = None,
    ) -> None:
        """Prepare the answer.

        Args:
            found: what is answered.
            span: which bytes of it are announced.
            keep: how many of them are sent, unless all are.
            then: called when they are.
        """
        end = span.end if keep is None else min(span.start + keep, span.end)
        self._blocks = found.blocks(span.start, end)
        self._then = then
        headers = {**found.headers, **span.headers}
        super().__init__(self._sent(), span.status, headers, found.content_type)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Send them."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._blocks.close()

    async def _sent(self) -> AsyncIterator[bytes]:
        async for block in iterate_in_threadpool(self._blocks):
            yield block
        if self._then is not None:
            self._then()


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
            Route("/component/add", self._meeting(self._add), methods=["POST"]),
            *(
                Route(f"/component/{name}", self._meeting(self._get), methods=["GET"])
                for name in ENDPOINTS
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
                await _read_away(request)
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
            return _response(found, request)
        if fault.kind == "drop_after":
            return Silence(self._hang_up, request)
        if fault.kind == "truncate":
            return self._cut(found, fault.keep, request)
        await asyncio.sleep(fault.seconds)
        return _response(found, request)

    def _cut(self, found: FileAnswer, keep: int, request: Request) -> Response:
        then = partial(break_off, self._hang_up, request, is_at_once=False)
        return _Blocks(found, found.span(request.headers), keep, then)

    # -- one request ---------------------------------------------------------------

    async def _put(self, request: Request) -> tuple[FileAnswer, FileRequest]:
        """Take the bytes of an upload, or of a part of one."""
        token = request.path_params["token"]
        slot = self._service.uploads.slot(token)
        if slot is None:
            await _read_away(request)
            return STALE, _noted(request, STALE.status)
        found = await self._taken(token, slot, request)
        noted = _noted(request, found.status, slot.component_id)
        return found, noted._replace(part_number=slot.part_number)

    async def _taken(
        self, token: str, slot: UploadTarget, request: Request
    ) -> FileAnswer:
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
            headers = dict(request.headers)
            return await run_in_threadpool(
                self._service.store, token, slot, incoming, headers
            )
        finally:
            incoming.discard()

    async def _add(self, request: Request) -> tuple[FileAnswer, FileRequest]:
        """Refuse the upload of clients that no one uses any more."""
        await _read_away(request)
        return LEGACY_UPLOAD, _noted(request, LEGACY_UPLOAD.status)

    async def _get(self, request: Request) -> tuple[FileAnswer, FileRequest]:
        """Give a file, a picture of it, or delete it."""
        query = dict(request.query_params)
        endpoint = _endpoint(request)
        if endpoint == "remove" and request.method == "HEAD":
            # The framework sends HEAD wherever GET is taken; asking deletes nothing.
            return NOT_ALLOWED, _noted(request, NOT_ALLOWED.status)
        cookie = request.cookies.get(LOGIN_COOKIE, "")
        found = await run_in_threadpool(self._service.answer, endpoint, query, cookie)
        status = found.span(request.headers).status
        return found, _noted(request, status, query.get("id"))

    async def _picture(self, request: Request) -> Response:
        return Response(default_picture(), media_type="image/png")


async def _read_away(request: Request) -> None:
    """Take what a client is still sending: it would not hear the answer before."""
    async for _ in request.stream():
        pass


def _response(found: FileAnswer, request: Request) -> Response:
    if found.kept is None:
        return Response(
            found.body,
            found.status,
            headers=dict(found.headers),
            media_type=found.content_type,
        )
    wanted = found.span(request.headers)
    if request.method == "HEAD":
        headers = {**found.headers, **wanted.headers}
        return Response(b"", wanted.status, headers, found.content_type)
    return _Blocks(found, wanted)


def _injected(fault: Fault) -> Response:
    extra = {"retry-after": fault.retry_after} if fault.retry_after else None
    return Response(
        fault.body, fault.status, headers=extra, media_type=fault.content_type
    )


def _endpoint(request: Request) -> str:
    parts: list[str] = request.url.path.strip("/").split("/")
    return parts[1] if parts[0] == "component" else parts[0]


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
