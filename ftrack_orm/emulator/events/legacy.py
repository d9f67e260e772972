"""Names and values as events have them: the server's internal ones (appendix B)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from ftrack_orm.emulator.transaction import Row
from ftrack_orm.schema.model import AttributeKind
from ftrack_orm.schema.relations import ForeignKey

if TYPE_CHECKING:
    from ftrack_orm.emulator.request import RequestContext
    from ftrack_orm.schema.model import Attribute, EntitySchema

_COMPONENT: Final = "Component"
"""The family whose types events do not tell apart, though each has a table."""

_CONTEXT_ID: Final = "taskid"


def entity_type(row: Row) -> str:
    """Return the internal name of a type, ``task`` for every typed context.

    It is that of the internal table in small letters: third parties filter names like
    ``auth_userrole`` and ``timelog``, which no other rule gives.
    """
    if _COMPONENT in row.bases:
        return _COMPONENT.lower()
    return row.entity_schema.table.lower()


def values(request: RequestContext, row: Row) -> dict[str, str | None]:
    """Return what the server stores of an entity, by internal names and as texts.

    Columns that no attribute shows, like the key of a user, are not among them.
    """
    found: dict[str, str | None] = {}
    for column, attribute in _shown(request, row):
        name, value = _name(row, attribute), text(attribute, row.values[column])
        # Some types have two attributes of one internal name, the old and the new.
        if value is not None or name not in found:
            found[name] = value
    return found


def collection_name(attribute: Attribute) -> str:
    """Return the internal name of a collection."""
    return attribute.alias_for or attribute.name


def _name(row: Row, attribute: Attribute) -> str:
    if attribute.name == "id" and "TypedContext" in row.bases:
        return _CONTEXT_ID
    return attribute.alias_for or attribute.name


def _shown(request: RequestContext, row: Row) -> Iterator[tuple[str, Attribute]]:
    behind = dict(_columns_of_links(request, row.entity_schema))
    for column in row.values:
        attribute = row.entity_schema.attributes.get(column) or behind.get(column)
        if attribute is not None:
            yield column, attribute


def _columns_of_links(
    request: RequestContext, kind: EntitySchema
) -> Iterator[tuple[str, Attribute]]:
    """Yield the columns of links whose key no attribute shows."""
    if kind.name not in request.schema:
        return
    for attribute in kind.attributes.values():
        if attribute.kind is AttributeKind.LINK:
            relation = request.storage.relations.of(kind.name, attribute.name)
            if isinstance(relation, ForeignKey) and relation.hidden and relation.local:
                yield relation.local, attribute


# -- values --------------------------------------------------------------------


def text(attribute: Attribute, stored: Any) -> str | None:
    """Return a stored value as events show it: as text, or ``None``."""
    if stored is None:
        return None
    if attribute.type == "variable":
        return custom_text(stored)
    if attribute.type == "boolean":
        return _truth(stored)
    if attribute.format == "date-time":
        return _moment(stored)
    return str(stored)


def custom_text(stored: str | None) -> str | None:
    """Return the value of a custom attribute, stored as JSON, as events show it."""
    return None if stored is None else _plain(json.loads(stored))


def _plain(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return _truth(value)
    if isinstance(value, list):
        return ",".join(str(_plain(each)) for each in value)
    if isinstance(value, Mapping) and "value" in value:
        return _moment(str(value["value"]))
    return str(value)


def _truth(value: object) -> str:
    """Return what third parties compare booleans with: ``"1"`` or ``"0"``."""
    return "1" if value else "0"


def _moment(stored: str) -> str:
    """Return a moment with microseconds, which the API leaves out (protocol 10, 25)."""
    return f"{stored}.000000"
