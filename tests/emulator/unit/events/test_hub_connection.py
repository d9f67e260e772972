"""Clients of the hub without a socket, and the faults that they meet."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from ftrack_orm import EmulatorError
from ftrack_orm.emulator import (
    Event,
    EventHub,
    EventRefusedError,
    HubClosedError,
    HubConnection,
)
from ftrack_orm.emulator.events.expressions import ExpressionSyntaxError
from ftrack_orm.emulator.events.listener import Listener
from tests.support.emulator_client import Client


@pytest.fixture
def hub() -> Iterator[EventHub]:
    made = EventHub({"username": "admin", "id": "a1"})
    yield made
    made.reset()


def hears(connection: HubConnection, expression: str = "topic=a") -> list[Any]:
    """Return the list of data that a connection hears from now on."""
    heard: list[Any] = []
    connection.subscribe(expression, lambda event: heard.append(event.data))
    return heard


# -- connections ---------------------------------------------------------------


def test_a_connection_publishes_and_hears_like_a_client(hub: EventHub) -> None:
    with hub.connect() as sender, hub.connect() as receiver:
        heard = hears(receiver)
        assert sender.publish({"topic": "a", "data": {"n": 1}})
        assert sender.publish(Event("b", {}, "e1"))
        receiver.wait()
    assert heard == [{"n": 1}]
    assert hub.events[0].source == {
        "id": sender.id,
        "applicationId": "ftrack.emulator.connection",
        "user": {"username": "admin", "id": "a1"},
    }


def test_a_commit_reaches_a_connection(client: Client) -> None:
    with client.emulator.event_hub.connect() as connection:
        heard = hears(connection, "topic=ftrack.update")
        client.project("bunny")
        connection.wait()
    assert heard[0]["entities"][0]["entity_type"] == "Project"


def test_the_result_of_a_callback_is_the_reply(hub: EventHub) -> None:
    with hub.connect() as connection:
        connection.subscribe("topic=double", lambda event: 2 * event.data["n"])
        [reply] = hub.publish_and_wait("double", {"n": 21})
    assert reply.data == 42


def test_a_reply_reaches_the_connection_that_asked(hub: EventHub) -> None:
    asking = hub.connect()
    heard: list[Any] = []
    asking.subscribe(
        "topic=ftrack.meta.reply",
        lambda event: heard.append((event.in_reply_to_event, event.data)),
        subscriber={"id": asking.id},
    )
    hub.subscribe("topic=who", lambda event: "ben")
    answered = hub.subscribe("topic=ftrack.meta.reply")
    asking.publish({"topic": "who", "id": "e9"})
    hub.wait_until(lambda: len(hub.events) == 2)
    asking.wait()
    assert heard == [("e9", "ben")]
    # The reply has the asking connection alone as its target.
    assert answered.events == ()


def test_a_target_selects_a_subscription_of_a_connection(hub: EventHub) -> None:
    heard: list[str] = []
    with hub.connect() as connection:
        for name in ("one", "two"):
            connection.subscribe(
                "topic=a",
                lambda event, name=name: heard.append(name),  # type: ignore[misc]  # mypy knows no default
                subscriber={"name": name},
            )
        hub.publish("a", target="name=two")
        connection.wait()
    assert heard == ["two"]


def test_an_ended_subscription_and_an_ended_connection_hear_nothing(
    hub: EventHub,
) -> None:
    connection = hub.connect()
    heard: list[Any] = []
    subscriber = connection.subscribe("topic=a", heard.append)
    connection.unsubscribe(subscriber)
    hub.publish("a")
    connection.disconnect()
    connection.disconnect()
    hub.publish("a")
    connection.wait()
    assert (heard, hub.subscriptions, connection.is_connected) == ([], (), False)
    with pytest.raises(HubClosedError, match="connect"):
        connection.publish({"topic": "a"})


def test_a_connection_refuses_what_the_hub_refuses(hub: EventHub) -> None:
    with hub.connect() as connection:
        with pytest.raises(ExpressionSyntaxError):
            connection.subscribe("topic", print)
        with pytest.raises(EventRefusedError, match="topic"):
            connection.publish({"data": 1})
        with pytest.raises(EventRefusedError, match="subscriber"):
            connection.unsubscribe("none")
        connection.subscribe("topic=a", print, subscriber={"id": "s"})
        with pytest.raises(EventRefusedError, match='"s"'):
            connection.subscribe("topic=b", print, subscriber={"id": "s"})


def test_a_failing_callback_does_not_end_the_others(
    hub: EventHub, caplog: pytest.LogCaptureFixture
) -> None:
    with hub.connect() as connection:
        connection.subscribe("topic=a", lambda event: 1 / 0)
        heard = hears(connection)
        hub.publish("a", 1)
        connection.wait()
    assert heard == [1]
    assert "topic=a" in caplog.text


def test_waiting_for_a_slow_callback_ends_in_an_error(hub: EventHub) -> None:
    go_on = threading.Event()
    connection = hub.connect()
    connection.subscribe("topic=a", lambda event: go_on.wait(10) and None)
    hub.publish("a")
    with pytest.raises(EmulatorError, match="1 events are left"):
        connection.wait(timeout=0.01)
    go_on.set()
    connection.wait()


def test_hundreds_of_connections_hear_each_event_once(hub: EventHub) -> None:
    connections = [hub.connect() for _ in range(300)]
    heard = [hears(connection) for connection in connections]
    for number in range(3):
        hub.publish("a", number)
    for connection in connections:
        connection.wait()
    assert heard == [[0, 1, 2]] * 300
    hub.disconnect_all()
    assert not any(connection.is_connected for connection in connections)
    assert hub.subscriptions == ()


# -- faults --------------------------------------------------------------------


def test_a_cut_before_loses_the_event_and_the_connection(hub: EventHub) -> None:
    connection, listener = hub.connect(), hub.subscribe("topic=a")
    hub.faults.cut_before("a")
    assert not connection.publish({"topic": "a"})
    assert (listener.events, connection.is_connected) == ((), False)
    assert len(hub.faults) == 0


def test_a_cut_after_delivers_the_event_and_ends_the_connection(
    hub: EventHub,
) -> None:
    connection, listener = hub.connect(), hub.subscribe("topic=a")
    hub.faults.cut_after()
    assert not connection.publish({"topic": "a"})
    assert (len(listener.events), connection.is_connected) == (1, False)


def test_a_lost_acknowledgement_is_no_loss_of_the_event(hub: EventHub) -> None:
    connection, listener = hub.connect(), hub.subscribe("topic=a")
    hub.faults.lose_acknowledgement(times=2)
    assert [connection.publish({"topic": "a"}) for _ in range(3)] == [
        False,
        False,
        True,
    ]
    assert (len(listener.events), connection.is_connected) == (3, True)


def test_a_duplicate_reaches_clients_twice_and_listeners_once(hub: EventHub) -> None:
    listener = hub.subscribe("topic=a")
    with hub.connect() as connection:
        heard = hears(connection)
        hub.faults.duplicate("a")
        hub.publish("a", 1)
        hub.publish("a", 2)
        connection.wait()
    assert heard == [1, 1, 2]
    assert _data(listener) == [1, 2]


def test_a_delayed_event_is_overtaken(hub: EventHub) -> None:
    is_late = threading.Event()
    with hub.connect() as connection:
        heard: list[Any] = []

        def take(event: Event) -> None:
            heard.append(event.data)
            if event.data == "late":
                is_late.set()

        connection.subscribe("topic=a", take)
        hub.faults.delay(0.1, "a")
        hub.publish("a", "late")
        hub.publish("a", "early")
        assert is_late.wait(10)
    assert heard == ["early", "late"]


def test_a_fault_waits_for_an_event_of_its_topic(hub: EventHub) -> None:
    connection = hub.connect()
    hub.faults.cut_before("ftrack.action.*")
    heard = hears(connection)
    connection.publish({"topic": "a", "data": 1})
    connection.wait()
    assert heard == [1]
    connection.publish({"topic": "ftrack.action.launch"})
    assert not connection.is_connected


def test_a_fault_of_deliveries_waits_for_a_client(hub: EventHub) -> None:
    hub.subscribe("topic=a")
    hub.faults.duplicate()
    hub.publish("a")
    assert len(hub.faults) == 1
    hub.forget()
    assert len(hub.faults) == 0


def _data(listener: Listener) -> list[Any]:
    return [event.data for event in listener.events]
