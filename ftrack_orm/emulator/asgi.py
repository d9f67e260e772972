"""The emulator as an ASGI application: the API, files, widgets and events."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Final

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from ftrack_orm.emulator.authentication import LOGIN_COOKIE
from ftrack_orm.emulator.disconnect import HangUp, Silence, break_off
from ftrack_orm.emulator.fault_injection import FaultInjector, Outcome
from ftrack_orm.emulator.faults import Faults
from ftrack_orm.emulator.files.app import FileApp
from ftrack_orm.emulator.files.service import FileService
from ftrack_orm.emulator.widgets import WidgetApp, WidgetTokens

# Responses repeat names and ids, which the fastest level compresses well.
_GZIP_LEVEL: Final = 1
_GZIP_MINIMUM: Final = 1024


def make_app(
    injector: FaultInjector,
    files: FileService,
    file_faults: Faults,
    widget_tokens: WidgetTokens,
    *,
    more_routes: Callable[[HangUp | None], list[BaseRoute]] = lambda hang_up: [],
    api_endpoint: str = "/api",
    hang_up: HangUp | None = None,
) -> Starlette:
    """Return the application.

    Args:
        injector: handles requests to the API.
        files: handles requests for files.
        file_faults: faults for requests for files.
        widget_tokens: tokens of widget URLs.
        more_routes: returns further routes.
        api_endpoint: path of the API.
        hang_up: breaks connections, for injected faults. Without it, a connection ends
            as the ASGI server ends it for an application that sends no response.
    """
    endpoint = _Endpoint(injector, hang_up)
    return Starlette(
        routes=[
            Route(
                api_endpoint,
                endpoint.post,
                methods=["POST"],
                # Not for files: compression would change their lengths and ranges.
                middleware=[
                    Middleware(
                        GZipMiddleware,
                        minimum_size=_GZIP_MINIMUM,
                        compresslevel=_GZIP_LEVEL,
                    )
                ],
            ),
            *FileApp(files, file_faults, hang_up).routes(),
            *WidgetApp(widget_tokens).routes(),
            *more_routes(hang_up),
        ],
        middleware=[
            # For requests with cookies, browsers accept their origin but no "*"
            # (protocol 1.3). Clients may add headers, so all headers are accepted.
            Middleware(
                CORSMiddleware,
                allow_origin_regex=".*",
                allow_credentials=True,
                allow_methods=["GET", "POST", "PUT"],
                allow_headers=["*"],
                expose_headers=["ETag"],
            ),
        ],
        exception_handlers={HTTPException: _json_error, Exception: _json_error},
    )


class _Endpoint:
    def __init__(self, injector: FaultInjector, hang_up: HangUp | None) -> None:
        self._injector = injector
        self._hang_up = hang_up

    async def post(self, request: Request) -> Response:
        """Respond to a request, in a worker thread: SQLite would block the loop."""
        try:
            body = await _read_body(request, self._injector.max_body)
        except ClientDisconnect:
            # Without a client the status is only that of the log.
            return Response(status_code=400)
        # ASGI headers have lower-case names, as the injector expects.
        headers = dict(request.headers)
        outcome = await run_in_threadpool(self._injector.run, body, headers)
        if outcome.delay:
            await asyncio.sleep(outcome.delay)
        if outcome.is_lost:
            return Silence(self._hang_up, request)
        if outcome.keep is not None:
            return self._truncated(request, outcome, outcome.keep)
        retry_after = outcome.retry_after
        response = Response(
            outcome.body,
            outcome.status,
            headers={"retry-after": retry_after} if retry_after else None,
            media_type=outcome.content_type,
        )
        if outcome.cookie is not None:
            response.set_cookie(LOGIN_COOKIE, outcome.cookie, httponly=True)
        return response

    def _truncated(self, request: Request, outcome: Outcome, keep: int) -> Response:
        async def beginning() -> AsyncIterator[bytes]:
            yield outcome.body[:keep]
            break_off(self._hang_up, request, is_at_once=False)

        return StreamingResponse(
            beginning(),
            outcome.status,
            headers={
                "content-length": str(len(outcome.body)),
                # Compression would change the length, and end the body properly.
                "content-encoding": "identity",
            },
            media_type=outcome.content_type,
        )


async def _read_body(request: Request, limit: int) -> bytes:
    """Return the body of a request; of a longer one the first `limit` + 1 bytes.

    The rest is received, because clients read no response before they have sent
    everything, and discarded.
    """
    body = bytearray()
    async for chunk in request.stream():
        body += chunk[: limit + 1 - len(body)]
    return bytes(body)


async def _json_error(request: Request, error: Exception) -> Response:
    """Return JSON for unknown paths and methods: clients decode every response."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    # Not the error's text, which may name files.
    detail = error.detail if isinstance(error, HTTPException) else "Internal error."
    return JSONResponse({"detail": detail}, status)
