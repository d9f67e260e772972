"""A small production, and random plans whose before-values are true."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from hypothesis import strategies as st

from ftrack_orm import Session
from ftrack_orm.migrations.client import RunClient
from ftrack_orm.migrations.planned_change import Missing, PlannedChange, PlannedValue
from tests.support.migration_plans import FSTART, create, delete, metadata, update

_VALUE_TYPE: Final = "ContextCustomAttributeValue"
_VFX: Final = "caddd816-acb5-11e1-8668-f23c91df1211"
_SHOTS: Final = 3
_TASKS: Final = 6


def fixed_id(name: object) -> str:
    """Return an id that is the same in every run."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, str(name)))


def add_production(session: Session) -> None:
    """Create a project with shots, tasks, values and metadata."""
    project, user = fixed_id("project"), fixed_id("user")
    rows: list[tuple[str, dict[str, Any]]] = [
        ("User", {"id": user, "username": "ana"}),
        (
            "Project",
            {
                "id": project,
                "name": "p",
                "full_name": "P",
                "project_schema_id": _VFX,
            },
        ),
    ]
    for number in range(_SHOTS):
        shot = {
            "id": fixed_id(f"shot {number}"),
            "name": f"shot {number}",
            "parent_id": project,
            "project_id": project,
        }
        rows.append(("Shot", shot))
    for number in range(_TASKS):
        task = {
            "id": fixed_id(f"task {number}"),
            "name": f"task {number}",
            "parent_id": fixed_id(f"shot {number % _SHOTS}"),
            "project_id": project,
        }
        rows.append(("Task", task))
    session.call(
        [
            {"action": "create", "entity_type": name, "entity_data": data}
            for name, data in rows
        ]
    )


class Step(NamedTuple):
    """One edit of a random program: kind, entity, another number, and a new unit."""

    kind: str
    target: int
    number: int
    begins_unit: bool


KINDS: Final = (
    "rename",
    "bid",
    "status",
    "move",
    "value",
    "clear",
    "metadata",
    "no metadata",
    "assign",
    "unassign",
    "link",
    "unlink",
    "task",
)

PROGRAMS = st.lists(
    st.builds(
        Step,
        st.sampled_from(KINDS),
        st.integers(0, _TASKS - 1),
        st.integers(0, 3),
        st.booleans(),
    ),
    min_size=1,
    max_size=60,
)


class ProgramState:
    """The rows that a program edits, as the plan leaves them."""

    def __init__(self, session: Session) -> None:
        client = RunClient(session)
        names = "id, name, bid, status_id, parent_id"
        self.tasks = {
            str(row["id"]): {name: row[name] for name in names.split(", ")}
            for row in client.rows(f"select {names} from Task order by id")  # noqa: S608 # no SQL
        }
        rows = client.rows("select id from Status order by sort")
        self.statuses = [str(row["id"]) for row in rows]
        self.rows: dict[tuple[str, tuple[str, ...]], dict[str, Any]] = {}
        self.values: dict[str, PlannedValue] = {}
        self.count = 0

    def changes(self, program: Sequence[Step]) -> list[list[PlannedChange]]:
        """Return the units of a program; edits that change nothing are left out."""
        groups: list[list[PlannedChange]] = [[]]
        for step in program:
            if step.begins_unit:
                groups.append([])
            change = self._change(step)
            if change is not None:
                groups[-1].append(change)
        return [group for group in groups if group]

    def _change(self, step: Step) -> PlannedChange | None:
        self.count += 1
        keys = list(self.tasks)
        task = keys[step.target % len(keys)]
        match step.kind:
            case "rename":
                return self._set(task, "name", f"name {self.count}")
            case "bid":
                return self._set(task, "bid", float(step.number))
            case "status":
                return self._set(task, "status_id", self.statuses[step.number])
            case "move":
                shot = fixed_id(f"shot {step.number % _SHOTS}")
                return self._set(task, "parent_id", shot)
            case "value":
                return self._set_value(fixed_id(f"shot {step.target % _SHOTS}"), step)
            case "clear":
                return self._clear(fixed_id(f"shot {step.target % _SHOTS}"))
            case "task":
                return self._create_task(step)
        return self._row_change(step, task, keys)

    def _set(self, task: str, name: str, value: Any) -> PlannedChange | None:
        before = self.tasks[task][name]
        if before == value:
            return None
        self.tasks[task][name] = value
        return update("Task", task, name, before, value)

    def _set_value(self, shot: str, step: Step) -> PlannedChange | None:
        before = self.values.get(shot, Missing.UNSET)
        value = float(step.number)
        if before == value:
            return None
        self.values[shot] = value
        return update(_VALUE_TYPE, (FSTART, shot), "value", before, value)

    def _clear(self, shot: str) -> PlannedChange | None:
        before = self.values.pop(shot, Missing.UNSET)
        if isinstance(before, Missing):
            return None
        return PlannedChange(
            "delete",
            _VALUE_TYPE,
            (FSTART, shot),
            None,
            {"value": before},
            Missing.UNSET,
        )

    def _create_task(self, step: Step) -> PlannedChange:
        task = fixed_id(f"new task {self.count}")
        values = {
            "name": f"new {self.count}",
            "bid": 1.0,
            "status_id": self.statuses[step.number],
            "parent_id": fixed_id(f"shot {step.target % _SHOTS}"),
        }
        self.tasks[task] = {"id": task, **values}
        return create("Task", (task,), project_id=fixed_id("project"), **values)

    def _row_change(
        self, step: Step, task: str, keys: list[str]
    ) -> PlannedChange | None:
        """Create, update or delete a row that belongs to a task."""
        other = keys[(step.target + step.number + 1) % len(keys)]
        if "metadata" in step.kind:
            name = f"k{step.number}"
            change = metadata("Task", task, name, f"v{self.count}")
            is_on = step.kind == "metadata"
            return self._toggle("Metadata", (task, name), change, is_on=is_on)
        if "assign" in step.kind:
            key = (fixed_id(f"assignment of {task}"),)
            values = {
                "context_id": task,
                "resource_id": fixed_id("user"),
                "type": "assignment",
            }
            change = create("Appointment", key, **values)
            return self._toggle("Appointment", key, change, is_on=step.kind == "assign")
        key = (fixed_id(f"link {task} {other}"),)
        change = create("TypedContextLink", key, from_id=task, to_id=other)
        return self._toggle("TypedContextLink", key, change, is_on=step.kind == "link")

    def _toggle(
        self,
        entity_type: str,
        key: tuple[str, ...],
        change: PlannedChange,
        *,
        is_on: bool,
    ) -> PlannedChange | None:
        row = self.rows.get((entity_type, key))
        after = change.after
        assert isinstance(after, dict)
        if is_on and row is None:
            self.rows[entity_type, key] = dict(after)
            return change
        if is_on and entity_type == "Metadata" and row is not None:
            before, row["value"] = row["value"], after["value"]
            return update("Metadata", key, "value", before, after["value"])
        if not is_on and row is not None:
            del self.rows[entity_type, key]
            return delete(entity_type, key, **row)
        return None
