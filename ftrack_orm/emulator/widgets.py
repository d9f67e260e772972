"""Pages at the addresses of widgets: parts of a web interface (protocol 2.14).

The emulator has no web interface. Its pages say what a server would show there, so
that tools that open an address find something behind it.
"""

from __future__ import annotations

import html
from datetime import datetime, timedelta
from typing import Final

from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from ftrack_orm.emulator.clock import Clock

LIFETIME: Final = timedelta(minutes=6)
"""How long the token of an address is good (protocol 2.14)."""

_PAGE: Final = """<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>ftrack emulator: {name}</title></head>
<body>
<h1>{name}</h1>
<p>A server shows its widget here. This is an emulator, which has none.</p>
<dl>{rows}</dl>
</body>
</html>
"""


class WidgetTokens:
    """The tokens in addresses that were handed out, and until when each is good."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._deadlines: dict[str, datetime] = {}

    def add(self, token: str) -> None:
        """Let a token be good from now on."""
        self._deadlines[token] = self._clock() + LIFETIME

    def is_valid(self, token: str) -> bool:
        """Return whether a token was handed out, and not too long ago."""
        deadline = self._deadlines.get(token)
        return deadline is not None and self._clock() <= deadline

    def clear(self) -> None:
        """Forget all of them."""
        self._deadlines.clear()


class WidgetApp:
    """Answers at the addresses of widgets."""

    def __init__(self, tokens: WidgetTokens) -> None:
        self._tokens = tokens

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [Route("/widget/{name}", self._show)]

    def _show(self, request: Request) -> HTMLResponse:
        shown = dict(request.query_params)
        if not self._tokens.is_valid(shown.pop("token", "")):
            return HTMLResponse("This address is not good (any more).", 403)
        rows = "".join(
            f"<dt>{html.escape(name)}</dt><dd>{html.escape(value)}</dd>"
            for name, value in shown.items()
        )
        name = html.escape(request.path_params["name"])
        return HTMLResponse(_PAGE.format(name=name, rows=rows))
