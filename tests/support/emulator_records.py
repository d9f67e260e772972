"""What an emulator has received and stored: operations and SQL rows."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from ftrack_orm.emulator import Emulator

WRITES = ("create", "update", "delete")


def sql(emulator: Emulator, statement: str, **values: Any) -> list[tuple[Any, ...]]:
    """Return the rows of a plain SQL statement on the emulator's tables."""
    with emulator.storage.transaction() as connection:
        return [tuple(row) for row in connection.execute(sa.text(statement), values)]


def written(emulator: Emulator) -> list[tuple[str, str]]:
    """Return action and entity type of every write received, in order."""
    return [
        (operation["action"], operation["entity_type"])
        for operation in emulator.call_log.operations
        if operation["action"] in WRITES
    ]


def writes(emulator: Emulator) -> list[dict[str, Any]]:
    """Return every write operation received, in order."""
    return [
        operation
        for operation in emulator.call_log.operations
        if operation["action"] in WRITES
    ]


def stored(emulator: Emulator, entity_type: str, *key: str) -> dict[str, Any] | None:
    """Return what the storage holds of an entity, read without a query."""
    with emulator.storage.transaction() as connection:
        return emulator.storage.find(connection, entity_type, key)


def data_of(step: dict[str, Any]) -> dict[str, Any]:
    """Return what an operation says besides the type."""
    data: dict[str, Any] = dict(step["entity_data"])
    data.pop("__entity_type__", None)
    return data


def existing_row(emulator: Emulator, entity_type: str, *key: str) -> dict[str, Any]:
    """Return the row of an entity that the storage must hold."""
    row = stored(emulator, entity_type, *key)
    assert row is not None, (entity_type, key)
    return row
