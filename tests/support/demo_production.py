"""What tests of sessions look at besides entities: SQL rows and what was sent."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from ftrack_models import Project, Shot, Task
from ftrack_orm import Entity, EntityState, Session
from ftrack_orm.emulator.server import Emulator

WRITES = ("create", "update", "delete")


def sql(emulator: Emulator, statement: str, **values: Any) -> list[tuple[Any, ...]]:
    """Return the rows of a plain SQL statement on the emulator's tables."""
    with emulator.storage.transaction() as connection:
        return [tuple(row) for row in connection.execute(sa.text(statement), values)]


def written(emulator: Emulator) -> list[tuple[str, str]]:
    """Return action and entity type of every write received, in order."""
    return [
        (operation["action"], operation["entity_type"])
        for operation in emulator.journal.operations
        if operation["action"] in WRITES
    ]


def writes(emulator: Emulator) -> list[dict[str, Any]]:
    """Return every write operation received, in order."""
    return [
        operation
        for operation in emulator.journal.operations
        if operation["action"] in WRITES
    ]


def project(session: Session) -> Project:
    """Return the demo production."""
    return session.select(Project).where(Project.name == "bunny").one()


def a_shot(session: Session, name: str = "sq010_sh010") -> Shot:
    """Return a shot of the demo production."""
    return session.select(Shot).where(Shot.name == name).one()


def a_task(session: Session, name: str = "animation") -> Task:
    """Return a task of the first shot."""
    found = session.select(Task).where(
        Task.parent.name == "sq010_sh010", Task.name == name
    )
    return found.one()


def stored(emulator: Emulator, entity_type: str, *key: str) -> dict[str, Any] | None:
    """Return what the storage holds of an entity, read without a query."""
    with emulator.storage.transaction() as connection:
        return emulator.storage.find(connection, entity_type, key)


def state_of(entity: Entity) -> EntityState:
    """Return an entity's state; checkers would narrow the attribute for good."""
    return entity.entity_state
