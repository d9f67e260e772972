"""Who hears what: subscriptions, targets, replies, and what testers do with them."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from ftrack_orm import EmulatorError
from ftrack_orm.emulator import Event, EventHub, EventRefusedError, MissingEventsError
from ftrack_orm.emulator.events.expressions import ExpressionSyntaxError
from ftrack_orm.emulator.events.router import Connection

JANE = {"username": "jane", "id": "u1"}


def _answer(name: str, event: Event) -> dict[str, str]:
    return {"name": name}


class Peer:
    """A client at the other end of a connection, without a socket."""

    def __init__(self, hub: EventHub) -> None:
        self.heard: list[Event] = []
        self.is_closed = False
        self._router = hub.router
        self.connection = Connection(JANE, self.heard.append, self._close)
        self._router.connect(self.connection)

    def _close(self) -> None:
        self.is_closed = True

    def send(self, topic: str, data: Any, **more: Any) -> None:
        event = Event(topic, data, more.pop("id", "e1"), **more)
        self._router.receive(self.connection, event)

    def subscribe(self, subscription: str, **subscriber: Any) -> None:
        data = {"subscriber": {"id": "s1", **subscriber}, "subscription": subscription}
        self.send("ftrack.meta.subscribe", data)

    def unsubscribe(self, subscriber_id: str = "s1") -> None:
        self.send("ftrack.meta.unsubscribe", {"subscriber": {"id": subscriber_id}})

    def leave(self) -> None:
        self._router.remove(self.connection)

    @property
    def topics(self) -> list[str]:
        return [event.topic for event in self.heard]


@pytest.fixture
def hub() -> Iterator[EventHub]:
    made = EventHub({"username": "admin", "id": "a1"})
    yield made
    made.reset()


# -- clients -------------------------------------------------------------------


def test_an_event_reaches_those_who_subscribed_and_nobody_else(hub: EventHub) -> None:
    peers = [Peer(hub) for _ in range(3)]
    peers[0].subscribe("topic=a.*")
    peers[1].subscribe("topic=b")
    hub.publish("a.x")
    assert [each.topics for each in peers] == [["a.x"], [], []]


def test_the_publisher_hears_its_own_event(hub: EventHub) -> None:
    peer = Peer(hub)
    peer.subscribe("topic=a")
    peer.send("a", {"k": 1})
    assert [event.data for event in peer.heard] == [{"k": 1}]


def test_an_event_comes_once_however_many_subscriptions_fit(hub: EventHub) -> None:
    peer = Peer(hub)
    for number, text in enumerate(("topic=a", "topic=*", "topic=a and data.k=1")):
        peer.subscribe(text, id=f"s{number}")
    hub.publish("a", {"k": 1})
    assert peer.topics == ["a"]


def test_wishes_to_subscribe_go_to_the_hub_and_not_through_it(hub: EventHub) -> None:
    peer, other = Peer(hub), Peer(hub)
    peer.subscribe("topic=ftrack.*")
    other.subscribe("topic=a")
    other.unsubscribe()
    assert peer.heard == []
    assert hub.events == ()


def test_a_target_chooses_among_subscribers(hub: EventHub) -> None:
    web, other = Peer(hub), Peer(hub)
    web.subscribe("topic=ui", applicationId="ftrack.client.web", user={"id": "u1"})
    other.subscribe("topic=ui", applicationId="other", user={"id": "u1"})
    hub.publish("ui", target='applicationId=ftrack.client.web and user.id="u1"')
    assert (web.topics, other.topics) == (["ui"], [])


def test_the_subscription_that_fits_must_be_the_targeted_one(hub: EventHub) -> None:
    peer = Peer(hub)
    peer.subscribe("topic=a", id="s1")
    peer.subscribe("topic=b", id="s2")
    hub.publish("a", target="id=s2")
    assert peer.heard == []
    hub.publish("a", target="id=s1")
    assert peer.topics == ["a"]


def test_a_target_that_cannot_be_parsed_is_refused(hub: EventHub) -> None:
    peer = Peer(hub)
    peer.subscribe("topic=a")
    with pytest.raises(EventRefusedError, match="target"):
        peer.send("a", {}, target="id=")
    assert (peer.heard, hub.events) == ([], ())


def test_who_has_unsubscribed_hears_no_more(hub: EventHub) -> None:
    peer = Peer(hub)
    peer.subscribe("topic=a")
    peer.unsubscribe()
    hub.publish("a")
    assert peer.heard == []


def test_a_subscriber_is_one_for_each_connection(hub: EventHub) -> None:
    peer, again = Peer(hub), Peer(hub)
    peer.subscribe("topic=a")
    with pytest.raises(EventRefusedError, match="s1"):
        peer.subscribe("topic=b")
    again.subscribe("topic=b")  # the same client, connected anew
    hub.publish("a")
    hub.publish("b")
    assert (peer.topics, again.topics) == (["a"], ["b"])


def test_unsubscribing_what_is_not_there_is_refused(hub: EventHub) -> None:
    with pytest.raises(EventRefusedError, match="s1"):
        Peer(hub).unsubscribe()


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {},
        {"subscriber": {}, "subscription": "topic=a"},
        {"subscriber": {"id": 1}, "subscription": "topic=a"},
        {"subscriber": {"id": "s"}},
        {"subscriber": {"id": "s"}, "subscription": 1},
        {"subscriber": {"id": "s"}, "subscription": "topic"},
    ],
)
def test_a_wish_that_cannot_be_read_is_refused(hub: EventHub, data: Any) -> None:
    with pytest.raises(EventRefusedError):
        Peer(hub).send("ftrack.meta.subscribe", data)
    assert hub.subscriptions == ()


def test_the_id_of_the_user_who_connected_is_added(hub: EventHub) -> None:
    peer = Peer(hub)
    peer.subscribe("topic=a")
    peer.send("a", {}, source={"id": "h", "user": {"username": "jane"}})
    peer.send("a", {}, source={"user": {"username": "ben"}})
    peer.send("a", {}, source={"user": {"username": "jane", "id": "own"}})
    assert [event.source["user"] for event in peer.heard] == [
        {"username": "jane", "id": "u1"},
        {"username": "ben"},
        {"username": "jane", "id": "own"},
    ]


def test_who_has_left_hears_no_more(hub: EventHub) -> None:
    peer = Peer(hub)
    peer.subscribe("topic=a")
    peer.leave()
    peer.leave()
    hub.publish("a")
    assert peer.heard == []


def test_everybody_hears_events_in_one_order(hub: EventHub) -> None:
    peers = [Peer(hub) for _ in range(3)]
    for peer in peers:
        peer.subscribe("topic=a")

    def publish(name: int) -> None:
        for number in range(50):
            hub.publish("a", [name, number])

    threads = [threading.Thread(target=publish, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    orders = [[event.data for event in peer.heard] for peer in peers]
    assert orders[0] == orders[1] == orders[2] == [event.data for event in hub.events]
    assert len(orders[0]) == 200


def test_the_hub_knows_who_may_want_a_topic(hub: EventHub) -> None:
    peer = Peer(hub)
    assert not hub.router.has_subscriber("ftrack.update")
    peer.subscribe("topic=ftrack.meta.reply", id="s1")
    assert not hub.router.has_subscriber("ftrack.update")
    peer.subscribe("topic=ftrack.update and data.x=1", id="s2")
    assert hub.router.has_subscriber("ftrack.update")
    peer.unsubscribe("s2")
    assert not hub.router.has_subscriber("ftrack.update")
    peer.subscribe("source.user.username=jane", id="s3")
    assert hub.router.has_subscriber("ftrack.update")
    peer.leave()
    assert not hub.router.has_subscriber("ftrack.update")


# -- testers -------------------------------------------------------------------


def test_a_listener_keeps_what_it_hears_until_it_is_closed(hub: EventHub) -> None:
    with hub.subscribe("topic=a") as listener:
        hub.publish("a", {"n": 1})
        hub.publish("b")
    hub.publish("a", {"n": 2})
    assert [event.data for event in listener.events] == [{"n": 1}]
    assert hub.subscriptions == ()


def test_a_published_event_has_all_seven_keys(hub: EventHub) -> None:
    event = hub.publish("a", {"k": 1}, target="id=x")
    assert event.to_json() == {
        "id": event.id,
        "topic": "a",
        "data": {"k": 1},
        "target": "id=x",
        "sent": None,
        "inReplyToEvent": None,
        "source": {
            "id": event.source["id"],
            "applicationId": "ftrack.client.web",
            "user": {"username": "admin", "id": "a1"},
        },
    }


def test_what_is_heard_is_nobody_elses(hub: EventHub) -> None:
    data = {"list": [1]}
    first, second = hub.subscribe("topic=a"), hub.subscribe("topic=a")
    hub.publish("a", data)
    data["list"].append(2)
    first.events[0].data["list"].append(3)
    assert second.events[0].data == hub.events[0].data == {"list": [1]}


def test_what_is_no_json_cannot_be_published(hub: EventHub) -> None:
    for value in ({1, 2}, float("nan")):
        with pytest.raises((TypeError, ValueError)):
            hub.publish("a", value)
    assert hub.events == ()


def test_a_callback_is_called_in_order_and_its_value_is_the_reply(
    hub: EventHub,
) -> None:
    seen: list[int] = []

    def answer(event: Event) -> Any:
        seen.append(event.data["n"])
        return {"twice": 2 * event.data["n"]} if event.data["n"] else None

    hub.subscribe("topic=double", answer)
    hub.publish("double", {"n": 0})
    [reply] = hub.publish_and_wait("double", {"n": 21})
    assert reply.topic == "ftrack.meta.reply"
    assert reply.data == {"twice": 42}
    assert seen == [0, 21]


def test_a_slow_callback_holds_up_nobody(hub: EventHub) -> None:
    go_on = threading.Event()
    hub.subscribe("topic=a", lambda event: go_on.wait(10))
    other = hub.subscribe("topic=a")
    for number in range(3):
        hub.publish("a", number)
    assert [event.data for event in other.events] == [0, 1, 2]
    go_on.set()


def test_a_callback_that_fails_is_logged_and_called_again(
    hub: EventHub, caplog: pytest.LogCaptureFixture
) -> None:
    called: list[Any] = []

    def divide(event: Event) -> float:
        called.append(event.data)
        return 1 / event.data  # type: ignore[no-any-return]

    hub.subscribe("topic=a", divide)
    hub.publish("a", 0)
    hub.publish_and_wait("a", 1)
    assert called == [0, 1]
    [record] = [each for each in caplog.records if each.levelno == logging.ERROR]
    assert "topic=a" in record.getMessage()


def test_all_replies_that_are_waited_for_are_returned(hub: EventHub) -> None:
    for name in ("one", "two", "three"):
        hub.subscribe("topic=who", partial(_answer, name))
    replies = hub.publish_and_wait("who", replies=3)
    assert {reply.data["name"] for reply in replies} == {"one", "two", "three"}


def test_replies_reach_the_one_who_asked_alone(hub: EventHub) -> None:
    peer = Peer(hub)
    peer.subscribe("topic=ftrack.meta.reply", id="hub-of-peer")
    hub.subscribe("topic=who", lambda event: 1)
    hub.publish_and_wait("who")
    assert peer.heard == []
    asked = Event("who", {}, "e9", {"id": "hub-of-peer"})
    hub.reply(asked, {"k": 1})
    [reply] = peer.heard
    assert (reply.in_reply_to_event, reply.data) == ("e9", {"k": 1})


def test_waiting_in_vain_tells_what_came(hub: EventHub) -> None:
    hub.subscribe("topic=who", lambda event: {"k": 1})
    with pytest.raises(MissingEventsError, match="1 of 2") as caught:
        hub.publish_and_wait("who", replies=2, timeout=1)
    assert [event.data for event in caught.value.found] == [{"k": 1}]
    with pytest.raises(MissingEventsError):
        hub.subscribe("topic=never").wait(timeout=0.01)


def test_one_can_wait_for_a_subscriber(hub: EventHub) -> None:
    thread = threading.Thread(target=lambda: Peer(hub).subscribe("topic=a.*"))
    thread.start()
    hub.wait_for_subscriber("a.b")
    thread.join()
    with pytest.raises(EmulatorError, match=r"topic=a\.\*"):
        hub.wait_for_subscriber("b", timeout=0.01)


def test_an_expression_that_cannot_be_parsed_raises(hub: EventHub) -> None:
    with pytest.raises(ExpressionSyntaxError, match="topic=ftrack"):
        hub.subscribe("ftrack.update")


def test_every_connection_can_be_broken_and_listeners_stay(hub: EventHub) -> None:
    peers, listener = [Peer(hub), Peer(hub)], hub.subscribe("topic=a")
    peers[0].subscribe("topic=a")
    hub.disconnect_all()
    hub.publish("a")
    assert [peer.is_closed for peer in peers] == [True, True]
    assert peers[0].heard == []
    assert len(listener.events) == 1


def test_forgetting_keeps_connections_and_resetting_does_not(hub: EventHub) -> None:
    peer, listener = Peer(hub), hub.subscribe("topic=a")
    peer.subscribe("topic=a")
    hub.publish("a")
    hub.forget()
    assert hub.events == ()
    hub.publish("a")
    hub.reset()
    hub.publish("a")
    assert (len(peer.heard), len(listener.events), peer.is_closed) == (2, 2, True)
    assert (len(hub.events), hub.subscriptions) == (1, ())


def test_many_consumers_cost_no_more_than_their_number(hub: EventHub) -> None:
    peers = [Peer(hub) for _ in range(500)]
    for peer in peers:
        peer.subscribe("topic=ftrack.meta.reply")
        peer.subscribe("topic=a", id="s2")
    hub.publish("a")
    assert sum(len(peer.heard) for peer in peers) == 500
