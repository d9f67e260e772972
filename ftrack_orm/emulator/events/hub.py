"""The event hub as testers meet it: listening, publishing, and what went through."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from ftrack_orm.emulator.clock import IdMaker, random_id
from ftrack_orm.emulator.events.event import REPLY, UPDATE, Event
from ftrack_orm.emulator.events.expressions import parse_expression
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
"""Where events say they come from that no client has sent."""


class EventHub:
    """The event server of an emulator, and a client of it in process.

    Any thread may call it.

    Attributes:
        router: hands events on; connections of clients are made there.
    """

    def __init__(self, user: User, ids: IdMaker = random_id) -> None:
        """Make a hub that nobody is connected to.

        Args:
            user: ``username`` and ``id`` of who `publish` acts as.
            ids: makes ids of events and subscribers.
        """
        self.router = EventRouter()
        self._user = dict(user)
        self._ids = ids
        self._id = ids()

    def __repr__(self) -> str:
        return f"EventHub({len(self.router.connections)} connections)"

    # -- watching ------------------------------------------------------------------

    @property
    def events(self) -> tuple[Event, ...]:
        """Return every event that went through, oldest first.

        Updates that nobody listens to are not made, and so are not among them; wishes
        to subscribe go to the hub and not through it.
        """
        return self.router.events

    @property
    def subscriptions(self) -> tuple[str, ...]:
        """Return the expressions that are subscribed to, by whomever."""
        with self.router.changed:
            return tuple(
                each.text
                for connection in self.router.connections
                for each in connection.subscriptions.values()
            )

    def wait_for_subscriber(self, topic: str, timeout: float = 10.0) -> None:
        """Wait until somebody listens to a topic: clients subscribe when they can.

        Raises:
            EmulatorError: nobody did in time.
        """
        self.wait_until(
            lambda: self.router.hears(topic), timeout, f"a subscriber of {topic}"
        )

    def wait_until(
        self, is_so: Callable[[], bool], timeout: float = 10.0, what: str = "what is so"
    ) -> None:
        """Wait for something that comes with connections, subscriptions or events.

        Args:
            is_so: asked after each of them; must return at once.
            timeout: seconds to wait.
            what: names it in the error.

        Raises:
            EmulatorError: it was not so in time.
        """
        with self.router.changed:
            if not self.router.changed.wait_for(is_so, timeout):
                raise EmulatorError(
                    f"Waited {timeout:g} seconds for {what}, in vain. Subscribed to: "
                    f"{', '.join(self.subscriptions) or 'nothing'}."
                )

    # -- taking part ---------------------------------------------------------------

    def subscribe(
        self,
        expression: str,
        callback: Callback | None = None,
        *,
        subscriber: Mapping[str, Any] | None = None,
    ) -> Listener:
        """Return a listener that keeps what it hears, until it is closed.

        Args:
            expression: what to hear of, such as ``"topic=ftrack.update"``.
            callback: called with each event, one after the other, in a thread of the
                listener's own. What it returns is published as a reply, unless it is
                ``None``.
            subscriber: data that targets are matched with; an id is added.

        Raises:
            ExpressionSyntaxError: the expression cannot be parsed.
        """
        own = {"id": self._ids(), **(subscriber or {})}
        subscription = Subscription(own, expression, parse_expression(expression))
        listener = Listener(
            expression,
            self.router.changed,
            leave=lambda: self.router.leave(connection),
            reply=lambda event, data: self.reply(event, data, source=own),
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
        """Publish an event as a client does, the web interface unless told otherwise.

        Args:
            topic: what it is about.
            data: what happened; any JSON value, by default an empty object.
            target: whom it is for, such as ``'user.username="jane"'``.
            source: takes the place of parts of the default source.
            in_reply_to_event: id of the event it answers.

        Raises:
            EventRefusedError: the target cannot be parsed, or the topic is empty.
        """
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
        """Publish the answer to an event, for the one who published that."""
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
            topic: what it is about.
            data: what happened.
            replies: how many to wait for.
            timeout: seconds to wait.
            target: whom it is for.
            source: takes the place of parts of the default source.

        Raises:
            MissingEventsError: fewer came in time; it holds those that did.
        """
        asker = {"id": self._ids()}
        with self.subscribe(f"topic={REPLY}", subscriber=asker) as listener:
            event = self.publish(
                topic, data, target=target, source={**(source or {}), **asker}
            )
            return listener.wait(
                replies, timeout, lambda each: each.in_reply_to_event == event.id
            )

    def publish_update(self, data: JSONObject, user: User) -> None:
        """Tell of the changes of a transaction; `data` is kept as it is."""
        event = Event(UPDATE, data, self._ids(), self._source(user))
        self.router.publish(event, user)

    def _source(self, user: User) -> JSONObject:
        return {"id": self._id, "applicationId": WEB_CLIENT, "user": dict(user)}

    # -- ending --------------------------------------------------------------------

    def disconnect_all(self) -> None:
        """Break every connection, as a network does; listeners in process stay."""
        self.router.disconnect(lambda each: each.is_remote)

    def forget(self) -> None:
        """Forget the events so far; connections and listeners stay."""
        self.router.forget()

    def reset(self) -> None:
        """Be a hub again that nobody listens to and no event went through."""
        self.router.disconnect(lambda each: True)
        self.router.forget()
