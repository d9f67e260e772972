"""The official Python client's hub, when the emulator's hub fails."""

from __future__ import annotations

import warnings
from typing import Any

from ftrack_orm.emulator import Emulator
from tests.support.official_hub import LIMIT, subscribe, wait

with warnings.catch_warnings():
    # The client's copy of pyparsing imports a deprecated module.
    warnings.simplefilter("ignore", DeprecationWarning)
    from ftrack_api.event.base import Event


def test_a_client_that_was_cut_connects_again_and_its_event_is_lost(
    emulator: Emulator, hub: Any
) -> None:
    heard = subscribe(emulator, hub, "topic=a")
    emulator.event_hub.faults.cut_before("a")
    hub.publish(Event("a", data={"n": 1}))
    emulator.event_hub.wait_until(lambda: len(emulator.event_hub.faults) == 0)
    emulator.event_hub.wait_for_subscriber("a", LIMIT)
    emulator.event_hub.publish("a", {"n": 2})
    wait(lambda: heard, hub)
    assert [event["data"]["n"] for event in heard] == [2]


def test_an_event_without_its_acknowledgement_is_delivered_once(
    emulator: Emulator, hub: Any
) -> None:
    heard = subscribe(emulator, hub, "topic=a")
    acknowledged: list[Any] = []
    emulator.event_hub.faults.lose_acknowledgement("a")
    for number in (1, 2):
        hub._publish(Event("a", data={"n": number}), callback=acknowledged.append)
    wait(lambda: len(heard) == 2 and acknowledged, hub)
    assert [event["data"]["n"] for event in heard] == [1, 2]
    assert len(acknowledged) == 1


def test_a_duplicate_is_heard_twice_and_a_late_event_late(
    emulator: Emulator, hub: Any
) -> None:
    heard = subscribe(emulator, hub, "topic=a")
    emulator.event_hub.faults.duplicate("a")
    emulator.event_hub.publish("a", {"n": 1})
    emulator.event_hub.faults.delay(0.2, "a")
    for number in (2, 3):
        emulator.event_hub.publish("a", {"n": number})
    wait(lambda: len(heard) == 4, hub)
    assert [event["data"]["n"] for event in heard] == [1, 1, 3, 2]
