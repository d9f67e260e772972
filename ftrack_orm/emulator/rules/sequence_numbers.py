"""Sequence numbers: version numbers and the ids of events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from ftrack_orm.emulator.storage.statements import parameter

if TYPE_CHECKING:
    from ftrack_orm.emulator.request import RequestContext


def next_number(
    request: RequestContext, entity_type: str, name: str, /, **equals: Any
) -> int:
    """Return the highest `name` of the rows with these values plus 1.

    The first number is 1.
    """
    table = request.storage.tables.table(entity_type)

    def build() -> sa.Executable:
        return sa.select(sa.func.max(table.c[name])).where(
            *(table.c[column] == parameter(column) for column in equals)
        )

    statement_key = ("highest", entity_type, name, *equals)
    storage, connection = request.storage, request.connection
    [(highest,)] = storage.fetch(connection, statement_key, build, equals)
    return 1 + int(highest or 0)
