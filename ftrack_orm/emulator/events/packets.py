"""Packets of Socket.IO 0.9, ``type:id:endpoint:data`` (protocol 8.2)."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from enum import IntEnum
from typing import Final, NoReturn

from ftrack_orm.emulator.events.event import Event, EventRefusedError, read_event
from ftrack_orm.errors.emulator import EmulatorError
from ftrack_orm.types import JSONObject

EVENT_NAME: Final = "ftrack.event"
"""The name in the data of every event packet."""

CONNECTED: Final = "1::"
HEARTBEAT: Final = "2::"

_MAX_DEPTH: Final = 100
"""Permitted nesting depth of an event's objects and lists."""

# Parts at the end may be missing: to a heartbeat the JavaScript client replies `2::`,
# the Python client `2:::`.
_PACKET: Final = re.compile(
    r"(?P<type>[0-8])"
    r"(?::(?P<id>\d*)(?P<data_ack>\+?)(?::(?P<endpoint>[^:]*)(?::(?P<data>.*))?)?)?",
    re.DOTALL,
)


class PacketError(EmulatorError):
    """The text is not a packet."""

    def __init__(self, text: str) -> None:
        excerpt = text if len(text) <= 80 else f"{text[:80]}..."
        super().__init__(f"This is not a packet of Socket.IO 0.9: {excerpt!r}.")
        self.text = text


class PacketType(IntEnum):
    """The type of a packet."""

    DISCONNECT = 0
    CONNECT = 1
    HEARTBEAT = 2
    MESSAGE = 3
    JSON = 4
    EVENT = 5
    ACKNOWLEDGEMENT = 6
    ERROR = 7
    NOTHING = 8


@dataclass(frozen=True, slots=True)
class Packet:
    """One packet.

    Attributes:
        type: its type.
        id: its number, for the acknowledgement; empty if it needs none.
        wants_data: the acknowledgement must contain a result.
        endpoint: the channel; clients of ftrack send it empty.
        data: the content.
    """

    type: PacketType
    id: str = ""
    wants_data: bool = False
    endpoint: str = ""
    data: str = ""

    def __str__(self) -> str:
        plus = "+" if self.wants_data else ""
        head = f"{self.type.value}:{self.id}{plus}:{self.endpoint}"
        return f"{head}:{self.data}" if self.data else head


def parse_packet(text: str) -> Packet:
    """Return the packet in `text`; parts at its end may be missing.

    Raises:
        PacketError: the text is not a packet.
    """
    match = _PACKET.fullmatch(text)
    if match is None:
        raise PacketError(text)
    return Packet(
        type=PacketType(int(match["type"])),
        id=match["id"] or "",
        wants_data=bool(match["data_ack"]),
        endpoint=match["endpoint"] or "",
        data=match["data"] or "",
    )


def read_event_packet(packet: Packet) -> Event:
    """Return the event in a packet.

    Raises:
        EventRefusedError: the packet contains no event.
    """
    try:
        content = json.loads(packet.data, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise EventRefusedError("The packet's data are not valid JSON.") from error
    if not _is_shallow(content, _MAX_DEPTH):
        raise EventRefusedError("The packet's data are nested too deeply.")
    if not isinstance(content, dict) or content.get("name") != EVENT_NAME:
        raise EventRefusedError(f'Packets of events have the name "{EVENT_NAME}".')
    arguments = content.get("args")
    if not isinstance(arguments, list) or len(arguments) != 1:
        raise EventRefusedError("Packets of events have one argument, the event.")
    return read_event(arguments[0])


def event_packet(event: Event) -> str:
    """Return the packet that sends an event to clients.

    It has no id: the official JavaScript client cannot parse one.
    """
    # ASCII only: JSON permits unpaired surrogates, which UTF-8 cannot encode.
    content = json.dumps({"name": EVENT_NAME, "args": [event.to_json()]})
    return str(Packet(PacketType.EVENT, data=content))


def acknowledgement(packet: Packet, result: JSONObject) -> str | None:
    """Return the packet that acknowledges another, ``None`` if that has no id.

    The official Python client stops listening after an acknowledgement without
    `result`.
    """
    if not packet.id:
        return None
    data = f"{packet.id}+{json.dumps([result])}" if packet.wants_data else packet.id
    return str(Packet(PacketType.ACKNOWLEDGEMENT, data=data))


def result_of(refusal: EventRefusedError | None) -> JSONObject:
    """Return the result in the acknowledgement of a delivered or refused event."""
    if refusal is None:
        return {"success": True}
    return {"success": False, "message": str(refusal)}


def _is_shallow(value: object, levels: int) -> bool:
    """Return whether JSON is nested no deeper than `levels`.

    Deeper values can be read but not written: `json.dumps` would hit the recursion
    limit when the event is delivered.
    """
    if isinstance(value, dict):
        value = list(value.values())
    if not isinstance(value, list):
        return True
    return levels > 0 and all(_is_shallow(item, levels - 1) for item in value)


def _refuse_constant(name: str) -> NoReturn:
    """Refuse NaN and the infinities, which Python parses and JavaScript does not."""
    raise ValueError(name)
