"""Read and change the security roles of users and global API keys.

The roles of users are entities: ``UserSecurityRole`` and ``UserSecurityRoleProject``.
The schema has no type for the roles of keys, so they are in tables of the emulator.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from ftrack_orm.emulator.access.access import Grant
from ftrack_orm.emulator.storage.own_tables import KEY_PROJECTS, KEY_ROLES
from ftrack_orm.emulator.storage.statements import parameter

if TYPE_CHECKING:
    from ftrack_orm.emulator.storage.storage import Connection, Storage

_USER_ID: Final = "user"


def grants_of_user(
    storage: Storage, connection: Connection, user_id: str
) -> tuple[Grant, ...]:
    """Return the roles of a user with their projects."""
    rows = storage.fetch(
        connection,
        "grants of a user",
        lambda: _user_statement(storage),
        {_USER_ID: user_id},
    )
    grants: dict[str, Grant] = {}
    for row_id, role_id, is_open, project_id in rows:
        previous = grants.get(row_id)
        ids = frozenset() if previous is None else previous.project_ids
        ids |= frozenset() if project_id is None else {project_id}
        grants[row_id] = Grant(role_id, bool(is_open), ids)
    return tuple(grants.values())


def _user_statement(storage: Storage) -> sa.Select[Any, Any, bool, Any]:
    roles = storage.tables.table("UserSecurityRole")
    projects = storage.tables.table("UserSecurityRoleProject")
    # `is_all_projects` is the former name of `is_all_open_projects`.
    flags = [
        sa.func.coalesce(roles.c[name], 0)
        for name in ("is_all_open_projects", "is_all_projects")
        if name in roles.c
    ]
    joined = roles.outerjoin(projects, projects.c.user_security_role_id == roles.c.id)
    return (
        sa.select(
            roles.c.id,
            roles.c.security_role_id,
            sa.or_(*flags, sa.false()),
            projects.c.project_id,
        )
        .select_from(joined)
        .where(roles.c.user_id == parameter(_USER_ID))
    )


def grants_of_key(
    storage: Storage, connection: Connection, key_id: str
) -> tuple[Grant, ...]:
    """Return the roles of a global API key, each with all projects of the key."""
    roles = storage.tables.metadata.tables[KEY_ROLES]
    projects = storage.tables.metadata.tables[KEY_PROJECTS]
    key_projects = sa.select(projects.c.project_id).where(
        projects.c.api_key_id == key_id
    )
    ids = frozenset(connection.execute(key_projects).scalars())
    key_roles = sa.select(roles.c.security_role_id, roles.c.is_all_open_projects)
    rows = connection.execute(key_roles.where(roles.c.api_key_id == key_id))
    return tuple(Grant(role_id, bool(is_open), ids) for role_id, is_open in rows)


def add_key_role(
    storage: Storage,
    connection: Connection,
    key_id: str,
    role_id: str,
    *,
    is_open: bool = False,
) -> bool:
    """Add a role to a key; return false if the key has it already."""
    table = storage.tables.metadata.tables[KEY_ROLES]
    values = {"api_key_id": key_id, "security_role_id": role_id}
    if _has(connection, table, values):
        return False
    connection.execute(
        sa.insert(table).values(**values, is_all_open_projects=int(is_open))
    )
    return True


def remove_key_role(
    storage: Storage, connection: Connection, key_id: str, role_id: str
) -> bool:
    """Remove a role from a key; return false if the key does not have it."""
    table = storage.tables.metadata.tables[KEY_ROLES]
    values = {"api_key_id": key_id, "security_role_id": role_id}
    return _remove(connection, table, values)


def add_key_project(
    storage: Storage, connection: Connection, key_id: str, project_id: str
) -> bool:
    """Add a project to a key; return false if the key has it already."""
    table = storage.tables.metadata.tables[KEY_PROJECTS]
    values = {"api_key_id": key_id, "project_id": project_id}
    if _has(connection, table, values):
        return False
    connection.execute(sa.insert(table).values(**values))
    return True


def remove_key_project(
    storage: Storage, connection: Connection, key_id: str, project_id: str
) -> bool:
    """Remove a project from a key; return false if the key does not have it."""
    table = storage.tables.metadata.tables[KEY_PROJECTS]
    values = {"api_key_id": key_id, "project_id": project_id}
    return _remove(connection, table, values)


def _has(connection: Connection, table: sa.Table, values: dict[str, str]) -> bool:
    where = [table.c[name] == value for name, value in values.items()]
    return connection.execute(sa.select(table).where(*where)).first() is not None


def _remove(connection: Connection, table: sa.Table, values: dict[str, str]) -> bool:
    where = [table.c[name] == value for name, value in values.items()]
    return connection.execute(sa.delete(table).where(*where)).rowcount > 0
