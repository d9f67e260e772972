"""Sequence numbers: version numbers and the ids of events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

if TYPE_CHECKING:
    from ftrack_orm.emulator.request import RequestContext


def next_number(
    request: RequestContext, entity_type: str, name: str, /, **equals: Any
) -> int:
    """Return the highest `name` of the rows with these values plus 1.

    The first number is 1.
    """
    table = request.storage.tables.table(entity_type)
    highest = sa.select(sa.func.max(table.c[name])).where(
        *(table.c[column] == value for column, value in equals.items())
    )
    return 1 + int(request.connection.execute(highest).scalar() or 0)
