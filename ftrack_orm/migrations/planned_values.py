"""The new values of rows in a plan, brought together from all its units."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any, Final, NamedTuple

from pydantic_core import from_json

from ftrack_orm.migrations.plan_file import PlanFile
from ftrack_orm.types import Reference

_CHANGES: Final = """
select type, json_extract(key, '$[0]'), action, attribute, after from operations
where action = 'update' and attribute in (select value from json_each(:names))
    or action = 'create' and exists (
        select 1 from json_each(after, '$.value') as new
        where new.key in (select value from json_each(:names))
    )
order by key, seq
"""
_OWNERS: Final = """
create temp table if not exists owners as
select json_extract(key, '$[0]') as key,
    json_extract(after, '$.value.project_id') as project,
    coalesce(
        json_extract(after, '$.value.parent_id'),
        json_extract(after, '$.value.asset_id'),
        json_extract(after, '$.value.context_id')
    ) as owner
from operations where action = 'create'
"""
_INDEX: Final = "create index if not exists temp.owners_by_key on owners (key)"


class PlannedValues(NamedTuple):
    """The new values of a row.

    Attributes:
        entity_type: the type that the plan names.
        key: the first part of the row's key.
        is_new: whether the plan creates the row.
        values: the values by attribute.
    """

    entity_type: str
    key: str
    is_new: bool
    values: dict[str, Any]


def planned_values(file: PlanFile, names: Sequence[str]) -> Iterator[PlannedValues]:
    """Yield the new values of rows, read as they are needed, sorted by key.

    Args:
        file: the plan.
        names: the attributes; a row that gets none of them is left out.
    """
    rows = file.execute(_CHANGES, {"names": json.dumps(names)})
    for (entity_type, key), changes in groupby(rows, key=itemgetter(0, 1)):
        values: dict[str, Any] = {}
        is_new = False
        for _, _, action, attribute, after in changes:
            new = from_json(after).get("value")
            if action == "create":
                is_new = True
                values |= {name: new[name] for name in names if name in new}
            else:
                values[attribute] = new
        yield PlannedValues(entity_type, key, is_new, values)


def has_create(file: PlanFile, row: Reference) -> bool:
    """Return whether a plan creates a row; reads all changes."""
    found = file.execute(
        "select 1 from operations where action = 'create' and key = ? and type = ?"
        " limit 1",
        (json.dumps(row.key), row.entity_type),
    )
    return found.fetchone() is not None


class NewOwners:
    """The projects and owners of the rows that a plan creates."""

    def __init__(self, file: PlanFile) -> None:
        """Sort the rows into a temporary table of the file."""
        self._file = file
        file.execute(_OWNERS)
        file.execute(_INDEX)

    def find(self, key: str) -> tuple[str | None, str | None]:
        """Return the project of a new row, or else its topmost owner that exists.

        Both are ``None`` if the plan names neither.
        """
        passed: set[str] = set()
        while key not in passed:
            passed.add(key)
            row = self._file.execute(
                "select project, owner from temp.owners where key = ?", (key,)
            ).fetchone()
            if row is None:
                return None, key
            project, owner = row
            if project is not None or owner is None:
                return project, None
            key = owner
        return None, None
