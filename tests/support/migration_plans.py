"""Plans made by hand, and servers to apply them to."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeAlias

from ftrack_orm import Session
from ftrack_orm.emulator import Emulator
from ftrack_orm.migrations.client import RunClient
from ftrack_orm.migrations.history import History
from ftrack_orm.migrations.history_id import HISTORY_ID, SETTING_GROUP
from ftrack_orm.migrations.options import RunOptions
from ftrack_orm.migrations.plan_file import PlanFile
from ftrack_orm.migrations.planned_change import (
    Missing,
    PlannedChange,
    PlannedEffect,
    PlannedUnit,
    PlannedValue,
)
from ftrack_orm.migrations.probes import initialize
from ftrack_orm.migrations.run_job import job_id
from ftrack_orm.transport.retry import RetryPolicy
from ftrack_orm.types import EntityKey, Transport

Edit: TypeAlias = tuple[str, EntityKey, str, PlannedValue, PlannedValue]
"""Type, key, attribute, before and after of an update."""

FSTART: Final = "acd86546-4082-11e2-95b1-0019bb4983d8"


def update(
    entity_type: str,
    key: EntityKey | str,
    attribute: str,
    before: PlannedValue,
    after: PlannedValue,
) -> PlannedChange:
    """Return the change of an attribute."""
    keys = (key,) if isinstance(key, str) else key
    return PlannedChange("update", entity_type, keys, attribute, before, after)


def create(entity_type: str, keys: EntityKey, /, **values: Any) -> PlannedChange:
    """Return the creation of an entity."""
    return PlannedChange("create", entity_type, keys, None, Missing.ABSENT, values)


def delete(entity_type: str, keys: EntityKey, /, **values: Any) -> PlannedChange:
    """Return the deletion of an entity that has `values`."""
    return PlannedChange("delete", entity_type, keys, None, values, Missing.ABSENT)


def metadata(parent_type: str, parent: str, key: str, value: str) -> PlannedChange:
    """Return the creation of a metadata row."""
    return create(
        "Metadata",
        (parent, key),
        parent_id=parent,
        parent_type=parent_type,
        key=key,
        value=value,
    )


def make_units(
    changes: Iterable[Sequence[PlannedChange]],
    effects: Mapping[int, Sequence[PlannedEffect]] | None = None,
) -> list[PlannedUnit]:
    """Return a unit for each group of changes, numbered from 1."""
    return [
        PlannedUnit(
            number,
            f"unit {number}",
            tuple(group),
            tuple((effects or {}).get(number, ())),
        )
        for number, group in enumerate(changes, 1)
    ]


def make_file(
    changes: Iterable[Sequence[PlannedChange]],
    path: Path | None = None,
    *,
    effects: Mapping[int, Sequence[PlannedEffect]] | None = None,
    **meta: Any,
) -> PlanFile:
    """Return a finished plan with a unit for each group of changes."""
    file = PlanFile.create(path)
    # No test ends the operating system, so nothing has to reach the disk.
    file._connection.execute("pragma synchronous = off")
    file.add(iter(make_units(changes, effects)))
    for name, value in meta.items():
        file.set_meta(name, value)
    file.finish()
    return file


def tasks_of(session: Session) -> list[dict[str, Any]]:
    """Return key, name and bid of each task."""
    return RunClient(session).rows("select id, name, bid from Task order by id")


def renames(session: Session, count: int = 60) -> list[list[PlannedChange]]:
    """Return a unit for each of the first tasks: a rename and a metadata row."""
    return [
        [
            update("Task", task["id"], "name", task["name"], f"{task['name']}!"),
            metadata("Task", task["id"], "note", "renamed"),
        ]
        for task in tasks_of(session)[:count]
    ]


FAST: Final = RetryPolicy(attempts=8, first_wait=0.0, longest_wait=0.0)


def fast_options(**options: Any) -> RunOptions:
    """Return options of a run without any wait."""
    defaults: dict[str, Any] = {
        "load": 1.0,
        "retry": FAST,
        "sleep": lambda seconds: None,
        "upload": False,
    }
    return RunOptions(**{**defaults, **options})


def connect(emulator: Emulator, transport: Transport | None = None) -> Session:
    """Return a session in process that compares no schemas and waits for nothing."""
    return Session(
        transport=transport or emulator.transport(),
        models="ftrack_models",
        check_schema="ignore",
        retry=FAST,
    )


def ready(emulator: Emulator) -> Session:
    """Return a session to a server with a history."""
    session = connect(emulator)
    initialize(RunClient(session))
    return session


def history_of(session: Session) -> History:
    """Return the history of a server, from either store."""
    return RunClient(session).read_history()


_VOLATILE: Final = frozenset({"Event", "Feed"})
"""Types whose rows tell when something was written, and how often it was tried."""


def content(emulator: Emulator) -> list[str]:
    """Return all rows but those of the history, plans, jobs and events, as text.

    Ids that the server makes are left out of status changes.
    """
    rows = emulator.dump()
    ours = {row["id"] for row in rows if _is_our_component(row)} | _jobs(rows)
    lines = []
    for row in rows:
        entity_type = row["__entity_type__"]
        owners = {row.get("id"), row.get("parent_id"), row.get("component_id")}
        is_history = row.get("group") == SETTING_GROUP
        if entity_type in _VOLATILE or is_history or owners & ours:
            continue
        values = dict(row)
        if entity_type.endswith("StatusChange"):
            del values["id"], values["date"]
        lines.append(json.dumps(values, sort_keys=True))
    return sorted(lines)


def _jobs(rows: Sequence[Mapping[str, Any]]) -> set[str]:
    """Return the ids of the jobs of the runs in a history, in either store."""
    keys = [
        row["key"]
        for row in rows
        if row["__entity_type__"] == "Metadata" and row["parent_id"] == HISTORY_ID
    ]
    keys += [row["name"] for row in rows if row.get("group") == SETTING_GROUP]
    return {job_id(key.removeprefix("run/")) for key in keys}


def job_states(emulator: Emulator) -> list[str]:
    """Return the states of the jobs of the runs in the history."""
    rows = emulator.dump()
    ours = _jobs(rows)
    return [row["status"] for row in rows if row.get("id") in ours]


def _is_our_component(row: Mapping[str, Any]) -> bool:
    if row["__entity_type__"] != "FileComponent":
        return False
    return row["id"] == HISTORY_ID or str(row.get("name")).startswith("ftrack-orm-")
