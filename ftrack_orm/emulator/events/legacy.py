"""Internal names and values, which the server uses in events (appendix B)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, cast

from ftrack_orm.emulator.transaction import Row
from ftrack_orm.schema.model import AttributeKind
from ftrack_orm.schema.relations import ForeignKey
from ftrack_orm.types import JSON

if TYPE_CHECKING:
    from ftrack_orm.emulator.request import RequestContext
    from ftrack_orm.schema.model import Attribute, EntitySchema

_COMPONENT: Final = "Component"
"""The family whose types have one name in events, though each has a table."""

_CONTEXT_ID: Final = "taskid"


def entity_type(row: Row) -> str:
    """Return the internal name of a type, ``task`` for every typed context.

    It is the name of the internal table in lower case: only this rule produces names
    such as ``auth_userrole`` and ``timelog``, which third parties filter by.
    """
    if _COMPONENT in row.bases:
        return _COMPONENT.lower()
    return row.entity_schema.table.lower()


def values(request: RequestContext, row: Row) -> dict[str, JSON]:
    """Return the values of an entity as events contain them, by internal name.

    Columns without an attribute, such as the API key of a user, are left out.
    """
    named: dict[str, JSON] = {}
    for column, attribute in _visible_columns(request, row):
        name, value = _name(row, attribute), _value(attribute, row.values[column])
        # Some types have two attributes of one internal name, a former and a current.
        if value is not None or name not in named:
            named[name] = value
    return named


def collection_name(attribute: Attribute) -> str:
    """Return the internal name of a collection."""
    return attribute.alias_for or attribute.name


def _name(row: Row, attribute: Attribute) -> str:
    if attribute.name == "id" and "TypedContext" in row.bases:
        return _CONTEXT_ID
    return attribute.alias_for or attribute.name


def _visible_columns(
    request: RequestContext, row: Row
) -> Iterator[tuple[str, Attribute]]:
    links = dict(_columns_of_links(request, row.entity_schema))
    for column in row.values:
        attribute = row.entity_schema.attributes.get(column) or links.get(column)
        if attribute is not None:
            yield column, attribute


def _columns_of_links(
    request: RequestContext, entity_schema: EntitySchema
) -> Iterator[tuple[str, Attribute]]:
    """Yield the columns of links that have no attribute for their key."""
    if entity_schema.name not in request.schema:
        return
    for attribute in entity_schema.attributes.values():
        if attribute.kind is AttributeKind.LINK:
            relation = request.storage.relations.of(entity_schema.name, attribute.name)
            if isinstance(relation, ForeignKey) and relation.hidden and relation.local:
                yield relation.local, attribute


# -- values --------------------------------------------------------------------


def _value(attribute: Attribute, stored: Any) -> JSON:
    """Return a stored value as events contain it.

    Numbers and booleans are those of JSON, as in an event that was recorded of a
    server.
    """
    if stored is None:
        return None
    if attribute.type == "variable":
        return custom_value(stored)
    if attribute.type == "boolean":
        return bool(stored)
    if attribute.format == "date-time":
        return _datetime_text(stored)
    number: JSON = stored
    return number


def custom_value(stored: str | None) -> JSON:
    """Return a custom attribute value, stored as JSON, as events contain it."""
    return None if stored is None else _plain(json.loads(stored))


def _plain(value: Any) -> JSON:
    if isinstance(value, list):
        # Assumed: several choices of an enumerator are one text.
        return ",".join(str(_plain(item)) for item in value)
    if isinstance(value, Mapping) and "value" in value:
        return _datetime_text(str(value["value"]))
    return cast("JSON", value)


def _datetime_text(stored: str) -> str:
    """Return a time with microseconds, which the API leaves out (protocol 10, 25)."""
    return f"{stored}.000000"
