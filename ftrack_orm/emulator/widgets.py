"""Pages at the URLs of widgets, which are parts of the web interface (protocol 2.14).

The emulator has no web interface. Its pages show the name and the parameters of the
widget, so that the URLs can be opened.
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
"""Lifetime of the token in a widget's URL (protocol 2.14)."""

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
    """The tokens of issued widget URLs, with the end of their lifetime."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._deadlines: dict[str, datetime] = {}

    def add(self, token: str) -> None:
        """Add a token; its lifetime begins now."""
        self._deadlines[token] = self._clock() + LIFETIME

    def is_valid(self, token: str) -> bool:
        """Return whether a token was issued and has not expired."""
        deadline = self._deadlines.get(token)
        return deadline is not None and self._clock() <= deadline

    def clear(self) -> None:
        """Invalidate all tokens."""
        self._deadlines.clear()


class WidgetApp:
    """The endpoint of widget URLs."""

    def __init__(self, tokens: WidgetTokens) -> None:
        self._tokens = tokens

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [Route("/widget/{name}", self._show)]

    def _show(self, request: Request) -> HTMLResponse:
        parameters = dict(request.query_params)
        if not self._tokens.is_valid(parameters.pop("token", "")):
            return HTMLResponse("This URL is not valid or has expired.", 403)
        rows = "".join(
            f"<dt>{html.escape(name)}</dt><dd>{html.escape(value)}</dd>"
            for name, value in parameters.items()
        )
        name = html.escape(request.path_params["name"])
        return HTMLResponse(_PAGE.format(name=name, rows=rows))
