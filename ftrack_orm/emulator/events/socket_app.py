"""The endpoints of the event hub: handshake and WebSocket (protocol 8.1, 8.2)."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket

from ftrack_orm.emulator import request_log
from ftrack_orm.emulator.disconnect import HangUp
from ftrack_orm.emulator.events.client import Client
from ftrack_orm.emulator.events.event import Event
from ftrack_orm.emulator.events.packets import event_packet
from ftrack_orm.emulator.events.router import EventRouter, User
from ftrack_orm.types import JSONObject

LogIn: TypeAlias = Callable[[str, str], JSONObject | None]
"""Takes a username and an API key; returns the user's row, ``None`` if wrong."""

_HANDSHAKE: Final = "/socket.io/1/"


@dataclass(frozen=True, slots=True)
class Heartbeats:
    """Intervals of heartbeats, in seconds.

    Attributes:
        interval: seconds between heartbeats of the server. The official JavaScript
            client disconnects after 15 seconds without one.
        silence: seconds without a packet after which the server drops a client; also
            the lifetime of a handshake.
    """

    interval: float = 5.0
    silence: float = 60.0


class Handshakes:
    """Session ids of handshakes; each is valid for one connection, for a time."""

    def __init__(self, seconds: float, clock: Callable[[], float]) -> None:
        self._seconds = seconds
        self._clock = clock
        self._users: dict[str, tuple[User, float]] = {}

    def issue(self, user: User) -> str:
        """Return a new session id for a user."""
        now = self._clock()
        # Expired ids are removed here, so that no timer is needed.
        self._users = {
            session_id: (user_, end)
            for session_id, (user_, end) in self._users.items()
            if end > now
        }
        new_id = uuid.uuid4().hex
        self._users[new_id] = user, now + self._seconds
        return new_id

    def redeem(self, session_id: str) -> User | None:
        """Consume a session id and return its user; ``None`` if it is not valid."""
        user, end = self._users.pop(session_id, (None, 0.0))
        return user if end > self._clock() else None


class SocketApp:
    """The endpoints that accept clients and connect them to the router."""

    def __init__(
        self,
        router: EventRouter,
        log_in: LogIn,
        heartbeats: Heartbeats,
        hang_up: HangUp | None,
    ) -> None:
        """Create the endpoints.

        Args:
            router: receives and delivers the events.
            log_in: returns the user for a username and an API key.
            heartbeats: intervals of heartbeats.
            hang_up: cuts off the socket of a client that does not respond.
        """
        self._router = router
        self._log_in = log_in
        self._heartbeats = heartbeats
        self._hang_up = hang_up
        self._handshakes = Handshakes(heartbeats.silence, time.monotonic)
        self._encoded: tuple[Event, str] | None = None

    def routes(self) -> list[BaseRoute]:
        """Return the routes."""
        return [
            Route(_HANDSHAKE, self._shake_hands, methods=["GET"]),
            WebSocketRoute(f"{_HANDSHAKE}websocket/{{session_id}}", self._serve),
        ]

    async def _shake_hands(self, request: Request) -> Response:
        """Return a session id for the user in the headers or the query."""
        username = _credential(request, "ftrack-user", "api_user")
        key = _credential(request, "ftrack-api-key", "api_key")
        user = await run_in_threadpool(self._log_in, username, key)
        if user is None:
            request_log.log_hub(username or "unknown user", "401")
            return PlainTextResponse("Wrong user or key.", 401)
        session_id = self._handshakes.issue(
            {"username": str(user["username"]), "id": str(user["id"])}
        )
        # Three intervals: a client disconnects only after three missing heartbeats.
        timeout = max(1, round(3 * self._heartbeats.interval))
        silence = max(1, round(self._heartbeats.silence))
        return PlainTextResponse(f"{session_id}:{timeout}:{silence}:websocket")

    async def _serve(self, socket: WebSocket) -> None:
        """Serve a client until the connection ends; close it for an unknown id."""
        user = self._handshakes.redeem(socket.path_params["session_id"])
        if user is None:
            request_log.log_hub("unknown user", "unknown session id")
            await socket.close()
            return
        await socket.accept()
        client = Client(
            socket,
            user,
            self._router,
            interval=self._heartbeats.interval,
            silence=self._heartbeats.silence,
            encode=self._encode,
            hang_up=self._hang_up,
        )
        await client.run()

    def _encode(self, event: Event) -> str:
        """Return the packet of an event, encoded once for all its receivers."""
        # No lock: the router delivers one event at a time, under its own lock.
        if self._encoded is None or self._encoded[0] is not event:
            self._encoded = event, event_packet(event)
        return self._encoded[1]


def _credential(request: Request, header: str, parameter: str) -> str:
    """Return a credential: PY sends headers, JS a query (protocol 8.1)."""
    value: str = request.headers.get(header) or request.query_params.get(parameter, "")
    return value
