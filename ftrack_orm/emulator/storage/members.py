"""Members that are joined to their owner by rows of their own."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from ftrack_orm.emulator.storage.storage import Connection, Storage
from ftrack_orm.emulator.storage.tables import ORDER
from ftrack_orm.schema.relations import Association


def join_member(
    storage: Storage,
    connection: Connection,
    association: Association,
    near_key: str,
    far_key: str,
    values: Mapping[str, Any] | None = None,
) -> None:
    """Join a member to an owner; a pair joined before stays one.

    `values` are further attributes of the joining row. A row with a key of its own
    gets a random one, unless they hold it.
    """
    if far_key in members_of(storage, connection, association, near_key):
        return
    row: dict[str, Any] = {association.near: near_key, association.far: far_key}
    if association.hidden:
        connection.execute(sa.insert(_table(storage, association)), row)
        return
    if storage.schema[association.through].primary_key == ("id",):
        row["id"] = str(uuid.uuid4())
    storage.insert(connection, association.through, {**row, **(values or {})})


def part_member(
    storage: Storage,
    connection: Connection,
    association: Association,
    near_key: str,
    far_key: str | None = None,
) -> int:
    """Part an owner from one member, or from all; return how many rows went."""
    table = _table(storage, association)
    where = [table.c[association.near] == near_key]
    if far_key is not None:
        where.append(table.c[association.far] == far_key)
    return connection.execute(sa.delete(table).where(*where)).rowcount


def members_of(
    storage: Storage, connection: Connection, association: Association, near_key: str
) -> list[str]:
    """Return the keys of an owner's members, in the order they were joined."""
    table = _table(storage, association)
    statement = (
        sa.select(table.c[association.far])
        .where(table.c[association.near] == near_key)
        .order_by(table.c[ORDER])
    )
    return list(connection.execute(statement).scalars())


def _table(storage: Storage, association: Association) -> sa.Table:
    if association.hidden:
        return storage.tables.associations[association.through]
    return storage.tables.table(association.through)
