"""Packets of Socket.IO 0.9, as the official clients write and read them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, strategies as st

from ftrack_orm.emulator import Event, EventRefusedError
from ftrack_orm.emulator.events.event import read_event
from ftrack_orm.emulator.events.packets import (
    Packet,
    PacketError,
    PacketType,
    acknowledgement,
    event_packet,
    parse_packet,
    read_event_packet,
    result_of,
)

SENT = {
    "id": "9c",
    "topic": "ftrack.test",
    "data": {"k": 1},
    "target": "",
    "sent": None,
    "inReplyToEvent": None,
    "source": {"id": "hub-id", "user": {"username": "jane"}},
}


def packet_of(event: Any) -> Packet:
    data = json.dumps({"name": "ftrack.event", "args": [event]})
    return Packet(PacketType.EVENT, data=data)


@pytest.mark.parametrize(
    ("text", "packet"),
    [
        ("1::", Packet(PacketType.CONNECT)),
        ("2::", Packet(PacketType.HEARTBEAT)),  # as the JavaScript client answers
        ("2:::", Packet(PacketType.HEARTBEAT)),  # as the Python client answers
        ("0", Packet(PacketType.DISCONNECT)),
        ("5", Packet(PacketType.EVENT)),  # what the JavaScript client makes of no data
        ("5:1+::{}", Packet(PacketType.EVENT, "1", True, "", "{}")),
        ("5:::{}", Packet(PacketType.EVENT, data="{}")),
        ("5:12::a:b\nc", Packet(PacketType.EVENT, "12", False, "", "a:b\nc")),
        ("1::/chat", Packet(PacketType.CONNECT, endpoint="/chat")),
        (
            '6:::1+[{"success":true}]',
            Packet(PacketType.ACKNOWLEDGEMENT, data='1+[{"success":true}]'),
        ),
    ],
)
def test_packets_are_read_in_every_form_clients_send(text: str, packet: Packet) -> None:
    assert parse_packet(text) == packet


@pytest.mark.parametrize("text", ["", "hello", "9::", "5:x::", ":::", "55::", "5 ::"])
def test_what_is_no_packet_is_refused(text: str) -> None:
    with pytest.raises(PacketError):
        parse_packet(text)


def test_the_error_shows_no_more_than_the_beginning() -> None:
    with pytest.raises(PacketError) as caught:
        parse_packet("x" * 100_000)
    assert len(str(caught.value)) < 200


@given(
    st.builds(
        Packet,
        st.sampled_from(PacketType),
        st.sampled_from(["", "1", "42"]),
        st.just(False),
        st.sampled_from(["", "/chat"]),
        st.text(),
    )
)
def test_what_is_written_is_read_again(packet: Packet) -> None:
    assert parse_packet(str(packet)) == packet


def test_an_event_goes_out_without_a_packet_id() -> None:
    text = event_packet(read_event(SENT))
    assert text.startswith("5:::")
    assert json.loads(text.removeprefix("5:::")) == {
        "name": "ftrack.event",
        "args": [SENT],
    }


def test_an_event_that_comes_in_goes_out_as_it_was() -> None:
    assert read_event_packet(packet_of(SENT)).to_json() == SENT


def test_keys_that_the_javascript_client_leaves_out_are_filled() -> None:
    sent = {key: SENT[key] for key in SENT if key not in ("sent", "inReplyToEvent")}
    assert read_event(sent).to_json() == SENT


def test_a_packet_is_plain_ascii_whatever_the_event_holds() -> None:
    text = event_packet(read_event({**SENT, "data": {"k": "Łódź \ud800"}}))
    assert text.isascii()


@pytest.mark.parametrize(
    ("packet", "text"),
    [
        (Packet(PacketType.EVENT, "1", True), '6:::1+[{"success": true}]'),
        (Packet(PacketType.EVENT, "1", False), "6:::1"),
        (Packet(PacketType.EVENT), None),
    ],
)
def test_what_asks_for_it_is_acknowledged(packet: Packet, text: str | None) -> None:
    assert acknowledgement(packet, result_of(None)) == text


def test_a_refusal_says_why() -> None:
    result = result_of(EventRefusedError("No."))
    assert result == {"success": False, "message": "No."}


@pytest.mark.parametrize(
    "data",
    [
        "",
        "{",
        "[]",
        "null",
        '{"name": "other", "args": [{}]}',
        '{"name": "ftrack.event"}',
        '{"name": "ftrack.event", "args": []}',
        '{"name": "ftrack.event", "args": [1, 2]}',
        '{"name": "ftrack.event", "args": [NaN]}',
        '{"name": "ftrack.event", "args": [' + "[" * 5_000 + "]" * 5_000 + "]}",
        '{"name": "ftrack.event", "args": [' + "[" * 100_000,
    ],
)
def test_data_that_hold_no_event_are_refused(data: str) -> None:
    with pytest.raises(EventRefusedError):
        read_event_packet(Packet(PacketType.EVENT, data=data))


@pytest.mark.parametrize(
    "change",
    [
        {"topic": None},
        {"topic": ""},
        {"topic": 1},
        {"id": None},
        {"id": 7},
        {"source": "jane"},
        {"target": {}},
        {"inReplyToEvent": 1},
    ],
)
def test_a_value_of_another_kind_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(EventRefusedError):
        read_event({**SENT, **change})


def test_an_unknown_key_is_refused_by_name() -> None:
    # The event class of the official Python client takes the seven as keywords.
    with pytest.raises(EventRefusedError, match="priority"):
        read_event({**SENT, "priority": 1})


def test_null_is_as_good_as_nothing() -> None:
    event = read_event({**SENT, "target": None, "source": None})
    assert (event.target, event.source) == ("", {})


def test_a_copy_shares_nothing() -> None:
    event = Event("t", {"list": [1]}, "1")
    event.copy().data["list"].append(2)
    assert event.data == {"list": [1]}
