"""Rows that an emulator answers with, of the entities in `sample_storage`."""

from __future__ import annotations

from typing import Any

from tests.support.sample_storage import (
    SHOT,
    TASK,
)


def task(key: str, **more: Any) -> dict[str, Any]:
    """A task with its system projections (3.7)."""
    return {
        "__entity_type__": "Task",
        "id": key,
        "context_type": "task",
        "project_id": "bunny",
        "object_type_id": TASK,
        **more,
    }


def shot(key: str, **more: Any) -> dict[str, Any]:
    own = {"__entity_type__": "Shot", "object_type_id": SHOT}
    return task(key, **more) | own


def bare(entity_type: str, key: str) -> dict[str, Any]:
    return {"__entity_type__": entity_type, "id": key}
