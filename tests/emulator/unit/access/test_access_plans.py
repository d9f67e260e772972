"""How SQLite finds out whose project a row is in: by keys, never by reading a table."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from ftrack_orm.emulator.access.access import Access, Projects
from ftrack_orm.emulator.access.project_paths import PROJECT_PATHS
from ftrack_orm.emulator.storage.storage import Storage
from tests.support.emulator_client import make_emulator

ACCESS = Access(
    readable=Projects(
        frozenset({"a", "b"}), includes_open=True, includes_no_project=True
    )
)


@pytest.fixture(scope="module")
def storage() -> Iterator[Storage]:
    emulator = make_emulator("demo")
    yield emulator.storage
    emulator.close()


@pytest.mark.parametrize("root", sorted(PROJECT_PATHS))
def test_a_row_is_looked_at_with_nothing_but_lookups_by_key(
    storage: Storage, root: str
) -> None:
    rows = storage.tables.table(root).alias("the_rows")
    conditions = ACCESS.visible(storage.tables, root, rows)
    statement = sa.select(sa.literal(1)).select_from(rows).where(*conditions)
    plan = planned(storage, statement)
    scanned = {
        found.group(1) for line in plan if (found := re.match(r"SCAN (\S+)", line))
    }
    # The rows asked for, the steps of a walk, and the list of projects that is made
    # once: no table is read through for a row.
    assert "the_rows" in scanned
    assert {name for name in scanned if not re.match(r"the_rows|anon_|\d", name)} <= {
        "json_each"
    }


def test_a_filter_finds_its_rows_as_it_does_without_restriction(
    storage: Storage,
) -> None:
    """Tasks of one parent are searched for by the parent, not by their project."""
    rows = storage.tables.table("Context").alias("the_rows")
    statement = sa.select(rows.c.id).where(
        rows.c.parent_id == "x", *ACCESS.visible(storage.tables, "Context", rows)
    )
    assert planned(storage, statement)[0] == (
        "SEARCH the_rows USING INDEX Context:parent_id (parent_id=?)"
    )


def planned(storage: Storage, statement: sa.Select[Any]) -> list[str]:
    """Return the lines of SQLite's plan."""
    with storage.transaction() as connection:
        compiled = statement.compile(connection, compile_kwargs={"literal_binds": True})
        lines = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}")
        return [str(line[3]) for line in lines]
