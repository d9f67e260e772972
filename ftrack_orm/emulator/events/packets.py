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
"""What the one kind of event packets is called."""

CONNECTED: Final = "1::"
HEARTBEAT: Final = "2::"

_DEEPEST: Final = 100
"""How deep objects and lists of an event may be nested."""

_PACKET: Final = re.compile(
    r"(?P<kind>[0-8])"
    r"(?::(?P<id>\d*)(?P<data_ack>\+?)(?::(?P<endpoint>[^:]*)(?::(?P<data>.*))?)?)?",
    re.DOTALL,
)


class PacketError(EmulatorError):
    """The text is no packet."""

    def __init__(self, text: str) -> None:
        shown = text if len(text) <= 80 else f"{text[:80]}..."
        super().__init__(f"This is no packet of Socket.IO 0.9: {shown!r}.")
        self.text = text


class Kind(IntEnum):
    """What a packet is for."""

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
        kind: what it is for.
        id: by which it is acknowledged; empty when it is not.
        wants_data: the acknowledgement is to say how it went.
        endpoint: empty in all that clients of ftrack send.
        data: what it carries.
    """

    kind: Kind
    id: str = ""
    wants_data: bool = False
    endpoint: str = ""
    data: str = ""

    def __str__(self) -> str:
        plus = "+" if self.wants_data else ""
        head = f"{self.kind.value}:{self.id}{plus}:{self.endpoint}"
        return f"{head}:{self.data}" if self.data else head


def parse_packet(text: str) -> Packet:
    """Return the packet in `text`; parts at its end may be missing.

    Raises:
        PacketError: it is none.
    """
    found = _PACKET.fullmatch(text)
    if found is None:
        raise PacketError(text)
    return Packet(
        kind=Kind(int(found["kind"])),
        id=found["id"] or "",
        wants_data=bool(found["data_ack"]),
        endpoint=found["endpoint"] or "",
        data=found["data"] or "",
    )


def read_event_packet(packet: Packet) -> Event:
    """Return the event in a packet.

    Raises:
        EventRefusedError: there is none in it.
    """
    try:
        content = json.loads(packet.data, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise EventRefusedError("The packet's data are no JSON.") from error
    if not _is_shallow(content, _DEEPEST):
        raise EventRefusedError("The packet's data are nested too deeply.")
    if not isinstance(content, dict) or content.get("name") != EVENT_NAME:
        raise EventRefusedError(f'Packets of events have the name "{EVENT_NAME}".')
    arguments = content.get("args")
    if not isinstance(arguments, list) or len(arguments) != 1:
        raise EventRefusedError("Packets of events have one argument, the event.")
    return read_event(arguments[0])


def event_packet(event: Event) -> str:
    """Return the packet that carries an event to clients.

    Without an id, as the official JavaScript client cannot read one.
    """
    # ASCII alone, so that half a surrogate pair, which JSON allows, can be sent.
    content = json.dumps({"name": EVENT_NAME, "args": [event.to_json()]})
    return str(Packet(Kind.EVENT, data=content))


def acknowledgement(packet: Packet, result: JSONObject) -> str | None:
    """Return the packet that acknowledges another, ``None`` if it wants none.

    The official Python client stops listening after one without `result`.
    """
    if not packet.id:
        return None
    data = f"{packet.id}+{json.dumps([result])}" if packet.wants_data else packet.id
    return str(Packet(Kind.ACKNOWLEDGEMENT, data=data))


def result_of(refusal: EventRefusedError | None) -> JSONObject:
    """Return what an acknowledgement says of an event that was taken, or not."""
    if refusal is None:
        return {"success": True}
    return {"success": False, "message": str(refusal)}


def _is_shallow(value: object, levels: int) -> bool:
    """Return whether JSON is nested no deeper, so that it can be written again."""
    if isinstance(value, dict):
        value = list(value.values())
    if not isinstance(value, list):
        return True
    return levels > 0 and all(_is_shallow(each, levels - 1) for each in value)


def _refuse_constant(name: str) -> NoReturn:
    """Refuse what Python reads and JavaScript does not: NaN and the infinities."""
    raise ValueError(name)
