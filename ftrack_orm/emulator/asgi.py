"""The emulator as an ASGI application: ``POST /api``, files and events beside it."""

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
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from ftrack_orm.emulator.authentication import LOGIN_COOKIE
from ftrack_orm.emulator.disconnect import HangUp, Silence, break_off
from ftrack_orm.emulator.fault_injection import FaultInjector, Outcome
from ftrack_orm.emulator.faults import Faults
from ftrack_orm.emulator.files.app import FileApp
from ftrack_orm.emulator.files.service import FileService
from ftrack_orm.emulator.widgets import WidgetApp, WidgetTokens

# Most of an answer is repeated names and ids: the fastest level packs them well.
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
        injector: carries out the requests.
        files: takes and gives files.
        file_faults: what requests for files meet.
        widget_tokens: what opens the addresses of widgets.
        more_routes: makes the routes beside those of the API and of files.
        api_endpoint: path that takes them.
        hang_up: breaks connections, for injected faults. Without it they end the
            way the ASGI server ends an application that falls silent.
    """
    endpoint = _Endpoint(injector, hang_up)
    return Starlette(
        routes=[
            Route(
                api_endpoint,
                endpoint.post,
                methods=["POST"],
                # Files have lengths and ranges, which packing would change.
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
            # Browsers send cookies along, so they want their own origin named and
            # not a star (protocol 1.3); headers of their own are theirs to choose.
            Middleware(
                CORSMiddleware,
                allow_origin_regex=".*",
                allow_credentials=True,
                allow_methods=["GET", "POST", "PUT"],
                allow_headers=["*"],
                expose_headers=["ETag"],
            ),
        ],
        exception_handlers={HTTPException: _json_error},
    )


class _Endpoint:
    def __init__(self, injector: FaultInjector, hang_up: HangUp | None) -> None:
        self._injector = injector
        self._hang_up = hang_up

    async def post(self, request: Request) -> Response:
        """Answer one request, in a thread: SQLite would hold up the others."""
        body = await request.body()
        # Names arrive in lower case: ASGI says so.
        headers = dict(request.headers)
        outcome = await run_in_threadpool(self._injector.run, body, headers)
        if outcome.delay:
            await asyncio.sleep(outcome.delay)
        if outcome.is_lost:
            return Silence(self._hang_up, request)
        if outcome.keep is not None:
            return self._truncated(request, outcome, outcome.keep)
        extra = {"retry-after": outcome.retry_after} if outcome.retry_after else None
        answer = Response(
            outcome.body,
            outcome.status,
            headers=extra,
            media_type=outcome.content_type,
        )
        if outcome.cookie is not None:
            answer.set_cookie(LOGIN_COOKIE, outcome.cookie, httponly=True)
        return answer

    def _truncated(self, request: Request, outcome: Outcome, keep: int) -> Response:
        async def beginning() -> AsyncIterator[bytes]:
            yield outcome.body[:keep]
            break_off(self._hang_up, request, is_at_once=False)

        return StreamingResponse(
            beginning(),
            outcome.status,
            headers={
                "content-length": str(len(outcome.body)),
                # Packing would give the answer another length, and an end.
                "content-encoding": "identity",
            },
            media_type=outcome.content_type,
        )


async def _json_error(request: Request, error: Exception) -> Response:
    """Return JSON for unknown paths and methods: clients decode whatever comes."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    detail = error.detail if isinstance(error, HTTPException) else str(error)
    return JSONResponse({"detail": detail}, status)
