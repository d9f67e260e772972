"""Emulators to configure, and the writing of studio plans to them."""

from __future__ import annotations

import warnings
from typing import Any

from ftrack_orm import Session
from ftrack_orm.emulator import Emulator
from ftrack_orm.migrations.plan import Plan
from ftrack_orm.operations import Create
from ftrack_orm.studio.applying import StudioOutcome, apply_studio
from ftrack_orm.studio.model import Studio
from ftrack_orm.studio.planning import plan_studio
from tests.support.migration_plans import fast_options

_REQUIRED = {
    "State": ("name", "short"),
    "CustomAttributeType": ("name", "core"),
    "SecurityRole": ("name",),
}
"""Types whose entities every server has, and which no client creates."""


def open_session(emulator: Emulator) -> Session:
    """Return a session in process on an emulator, whatever object types it has."""
    return Session(transport=emulator.transport(), check_schema="ignore")


def fill_required(source: Session, target: Session) -> None:
    """Give an empty server the states, attribute types and roles of another."""
    for entity_type, names in _REQUIRED.items():
        there = {row.name for row in rows_of(target, entity_type)}
        for row in rows_of(source, entity_type):
            if row.name not in there:
                data = {name: getattr(row, name) for name in names}
                key = row.reference.key
                target.call([Create(entity_type, {"id": key[0], **data}, key)])


def studio(**kinds: Any) -> Studio:
    """Return a configuration that manages the given kinds alone."""
    return Studio.model_validate({"studio": {"manage": list(kinds)}, **kinds})


def applied(session: Session, wanted: Studio, **options: Any) -> StudioOutcome:
    """Apply a configuration."""
    return apply_studio(session, wanted, options=fast_options(), **options)


def rows_of(session: Session, entity_type: str) -> list[Any]:
    """Return all entities of a type."""
    return list(session.select(session.model(entity_type)))


def write(session: Session, plan: Plan) -> None:
    """Send each unit of a plan as one request."""
    for unit in plan.units():
        operations = list(unit.operations())
        if operations:
            session.call(operations)


def write_rounds(emulator: Emulator, studio: Studio) -> int:
    """Plan and write until the plan is empty; return the number of rounds.

    Raises:
        AssertionError: the fourth plan still has changes.
    """
    for rounds in range(4):
        with open_session(emulator) as session, warnings.catch_warnings():
            warnings.simplefilter("error")
            plan = plan_studio(session, studio)
            if not plan.changes:
                return rounds
            write(session, plan)
    raise AssertionError("three rounds were not enough")
