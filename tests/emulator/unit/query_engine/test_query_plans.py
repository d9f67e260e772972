"""Queries find their rows by indexes: these filters read no table from end to end.

Without statistics SQLite plans by the shape of a query alone, so the small demo shows
that there is an index to begin with. With them it may still read a table whole where
most of its rows are asked for, which is quicker.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import event

from ftrack_orm.emulator.storage.storage import Storage
from tests.support.emulator_client import make_emulator
from tests.support.sample_storage import page

_SCANNED = re.compile(r"SCAN (\w+?)(_\d+)?\b")


@pytest.fixture(scope="module")
def storage() -> Iterator[Storage]:
    emulator = make_emulator("demo")
    emulator.storage._driver.executescript(
        "DELETE FROM sqlite_stat1; ANALYZE sqlite_schema;"
    )
    yield emulator.storage
    emulator.close()


def scanned(storage: Storage, expression: str) -> list[str]:
    """Return the tables that are read from end to end to answer a query."""
    asked: list[tuple[str, Any]] = []

    def note(_: object, __: object, statement: str, values: Any, *rest: object) -> None:
        if statement.startswith(("SELECT", "WITH")):
            asked.append((statement, values))

    event.listen(storage._engine, "before_cursor_execute", note)
    try:
        page(storage, expression)
    finally:
        event.remove(storage._engine, "before_cursor_execute", note)
    steps = [
        detail
        for statement, values in asked
        for *_, detail in storage._driver.execute(
            f"EXPLAIN QUERY PLAN {statement}",
            values,
        )
    ]
    assert steps
    found = [match[1] for match in map(_SCANNED.match, steps) if match]
    return [name for name in found if name in storage.tables.families]


@pytest.mark.parametrize(
    "expression",
    [
        # values
        'Task where id is "x"',
        'Task where id in ("x", "y")',
        'Task where project_id is "x"',
        'Task where name is "animation" limit 500',
        'Task where name in ("animation", "lighting") limit 500',
        'Metadata where (parent_id is "x"and key is "a") or (parent_id is "y"and key is b)',
        'User where username is "anna"',
        'ComponentLocation where component_id in ("a", "b") and location_id is "x"',
        # links
        'Task where status.name is "In progress" limit 500',
        'Task where status.state.short is "DONE" limit 500',
        'Task where parent.name is "sq010_sh010"',
        'Task where parent[Shot].parent[Sequence].name is "sq010"',
        'Note where author.username is "anna" and date after "2024-02-01" limit 100',
        'AssetVersion where user.username is "anna" limit 500',
        'Task where project.name is "bunny" order by name limit 500',
        # collections
        'Task where assignments any (resource.username is "anna") limit 500',
        "User where not timelogs any ()",
        'Shot where children any (name is "animation" and status.state.short is "DONE")',
        'Shot where metadata any (key is "source" and value is "edit")',
        'Shot where custom_attributes any (key is "fstart" and value > 1000)',
        'TypedContextList where items any (name is "x")',
        'Task where ancestors any (name is "sq010") limit 500',
        'Task where ancestors.id is "x"',
        'Project where descendants any (name is "animation")',
        # subqueries
        'Task where id in (select context_id from Timelog where user.username is "anna")',
        'Task where parent_id in (select children.id from Sequence where name is "sq010")',
        # what is selected
        "select status.state.short, parent.name, children.name, time_logged, link, "
        "assignments.resource.username, custom_attributes, metadata, notes.content, "
        "status_changes.date, incoming_links.from.name, ancestors.name "
        'from Task where name is "animation" limit 500',
        "select descendants.name, children.children.name, managers.user.username "
        'from Project where name is "bunny"',
        "select components.component_locations.location.name, uses_versions.version, "
        'used_in_versions.version, task.name from AssetVersion where asset_id is "x"',
    ],
)
def test_no_table_is_read_from_end_to_end(storage: Storage, expression: str) -> None:
    assert scanned(storage, expression) == []


def test_a_table_that_is_read_from_end_to_end_is_seen(storage: Storage) -> None:
    assert scanned(storage, 'AssetVersion where comment like "%x%"') == ["AssetVersion"]
