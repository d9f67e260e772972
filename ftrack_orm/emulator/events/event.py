"""Events and their seven keys (protocol 8.3)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ftrack_orm.errors.emulator import EmulatorError
from ftrack_orm.types import JSONObject

UPDATE: Final = "ftrack.update"
REPLY: Final = "ftrack.meta.reply"
SUBSCRIBE: Final = "ftrack.meta.subscribe"
UNSUBSCRIBE: Final = "ftrack.meta.unsubscribe"

KEYS: Final = ("id", "topic", "data", "target", "sent", "source", "inReplyToEvent")


class EventRefusedError(EmulatorError):
    """The hub refuses an event and delivers it to no client.

    The message is sent to the client that published the event.
    """


@dataclass(frozen=True, slots=True)
class Event:
    """A published event.

    Attributes:
        topic: the topic, such as ``"ftrack.update"``.
        data: an object whose keys depend on the topic; for a reply, any JSON value.
        id: the event's id, which replies refer to.
        source: the publisher: ``id`` of its hub, ``user`` and more.
        target: an expression over the data of subscribers that selects the receivers;
            empty for all subscribers.
        in_reply_to_event: id of the event that this one replies to.
        sent: the time of sending, if the publisher adds it.
    """

    topic: str
    data: Any
    id: str
    source: JSONObject = field(default_factory=dict)
    target: str = ""
    in_reply_to_event: str | None = None
    sent: Any = None

    def to_json(self) -> JSONObject:
        """Return the event as a JSON object with all seven keys."""
        return {
            "id": self.id,
            "topic": self.topic,
            "data": self.data,
            "target": self.target,
            "sent": self.sent,
            "source": self.source,
            "inReplyToEvent": self.in_reply_to_event,
        }

    def copy(self) -> Event:
        """Return an event that shares no data with this one.

        Raises:
            TypeError, ValueError: the data cannot be written as JSON.
        """
        return read_event(json.loads(json.dumps(self.to_json(), allow_nan=False)))


def read_event(value: object) -> Event:
    """Return the event in a JSON value that a client sent.

    Raises:
        EventRefusedError: the value is no event, or has a key for which the official
            Python client drops events.
    """
    if not isinstance(value, Mapping):
        raise EventRefusedError("An event must be an object.")
    unknown = sorted(set(value) - set(KEYS))
    if unknown:
        raise EventRefusedError(
            f'Unknown key "{unknown[0]}" of an event: clients drop events with other '
            f"keys than {', '.join(KEYS)}. Put it into data."
        )
    for key in ("id", "topic"):
        if not isinstance(value.get(key), str) or not value[key]:
            raise EventRefusedError(f"{key} of an event must be text.")
    source = value.get("source") or {}
    if not isinstance(source, Mapping):
        raise EventRefusedError("source of an event must be an object.")
    return Event(
        topic=value["topic"],
        data=value.get("data", {}),
        id=value["id"],
        source=dict(source),
        target=_text_or_none("target", value.get("target")) or "",
        in_reply_to_event=_text_or_none("inReplyToEvent", value.get("inReplyToEvent")),
        sent=value.get("sent"),
    )


def _text_or_none(key: str, value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    raise EventRefusedError(f"{key} of an event must be text or null.")
