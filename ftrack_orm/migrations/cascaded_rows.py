"""The entities that a server deletes with those of a plan, in the plan's file."""

from __future__ import annotations

import json
from collections.abc import Iterable

from ftrack_orm.migrations.plan_file import PlanFile
from ftrack_orm.types import EntityKey, Reference


class CascadedRows:
    """A set of entities on the disk, so that their number needs no memory.

    The file has its table from the first entity on; most plans have none.
    """

    def __init__(self, file: PlanFile) -> None:
        """Use the set that the plan has stored, which may be empty."""
        self._file = file
        found = file.execute("select 1 from sqlite_master where name = 'cascaded'")
        self._has_table = found.fetchone() is not None

    def __bool__(self) -> bool:
        return self._has_table

    def __contains__(self, member: Reference) -> bool:
        return self._has(
            "key = ? and type = ?", json.dumps(member.key), member.entity_type
        )

    def has_key(self, key: EntityKey) -> bool:
        """Return whether an entity of any type has a key."""
        return self._has("key = ?", json.dumps(key))

    def add(self, members: Iterable[Reference]) -> None:
        """Add entities.

        Raises:
            PlanFileError: the file cannot be written.
        """
        rows = [(json.dumps(key), entity_type) for entity_type, key in members]
        if not rows:
            return
        with self._file.transaction() as connection:
            connection.execute(
                "create table if not exists cascaded (key text not null,"
                " type text not null, primary key (key, type)) without rowid"
            )
            connection.executemany("insert or ignore into cascaded values (?, ?)", rows)
        self._has_table = True

    def _has(self, condition: str, *values: str) -> bool:
        if not self._has_table:
            return False
        query = f"select 1 from cascaded where {condition}"  # noqa: S608 # of this class
        return self._file.execute(query, values).fetchone() is not None
