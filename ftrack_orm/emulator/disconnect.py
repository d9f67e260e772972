"""Break connections, for injected faults."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, MutableMapping
from typing import Any, TypeAlias

from starlette.requests import Request
from starlette.responses import Response

HangUp: TypeAlias = Callable[[MutableMapping[str, Any], bool], None]
"""Closes the socket of an ASGI scope: at once, or after the buffered data is sent."""


def break_off(hang_up: HangUp | None, request: Request, *, is_at_once: bool) -> None:
    """Close the connection of a request, if the server provides `hang_up`.

    Args:
        hang_up: closes the socket, or ``None``.
        request: the request.
        is_at_once: discard buffered data instead of sending it.
    """
    if hang_up is not None:
        hang_up(request.scope, is_at_once)


class Silence(Response):
    """No response: the connection is closed instead."""

    def __init__(self, hang_up: HangUp | None, request: Request) -> None:
        super().__init__()
        self._hang_up = hang_up
        self._request = request

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Close the connection."""
        break_off(self._hang_up, self._request, is_at_once=True)
        # uvicorn logs an error for a request that ends without a response, unless the
        # client has disconnected, which it notices in the next round of its loop.
        await asyncio.sleep(0.01)
