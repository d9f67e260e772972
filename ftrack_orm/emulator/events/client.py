"""One client of the event hub, at the other end of a WebSocket (protocol 8.2)."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Final

from starlette.websockets import WebSocket, WebSocketDisconnect

from ftrack_orm.emulator import request_log
from ftrack_orm.emulator.disconnect import HangUp
from ftrack_orm.emulator.events.event import Event, EventRefusedError
from ftrack_orm.emulator.events.packets import (
    CONNECTED,
    HEARTBEAT,
    Kind,
    Packet,
    PacketError,
    acknowledgement,
    parse_packet,
    read_event_packet,
    result_of,
)
from ftrack_orm.emulator.events.router import Connection, EventRouter, User

MOST_WAITING: Final = 32 * 1024 * 1024
"""Characters that may wait for a client; one that takes them slower is let go."""

_PATIENCE: Final = 0.2
"""Seconds that a client has to take the end of its connection."""


class Client:
    """Carries packets to and fro until the connection ends, from whichever side."""

    def __init__(
        self,
        socket: WebSocket,
        user: User,
        router: EventRouter,
        *,
        interval: float,
        silence: float,
        encode: Callable[[Event], str],
        hang_up: HangUp | None,
    ) -> None:
        self._socket = socket
        self._user = user
        self._router = router
        self._interval = interval
        self._silence = silence
        self._encode = encode
        self._hang_up = hang_up
        self._loop = asyncio.get_running_loop()
        self._outgoing: asyncio.Queue[str] = asyncio.Queue()
        self._waiting = 0
        self._ended = asyncio.Event()
        self._is_polite = False
        self._heard_at = time.monotonic()
        self._connection = Connection(user, self._deliver, self._break_off)

    async def run(self) -> None:
        """Serve the client until it leaves, is silent too long, or is let go."""
        self._put(CONNECTED)
        self._router.connect(self._connection)
        self._log("connected")
        work = [self._read(), self._write(), self._beat(), self._ended.wait()]
        try:
            await _first_of(work)
        finally:
            self._router.leave(self._connection)
            self._log("disconnected")
            await self._close()

    async def _close(self) -> None:
        if self._is_polite:
            with contextlib.suppress(TimeoutError, RuntimeError, WebSocketDisconnect):
                await asyncio.wait_for(self._socket.close(), _PATIENCE)
                return
        if self._hang_up is not None:
            self._hang_up(self._socket.scope, True)

    # -- from any thread -----------------------------------------------------------

    def _deliver(self, event: Event) -> None:
        self._call(self._put, self._encode(event))

    def _break_off(self) -> None:
        self._call(self._ended.set)

    def _call(self, function: Callable[..., object], *arguments: object) -> None:
        # A loop that is closed has no connections either.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(function, *arguments)

    # -- in the loop ---------------------------------------------------------------

    def _put(self, text: str) -> None:
        if self._waiting > MOST_WAITING:
            self._log("let go: too much waits for it")
            self._ended.set()
        else:
            self._waiting += len(text)
            self._outgoing.put_nowait(text)

    async def _write(self) -> None:
        with contextlib.suppress(WebSocketDisconnect):
            while True:
                text = await self._outgoing.get()
                await self._socket.send_text(text)
                self._waiting -= len(text)

    async def _beat(self) -> None:
        while time.monotonic() - self._heard_at < self._silence:
            await asyncio.sleep(self._interval)
            self._put(HEARTBEAT)
        self._log(f"let go: silent for {self._silence:g} seconds")

    async def _read(self) -> None:
        while True:
            message = await self._socket.receive()
            if message["type"] == "websocket.disconnect":
                return
            self._heard_at = time.monotonic()
            try:
                packet = parse_packet(message.get("text") or "")
            except PacketError as error:
                self._log(f"ignored: {error}")
                continue
            if packet.kind is Kind.DISCONNECT:
                self._is_polite = True
                return
            if packet.kind is Kind.EVENT:
                self._take(packet)

    def _take(self, packet: Packet) -> None:
        refusal: EventRefusedError | None = None
        try:
            self._router.receive(self._connection, read_event_packet(packet))
        except EventRefusedError as error:
            refusal = error
            self._log(f"refused: {error}")
        answer = acknowledgement(packet, result_of(refusal))
        if answer is not None:
            self._put(answer)

    def _log(self, said: str) -> None:
        request_log.log_hub(self._user["username"], said)


async def _first_of(work: Sequence[Coroutine[Any, Any, object]]) -> None:
    """Run all until the first is done, and end the others with it."""
    tasks = [asyncio.ensure_future(each) for each in work]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        found = await asyncio.gather(*tasks, return_exceptions=True)
    for each in found:
        if isinstance(each, Exception) and not isinstance(each, asyncio.CancelledError):
            raise each
