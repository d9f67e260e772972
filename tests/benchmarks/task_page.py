"""The page of tasks that is asked of emulators of two sizes, and what it costs them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import event

from ftrack_orm.emulator import Emulator
from ftrack_orm.emulator.seed.custom_attributes import CUSTOM_ATTRIBUTE_TYPES
from ftrack_orm.emulator.seed.planter import Planter, seeded_id
from ftrack_orm.emulator.seed.standard import OBJECT_TYPE_IDS

HITS: Final = 500
"""Tasks of a page."""

_STATUSES: Final = ("Approved", "Completed", "Client approved", "Not started")
_SELECT: Final = (
    "select name, start_date, end_date, bid, status.state.short, parent.name, "
    "type.name, assignments.resource.username, custom_attributes.value"
)
_TYPES: Final = {row.name: row.id for row in CUSTOM_ATTRIBUTE_TYPES}
_ATTRIBUTES: Final = (("difficulty", "number", 1), ("vendor", "text", "in house"))
_STEP: Final = 100
"""Instructions of SQLite after which it tells that it has carried them out."""


def give_tasks_attributes(emulator: Emulator) -> None:
    """Configure two custom attributes of tasks, and set one of them on every task."""
    keys = {name: seeded_id("benchmark", name) for name, _, _ in _ATTRIBUTES}
    configurations = [
        {
            "id": keys[name],
            "key": name,
            "label": name,
            "entity_type": "task",
            "object_type_id": OBJECT_TYPE_IDS["Task"],
            "type_id": _TYPES[kind],
            "default": json.dumps(default),
            "config": "{}",
            "core": False,
            "is_hierarchical": False,
            "sort": 100,
        }
        for name, kind, default in _ATTRIBUTES
    ]
    with emulator.storage.transaction() as connection:
        planter = Planter(emulator.storage, connection)
        tasks = planter.find_where("Task")
        planter.add("CustomAttributeConfiguration", configurations)
        values = [
            {
                "configuration_id": keys["difficulty"],
                "entity_id": task["id"],
                "value": json.dumps(number % 5),
            }
            for number, task in enumerate(tasks)
        ]
        planter.add("CustomAttributeValue", values)
        planter.analyze()


def expression_for(emulator: Emulator, hits: int = HITS) -> str:
    """Return the query for a page of so many tasks.

    It asks for those of some people, as many as have them between them, so that a
    larger production has no more of what is asked for.
    """
    statement = sa.text(
        """select username, count(*) from Resource
        join Appointment on resource_id = Resource.id and type = 'assignment'
        join Context on Context.id = context_id
        join Context project on project.id = Context.project_id
        join Status on Status.id = Context.status_id
        where project.name = 'bunny' and Status.name in :statuses
        group by username order by username"""
    ).bindparams(sa.bindparam("statuses", _STATUSES, expanding=True))
    people: list[str] = []
    with emulator.storage.transaction() as connection:
        counted = iter(connection.execute(statement).all())
        [project_id] = connection.execute(
            sa.text("select id from Context where name = 'bunny' and parent_id is null")
        ).one()
    while hits > 0:
        username, count = next(counted)
        people.append(f'"{username}"')
        hits -= count
    statuses = ", ".join(f'"{name}"' for name in _STATUSES)
    conditions = (
        f'project_id is "{project_id}"',
        f"status.name in ({statuses})",
        f"assignments any (resource.username in ({', '.join(people)}))",
    )
    return f"{_SELECT} from Task where {' and '.join(conditions)}"


def query(expression: str, limit: int = HITS) -> bytes:
    """Return the request for a page of an expression."""
    asked = {"action": "query", "expression": f"{expression} limit {limit}"}
    return json.dumps([asked]).encode()


def ask(emulator: Emulator, body: bytes) -> list[dict[str, Any]]:
    """Return what the emulator answers in process to a request of one query."""
    [result] = json.loads(emulator.transport().call(body).body)
    found: list[dict[str, Any]] = result["data"]
    return found


class Cost:
    """What requests cost the database.

    Attributes:
        statements: the SQL statements and their parameters.
        steps: instructions that SQLite carried out, in hundreds.
    """

    def __init__(self) -> None:
        self.statements: list[tuple[str, Any]] = []
        self.steps = 0

    def scanned(self, driver: sqlite3.Connection) -> set[str]:
        """Return the tables that the statements read from end to end."""
        found = set()
        for statement, parameters in self.statements:
            plan = driver.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
            for *_, detail in plan.fetchall():
                if detail.startswith("SCAN ") and "VIRTUAL TABLE" not in detail:
                    found.add(detail.split()[1].rsplit("_", 1)[0])
        return found


@contextmanager
def counted(emulator: Emulator) -> Iterator[Cost]:
    """Count what the requests of a block cost."""
    cost = Cost()
    engine, driver = emulator.storage._engine, emulator.storage._driver

    def remember(*told: Any) -> None:
        _, _, statement, parameters, _, _ = told
        if statement.startswith(("SELECT", "WITH")):
            cost.statements.append((statement, parameters))

    def step() -> int:
        cost.steps += 1
        return 0

    event.listen(engine, "before_cursor_execute", remember)
    driver.set_progress_handler(step, _STEP)
    try:
        yield cost
    finally:
        driver.set_progress_handler(None, 0)
        event.remove(engine, "before_cursor_execute", remember)
