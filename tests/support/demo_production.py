"""What tests of sessions look at besides entities: SQL rows and what was sent."""

from __future__ import annotations

from ftrack_models import Project, Shot, Task
from ftrack_orm import Entity, EntityState, Session


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


def state_of(entity: Entity) -> EntityState:
    """Return an entity's state; checkers would narrow the attribute for good."""
    return entity.entity_state
