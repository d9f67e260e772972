"""Event hubs of the official client: subscriptions, and waiting for what they hear."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from ftrack_orm.emulator import Emulator

LIMIT = 10.0
"""Seconds until an event that does not come is missed."""


Connect = Callable[..., Any]


def subscribe(emulator: Emulator, hub: Any, expression: str, **more: Any) -> list[Any]:
    """Subscribe a list that events are added to, and wait until that is known."""
    heard: list[Any] = []
    before = emulator.event_hub.subscriptions.count(expression)
    hub.subscribe(expression, heard.append, **more)
    emulator.event_hub.wait_until(
        lambda: emulator.event_hub.subscriptions.count(expression) > before
    )
    return heard


def wait(is_so: Callable[[], object], *hubs: Any) -> None:
    """Let hubs handle events until something is so."""
    deadline = time.monotonic() + LIMIT
    while not is_so():
        assert time.monotonic() < deadline, "it never was so"
        for hub in hubs:
            hub.wait(0.01)
