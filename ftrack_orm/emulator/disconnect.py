"""Connections that break on purpose, for injected faults."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, MutableMapping
from typing import Any, TypeAlias

from starlette.requests import Request
from starlette.responses import Response

HangUp: TypeAlias = Callable[[MutableMapping[str, Any], bool], None]
"""Closes the socket behind an ASGI scope; at once, or after what was written."""


def break_off(hang_up: HangUp | None, request: Request, *, is_at_once: bool) -> None:
    """Close the connection of a request, where the server can be told to."""
    if hang_up is not None:
        hang_up(request.scope, is_at_once)


class Silence(Response):
    """No answer at all: the connection is closed under it."""

    def __init__(self, hang_up: HangUp | None, request: Request) -> None:
        super().__init__()
        self._hang_up = hang_up
        self._request = request

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Close the connection."""
        break_off(self._hang_up, self._request, is_at_once=True)
        # The server calls a request finished without answer an error, unless the
        # client has gone; it notices that in the next round of its loop.
        await asyncio.sleep(0.01)
