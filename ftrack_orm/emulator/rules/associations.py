"""Memberships whose rows no type of the schema shows, such as the scopes of a context.

What names an entity that goes has to go too, and no foreign key tells these.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import sqlalchemy as sa

from ftrack_orm.emulator.storage.storage import is_among
from ftrack_orm.schema.relations import Association

if TYPE_CHECKING:
    from ftrack_orm.emulator.request import RequestContext


def forget_members(
    request: RequestContext, root: str, ids: Sequence[str | int]
) -> None:
    """Remove the memberships of entities that are gone, on either side.

    Args:
        request: the request.
        root: the type at the top of their family.
        ids: their ids.
    """
    for column in set(_naming(request, root)):
        statement = sa.delete(column.table).where(is_among(column, ids))
        request.connection.execute(statement)


def _naming(request: RequestContext, root: str) -> Iterator[sa.Column[str]]:
    tables = request.storage.tables
    for owner, _, relation in request.storage.relations.every():
        if isinstance(relation, Association) and relation.hidden:
            table = tables.associations[relation.through]
            if tables.root(owner) == root:
                yield table.c[relation.near]
            if tables.root(relation.target) == root:
                yield table.c[relation.far]
