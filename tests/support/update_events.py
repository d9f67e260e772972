"""The update events that a listener has heard."""

from __future__ import annotations

from typing import Any

from ftrack_orm.emulator.events.listener import Listener


def last(updates: Listener) -> dict[str, Any]:
    data: dict[str, Any] = updates.events[-1].data
    return data


def of(updates: Listener, entity_type: str) -> dict[str, Any]:
    """Return the one entity of a type in the last event."""
    [found] = [
        each for each in last(updates)["entities"] if each["entity_type"] == entity_type
    ]
    entity: dict[str, Any] = found
    return entity


def news(entity: dict[str, Any]) -> dict[str, Any]:
    return {key: value["new"] for key, value in entity["changes"].items()}
