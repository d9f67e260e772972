"""The security roles that users and global API keys have, read and changed.

Those of users are rows of the schema: ``UserSecurityRole`` and the projects beside
it. Those of keys are in tables of the emulator's own, no type joins the two.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from ftrack_orm.emulator.access.access import Grant
from ftrack_orm.emulator.storage.own_tables import KEY_PROJECTS, KEY_ROLES

if TYPE_CHECKING:
    from ftrack_orm.emulator.storage.storage import Connection, Storage

_USER_ID: Final = "user"


def grants_of_user(
    storage: Storage, connection: Connection, user_id: str
) -> tuple[Grant, ...]:
    """Return the roles of a user, with the projects they are on."""
    known, asked = storage.tables.statements, ("grants of a user",)
    statement = known.get(asked)
    if statement is None:
        # Built once: it is asked with every request.
        statement = known[asked] = _user_statement(storage)
    rows = connection.execute(statement, {_USER_ID: user_id}).all()
    found: dict[str, Grant] = {}
    for row_id, role_id, is_open, project_id in rows:
        before = found.get(row_id)
        ids = frozenset() if before is None else before.project_ids
        ids |= frozenset() if project_id is None else {project_id}
        found[row_id] = Grant(role_id, bool(is_open), ids)
    return tuple(found.values())


def _user_statement(storage: Storage) -> sa.Select[Any, Any, bool, Any]:
    roles = storage.tables.table("UserSecurityRole")
    projects = storage.tables.table("UserSecurityRoleProject")
    # The second is what the first was called before; both mean open ones.
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
        .where(roles.c.user_id == sa.bindparam(_USER_ID))
    )


def grants_of_key(
    storage: Storage, connection: Connection, key_id: str
) -> tuple[Grant, ...]:
    """Return the roles of a global API key; all are on the projects of the key."""
    roles = storage.tables.metadata.tables[KEY_ROLES]
    projects = storage.tables.metadata.tables[KEY_PROJECTS]
    reached = sa.select(projects.c.project_id).where(projects.c.api_key_id == key_id)
    ids = frozenset(connection.execute(reached).scalars())
    held = sa.select(roles.c.security_role_id, roles.c.is_all_open_projects)
    rows = connection.execute(held.where(roles.c.api_key_id == key_id))
    return tuple(Grant(role_id, bool(is_open), ids) for role_id, is_open in rows)


def add_key_role(
    storage: Storage,
    connection: Connection,
    key_id: str,
    role_id: str,
    *,
    is_open: bool = False,
) -> bool:
    """Give a key a role; return whether it had not got it."""
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
    """Take a role from a key; return whether it had it."""
    table = storage.tables.metadata.tables[KEY_ROLES]
    values = {"api_key_id": key_id, "security_role_id": role_id}
    return _remove(connection, table, values)


def add_key_project(
    storage: Storage, connection: Connection, key_id: str, project_id: str
) -> bool:
    """Let a key reach a project; return whether it had not."""
    table = storage.tables.metadata.tables[KEY_PROJECTS]
    values = {"api_key_id": key_id, "project_id": project_id}
    if _has(connection, table, values):
        return False
    connection.execute(sa.insert(table).values(**values))
    return True


def remove_key_project(
    storage: Storage, connection: Connection, key_id: str, project_id: str
) -> bool:
    """Keep a key from a project; return whether it had reached it."""
    table = storage.tables.metadata.tables[KEY_PROJECTS]
    values = {"api_key_id": key_id, "project_id": project_id}
    return _remove(connection, table, values)


def _has(connection: Connection, table: sa.Table, values: dict[str, str]) -> bool:
    where = [table.c[name] == value for name, value in values.items()]
    return connection.execute(sa.select(table).where(*where)).first() is not None


def _remove(connection: Connection, table: sa.Table, values: dict[str, str]) -> bool:
    where = [table.c[name] == value for name, value in values.items()]
    return connection.execute(sa.delete(table).where(*where)).rowcount > 0
