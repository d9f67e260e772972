"""Deliver events to the connections that subscribe to them (protocol 8.4).

The router has no sockets: each connection provides a function that takes an event and
one that ends the connection. Both return at once, so that a slow client delays neither
the others nor the commit whose changes are published.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeAlias

from ftrack_orm.emulator import request_log
from ftrack_orm.emulator.events.event import (
    SUBSCRIBE,
    UNSUBSCRIBE,
    Event,
    EventRefusedError,
)
from ftrack_orm.emulator.events.expressions import (
    Expression,
    ExpressionSyntaxError,
    can_match_topic,
    matches,
    parse_expression,
)
from ftrack_orm.emulator.events.hub_faults import DELIVERED, SENT, HubFaults
from ftrack_orm.types import JSONObject

MAX_RECORDED: Final = 10_000
"""Events that are recorded; older ones are removed."""

User: TypeAlias = Mapping[str, str]
"""``username`` and ``id`` of a publisher."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """The subscription of one subscriber of a connection.

    Attributes:
        subscriber: data of the subscriber, which targets are matched with.
        text: the expression as the client sent it.
        expression: the parsed expression.
    """

    subscriber: Mapping[str, Any]
    text: str
    expression: Expression


@dataclass(eq=False, slots=True)
class Connection:
    """A receiver of events with its subscriptions.

    Attributes:
        user: the connected user.
        deliver: takes an event for the receiver; returns at once.
        close: ends the connection from this side; returns at once.
        is_remote: whether it is a client's connection, which can break.
        subscriptions: the subscriptions by id of the subscriber.
    """

    user: User
    deliver: Callable[[Event], None]
    close: Callable[[], None]
    is_remote: bool = True
    subscriptions: dict[str, Subscription] = field(default_factory=dict)

    def accepts(self, event: JSONObject, target: Expression | None) -> bool:
        """Return whether an event matches a subscription, and its subscriber `target`.

        Args:
            event: the event as JSON.
            target: the parsed target; ``None`` matches all subscribers.
        """
        return any(
            matches(subscription.expression, event)
            and (target is None or matches(target, subscription.subscriber))
            for subscription in self.subscriptions.values()
        )


class EventRouter:
    """Receives events and delivers them to connections.

    Safe to use from several threads. All connections receive events in the order of
    publication.

    Attributes:
        faults: queue of faults for the next events of clients.
        changed: notified after every event and every change of connections and
            subscriptions; its lock guards all of them.
    """

    def __init__(self) -> None:
        self.faults = HubFaults()
        self.changed = threading.Condition()
        self._connections: list[Connection] = []
        self._events: deque[Event] = deque(maxlen=MAX_RECORDED)
        self._has_subscriber: dict[str, bool] = {}

    @property
    def connections(self) -> tuple[Connection, ...]:
        """Return the open connections."""
        with self.changed:
            return tuple(self._connections)

    @property
    def events(self) -> tuple[Event, ...]:
        """Return the delivered events, the last `MAX_RECORDED`, oldest first."""
        with self.changed:
            return tuple(self._events)

    def clear_events(self) -> None:
        """Delete the recorded events."""
        with self.changed:
            self._events.clear()

    # -- connections ---------------------------------------------------------------

    def connect(self, connection: Connection) -> None:
        """Add a connection."""
        with self.changed:
            self._connections.append(connection)
            self._notify()

    def remove(self, connection: Connection) -> None:
        """Remove a connection that has ended; does nothing for a removed one."""
        with self.changed:
            if connection in self._connections:
                self._connections.remove(connection)
                self._notify()

    def disconnect(self, is_selected: Callable[[Connection], bool]) -> None:
        """Remove and close the selected connections."""
        with self.changed:
            selected: list[Connection] = []
            others: list[Connection] = []
            for connection in self._connections:
                (selected if is_selected(connection) else others).append(connection)
            self._connections = others
            self._notify()
        # Outside the lock: `close` may call back into the router.
        for connection in selected:
            connection.close()

    def has_subscriber(self, topic: str) -> bool:
        """Return whether a subscription may match events with this topic."""
        with self.changed:
            # Every request checks the same topic, so the result is cached.
            result = self._has_subscriber.get(topic)
            if result is None:
                result = self._has_subscriber[topic] = any(
                    can_match_topic(subscription.expression, topic)
                    for connection in self._connections
                    for subscription in connection.subscriptions.values()
                )
            return result

    def subscribe(self, connection: Connection, subscription: Subscription) -> None:
        """Add a subscription to a connection.

        Raises:
            EventRefusedError: the subscriber has a subscription already.
        """
        subscriber_id = subscription.subscriber["id"]
        with self.changed:
            if subscriber_id in connection.subscriptions:
                raise EventRefusedError(
                    f'There is a subscriber with the id "{subscriber_id}" already.'
                )
            connection.subscriptions[subscriber_id] = subscription
            self._notify()

    def unsubscribe(self, connection: Connection, subscriber_id: str) -> None:
        """Remove a subscription of a connection.

        Raises:
            EventRefusedError: the connection has no such subscriber.
        """
        with self.changed:
            if connection.subscriptions.pop(subscriber_id, None) is None:
                raise EventRefusedError(
                    f'There is no subscriber with the id "{subscriber_id}".'
                )
            self._notify()

    def _notify(self) -> None:
        """Clear the cache and wake waiting threads; the lock must be held."""
        self._has_subscriber.clear()
        self.changed.notify_all()

    # -- events --------------------------------------------------------------------

    def receive(self, connection: Connection, event: Event) -> bool:
        """Handle an event from a connection: subscribe, unsubscribe or publish.

        Returns whether to acknowledge it: a fault may lose the acknowledgement, or
        break the connection before or after the event is handled.

        Raises:
            EventRefusedError: the event is not valid. Nothing has changed and nothing
                was delivered.
        """
        fault = self.faults.take(SENT, event.topic)
        kind = None if fault is None else fault.kind
        if kind != "cut_before":
            self._handle(connection, event)
        if kind in ("cut_before", "cut_after"):
            self.disconnect(lambda other: other is connection)
        return kind is None

    def _handle(self, connection: Connection, event: Event) -> None:
        if event.topic == SUBSCRIBE:
            self.subscribe(connection, _read_subscription(event.data))
        elif event.topic == UNSUBSCRIBE:
            self.unsubscribe(connection, _read_subscriber(event.data)["id"])
        else:
            self.publish(_with_user_id(event, connection.user), connection.user)

    def publish(self, event: Event, user: User) -> None:
        """Deliver an event to all subscribers, its publisher included.

        A connection receives it once, even if several of its subscriptions match.

        Args:
            event: the event.
            user: its publisher, for the log.

        Raises:
            EventRefusedError: the target cannot be parsed.
        """
        try:
            target = parse_expression(event.target) if event.target.strip() else None
        except ExpressionSyntaxError as error:
            raise EventRefusedError(f"target of an event: {error}") from error
        content = event.to_json()
        with self.changed:
            self._events.append(event)
            receivers = [
                connection
                for connection in self._connections
                if connection.accepts(content, target)
            ]
            # Under the lock, so that all connections receive events in one order.
            for deliver in self._deliveries(event, receivers):
                deliver(event)
            self.changed.notify_all()
        request_log.log_event(user["username"], event.topic, len(receivers))

    def _deliveries(
        self, event: Event, receivers: Iterable[Connection]
    ) -> list[Callable[[Event], None]]:
        """Return the functions that deliver an event, with the next fault for clients.

        A delayed event is delivered by a timer.
        """
        clients = [connection for connection in receivers if connection.is_remote]
        fault = self.faults.take(DELIVERED, event.topic) if clients else None
        if fault is None:
            return [connection.deliver for connection in receivers]
        listeners = [each.deliver for each in receivers if not each.is_remote]
        deliveries = [connection.deliver for connection in clients]
        if fault.kind == "duplicate":
            return [*listeners, *deliveries, *deliveries]
        for deliver in deliveries:
            timer = threading.Timer(fault.seconds, deliver, [event])
            timer.daemon = True
            timer.start()
        return listeners


def _read_subscription(data: Any) -> Subscription:
    subscriber = _read_subscriber(data)
    text = data.get("subscription")
    if not isinstance(text, str):
        raise EventRefusedError("subscription must be an expression.")
    try:
        return Subscription(subscriber, text, parse_expression(text))
    except ExpressionSyntaxError as error:
        raise EventRefusedError(f"subscription: {error}") from error


def _read_subscriber(data: Any) -> Mapping[str, Any]:
    subscriber = data.get("subscriber") if isinstance(data, Mapping) else None
    if isinstance(subscriber, Mapping) and isinstance(subscriber.get("id"), str):
        return subscriber
    raise EventRefusedError("subscriber must be an object with an id.")


def _with_user_id(event: Event, user: User) -> Event:
    """Return the event with the id of its user, if that is the connected user."""
    # The official Python client sends only the username (protocol 8.3).
    source_user = event.source.get("user")
    if (
        not isinstance(source_user, Mapping)
        or source_user.get("username") != user["username"]
    ):
        return event
    full_user = {"id": user["id"], **source_user}
    return replace(event, source={**event.source, "user": full_user})
