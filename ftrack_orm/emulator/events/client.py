"""A connected client of the event hub and its WebSocket (protocol 8.2)."""

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
    Packet,
    PacketError,
    PacketType,
    acknowledgement,
    parse_packet,
    read_event_packet,
    result_of,
)
from ftrack_orm.emulator.events.router import Connection, EventRouter, User

MAX_QUEUED: Final = 32 * 1024 * 1024
"""Characters that may be queued for a client; a slower client is disconnected."""

_CLOSE_TIMEOUT: Final = 0.2
"""Seconds to wait for the closing handshake of a WebSocket."""


class Client:
    """Sends and receives packets until either side ends the connection."""

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
        self._queued = 0
        self._ended = asyncio.Event()
        self._has_disconnected = False
        self._received_at = time.monotonic()
        self._connection = Connection(user, self._deliver, self._end)

    async def run(self) -> None:
        """Serve the client until it disconnects, is silent too long, or is too slow."""
        self._put(CONNECTED)
        self._router.connect(self._connection)
        self._log("connected")
        loops = [self._read(), self._write(), self._beat(), self._ended.wait()]
        try:
            await _run_until_first(loops)
        finally:
            self._router.remove(self._connection)
            self._log("disconnected")
            await self._close()

    async def _close(self) -> None:
        # A client that has not disconnected may read nothing any more: its socket is
        # cut off without a closing handshake.
        if self._has_disconnected:
            with contextlib.suppress(TimeoutError, RuntimeError, WebSocketDisconnect):
                await asyncio.wait_for(self._socket.close(), _CLOSE_TIMEOUT)
                return
        if self._hang_up is not None:
            self._hang_up(self._socket.scope, True)

    # -- from any thread -----------------------------------------------------------

    def _deliver(self, event: Event) -> None:
        self._call(self._put, self._encode(event))

    def _end(self) -> None:
        self._call(self._ended.set)

    def _call(self, function: Callable[..., object], *arguments: object) -> None:
        # RuntimeError: the loop is closed, and its connections with it.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(function, *arguments)

    # -- in the loop ---------------------------------------------------------------

    def _put(self, text: str) -> None:
        if self._queued > MAX_QUEUED:
            self._log("dropped: reads too slowly")
            self._ended.set()
        else:
            self._queued += len(text)
            self._outgoing.put_nowait(text)

    async def _write(self) -> None:
        with contextlib.suppress(WebSocketDisconnect):
            while True:
                text = await self._outgoing.get()
                await self._socket.send_text(text)
                self._queued -= len(text)

    async def _beat(self) -> None:
        while time.monotonic() - self._received_at < self._silence:
            await asyncio.sleep(self._interval)
            self._put(HEARTBEAT)
        self._log(f"dropped: silent for {self._silence:g} seconds")

    async def _read(self) -> None:
        while True:
            message = await self._socket.receive()
            if message["type"] == "websocket.disconnect":
                return
            self._received_at = time.monotonic()
            try:
                packet = parse_packet(message.get("text") or "")
            except PacketError as error:
                self._log(f"ignored: {error}")
                continue
            if packet.type is PacketType.DISCONNECT:
                self._has_disconnected = True
                return
            if packet.type is PacketType.EVENT:
                self._receive(packet)

    def _receive(self, packet: Packet) -> None:
        refusal: EventRefusedError | None = None
        try:
            event = read_event_packet(packet)
            if not self._router.receive(self._connection, event):
                return
        except EventRefusedError as error:
            refusal = error
            self._log(f"refused: {error}")
        reply = acknowledgement(packet, result_of(refusal))
        if reply is not None:
            self._put(reply)

    def _log(self, message: str) -> None:
        request_log.log_hub(self._user["username"], message)


async def _run_until_first(loops: Sequence[Coroutine[Any, Any, object]]) -> None:
    """Run all until the first one returns, then cancel the others.

    Raises:
        Exception: the first error that one of them has raised.
    """
    tasks = [asyncio.ensure_future(loop) for loop in loops]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
    for result in results:
        if isinstance(result, Exception) and not isinstance(
            result, asyncio.CancelledError
        ):
            raise result
