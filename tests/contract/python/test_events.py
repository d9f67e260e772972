"""The event hub of the official Python client, on that of the emulator."""

from __future__ import annotations

import logging
import time
import warnings
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from ftrack_orm.emulator import Emulator
from ftrack_orm.emulator.events.socket_app import Heartbeats
from tests.support.official_client import connect
from tests.support.official_hub import LIMIT, Connect, subscribe, wait
from tests.support.schemas import recorded

with warnings.catch_warnings():
    # The client's copy of pyparsing imports a deprecated module.
    warnings.simplefilter("ignore", DeprecationWarning)
    import ftrack_api.exception
    from ftrack_api.event.base import Event
    from ftrack_api.event.hub import EventHub


# -- connecting ------------------------------------------------------------------


def test_a_session_connects_and_subscribes_to_replies(
    emulator: Emulator, hub: Any
) -> None:
    heard: list[Any] = []
    hub.subscribe("topic=ftrack.meta.connected", heard.append)
    wait(lambda: heard, hub)
    assert hub.connected
    assert "topic=ftrack.meta.reply" in emulator.event_hub.subscriptions


def test_a_hub_can_be_connected_by_hand(
    emulator: Emulator, session: Any, cache: Path
) -> None:
    with closing(connect(emulator, cache)) as opened:
        opened.event_hub.connect()
        assert opened.event_hub.connected
        with pytest.raises(ftrack_api.exception.EventHubConnectionError):
            opened.event_hub.connect()


def test_a_wrong_key_gets_no_connection(emulator: Emulator) -> None:
    hub = EventHub(emulator.server_url, "admin", "wrong")
    with pytest.raises(ftrack_api.exception.EventHubConnectionError, match="401"):
        hub.connect()


def test_closing_a_session_ends_its_connection(
    emulator: Emulator, connected: Connect
) -> None:
    connected().close()
    emulator.event_hub.wait_until(lambda: not emulator.event_hub.router.connections)


def test_a_session_answers_heartbeats(cache: Path) -> None:
    beats = Heartbeats(interval=0.05, silence=1.0)
    with (
        Emulator(schema=recorded(), heartbeats=beats) as emulator,
        closing(connect(emulator, cache, auto_connect_event_hub=True)) as session,
    ):
        emulator.event_hub.wait_for_subscriber("ftrack.meta.reply")
        [connection] = emulator.event_hub.router.connections
        heard = subscribe(emulator, session.event_hub, "topic=a")
        end = time.monotonic() + 2  # twice as long as silence may last
        wait(lambda: time.monotonic() > end, session.event_hub)
        emulator.event_hub.publish("a")
        wait(lambda: heard, session.event_hub)
        assert emulator.event_hub.router.connections == (connection,)


def test_a_broken_connection_is_made_anew_with_its_subscriptions(
    emulator: Emulator, hub: Any
) -> None:
    heard = subscribe(emulator, hub, "topic=a")
    for number in range(3):
        emulator.event_hub.disconnect_all()
        emulator.event_hub.wait_for_subscriber("a", LIMIT)
        emulator.event_hub.publish("a", {"number": number})
        wait(lambda: len(heard) > number, hub)  # noqa: B023 - called at once
    assert [event["data"]["number"] for event in heard] == [0, 1, 2]


# -- publishing and hearing --------------------------------------------------------


def test_a_published_event_is_heard_by_its_publisher(
    emulator: Emulator, hub: Any
) -> None:
    heard = subscribe(emulator, hub, "topic=a")
    sent = Event("a", data={"k": [1, "Łódź"]})
    hub.publish(sent)
    wait(lambda: heard, hub)
    [event] = heard
    assert (event["id"], event["data"]) == (sent["id"], {"k": [1, "Łódź"]})
    assert event["source"]["id"] == hub.id
    assert event["source"]["user"]["username"] == "admin"


def test_another_session_hears_an_event(emulator: Emulator, connected: Connect) -> None:
    first, second = connected().event_hub, connected().event_hub
    heard = subscribe(emulator, second, "topic=a")
    first.publish(Event("a", data={"k": 1}))
    wait(lambda: heard, second)
    assert heard[0]["source"]["id"] == first.id


def test_a_star_ends_a_topic(emulator: Emulator, hub: Any) -> None:
    heard = subscribe(emulator, hub, "topic=my.studio.*")
    for topic in ("my.studio.a", "my.other", "my.studio.b", "my.studio.end"):
        hub.publish(Event(topic))
    wait(lambda: len(heard) == 3, hub)
    assert [event["topic"] for event in heard] == [
        "my.studio.a",
        "my.studio.b",
        "my.studio.end",
    ]


def test_an_expression_chooses_events_by_their_data(
    emulator: Emulator, hub: Any
) -> None:
    expression = 'topic=a and (data.name="x y" or not data.name=*) and data.n!=3'
    heard = subscribe(emulator, hub, expression)
    everything = subscribe(emulator, hub, "topic=a")
    for number, name in enumerate(("x y", "z", None, "x y")):
        data = {"n": str(number)} | ({} if name is None else {"name": name})
        hub.publish(Event("a", data=data))
    wait(lambda: len(everything) == 4, hub)
    assert [event["data"]["n"] for event in heard] == ["0", "2"]


def test_two_subscribers_of_a_session_hear_an_event_once_each(
    emulator: Emulator, hub: Any
) -> None:
    first = subscribe(emulator, hub, "topic=a")
    second = subscribe(emulator, hub, "topic=*")
    end = subscribe(emulator, hub, "topic=end")
    hub.publish(Event("a"))
    hub.publish(Event("end"))
    wait(lambda: end, hub)
    assert len(first) == 1
    assert [each["topic"] for each in second if each["topic"] == "a"] == ["a"]


def test_a_target_chooses_subscribers_by_their_data(
    emulator: Emulator, connected: Connect
) -> None:
    hubs = [connected().event_hub for _ in range(2)]
    heard = [
        subscribe(
            emulator,
            hub,
            "topic=ftrack.action.trigger-user-interface",
            subscriber={"applicationId": f"app.{number}", "user": {"id": "u1"}},
        )
        for number, hub in enumerate(hubs)
    ]
    ends = [subscribe(emulator, hub, "topic=end") for hub in hubs]
    data = {"type": "message", "success": True, "message": "Done."}
    target = 'applicationId=app.1 and user.id="u1"'
    hubs[0].publish(
        Event("ftrack.action.trigger-user-interface", data=data, target=target)
    )
    hubs[0].publish(Event("end"))
    wait(lambda: ends[0] and ends[1], *hubs)
    assert [len(each) for each in heard] == [0, 1]
    assert heard[1][0]["data"] == data


def test_who_has_unsubscribed_hears_no_more(emulator: Emulator, hub: Any) -> None:
    heard = subscribe(emulator, hub, "topic=a", subscriber={"id": "mine"})
    end = subscribe(emulator, hub, "topic=end")
    hub.unsubscribe("mine")
    emulator.event_hub.wait_until(
        lambda: "topic=a" not in emulator.event_hub.subscriptions
    )
    hub.publish(Event("a"))
    hub.publish(Event("end"))
    wait(lambda: end, hub)
    assert heard == []


def test_a_subscription_holds_for_a_block(emulator: Emulator, hub: Any) -> None:
    with hub.subscription("topic=a", lambda event: None):
        emulator.event_hub.wait_for_subscriber("a")
    emulator.event_hub.wait_until(
        lambda: not emulator.event_hub.router.has_subscriber("a")
    )


def test_a_synchronous_event_stays_in_the_session(emulator: Emulator, hub: Any) -> None:
    hub.subscribe("topic=a", lambda event: event["data"]["n"] + 1)
    results = hub.publish(Event("a", data={"n": 1}), synchronous=True)
    assert results == [2]
    assert emulator.event_hub.events == ()


def test_an_event_that_is_refused_is_reported(
    emulator: Emulator, hub: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR, "ftrack_api"):
        hub.publish(Event("a", target="id="))
        wait(lambda: "Server responded with error" in caplog.text, hub)
    assert "target of an event" in caplog.text
    assert emulator.event_hub.events == ()


# -- replies ---------------------------------------------------------------------


def test_a_reply_comes_back_to_the_one_who_asked(
    emulator: Emulator, connected: Connect
) -> None:
    asking, answering, other = (connected().event_hub for _ in range(3))
    answering.subscribe("topic=double", lambda event: {"n": 2 * event["data"]["n"]})
    emulator.event_hub.wait_for_subscriber("double")
    replies: list[Any] = []
    strange = subscribe(emulator, other, "topic=nothing")
    asking.publish(Event("double", data={"n": 21}), on_reply=replies.append)
    wait(lambda: replies, asking, answering, other)
    [reply] = replies
    assert (reply["topic"], reply["data"]) == ("ftrack.meta.reply", {"n": 42})
    assert reply["target"] == f"id={asking.id}"
    assert strange == []


def test_everybody_who_knows_an_answer_replies(
    emulator: Emulator, connected: Connect
) -> None:
    hubs = [connected().event_hub for _ in range(3)]
    for number, hub in enumerate(hubs[1:]):
        hub.subscribe("topic=who", lambda event, n=number: {"n": n})
    emulator.event_hub.wait_until(
        lambda: emulator.event_hub.subscriptions.count("topic=who") == 2
    )
    replies: list[Any] = []
    hubs[0].publish(Event("who"), on_reply=replies.append)
    wait(lambda: len(replies) == 2, *hubs)
    assert sorted(reply["data"]["n"] for reply in replies) == [0, 1]


class Action:
    """An action as the official documentation writes one."""

    def __init__(self, hub: Any) -> None:
        self.launched: list[Any] = []
        hub.subscribe(
            "topic=ftrack.action.discover and source.user.username=admin",
            self.discover,
        )
        hub.subscribe(
            "topic=ftrack.action.launch and data.actionIdentifier=my.action",
            self.launch,
        )

    def discover(self, event: Any) -> Any:
        if event["data"]["selection"][0]["entityType"] != "task":
            return None
        return {"items": [{"label": "Mine", "actionIdentifier": "my.action"}]}

    def launch(self, event: Any) -> Any:
        self.launched.append(event["data"]["selection"])
        return {"success": True, "message": "Launched."}


def test_an_action_is_discovered_and_launched_by_another_session(
    emulator: Emulator, connected: Connect
) -> None:
    user, service = connected().event_hub, connected().event_hub
    action = Action(service)
    emulator.event_hub.wait_for_subscriber("ftrack.action.launch")
    selection = [{"entityId": "t1", "entityType": "task"}]
    found: list[Any] = []
    user.publish(
        Event("ftrack.action.discover", data={"selection": selection}),
        on_reply=found.append,
    )
    wait(lambda: found, user, service)
    [item] = found[0]["data"]["items"]
    answers: list[Any] = []
    user.publish(
        Event("ftrack.action.launch", data={**item, "selection": selection}),
        on_reply=answers.append,
    )
    wait(lambda: answers, user, service)
    assert answers[0]["data"] == {"success": True, "message": "Launched."}
    assert action.launched == [selection]


def test_a_tester_plays_the_web_interface(emulator: Emulator, hub: Any) -> None:
    action = Action(hub)
    emulator.event_hub.wait_for_subscriber("ftrack.action.launch")
    selection = [{"entityId": "t1", "entityType": "task"}]

    found = _answered(emulator, hub, "ftrack.action.discover", selection=selection)
    [item] = found["items"]
    said = _answered(emulator, hub, "ftrack.action.launch", **item, selection=selection)
    assert said == {"success": True, "message": "Launched."}
    assert action.launched == [selection]


def _answered(emulator: Emulator, hub: Any, topic: str, **data: Any) -> Any:
    """Publish in process, let the session answer, and return what it said."""
    with emulator.event_hub.subscribe(
        "topic=ftrack.meta.reply", subscriber={"id": "web"}
    ) as replies:
        emulator.event_hub.publish(topic, data, source={"id": "web"})
        wait(lambda: replies.events, hub)
    return replies.events[0].data
