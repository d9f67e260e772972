"""Listeners: subscriptions in process, for tests."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, Self, TypeAlias

from ftrack_orm.emulator.events.event import Event
from ftrack_orm.errors.emulator import EmulatorError

logger = logging.getLogger("ftrack_orm.emulator")

Callback: TypeAlias = Callable[[Event], Any]
"""Called with an event; a result other than ``None`` is published as a reply."""


class MissingEventsError(EmulatorError):
    """Fewer events were received in time than expected.

    Attributes:
        found: the events that were received.
        wanted: the number of events expected.
    """

    def __init__(self, expression: str, found: Sequence[Event], wanted: int) -> None:
        super().__init__(
            f"{expression}: received {len(found)} of {wanted} events in time."
        )
        self.found = tuple(found)
        self.wanted = wanted


class Listener:
    """A subscription in process: stores the events it receives until it is closed.

    ::

        with emulator.event_hub.subscribe("topic=ftrack.update") as updates:
            session.commit()
            [event] = updates.events

    Events published in process, and the updates of commits, are in `events` when the
    call that caused them returns.
    """

    def __init__(
        self,
        expression: str,
        changed: threading.Condition,
        leave: Callable[[], None],
        reply: Callable[[Event, Any], object],
        callback: Callback | None,
    ) -> None:
        """Create a listener; use `EventHub.subscribe`."""
        self.expression = expression
        self._leave = leave
        self._reply = reply
        self._callback = callback
        self._events: list[Event] = []
        # The router's condition, notified after an event has been delivered to all.
        self._changed = changed
        self._is_closed = False
        self._queue: queue.SimpleQueue[Event | None] = queue.SimpleQueue()
        if callback is not None:
            name = f"ftrack-emulator: {expression}"
            threading.Thread(target=self._run_callback, name=name, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Listener({self.expression!r})"

    @property
    def events(self) -> tuple[Event, ...]:
        """Return the events received so far, oldest first."""
        with self._changed:
            return tuple(self._events)

    def wait(
        self,
        count: int = 1,
        timeout: float = 10.0,
        fits: Callable[[Event], bool] = lambda event: True,
    ) -> list[Event]:
        """Wait for events and return the first `count` received.

        Args:
            count: the number of events to wait for.
            timeout: seconds to wait.
            fits: returns whether an event counts; by default all do.

        Raises:
            MissingEventsError: fewer events were received in time; it holds them.
        """
        events: list[Event] = []

        def is_complete() -> bool:
            events[:] = [event for event in self._events if fits(event)][:count]
            return len(events) == count

        with self._changed:
            if not self._changed.wait_for(is_complete, timeout):
                raise MissingEventsError(self.expression, events, count)
        return events

    def close(self) -> None:
        """Stop receiving; `events` still holds those received. Safe to call twice."""
        self._is_closed = True
        self._queue.put(None)
        self._leave()

    def deliver(self, event: Event) -> None:
        """Store an event and queue it for the callback; returns at once."""
        # A copy: a test that changes the data must not change it for other receivers.
        copy = event.copy()
        with self._changed:
            self._events.append(copy)
        if self._callback is not None:
            self._queue.put(copy)

    def _run_callback(self) -> None:
        while (event := self._queue.get()) is not None and not self._is_closed:
            try:
                result = self._callback(event) if self._callback else None
                if result is not None:
                    self._reply(event, result)
            except Exception:
                logger.exception("A callback of %s has failed.", self.expression)
