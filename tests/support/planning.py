"""Plan functions against an emulator, and send plans without the runner."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias

from ftrack_orm import Session
from ftrack_orm.emulator import Emulator
from ftrack_orm.migrations import Missing, Plan, PlannedChange

READS = {"query", "query_schemas", "query_server_information", "search"}

Facts: TypeAlias = tuple[str, str, str | None, Any, Any]
"""Action, type, attribute, value before and value after of a change."""


@contextmanager
def session_on(emulator: Emulator, **options: Any) -> Iterator[Session]:
    """A session in process that does not ask about the schema."""
    options = {"check_schema": "ignore", **options}
    with Session(transport=emulator.transport(), **options) as session:
        yield session


def send(session: Session, plan: Plan) -> None:
    """Send the operations of a plan, a request for each unit."""
    for unit in plan.units():
        session.call(list(unit.operations()))


def changes_of(plan: Plan) -> list[PlannedChange]:
    return [change for unit in plan.units() for change in unit.changes]


def facts_of(plan: Plan) -> list[Facts]:
    """Return the changes without keys; whole entities without their values."""
    return [
        (
            change.action,
            change.entity_type,
            change.attribute,
            _short(change.before),
            _short(change.after),
        )
        for change in changes_of(plan)
    ]


def _short(value: Any) -> Any:
    if isinstance(value, Missing):
        return value
    return "…" if isinstance(value, dict) and "__type__" not in value else value


def subjects_of(plan: Plan) -> dict[str, int]:
    """Return the number of changes of each kind."""
    return {
        f"{count.sign} {count.subject} {count.verb}": count.count
        for count in plan.counts
    }


def actions_of(emulator: Emulator) -> set[str]:
    """Return the actions that an emulator has received."""
    return {str(operation["action"]) for operation in emulator.call_log.operations}
