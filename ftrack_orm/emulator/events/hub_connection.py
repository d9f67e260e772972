"""Clients of the event hub in process, without a WebSocket."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Final, Self, TypeAlias

from ftrack_orm.emulator.clock import IdMaker
from ftrack_orm.emulator.events.event import (
    REPLY,
    SUBSCRIBE,
    UNSUBSCRIBE,
    Event,
    read_event,
)
from ftrack_orm.emulator.events.expressions import matches, parse_expression
from ftrack_orm.emulator.events.router import (
    Connection,
    EventRouter,
    Subscription,
    User,
)
from ftrack_orm.errors.emulator import EmulatorError
from ftrack_orm.types import JSONObject

logger = logging.getLogger("ftrack_orm.emulator")

Handler: TypeAlias = Callable[[Event], Any]
"""Called with an event; a result other than ``None`` is published as a reply."""

_APPLICATION: Final = "ftrack.emulator.connection"


class HubClosedError(EmulatorError):
    """The connection to the event hub has ended; nothing was sent."""

    def __init__(self) -> None:
        super().__init__(
            "The connection to the event hub has ended. Open another with "
            "EventHub.connect() and subscribe again."
        )


class HubConnection:
    """A client of the event hub, for code under test that takes a hub client.

    ::

        with emulator.event_hub.connect() as connection:
            connection.subscribe("topic=ftrack.update", handle)
            session.commit()
            connection.wait()

    It sends the same events as a client with a WebSocket and gets the same faults of
    `EventHub.faults`. It does not reconnect.

    Attributes:
        id: the id in the source of its events, to which replies are addressed.
    """

    def __init__(self, router: EventRouter, user: User, ids: IdMaker) -> None:
        """Create a connection; use `EventHub.connect`."""
        self.id = ids()
        self._router = router
        self._user = user
        self._ids = ids
        self._handlers: dict[str, tuple[Subscription, Handler]] = {}
        self._events: queue.SimpleQueue[Event | None] = queue.SimpleQueue()
        self._waiting = 0
        self._idle = threading.Condition()
        self._thread: threading.Thread | None = None
        self._is_connected = True
        self._connection = Connection(user, self._deliver, self._end)
        router.connect(self._connection)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.disconnect()

    def __repr__(self) -> str:
        state = "connected" if self._is_connected else "closed"
        return f"HubConnection({self.id!r}, {state})"

    @property
    def is_connected(self) -> bool:
        """Return whether the connection is open; a fault may have cut it."""
        return self._is_connected

    def subscribe(
        self,
        expression: str,
        callback: Handler,
        *,
        subscriber: Mapping[str, Any] | None = None,
    ) -> str:
        """Subscribe a callback and return the id of the subscriber.

        The callbacks of a connection run in its thread, one after the other. A result
        other than ``None`` is published as a reply.

        Args:
            expression: selects the events, such as ``"topic=ftrack.update"``.
            callback: called with each event.
            subscriber: data that targets are matched with; an id is added.

        Raises:
            ExpressionSyntaxError: the expression cannot be parsed.
            EventRefusedError: the hub refuses the subscription.
            HubClosedError: the connection has ended.
        """
        data = {"id": self._ids(), **(subscriber or {})}
        subscription = Subscription(data, expression, parse_expression(expression))
        self._handlers[data["id"]] = subscription, callback
        try:
            self._send(SUBSCRIBE, {"subscriber": data, "subscription": expression})
        except EmulatorError:
            del self._handlers[data["id"]]
            raise
        return str(data["id"])

    def unsubscribe(self, subscriber_id: str) -> None:
        """End a subscription.

        Raises:
            EventRefusedError: there is no such subscriber.
            HubClosedError: the connection has ended.
        """
        self._send(UNSUBSCRIBE, {"subscriber": {"id": subscriber_id}})
        self._handlers.pop(subscriber_id, None)

    def publish(self, event: Event | Mapping[str, Any]) -> bool:
        """Publish an event; return whether the hub has acknowledged it.

        Without an acknowledgement the event may have been delivered.

        Args:
            event: the event; as a mapping it has a ``topic``, and gets an ``id`` and a
                ``source`` if it has none.

        Raises:
            EventRefusedError: the hub refuses the event.
            HubClosedError: the connection has ended.
        """
        content = event.to_json() if isinstance(event, Event) else dict(event)
        content["id"] = content.get("id") or self._ids()
        content["source"] = content.get("source") or self._source()
        if not self._is_connected:
            raise HubClosedError
        # A copy: a test that changes the data later must not change the event.
        return self._router.receive(self._connection, read_event(content).copy())

    def reply(self, event: Event, data: Any) -> bool:
        """Publish a reply to an event; return whether the hub has acknowledged it."""
        return self.publish(
            {
                "topic": REPLY,
                "data": data,
                "target": f'id="{event.source.get("id", "")}"',
                "inReplyToEvent": event.id,
            }
        )

    def wait(self, timeout: float = 10.0) -> None:
        """Wait until the callbacks have run for all events received so far.

        Raises:
            EmulatorError: they did not finish in time.
        """
        with self._idle:
            if not self._idle.wait_for(lambda: self._waiting == 0, timeout):
                raise EmulatorError(
                    f"Callbacks of {self!r} did not finish in {timeout:g} seconds: "
                    f"{self._waiting} events are left."
                )

    def disconnect(self) -> None:
        """End the connection and its subscriptions. Safe to call twice."""
        self._router.remove(self._connection)
        self._end()

    def _send(self, topic: str, data: JSONObject) -> None:
        self.publish({"topic": topic, "data": data})

    def _source(self) -> JSONObject:
        user = {"username": self._user["username"]}
        return {"id": self.id, "applicationId": _APPLICATION, "user": user}

    # -- from any thread -----------------------------------------------------------

    def _deliver(self, event: Event) -> None:
        with self._idle:
            if not self._is_connected:
                return
            self._waiting += 1
            if self._thread is None:
                name = f"ftrack-emulator: {self.id}"
                self._thread = threading.Thread(target=self._run, name=name)
                self._thread.daemon = True
                self._thread.start()
        self._events.put(event.copy())

    def _end(self) -> None:
        self._is_connected = False
        self._events.put(None)

    # -- in its thread -------------------------------------------------------------

    def _run(self) -> None:
        while (event := self._events.get()) is not None:
            try:
                self._handle(event)
            finally:
                with self._idle:
                    self._waiting -= 1
                    self._idle.notify_all()
        with self._idle:
            self._waiting = 0
            self._idle.notify_all()

    def _handle(self, event: Event) -> None:
        content = event.to_json()
        target = parse_expression(event.target) if event.target.strip() else None
        # Clients check again which of their subscriptions match.
        for subscription, handler in list(self._handlers.values()):
            if not matches(subscription.expression, content):
                continue
            if target is not None and not matches(target, subscription.subscriber):
                continue
            try:
                result = handler(event)
                if result is not None and self._is_connected:
                    self.reply(event, result)
            except Exception:
                logger.exception("A callback of %s has failed.", subscription.text)
