"""Write the rows of associations, which connect members to their owners."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from ftrack_orm.emulator.storage.statements import parameter
from ftrack_orm.emulator.storage.storage import Connection, Storage
from ftrack_orm.emulator.storage.tables import ORDER
from ftrack_orm.schema.relations import Association


def add_member(
    storage: Storage,
    connection: Connection,
    association: Association,
    near_key: str,
    far_key: str,
    values: Mapping[str, Any] | None = None,
) -> None:
    """Connect a member to an owner; an existing connection stays as it is.

    `values` are further attributes of the association's row. A row whose type has an
    ``id`` gets a random one, unless `values` has it.
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


def remove_member(
    storage: Storage,
    connection: Connection,
    association: Association,
    near_key: str,
    far_key: str | None = None,
) -> int:
    """Disconnect one member of an owner, or all; return the number of deleted rows."""
    table = _table(storage, association)
    where = [table.c[association.near] == near_key]
    if far_key is not None:
        where.append(table.c[association.far] == far_key)
    return connection.execute(sa.delete(table).where(*where)).rowcount


def members_of(
    storage: Storage, connection: Connection, association: Association, near_key: str
) -> list[str]:
    """Return the keys of an owner's members, in the order of their connection."""
    table = _table(storage, association)

    def build() -> sa.Executable:
        return (
            sa.select(table.c[association.far])
            .where(table.c[association.near] == parameter("near"))
            .order_by(table.c[ORDER])
        )

    statement_key = ("members", table.name, association.near, association.far)
    rows = storage.fetch(connection, statement_key, build, {"near": near_key})
    return [member for (member,) in rows]


def _table(storage: Storage, association: Association) -> sa.Table:
    if association.hidden:
        return storage.tables.associations[association.through]
    return storage.tables.table(association.through)
