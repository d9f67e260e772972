"""Listeners in process, for testers: what they heard, and waiting for more."""

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
"""Called with an event; what it returns is the reply, unless it is ``None``."""


class MissingEventsError(EmulatorError):
    """Fewer events came than were waited for.

    Attributes:
        found: those that came.
        wanted: how many were waited for.
    """

    def __init__(self, what: str, found: Sequence[Event], wanted: int) -> None:
        super().__init__(f"{what}: {len(found)} of {wanted} came in time.")
        self.found = tuple(found)
        self.wanted = wanted


class Listener:
    """A subscription in process: keeps what it hears until it is closed.

    ::

        with emulator.event_hub.subscribe("topic=ftrack.update") as updates:
            session.commit()
            [event] = updates.events

    What is published in process, and the changes of commits, are in `events` when the
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
        """Make a listener; `EventHub.subscribe` does."""
        self.expression = expression
        self._leave = leave
        self._reply = reply
        self._callback = callback
        self._events: list[Event] = []
        # The router's, which is told of each event when it has reached everybody.
        self._changed = changed
        self._is_closed = False
        self._waiting: queue.SimpleQueue[Event | None] = queue.SimpleQueue()
        if callback is not None:
            name = f"ftrack-emulator: {expression}"
            threading.Thread(target=self._call_back, name=name, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Listener({self.expression!r})"

    @property
    def events(self) -> tuple[Event, ...]:
        """Return what it has heard so far, oldest first."""
        with self._changed:
            return tuple(self._events)

    def wait(
        self,
        count: int = 1,
        timeout: float = 10.0,
        fits: Callable[[Event], bool] = lambda event: True,
    ) -> list[Event]:
        """Return the first events heard, when there are enough of them.

        Args:
            count: how many to wait for.
            timeout: seconds to wait.
            fits: leaves out those it is not true of.

        Raises:
            MissingEventsError: fewer came in time; it holds those that did.
        """
        found: list[Event] = []

        def is_enough() -> bool:
            found[:] = [each for each in self._events if fits(each)][:count]
            return len(found) == count

        with self._changed:
            if not self._changed.wait_for(is_enough, timeout):
                raise MissingEventsError(self.expression, found, count)
        return found

    def close(self) -> None:
        """Hear nothing more; calling it twice is harmless. What was heard stays."""
        self._is_closed = True
        self._waiting.put(None)
        self._leave()

    def deliver(self, event: Event) -> None:
        """Take an event; returns at once."""
        own = event.copy()
        with self._changed:
            self._events.append(own)
        if self._callback is not None:
            self._waiting.put(own)

    def _call_back(self) -> None:
        while (event := self._waiting.get()) is not None and not self._is_closed:
            try:
                answer = self._callback(event) if self._callback else None
                if answer is not None:
                    self._reply(event, answer)
            except Exception:
                logger.exception("A callback of %s has failed.", self.expression)
