"""A client of the event hub that sends packets as they are written."""

from __future__ import annotations

import json
from typing import Any

import httpx
import websocket

from ftrack_orm.emulator import Credentials, Emulator

LIMIT = 10.0
"""Seconds until a packet that does not come is missed."""


class RawClient:
    """One WebSocket, opened with a handshake as the official Python client does it."""

    def __init__(self, emulator: Emulator | Credentials) -> None:
        credentials = (
            emulator.credentials if isinstance(emulator, Emulator) else emulator
        )
        answer = shake_hands(
            credentials["server_url"],
            headers={
                "ftrack-user": credentials["api_user"],
                "ftrack-api-key": credentials["api_key"],
            },
        )
        self.session_id = answer.text.partition(":")[0]
        self.socket = open_socket(credentials["server_url"], self.session_id)
        self._number = 0

    def send(self, packet: str) -> None:
        """Send a packet."""
        self.socket.send(packet)

    def next(self) -> str:
        """Return the next packet, whatever it is."""
        packet: str = self.socket.recv()
        return packet

    def packet(self) -> str:
        """Return the next packet that is no heartbeat."""
        while (packet := self.next()) == "2::":
            self.send("2::")
        return packet

    def event(self) -> dict[str, Any]:
        """Return the next event."""
        while not (packet := self.packet()).startswith("5:::"):
            pass
        event: dict[str, Any] = json.loads(packet.removeprefix("5:::"))["args"][0]
        return event

    def acknowledged(self, event: dict[str, Any]) -> dict[str, Any]:
        """Publish an event and return what the server says of it."""
        self._number += 1
        self.send(f"5:{self._number}+::{content(event)}")
        head = f"6:::{self._number}+"
        while not (packet := self.packet()).startswith(head):
            pass
        [said] = json.loads(packet.removeprefix(head))
        result: dict[str, Any] = said
        return result

    def subscribe(self, expression: str, subscriber_id: str = "s") -> None:
        """Subscribe, and wait until that is acknowledged."""
        data = {"subscriber": {"id": subscriber_id}, "subscription": expression}
        assert self.acknowledged(an_event("ftrack.meta.subscribe", data)) == {
            "success": True
        }

    def wait_for_the_end(self) -> None:
        """Take packets until the connection breaks."""
        while True:
            self.next()

    def close(self) -> None:
        """Leave politely, if the server has not ended it."""
        self.socket.close()
        self.vanish()

    def vanish(self) -> None:
        """Close the socket under the connection."""
        if self.socket.sock is not None:
            self.socket.sock.close()


def shake_hands(server_url: str, **request: Any) -> httpx.Response:
    """Ask for a session id."""
    return httpx.get(f"{server_url}/socket.io/1/", **request)


def open_socket(server_url: str, session_id: str) -> Any:
    """Open the WebSocket of a session id."""
    url = f"{server_url.replace('http', 'ws')}/socket.io/1/websocket/{session_id}"
    return websocket.create_connection(url, timeout=LIMIT)


def an_event(topic: str, data: Any = None, **more: Any) -> dict[str, Any]:
    """Return an event as the official Python client writes it."""
    return {
        "id": "e1",
        "topic": topic,
        "data": {} if data is None else data,
        "target": "",
        "sent": None,
        "inReplyToEvent": None,
        "source": {"id": "hub", "user": {"username": "admin"}},
        **more,
    }


def content(event: dict[str, Any]) -> str:
    """Return the data of the packet of an event."""
    return json.dumps({"name": "ftrack.event", "args": [event]})
