"""What the emulator remembers beside the entities, in tables of its own.

No schema has them and no query reaches them; they stand in the same database, so
that transactions, files and snapshots hold them too.
"""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

FORMER_DEFAULTS: Final = "emulator:former_defaults"
"""Defaults that custom attributes had, and the last entity each still holds for."""


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
