"""Limit the rows that a user may read and change.

Every statement that reads rows for a client includes the conditions of
`Access.visible`, so that it leaves out rows of projects on which the user has no role
(protocol 6.5). There are no conditions for users with unrestricted access.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from ftrack_orm.emulator.access.project_paths import (
    Expression,
    narrow_table,
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
    """A set of projects.

    Attributes:
        ids: ids of projects in the set.
        includes_open: whether all projects that are not private are in the set
            (protocol 9.9).
        includes_no_project: whether rows of no project count as rows of the set.
    """

    ids: frozenset[str] = frozenset()
    includes_open: bool = False
    includes_no_project: bool = False

    def contains(self, tables: Tables, project: Expression) -> sa.ColumnElement[bool]:
        """Return the condition that the set contains a project."""
        # COALESCE hides the column from the planner: an index on projects would find
        # far more rows than the conditions of the query itself.
        named = [
            *sorted(self.ids),
            *([_NO_PROJECT] if self.includes_no_project else []),
        ]
        listed = sa.func.json_each(json.dumps(named)).table_valued("value")
        ids: sa.Select[str] = sa.select(listed.c.value)
        condition_ids: sa.Select[str] | sa.CompoundSelect[str] = ids
        if self.includes_open and _PROJECT in tables.schema:
            condition_ids = sa.union_all(ids, _open_projects(tables))
        return sa.func.coalesce(project, _NO_PROJECT).in_(condition_ids)


@dataclass(frozen=True, slots=True)
class RowPermissions:
    """The permissions of a user on one row.

    Attributes:
        is_readable: the user may read it.
        is_workable: the user may change it like those who work on its project.
        is_manageable: the user may change it like those who manage its project.
    """

    is_readable: bool = True
    is_workable: bool = True
    is_manageable: bool = True


@dataclass(frozen=True, slots=True)
class Access:
    """The access of a user.

    Attributes:
        is_unrestricted: the user may read and change everything.
        is_read_only: the user may change nothing, regardless of the roles.
        readable: the projects on which the user has a role.
        manageable: the projects that the user manages.
    """

    is_unrestricted: bool = False
    is_read_only: bool = False
    readable: Projects = Projects()
    manageable: Projects = Projects()

    @property
    def has_role(self) -> bool:
        """Return whether the user has any role at all."""
        return self.readable.includes_no_project

    @property
    def manages(self) -> bool:
        """Return whether the user manages any project."""
        return self.manageable.includes_no_project

    def hides(self, tables: Tables, entity_type: str) -> bool:
        """Return whether the user may be unable to read some entities of a type."""
        return not self.is_unrestricted and bool(paths_of(tables, entity_type))

    def visible(
        self, tables: Tables, entity_type: str, source: sa.FromClause
    ) -> list[sa.ColumnElement[bool]]:
        """Return the conditions under which the user may read rows of `source`."""
        if self.is_unrestricted:
            return []
        # Users without any role read the rows of no project, too.
        readable = Projects(
            self.readable.ids, self.readable.includes_open, includes_no_project=True
        )
        return [
            readable.contains(tables, project)
            for project in projects_of(tables, entity_type, source)
        ]

    def row_permissions(
        self, connection: Connection, tables: Tables, entity_type: str, key: EntityKey
    ) -> RowPermissions:
        """Return the user's permissions on a row; none if the row does not exist."""
        if self.is_unrestricted:
            return ALL_PERMISSIONS
        # Building a statement takes longer than running it.
        statement_key = ("row permissions", self, entity_type)
        statement = tables.statements.get(statement_key)
        if statement is None:
            statement = self._permissions_statement(tables, entity_type)
            tables.statements[statement_key] = statement
        parameters = {f"key {position}": value for position, value in enumerate(key)}
        row = connection.execute(statement, parameters).first()
        if row is None:
            return NO_PERMISSIONS
        is_readable = bool(row[0])
        return RowPermissions(
            is_readable=is_readable,
            is_workable=is_readable and self.has_role,
            is_manageable=is_readable and self.manages and bool(row[1]),
        )

    def _permissions_statement(
        self, tables: Tables, entity_type: str
    ) -> sa.Select[bool, bool]:
        rows = tables.table(entity_type).alias()
        projects = projects_of(tables, entity_type, rows)
        managed = [self.manageable.contains(tables, project) for project in projects]
        key = tables.schema[entity_type].primary_key
        # `sa.and_` needs at least one condition.
        return sa.select(
            sa.and_(sa.true(), *self.visible(tables, entity_type, rows)),
            sa.and_(sa.true(), *managed),
        ).where(
            *(
                rows.c[name] == sa.bindparam(f"key {position}")
                for position, name in enumerate(key)
            )
        )


FULL_ACCESS: Final = Access(is_unrestricted=True)
ALL_PERMISSIONS: Final = RowPermissions()
NO_PERMISSIONS: Final = RowPermissions(False, False, False)


@dataclass(frozen=True, slots=True)
class Grant:
    """A role that a user or an API key has on some projects.

    Attributes:
        role_id: the role.
        is_open: whether it applies to all projects that are not private.
        project_ids: the projects to which it applies.
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
    """Return the access that several roles grant together.

    Args:
        grants: the roles.
        unrestricted: ids of the roles that allow everything on all projects.
        managing: ids of the roles that allow to manage a project; all others allow to
            work on it.
        is_read_only: whether the access excludes all changes.
    """
    grant_list = list(grants)
    return Access(
        is_unrestricted=any(grant.role_id in unrestricted for grant in grant_list),
        is_read_only=is_read_only,
        readable=_combine(grant_list),
        manageable=_combine(grant for grant in grant_list if grant.role_id in managing),
    )


def _combine(grants: Iterable[Grant]) -> Projects:
    grant_list = list(grants)
    ids = frozenset(
        project_id for grant in grant_list for project_id in grant.project_ids
    )
    return Projects(
        ids,
        any(grant.is_open for grant in grant_list),
        includes_no_project=bool(grant_list),
    )


def _open_projects(tables: Tables) -> sa.Select[str]:
    rows = narrow_table(tables, _PROJECT, TYPE, "is_private")
    statement = sa.select(rows.c.id).where(rows.c[TYPE] == _PROJECT)
    if "is_private" not in rows.c:
        return statement
    return statement.where(sa.func.coalesce(rows.c.is_private, 0) == 0)
