"""What a user may read and change, as a condition on rows.

Whatever reads rows for a client adds `Access.visible` to its conditions, so that rows
of projects the user has no role on are not there for it (protocol 6.5). For those who
may do everything there is no condition, and no cost.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from ftrack_orm.emulator.access.project_paths import (
    Expression,
    narrow,
    paths_of,
    projects_of,
)
from ftrack_orm.emulator.storage.tables import TYPE, Tables
from ftrack_orm.types import EntityKey

if TYPE_CHECKING:
    from ftrack_orm.emulator.storage.storage import Connection

_PROJECT: Final = "Project"
_NO_PROJECT: Final = ""


@dataclass(frozen=True, slots=True)
class Projects:
    """Some of the projects.

    Attributes:
        ids: those that are named.
        has_open: all that are not private besides (protocol 9.9).
        has_none: what belongs to no project counts as in one of them.
    """

    ids: frozenset[str] = frozenset()
    has_open: bool = False
    has_none: bool = False

    def hold(self, tables: Tables, project: Expression) -> sa.ColumnElement[bool]:
        """Return the condition that a project is one of them.

        Deliberately not one that an index would be searched for: rows are found by
        what a query asks, and then each is looked at.
        """
        named = [*sorted(self.ids), *([_NO_PROJECT] if self.has_none else [])]
        listed = sa.func.json_each(json.dumps(named)).table_valued("value")
        ids: sa.Select[str] = sa.select(listed.c.value)
        found: sa.Select[str] | sa.CompoundSelect[str] = ids
        if self.has_open and _PROJECT in tables.schema:
            found = sa.union_all(ids, _open_projects(tables))
        return sa.func.coalesce(project, _NO_PROJECT).in_(found)


@dataclass(frozen=True, slots=True)
class Standing:
    """What a user may do with one row.

    Attributes:
        is_readable: see it.
        is_workable: change it as those do who work on its project.
        is_manageable: change it as those do who manage its project.
    """

    is_readable: bool = True
    is_workable: bool = True
    is_manageable: bool = True


@dataclass(frozen=True, slots=True)
class Access:
    """What a user may read and change.

    Attributes:
        is_unrestricted: everything.
        is_read_only: nothing is to be changed, whatever the roles say.
        readable: the projects that the user has a role on.
        manageable: the projects that the user manages.
    """

    is_unrestricted: bool = False
    is_read_only: bool = False
    readable: Projects = Projects()
    manageable: Projects = Projects()

    @property
    def has_role(self) -> bool:
        """Return whether the user has any role at all."""
        return self.readable.has_none

    @property
    def manages(self) -> bool:
        """Return whether the user manages any project."""
        return self.manageable.has_none

    def hides(self, tables: Tables, entity_type: str) -> bool:
        """Return whether some entities of a type may be out of the user's sight."""
        return not self.is_unrestricted and bool(paths_of(tables, entity_type))

    def visible(
        self, tables: Tables, entity_type: str, source: sa.FromClause
    ) -> list[sa.ColumnElement[bool]]:
        """Return the conditions that the user may read rows of `source`."""
        if self.is_unrestricted:
            return []
        # Whoever has no role reads what belongs to no project.
        readable = Projects(self.readable.ids, self.readable.has_open, has_none=True)
        return [
            readable.hold(tables, project)
            for project in projects_of(tables, entity_type, source)
        ]

    def standing(
        self, connection: Connection, tables: Tables, entity_type: str, key: EntityKey
    ) -> Standing:
        """Return what the user may do with the row of that key; nothing without one."""
        if self.is_unrestricted:
            return FULL
        # Built once for each: building it costs more than running it.
        asked = ("standing", self, entity_type)
        statement = tables.statements.get(asked)
        if statement is None:
            statement = self._standing_statement(tables, entity_type)
            tables.statements[asked] = statement
        parameters = {f"key {position}": value for position, value in enumerate(key)}
        found = connection.execute(statement, parameters).first()
        if found is None:
            return NOTHING
        is_readable = bool(found[0])
        return Standing(
            is_readable=is_readable,
            is_workable=is_readable and self.has_role,
            is_manageable=is_readable and self.manages and bool(found[1]),
        )

    def _standing_statement(
        self, tables: Tables, entity_type: str
    ) -> sa.Select[bool, bool]:
        rows = tables.table(entity_type).alias()
        projects = projects_of(tables, entity_type, rows)
        managed = [self.manageable.hold(tables, each) for each in projects]
        key = tables.schema[entity_type].primary_key
        return sa.select(
            sa.and_(sa.true(), *self.visible(tables, entity_type, rows)),
            sa.and_(sa.true(), *managed),
        ).where(
            *(
                rows.c[name] == sa.bindparam(f"key {position}")
                for position, name in enumerate(key)
            )
        )


EVERYTHING: Final = Access(is_unrestricted=True)
FULL: Final = Standing()
NOTHING: Final = Standing(False, False, False)


@dataclass(frozen=True, slots=True)
class Grant:
    """A role that a user or a key has, and where.

    Attributes:
        role_id: the role.
        is_open: on all projects that are not private.
        project_ids: on these projects.
    """

    role_id: str
    is_open: bool = False
    project_ids: frozenset[str] = frozenset()


def access_of(
    grants: Iterable[Grant],
    *,
    unrestricted: frozenset[str],
    managing: frozenset[str],
    is_read_only: bool = False,
) -> Access:
    """Return what roles allow together.

    Args:
        grants: the roles.
        unrestricted: ids of the roles that allow everything, everywhere.
        managing: ids of those whose holders manage their projects; all others allow
            to work on them.
        is_read_only: they allow no change.
    """
    held = list(grants)
    return Access(
        is_unrestricted=any(each.role_id in unrestricted for each in held),
        is_read_only=is_read_only,
        readable=_together(held),
        manageable=_together(each for each in held if each.role_id in managing),
    )


def _together(grants: Iterable[Grant]) -> Projects:
    held = list(grants)
    ids = frozenset(each for grant in held for each in grant.project_ids)
    return Projects(ids, any(grant.is_open for grant in held), has_none=bool(held))


def _open_projects(tables: Tables) -> sa.Select[str]:
    rows = narrow(tables, _PROJECT, TYPE, "is_private")
    found = sa.select(rows.c.id).where(rows.c[TYPE] == _PROJECT)
    if "is_private" not in rows.c:
        return found
    return found.where(sa.func.coalesce(rows.c.is_private, 0) == 0)
