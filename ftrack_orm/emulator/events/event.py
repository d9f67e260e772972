"""One event: the seven keys that clients know, and no other (protocol 8.3)."""

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
    """The hub does not take an event; it reaches nobody.

    Its text is what the client that sent it is told.
    """


@dataclass(frozen=True, slots=True)
class Event:
    """What somebody published.

    Attributes:
        topic: what it is about, such as ``"ftrack.update"``.
        data: what happened, by topic; a reply's may be any JSON value.
        id: replies name it.
        source: who published it: ``id`` of its hub, ``user`` and more.
        target: whom it is for, as an expression over the data of subscribers;
            empty for everybody.
        in_reply_to_event: id of the event it answers.
        sent: when, if the sender says so.
    """

    topic: str
    data: Any
    id: str
    source: JSONObject = field(default_factory=dict)
    target: str = ""
    in_reply_to_event: str | None = None
    sent: Any = None

    def to_json(self) -> JSONObject:
        """Return the event as clients know it, all seven keys."""
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
            TypeError, ValueError: its data are no JSON.
        """
        return read_event(json.loads(json.dumps(self.to_json(), allow_nan=False)))


def read_event(value: object) -> Event:
    """Return the event that a client has sent.

    Raises:
        EventRefusedError: it is none, or has a key that makes the official Python
            client drop it.
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
