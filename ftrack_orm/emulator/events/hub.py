"""The emulator's event hub: subscribe, publish and inspect events from tests."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from ftrack_orm.emulator.clock import IdMaker, random_id
from ftrack_orm.emulator.events.event import REPLY, UPDATE, Event
from ftrack_orm.emulator.events.expressions import parse_expression
from ftrack_orm.emulator.events.hub_connection import HubConnection
from ftrack_orm.emulator.events.hub_faults import HubFaults
from ftrack_orm.emulator.events.listener import Callback, Listener
from ftrack_orm.emulator.events.router import (
    Connection,
    EventRouter,
    Subscription,
    User,
)
from ftrack_orm.errors.emulator import EmulatorError
from ftrack_orm.types import JSONObject

WEB_CLIENT: Final = "ftrack.client.web"
"""Application id in the source of events that the server publishes."""


class EventHub:
    """The event server of an emulator, and a client of it in process.

    Safe to use from several threads.

    Attributes:
        router: delivers events; holds the connections of clients.
    """

    def __init__(self, user: User, ids: IdMaker = random_id) -> None:
        """Create a hub without connections.

        Args:
            user: ``username`` and ``id`` of the user that `publish` acts as.
            ids: makes ids of events and subscribers.
        """
        self.router = EventRouter()
        self._user = dict(user)
        self._ids = ids
        self._id = ids()

    def __repr__(self) -> str:
        return f"EventHub({len(self.router.connections)} connections)"

    # -- inspection ----------------------------------------------------------------

    @property
    def events(self) -> tuple[Event, ...]:
        """Return every event that was delivered, oldest first.

        Updates without a subscriber are not published, so they are missing. Requests to
        subscribe are handled by the hub and not delivered.
        """
        return self.router.events

    @property
    def subscriptions(self) -> tuple[str, ...]:
        """Return the expressions of all subscriptions, of all connections."""
        with self.router.changed:
            return tuple(
                subscription.text
                for connection in self.router.connections
                for subscription in connection.subscriptions.values()
            )

    def wait_for_subscriber(self, topic: str, timeout: float = 10.0) -> None:
        """Wait until a topic has a subscriber: clients subscribe after they connect.

        Args:
            topic: the topic.
            timeout: seconds to wait.

        Raises:
            EmulatorError: the topic had no subscriber in time.
        """
        self.wait_until(
            lambda: self.router.has_subscriber(topic),
            timeout,
            f"a subscriber of {topic}",
        )

    def wait_until(
        self,
        is_so: Callable[[], bool],
        timeout: float = 10.0,
        what: str = "the condition",
    ) -> None:
        """Wait until a condition on connections, subscriptions or events is true.

        Args:
            is_so: called after each change of them; must return at once.
            timeout: seconds to wait.
            what: description of the condition, for the error.

        Raises:
            EmulatorError: the condition was not true in time.
        """
        with self.router.changed:
            if not self.router.changed.wait_for(is_so, timeout):
                raise EmulatorError(
                    f"Waited {timeout:g} seconds in vain for {what}. Subscribed to: "
                    f"{', '.join(self.subscriptions) or 'nothing'}."
                )

    # -- connecting ----------------------------------------------------------------

    @property
    def faults(self) -> HubFaults:
        """Return the queue of faults for the next events of clients."""
        return self.router.faults

    def connect(self, user: User | None = None) -> HubConnection:
        """Return a connection in process, for code that takes a client of the hub.

        Args:
            user: ``username`` and ``id`` of its user; by default that of `publish`.
        """
        return HubConnection(self.router, user or self._user, self._ids)

    # -- publishing ----------------------------------------------------------------

    def subscribe(
        self,
        expression: str,
        callback: Callback | None = None,
        *,
        subscriber: Mapping[str, Any] | None = None,
    ) -> Listener:
        """Return a listener that stores the events it receives until it is closed.

        Args:
            expression: selects the events, such as ``"topic=ftrack.update"``.
            callback: called with each event, one after the other, in the thread of the
                listener. A result other than ``None`` is published as a reply.
            subscriber: data that targets are matched with; an id is added.

        Raises:
            ExpressionSyntaxError: the expression cannot be parsed.
        """
        data = {"id": self._ids(), **(subscriber or {})}
        subscription = Subscription(data, expression, parse_expression(expression))
        listener = Listener(
            expression,
            self.router.changed,
            leave=lambda: self.router.remove(connection),
            reply=lambda event, result: self.reply(event, result, source=data),
            callback=callback,
        )
        connection = Connection(
            self._user, listener.deliver, listener.close, is_remote=False
        )
        self.router.connect(connection)
        self.router.subscribe(connection, subscription)
        return listener

    def publish(
        self,
        topic: str,
        data: Any = None,
        *,
        target: str = "",
        source: Mapping[str, Any] | None = None,
        in_reply_to_event: str | None = None,
    ) -> Event:
        """Publish an event as a client does; by default as the web interface.

        Args:
            topic: topic of the event.
            data: data of the event, any JSON value; by default an empty object.
            target: selects the receivers, such as ``'user.username="jane"'``.
            source: keys that replace those of the default source.
            in_reply_to_event: id of the event that this one replies to.

        Raises:
            EventRefusedError: the target cannot be parsed, or the topic is empty.
        """
        # Copied: reading it again checks it as an event from a client, and the caller
        # can change `data` later.
        event = Event(
            topic=topic,
            data={} if data is None else data,
            id=self._ids(),
            source={**self._source(self._user), **(source or {})},
            target=target,
            in_reply_to_event=in_reply_to_event,
        ).copy()
        self.router.publish(event, self._user)
        return event

    def reply(
        self, event: Event, data: Any, *, source: Mapping[str, Any] | None = None
    ) -> Event:
        """Publish a reply to an event, with the publisher of that event as target."""
        target = f'id="{event.source.get("id", "")}"'
        return self.publish(
            REPLY, data, target=target, source=source, in_reply_to_event=event.id
        )

    def publish_and_wait(
        self,
        topic: str,
        data: Any = None,
        *,
        replies: int = 1,
        timeout: float = 10.0,
        target: str = "",
        source: Mapping[str, Any] | None = None,
    ) -> list[Event]:
        """Publish an event and return the replies to it.

        Args:
            topic: topic of the event.
            data: data of the event.
            replies: the number of replies to wait for.
            timeout: seconds to wait.
            target: selects the receivers.
            source: keys that replace those of the default source.

        Raises:
            MissingEventsError: fewer replies were received in time; it holds them.
        """
        # Replies are addressed to the id in the source, so both use the same id.
        subscriber = {"id": self._ids()}
        with self.subscribe(f"topic={REPLY}", subscriber=subscriber) as listener:
            event = self.publish(
                topic, data, target=target, source={**(source or {}), **subscriber}
            )
            return listener.wait(
                replies, timeout, lambda reply: reply.in_reply_to_event == event.id
            )

    def publish_update(self, data: JSONObject, user: User) -> None:
        """Publish the changes of a transaction; `data` is not copied."""
        event = Event(UPDATE, data, self._ids(), self._source(user))
        self.router.publish(event, user)

    def _source(self, user: User) -> JSONObject:
        return {"id": self._id, "applicationId": WEB_CLIENT, "user": dict(user)}

    # -- ending --------------------------------------------------------------------

    def disconnect_all(self) -> None:
        """Break all connections of clients; listeners in process are not affected."""
        self.router.disconnect(lambda connection: connection.is_remote)

    def forget(self) -> None:
        """Delete the recorded events and the queued faults.

        Connections and listeners are not affected.
        """
        self.router.clear_events()
        self.faults.clear()

    def reset(self) -> None:
        """Close all connections and listeners; delete recorded events and faults."""
        self.router.disconnect(lambda connection: True)
        self.forget()
