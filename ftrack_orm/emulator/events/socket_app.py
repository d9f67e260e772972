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
"""Takes a user's name and key and returns its row, ``None`` if they are wrong."""

_HANDSHAKE: Final = "/socket.io/1/"


@dataclass(frozen=True, slots=True)
class Heartbeats:
    """How often each side shows that it is there, in seconds.

    Attributes:
        interval: between heartbeats of the server. The official JavaScript client
            gives up after 15 seconds without one.
        silence: without any packet of a client until the server gives it up; also
            how long a handshake is good for.
    """

    interval: float = 5.0
    silence: float = 60.0


class Handshakes:
    """Session ids that were handed out, each good for one connection, for a time."""

    def __init__(self, seconds: float, clock: Callable[[], float]) -> None:
        self._seconds = seconds
        self._clock = clock
        self._waiting: dict[str, tuple[User, float]] = {}

    def hand_out(self, user: User) -> str:
        """Return a new session id for a user."""
        now = self._clock()
        self._waiting = {
            each: (user_, end)
            for each, (user_, end) in self._waiting.items()
            if end > now
        }
        session_id = uuid.uuid4().hex
        self._waiting[session_id] = user, now + self._seconds
        return session_id

    def take(self, session_id: str) -> User | None:
        """Return whose id it is and forget it; ``None`` if it is not good."""
        user, end = self._waiting.pop(session_id, (None, 0.0))
        return user if end > self._clock() else None


class SocketApp:
    """Lets clients in, and carries packets between them and the router."""

    def __init__(
        self,
        router: EventRouter,
        log_in: LogIn,
        heartbeats: Heartbeats,
        hang_up: HangUp | None,
    ) -> None:
        """Make the endpoints.

        Args:
            router: takes and hands on the events.
            log_in: knows users and their keys.
            heartbeats: how often each side shows that it is there.
            hang_up: closes the socket of a client that takes nothing any more.
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
        """Answer with a session id for the user that headers or query name."""
        username = _credential(request, "ftrack-user", "api_user")
        key = _credential(request, "ftrack-api-key", "api_key")
        user = await run_in_threadpool(self._log_in, username, key)
        if user is None:
            shown = username.replace(key, "***") if key else username
            request_log.log_hub(shown or "nobody", "401")
            return PlainTextResponse("Wrong user or key.", 401)
        session_id = self._handshakes.hand_out(
            {"username": str(user["username"]), "id": str(user["id"])}
        )
        # Three heartbeats may be late before a client gives the server up.
        patience = max(1, round(3 * self._heartbeats.interval))
        silence = max(1, round(self._heartbeats.silence))
        return PlainTextResponse(f"{session_id}:{patience}:{silence}:websocket")

    async def _serve(self, socket: WebSocket) -> None:
        """Carry packets until one side ends it; an unknown id gets no connection."""
        user = self._handshakes.take(socket.path_params["session_id"])
        if user is None:
            request_log.log_hub("nobody", "unknown session id")
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
        """Return the packet of an event, made once for all clients it goes to."""
        # Only called while the router hands an event on, one event at a time.
        if self._encoded is None or self._encoded[0] is not event:
            self._encoded = event, event_packet(event)
        return self._encoded[1]


def _credential(request: Request, header: str, parameter: str) -> str:
    """Return a credential: PY sends headers, JS a query (protocol 8.1)."""
    found: str = request.headers.get(header) or request.query_params.get(parameter, "")
    return found
