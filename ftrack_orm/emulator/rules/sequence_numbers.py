"""Numbers that count up from the highest there is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

if TYPE_CHECKING:
    from ftrack_orm.emulator.request import RequestContext


def next_number(
    request: RequestContext, entity_type: str, name: str, /, **equals: Any
) -> int:
    """Return one more than the highest `name` of the rows with these values.

    It is 1 when there is none.
    """
    table = request.storage.tables.table(entity_type)
    highest = sa.select(sa.func.max(table.c[name])).where(
        *(table.c[each] == value for each, value in equals.items())
    )
    return 1 + int(request.connection.execute(highest).scalar() or 0)
