"""Association rows without an entity type, such as the scopes of a context.

No foreign key of the schema leads to them, so `cascade` does not find them when it
deletes an entity.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import sqlalchemy as sa

from ftrack_orm.emulator.storage.storage import is_among
from ftrack_orm.schema.relations import Association

if TYPE_CHECKING:
    from ftrack_orm.emulator.request import RequestContext


def delete_memberships(
    request: RequestContext, root: str, ids: Sequence[str | int]
) -> None:
    """Delete the association rows of deleted entities, on either side.

    Args:
        request: the request.
        root: the base type of the deleted entities.
        ids: ids of the deleted entities.
    """
    statements = request.storage.tables.statements
    key = ("columns of association keys", root)
    columns: tuple[sa.Column[str], ...] | None = statements.get(key)
    if columns is None:
        # An association between two entities of one family appears twice.
        columns = statements[key] = tuple(dict.fromkeys(_key_columns(request, root)))
    for column in columns:
        statement = sa.delete(column.table).where(is_among(column, ids))
        request.connection.execute(statement)


def _key_columns(request: RequestContext, root: str) -> Iterator[sa.Column[str]]:
    """Yield the columns of hidden association tables that hold ids of this family."""
    tables = request.storage.tables
    for owner, _, relation in request.storage.relations.every():
        if isinstance(relation, Association) and relation.hidden:
            table = tables.associations[relation.through]
            if tables.root(owner) == root:
                yield table.c[relation.near]
            if tables.root(relation.target) == root:
                yield table.c[relation.far]
