"""The emulator as an ASGI application: ``POST /api``, and JSON whatever happens."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, MutableMapping
from typing import Any, Final, TypeAlias

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from ftrack_orm.emulator.exchange import Exchange, Outcome

HangUp: TypeAlias = Callable[[MutableMapping[str, Any], bool], None]
"""Closes the socket behind an ASGI scope; at once, or after what was written."""

# Most of an answer is repeated names and ids: the fastest level packs them well.
_GZIP_LEVEL: Final = 1
_GZIP_MINIMUM: Final = 1024


def make_app(
    exchange: Exchange, *, api_endpoint: str = "/api", hang_up: HangUp | None = None
) -> Starlette:
    """Return the application.

    Args:
        exchange: carries out the requests.
        api_endpoint: path that takes them.
        hang_up: breaks connections, for injected faults. Without it they end the
            way the ASGI server ends an application that falls silent.
    """
    endpoint = _Endpoint(exchange, hang_up)
    return Starlette(
        routes=[Route(api_endpoint, endpoint.post, methods=["POST"])],
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
            Middleware(
                GZipMiddleware, minimum_size=_GZIP_MINIMUM, compresslevel=_GZIP_LEVEL
            ),
        ],
        exception_handlers={HTTPException: _json_error},
    )


class _Endpoint:
    def __init__(self, exchange: Exchange, hang_up: HangUp | None) -> None:
        self._exchange = exchange
        self._hang_up = hang_up

    async def post(self, request: Request) -> Response:
        """Answer one request, in a thread: SQLite would hold up the others."""
        body = await request.body()
        # Names arrive in lower case: ASGI says so.
        headers = dict(request.headers)
        outcome = await run_in_threadpool(self._exchange.run, body, headers)
        if outcome.delay:
            await asyncio.sleep(outcome.delay)
        if outcome.is_lost:
            return self._silence(request)
        if outcome.keep is not None:
            return self._truncated(request, outcome, outcome.keep)
        extra = {"retry-after": outcome.retry_after} if outcome.retry_after else None
        return Response(
            outcome.body,
            outcome.status,
            headers=extra,
            media_type=outcome.content_type,
        )

    def _silence(self, request: Request) -> Response:
        return _Silence(lambda: self._break(request, is_at_once=True))

    def _truncated(self, request: Request, outcome: Outcome, keep: int) -> Response:
        async def beginning() -> AsyncIterator[bytes]:
            yield outcome.body[:keep]
            self._break(request, is_at_once=False)

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

    def _break(self, request: Request, *, is_at_once: bool) -> None:
        if self._hang_up is not None:
            self._hang_up(request.scope, is_at_once)


class _Silence(Response):
    """No answer at all: the connection is closed under it."""

    def __init__(self, break_connection: Callable[[], None]) -> None:
        super().__init__()
        self._break_connection = break_connection

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self._break_connection()
        # The server calls a request finished without answer an error, unless the
        # client has gone; it notices that in the next round of its loop.
        await asyncio.sleep(0.01)


async def _json_error(request: Request, error: Exception) -> Response:
    """Return JSON for unknown paths and methods: clients decode whatever comes."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    detail = error.detail if isinstance(error, HTTPException) else str(error)
    return JSONResponse({"detail": detail}, status)
