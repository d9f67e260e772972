"""Aliases are distinct within a statement and shared by statements."""

from __future__ import annotations

from ftrack_orm.emulator import Emulator
from ftrack_orm.emulator.query_engine.aliases import Aliases
from tests.support.emulator_client import Client

TYPES = ("Task", "Shot", "Context", "ContextCustomAttributeValue")

MANY = 20
"""More aliases of a table than statements share."""


def test_no_alias_is_taken_twice() -> None:
    with Emulator() as emulator:
        aliases = Aliases(emulator.storage.tables)
        # The types of one family have one table.
        taken = [aliases.take(name) for name in TYPES * MANY]

    assert len(set(taken)) == len(taken)


def test_statements_share_aliases() -> None:
    with Emulator() as emulator:
        tables = emulator.storage.tables
        first, second = Aliases(tables), Aliases(tables)

        assert [first.take("Task"), first.take("Shot"), first.take("Asset")] == [
            second.take("Shot"),
            second.take("Task"),
            second.take("Asset"),
        ]


def test_a_query_may_join_a_table_more_often(client: Client) -> None:
    project = context = client.project()
    for depth in range(MANY):
        folder = client.create("Folder", name=f"f{depth}", parent_id=context)
        context = folder["id"]

    above = "parent." * MANY
    rows = client.query(f'Folder where {above}id is "{project}"')

    assert [row["id"] for row in rows] == [context]
