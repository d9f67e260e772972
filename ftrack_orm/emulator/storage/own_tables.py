"""Define tables of the emulator that no schema has and no query can read.

They are part of the same database, so transactions, files and snapshots include them.
"""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

FORMER_DEFAULTS: Final = "emulator:former_defaults"
"""Former defaults of custom attributes.

``until`` is the `ORDER` of the last entity that has the default.
"""

KEY_ROLES: Final = "emulator:key_roles"
"""Security roles of global API keys, for which the schema has no type."""

KEY_PROJECTS: Final = "emulator:key_projects"
"""Projects to which global API keys have access."""


def add_emulator_tables(metadata: sa.MetaData) -> None:
    """Add the tables to those of the entities."""
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
