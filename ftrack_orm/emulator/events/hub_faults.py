"""Failures of the event hub, queued by tests for the next events of clients."""

from __future__ import annotations

import threading
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

HubFaultKind: TypeAlias = Literal[
    "cut_before", "cut_after", "lose_acknowledgement", "delay", "duplicate"
]

SENT: Final[tuple[HubFaultKind, ...]] = (
    "cut_before",
    "cut_after",
    "lose_acknowledgement",
)
"""Faults of events that clients send."""

DELIVERED: Final[tuple[HubFaultKind, ...]] = ("delay", "duplicate")
"""Faults of events that clients receive."""


@dataclass(frozen=True, slots=True)
class HubFault:
    """A failure of one event.

    Attributes:
        kind: the kind of failure.
        topic: the topic of the event; a final ``*`` matches any rest.
        seconds: time until the event is delivered, for ``delay``.
    """

    kind: HubFaultKind
    topic: str = "*"
    seconds: float = 0.0

    def fits(self, topic: str) -> bool:
        """Return whether an event with this topic gets the fault."""
        if self.topic.endswith("*"):
            return topic.startswith(self.topic[:-1])
        return topic == self.topic


class HubFaults:
    """A queue of faults for the next events of clients.

    Each method has the parameters `topic`, which selects the events, and `times`, the
    number of events that get the fault. Subscriptions are events too, with the topic
    ``ftrack.meta.subscribe``. Listeners in process get no faults.
    """

    def __init__(self) -> None:
        self._queue: list[HubFault] = []
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._queue)

    def take(self, kinds: Collection[HubFaultKind], topic: str) -> HubFault | None:
        """Remove and return the first fault of these kinds for an event."""
        with self._lock:
            for position, fault in enumerate(self._queue):
                if fault.kind in kinds and fault.fits(topic):
                    return self._queue.pop(position)
        return None

    def clear(self) -> None:
        """Remove all faults."""
        with self._lock:
            self._queue.clear()

    def cut_before(self, topic: str = "*", *, times: int = 1) -> None:
        """Break the connection that sends the event; the event is lost."""
        self._add(HubFault("cut_before", topic), times)

    def cut_after(self, topic: str = "*", *, times: int = 1) -> None:
        """Deliver the event, then break the connection without an acknowledgement."""
        self._add(HubFault("cut_after", topic), times)

    def lose_acknowledgement(self, topic: str = "*", *, times: int = 1) -> None:
        """Deliver the event without an acknowledgement to its sender."""
        self._add(HubFault("lose_acknowledgement", topic), times)

    def delay(self, seconds: float, topic: str = "*", *, times: int = 1) -> None:
        """Deliver the event to clients after `seconds`; later events overtake it."""
        self._add(HubFault("delay", topic, seconds), times)

    def duplicate(self, topic: str = "*", *, times: int = 1) -> None:
        """Deliver the event to each client twice."""
        self._add(HubFault("duplicate", topic), times)

    def _add(self, fault: HubFault, times: int) -> None:
        with self._lock:
            self._queue.extend([fault] * times)
