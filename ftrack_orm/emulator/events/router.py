"""Who listens to what, and every event to all of them (protocol 8.4).

No sockets are known here: a connection hands in two functions, one that takes an event
and one that ends the connection. Both return at once, so that a slow consumer holds up
neither the others nor the commit whose changes are told.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

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
from ftrack_orm.types import JSONObject

User: TypeAlias = Mapping[str, str]
"""``username`` and ``id`` of somebody who publishes."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """What one subscriber of a connection wants to hear.

    Attributes:
        subscriber: its data, which targets are matched with.
        text: the expression as given.
        expression: what that means.
    """

    subscriber: Mapping[str, Any]
    text: str
    expression: Expression


@dataclass(eq=False, slots=True)
class Connection:
    """One consumer of events, with all it has subscribed to.

    Attributes:
        user: who connected.
        deliver: takes an event for it; returns at once.
        close: ends the connection from this side; returns at once.
        is_remote: it came over a network, which can break.
        subscriptions: by id of the subscriber.
    """

    user: User
    deliver: Callable[[Event], None]
    close: Callable[[], None]
    is_remote: bool = True
    subscriptions: dict[str, Subscription] = field(default_factory=dict)

    def wants(self, event: JSONObject, target: Expression | None) -> bool:
        """Return whether one of its subscribers is to hear an event."""
        return any(
            matches(each.expression, event)
            and (target is None or matches(target, each.subscriber))
            for each in self.subscriptions.values()
        )


class EventRouter:
    """Takes events and hands them on.

    Any thread may call it. Everybody hears events in the same order, that in which
    they were handed in.

    Attributes:
        changed: told of every event, connection and subscription; its lock guards
            all of them.
    """

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self._connections: list[Connection] = []
        self._events: list[Event] = []
        self._heard: dict[str, bool] = {}

    @property
    def connections(self) -> tuple[Connection, ...]:
        """Return who is connected."""
        with self.changed:
            return tuple(self._connections)

    @property
    def events(self) -> tuple[Event, ...]:
        """Return every event that went through, oldest first."""
        with self.changed:
            return tuple(self._events)

    def forget(self) -> None:
        """Forget the events so far."""
        with self.changed:
            self._events.clear()

    # -- connections ---------------------------------------------------------------

    def connect(self, connection: Connection) -> None:
        """Add a connection."""
        with self.changed:
            self._connections.append(connection)
            self._note_change()

    def leave(self, connection: Connection) -> None:
        """Forget a connection that has ended; one that is not there is no mistake."""
        with self.changed:
            if connection in self._connections:
                self._connections.remove(connection)
                self._note_change()

    def disconnect(self, is_meant: Callable[[Connection], bool]) -> None:
        """End the connections that are meant; they hear nothing more from now on."""
        with self.changed:
            ended: list[Connection] = []
            staying: list[Connection] = []
            for connection in self._connections:
                (ended if is_meant(connection) else staying).append(connection)
            self._connections = staying
            self._note_change()
        for connection in ended:
            connection.close()

    def hears(self, topic: str) -> bool:
        """Return whether anybody may want to hear an event with this topic."""
        with self.changed:
            found = self._heard.get(topic)
            if found is None:
                found = self._heard[topic] = any(
                    can_match_topic(each.expression, topic)
                    for connection in self._connections
                    for each in connection.subscriptions.values()
                )
            return found

    def subscribe(self, connection: Connection, subscription: Subscription) -> None:
        """Add a subscription of a connection.

        Raises:
            EventRefusedError: its subscriber has one already.
        """
        own_id = subscription.subscriber["id"]
        with self.changed:
            if own_id in connection.subscriptions:
                raise EventRefusedError(
                    f'There is a subscriber with the id "{own_id}" already.'
                )
            connection.subscriptions[own_id] = subscription
            self._note_change()

    def unsubscribe(self, connection: Connection, subscriber_id: str) -> None:
        """Remove a subscription of a connection.

        Raises:
            EventRefusedError: there is none.
        """
        with self.changed:
            if connection.subscriptions.pop(subscriber_id, None) is None:
                raise EventRefusedError(
                    f'There is no subscriber with the id "{subscriber_id}".'
                )
            self._note_change()

    def _note_change(self) -> None:
        self._heard.clear()
        self.changed.notify_all()

    # -- events --------------------------------------------------------------------

    def receive(self, connection: Connection, event: Event) -> None:
        """Take an event from a connection: a wish about its subscriptions, or news.

        Raises:
            EventRefusedError: it cannot be; nothing has changed, nobody was told.
        """
        if event.topic == SUBSCRIBE:
            self.subscribe(connection, _read_subscription(event.data))
        elif event.topic == UNSUBSCRIBE:
            self.unsubscribe(connection, _read_subscriber(event.data)["id"])
        else:
            self.publish(_with_user_id(event, connection.user), connection.user)

    def publish(self, event: Event, user: User) -> None:
        """Hand an event to everybody who wants it, the one it came from included.

        Each connection gets it once, however many of its subscriptions fit.

        Args:
            event: what to tell.
            user: who published it, for the log.

        Raises:
            EventRefusedError: its target cannot be parsed.
        """
        try:
            target = parse_expression(event.target) if event.target.strip() else None
        except ExpressionSyntaxError as error:
            raise EventRefusedError(f"target of an event: {error}") from error
        content = event.to_json()
        with self.changed:
            self._events.append(event)
            wanting = [
                each for each in self._connections if each.wants(content, target)
            ]
            for connection in wanting:
                connection.deliver(event)
            self.changed.notify_all()
        request_log.log_event(user["username"], event.topic, len(wanting))


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
    """Return the event with the id of its user, if that is the one who connected."""
    named = event.source.get("user")
    if not isinstance(named, Mapping) or named.get("username") != user["username"]:
        return event
    return replace(event, source={**event.source, "user": {"id": user["id"], **named}})
