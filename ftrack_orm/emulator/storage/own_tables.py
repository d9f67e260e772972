"""What the emulator remembers beside the entities, in tables of its own.

No schema has them and no query reaches them; they stand in the same database, so
that transactions, files and snapshots hold them too.
"""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

FORMER_DEFAULTS: Final = "emulator:former_defaults"
"""Defaults that custom attributes had, and the last entity each still holds for."""

KEY_ROLES: Final = "emulator:key_roles"
"""Security roles that global API keys have: no type of the schema joins the two."""

KEY_PROJECTS: Final = "emulator:key_projects"
"""Projects that global API keys reach with their roles."""


def add_own_tables(metadata: sa.MetaData) -> None:
    """Define the tables beside those of the entities."""
    former = sa.Table(
        FORMER_DEFAULTS,
        metadata,
        sa.Column("configuration_id", sa.Text, nullable=False),
        sa.Column("owners", sa.Text, nullable=False),
        sa.Column("until", sa.Integer, nullable=False),
        sa.Column("default", sa.Text),
    )
    by_owner = former.c.configuration_id, former.c.owners, former.c.until
    sa.Index(f"{FORMER_DEFAULTS}:primary", *by_owner, unique=True)
    roles = sa.Table(
        KEY_ROLES,
        metadata,
        sa.Column("api_key_id", sa.Text, nullable=False),
        sa.Column("security_role_id", sa.Text, nullable=False),
        sa.Column("is_all_open_projects", sa.Integer, nullable=False),
    )
    by_key = roles.c.api_key_id, roles.c.security_role_id
    sa.Index(f"{KEY_ROLES}:primary", *by_key, unique=True)
    projects = sa.Table(
        KEY_PROJECTS,
        metadata,
        sa.Column("api_key_id", sa.Text, nullable=False),
        sa.Column("project_id", sa.Text, nullable=False),
    )
    by_key = projects.c.api_key_id, projects.c.project_id
    sa.Index(f"{KEY_PROJECTS}:primary", *by_key, unique=True)
