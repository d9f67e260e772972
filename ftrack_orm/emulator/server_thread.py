"""The HTTP server of an emulator, in a background thread."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, MutableMapping
from typing import Any, Final

import uvicorn
from starlette.applications import Starlette

from ftrack_orm.errors.emulator import EmulatorError

_START_TIMEOUT: Final = 10.0
"""Seconds to wait for the start or the end of the server's thread."""


def _listen(host: str, port: int) -> socket.socket:
    """Return a listening socket whose connections send small responses at once.

    asyncio sets TCP_NODELAY only for sockets whose protocol is IPPROTO_TCP. Those of
    `socket.create_server` have protocol number zero, and each response would take 40 ms
    longer.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    plain = socket.create_server((host, port), family=family)
    return socket.socket(plain.family, plain.type, socket.IPPROTO_TCP, plain.detach())


class ServerThread:
    """A uvicorn server in a background thread.

    Attributes:
        url: the address of the server.
    """

    def __init__(self, make: Callable[..., Starlette], host: str, port: int) -> None:
        """Start the server and return when it is ready.

        Args:
            make: returns the application; it takes `hang_up`.
            host: address to listen on.
            port: port to listen on; 0 selects a free one.

        Raises:
            EmulatorError: the server did not start in time.
            OSError: the port is in use.
        """
        app = make(hang_up=self._hang_up)
        config = uvicorn.Config(
            app,
            log_level="error",
            access_log=False,
            lifespan="off",
            ws="wsproto",
            # The event hub sends heartbeats as Socket.IO packets instead of pings.
            ws_ping_interval=None,
            ws_per_message_deflate=False,
            timeout_graceful_shutdown=1,
        )
        self._server = uvicorn.Server(config)
        self._socket = _listen(host, port)
        url_host = f"[{host}]" if ":" in host else host
        self.url = f"http://{url_host}:{self._socket.getsockname()[1]}"
        self._thread = threading.Thread(
            target=self._server.run,
            kwargs={"sockets": [self._socket]},
            name="ftrack-emulator",
            daemon=True,
        )
        self._thread.start()
        self._wait_until_ready()

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + _START_TIMEOUT
        while not self._server.started:
            if not self._thread.is_alive() or time.monotonic() > deadline:
                raise EmulatorError(f"The emulator did not start on {self.url}.")
            time.sleep(0.002)

    def stop(self) -> None:
        """Stop the server and wait for the end of its thread."""
        self._server.should_exit = True
        self._thread.join(_START_TIMEOUT)
        self._socket.close()

    def _hang_up(self, scope: MutableMapping[str, Any], is_at_once: bool) -> None:
        """Close the connection of a request, found by the client's address."""
        # An ASGI scope has no reference to its transport.
        for connection in list(self._server.server_state.connections):
            if connection.client == scope["client"]:  # type: ignore[union-attr]
                transport = connection.transport
                if is_at_once:
                    transport.abort()
                else:
                    transport.close()
