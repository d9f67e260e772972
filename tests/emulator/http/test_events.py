"""The event hub over real sockets: handshake, packets, and clients that misbehave."""

from __future__ import annotations

import json
import logging
import re
import signal
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import websocket

from ftrack_orm.emulator import Credentials, Emulator
from ftrack_orm.emulator.events.socket_app import Handshakes, Heartbeats
from tests.support.emulator_client import Client
from tests.support.emulator_command import running
from tests.support.event_socket import (
    RawClient,
    an_event,
    content,
    open_socket,
    shake_hands,
)
from tests.support.schemas import recorded

KEY = "emulator-admin-key"


@pytest.fixture
def quick() -> Iterator[Emulator]:
    """An emulator whose heart beats fast and who soon loses patience."""
    beats = Heartbeats(interval=0.05, silence=1.0)
    with Emulator(schema=recorded(), heartbeats=beats) as started:
        yield started


def connected(emulator: Emulator) -> int:
    return len(emulator.event_hub.router.connections)


def wait_for_connections(emulator: Emulator, count: int) -> None:
    emulator.event_hub.wait_until(lambda: connected(emulator) == count)


# -- handshake -----------------------------------------------------------------


@pytest.mark.parametrize(
    "credentials",
    [
        {"headers": {"ftrack-user": "admin", "ftrack-api-key": KEY}},
        {"params": {"api_user": "admin", "api_key": KEY}},
    ],
)
def test_a_handshake_takes_credentials_as_either_client_sends_them(
    emulator: Emulator, credentials: dict[str, Any]
) -> None:
    answer = shake_hands(emulator.server_url, **credentials)
    assert answer.status_code == 200
    assert re.fullmatch(r"[0-9a-f]{32}:15:60:websocket", answer.text)


@pytest.mark.parametrize(
    "credentials",
    [
        {},
        {"headers": {"ftrack-user": "admin", "ftrack-api-key": "wrong"}},
        {"headers": {"ftrack-user": "admin"}},
        {"params": {"api_user": "nobody", "api_key": KEY}},
    ],
)
def test_a_handshake_with_wrong_credentials_is_refused(
    emulator: Emulator, credentials: dict[str, Any]
) -> None:
    answer = shake_hands(emulator.server_url, **credentials)
    assert answer.status_code == 401
    assert KEY not in answer.text


def test_a_browser_may_shake_hands(emulator: Emulator) -> None:
    answer = shake_hands(
        emulator.server_url,
        params={"api_user": "admin", "api_key": KEY},
        headers={"origin": "http://localhost:3000"},
    )
    assert answer.headers["access-control-allow-origin"] == "http://localhost:3000"
    assert answer.headers["access-control-allow-credentials"] == "true"


def test_a_session_id_that_nobody_has_is_refused(emulator: Emulator) -> None:
    with pytest.raises(websocket.WebSocketBadStatusException):
        open_socket(emulator.server_url, "unknown")
    assert connected(emulator) == 0


def test_a_session_id_is_good_for_one_connection(emulator: Emulator) -> None:
    client = RawClient(emulator)
    with pytest.raises(websocket.WebSocketBadStatusException):
        open_socket(emulator.server_url, client.session_id)
    client.close()


def test_a_session_id_is_good_for_a_time() -> None:
    now = [0.0]
    handshakes = Handshakes(60.0, lambda: now[0])
    first, second = (handshakes.issue({"username": "a", "id": "1"}) for _ in "ab")
    now[0] = 59.0
    assert handshakes.redeem(first) == {"username": "a", "id": "1"}
    now[0] = 60.0
    assert handshakes.redeem(second) is None


# -- packets -------------------------------------------------------------------


def test_the_first_packet_says_connected(emulator: Emulator) -> None:
    with closing(RawClient(emulator)) as client:
        assert client.next() == "1::"


def test_an_event_is_acknowledged_when_that_is_asked(emulator: Emulator) -> None:
    with closing(RawClient(emulator)) as client:
        assert client.acknowledged(an_event("a")) == {"success": True}
        client.send(f"5:::{content(an_event('b'))}")
        client.send(f"5:7::{content(an_event('c'))}")
        assert client.packet() == "6:::7"  # and nothing for the one before
    assert [event.topic for event in emulator.event_hub.events] == ["a", "b", "c"]


def test_an_event_is_delivered_whole_and_without_a_packet_id(
    emulator: Emulator,
) -> None:
    with closing(RawClient(emulator)) as client:
        client.subscribe("topic=a")
        sent = an_event("a", {"k": 1})
        client.send(f"5:::{content(sent)}")
        head, _, data = client.packet().partition("{")
        assert head == "5:::"
        user = {"username": "admin", "id": "3086f538-6bc2-4260-ab3c-614c38228aa4"}
        assert json.loads("{" + data) == {
            "name": "ftrack.event",
            "args": [{**sent, "source": {"id": "hub", "user": user}}],
        }


def test_an_event_with_an_unknown_key_is_refused(emulator: Emulator) -> None:
    with closing(RawClient(emulator)) as client:
        client.subscribe("topic=*")
        said = client.acknowledged(an_event("a", priority=1))
        assert said["success"] is False
        assert "priority" in said["message"]
        client.send(f"5:::{content(an_event('b'))}")
        assert client.event()["topic"] == "b"


def test_a_subscription_that_cannot_be_parsed_is_refused(emulator: Emulator) -> None:
    data = {"subscriber": {"id": "s"}, "subscription": "topic~a"}
    with closing(RawClient(emulator)) as client:
        said = client.acknowledged(an_event("ftrack.meta.subscribe", data))
        assert said["success"] is False
        assert "topic~a" in said["message"]


@pytest.mark.parametrize(
    "packet",
    [
        "",
        "nonsense",
        "9::",
        "5",
        "5:::",
        "5:::{",
        "5:::[]",
        '5:::{"name":"other","args":[]}',
        "5:::" + "[" * 100_000,
        "3:::hello",
        "4:::{}",
        "6:::1",
        "7:::oops",
        "1::/chat",
        "\ud7ff\x00",
    ],
)
def test_a_packet_that_is_no_use_is_ignored(emulator: Emulator, packet: str) -> None:
    with closing(RawClient(emulator)) as client:
        client.send(packet)
        assert client.acknowledged(an_event("a")) == {"success": True}


def test_bytes_are_ignored(emulator: Emulator) -> None:
    with closing(RawClient(emulator)) as client:
        client.socket.send_binary(b"\x00\xff")
        assert client.acknowledged(an_event("a")) == {"success": True}


def test_a_disconnect_packet_ends_the_connection(emulator: Emulator) -> None:
    with closing(RawClient(emulator)) as client:
        assert client.next() == "1::"
        client.send("0::")
        assert client.next() == ""  # a closing frame, and not a broken socket
    wait_for_connections(emulator, 0)


# -- heartbeats ----------------------------------------------------------------


def test_the_server_shows_that_it_is_there(quick: Emulator) -> None:
    with closing(RawClient(quick)) as client:
        assert [client.next() for _ in range(4)] == ["1::", "2::", "2::", "2::"]


def test_a_client_that_answers_stays(quick: Emulator) -> None:
    with closing(RawClient(quick)) as client:
        started = time.monotonic()
        while time.monotonic() < started + 2:  # twice as long as silence may last
            if client.next() == "2::":
                client.send("2:::")
        assert client.acknowledged(an_event("a")) == {"success": True}


def test_a_client_that_is_silent_is_let_go(quick: Emulator) -> None:
    client = RawClient(quick)
    with pytest.raises((OSError, websocket.WebSocketException)):
        client.wait_for_the_end()
    client.vanish()
    wait_for_connections(quick, 0)


# -- clients that come and go --------------------------------------------------


def test_who_vanishes_in_the_middle_harms_nobody(emulator: Emulator) -> None:
    leaving = [RawClient(emulator) for _ in range(10)]
    with closing(RawClient(emulator)) as staying:
        for client in [*leaving, staying]:
            client.subscribe("topic=a")
        for number in range(200):
            emulator.event_hub.publish("a", number)
            if number % 20 == 10:
                leaving.pop().vanish()
        assert [staying.event()["data"] for _ in range(200)] == list(range(200))
        wait_for_connections(emulator, 1)


def test_a_slow_consumer_holds_up_nobody_and_is_let_go(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ftrack_orm.emulator.events.client.MAX_QUEUED", 4_000_000)
    slow = RawClient(emulator)
    slow.subscribe("topic=a")
    with closing(RawClient(emulator)) as client:
        client.subscribe("topic=a")
        for number in range(20):
            emulator.event_hub.publish("a", [number, "x" * 1_000_000])
            assert client.event()["data"][0] == number
        wait_for_connections(emulator, 1)
        assert client.acknowledged(an_event("b")) == {"success": True}
    slow.vanish()


def test_a_consumer_that_takes_nothing_holds_up_no_commit(emulator: Emulator) -> None:
    stuck = RawClient(emulator)
    stuck.subscribe("topic=*")
    for _ in range(10):
        emulator.event_hub.publish("a", "x" * 1_000_000)
    Client(emulator).project("bunny")  # would wait for ever, if it did wait
    assert emulator.event_hub.events[-1].topic == "ftrack.update"
    stuck.vanish()


def test_many_clients_hear_of_one_commit(emulator: Emulator) -> None:
    clients = [RawClient(emulator) for _ in range(60)]
    for client in clients:
        client.subscribe("topic=ftrack.update")
    Client(emulator).project("bunny")
    told = [client.event()["data"]["entities"][0] for client in clients]
    assert [each["changes"]["name"]["new"] for each in told] == ["bunny"] * 60
    for client in clients:
        client.close()


def test_every_connection_can_be_broken(emulator: Emulator) -> None:
    clients = [RawClient(emulator) for _ in range(3)]
    wait_for_connections(emulator, 3)
    emulator.event_hub.disconnect_all()
    assert connected(emulator) == 0
    for client in clients:
        with pytest.raises((OSError, websocket.WebSocketException)):
            client.wait_for_the_end()
        client.vanish()


# -- the end -------------------------------------------------------------------


def test_an_emulator_stops_at_once_whoever_is_connected() -> None:
    with Emulator(schema=recorded()) as emulator:
        clients = [RawClient(emulator) for _ in range(20)]
        stuck = clients[0]
        stuck.subscribe("topic=a")
        for _ in range(10):
            emulator.event_hub.publish("a", "x" * 1_000_000)
        started = time.monotonic()
        emulator.stop()
        assert time.monotonic() < started + 2.5
        for client in clients:
            client.vanish()


def test_an_emulator_that_stopped_can_start_again() -> None:
    with Emulator(schema=recorded()) as emulator:
        listener = emulator.event_hub.subscribe("topic=a")
        RawClient(emulator).vanish()
        emulator.stop()
        emulator.start()
        with closing(RawClient(emulator)) as client:
            assert client.acknowledged(an_event("a")) == {"success": True}
        assert len(listener.events) == 1


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_the_command_ends_at_once_whoever_is_connected(stop: signal.Signals) -> None:
    with running(stop=stop) as printed:
        client = RawClient(_credentials(printed))
        assert client.next() == "1::"
        started = time.monotonic()
    assert time.monotonic() < started + 5
    client.vanish()


def test_the_log_has_a_line_for_each_event_and_no_key(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with running("--verbose", log=log) as printed:
        credentials = _credentials(printed)
        params = {"api_user": "admin", "api_key": credentials["api_key"]}
        shake_hands(credentials["server_url"], params=params)
        shake_hands(credentials["server_url"], params={**params, "api_user": "ben"})
        with closing(RawClient(credentials)) as client:
            client.subscribe("topic=a")
            client.acknowledged(an_event("a", {"k": "secret of the event"}))
            client.acknowledged(an_event("b", priority=1))
    lines = [line.partition(" ")[2] for line in log.read_text().splitlines()]
    assert "ben event hub: 401" in lines
    assert "admin event hub: connected" in lines
    assert "admin event a delivered to 1" in lines
    assert any(line.startswith("admin event hub: refused: ") for line in lines)
    assert "admin event hub: disconnected" in lines
    assert credentials["api_key"] not in log.read_text()
    assert "secret" not in log.read_text()


def test_no_logger_writes_a_key(
    emulator: Emulator, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        url = f"{emulator.server_url.replace('http', 'ws')}/socket.io/1/websocket"
        answer = shake_hands(
            emulator.server_url, headers={"ftrack-user": "admin", "ftrack-api-key": KEY}
        )
        session_id = answer.text.partition(":")[0]
        # As the official JavaScript client does it, with the key in the address.
        query = f"api_user=admin&api_key={KEY}"
        socket = websocket.create_connection(f"{url}/{session_id}?{query}", timeout=5)
        assert socket.recv() == "1::"
        socket.close()
        wait_for_connections(emulator, 0)
    assert any("event hub" in message for message in caplog.messages)
    assert KEY not in caplog.text


def _credentials(printed: dict[str, str]) -> Credentials:
    return Credentials(
        server_url=printed["FTRACK_SERVER"],
        api_user=printed["FTRACK_API_USER"],
        api_key=printed["FTRACK_API_KEY"],
    )
