"""Internal names and text values, which the server uses in events (appendix B)."""

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


def values(request: RequestContext, row: Row) -> dict[str, str | None]:
    """Return the stored values of an entity as texts, by internal name.

    Columns without an attribute, such as the API key of a user, are left out.
    """
    texts: dict[str, str | None] = {}
    for column, attribute in _visible_columns(request, row):
        name, value = _name(row, attribute), text(attribute, row.values[column])
        # Some types have two attributes of one internal name, a former and a current.
        if value is not None or name not in texts:
            texts[name] = value
    return texts


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


def text(attribute: Attribute, stored: Any) -> str | None:
    """Return a stored value as the text that events contain, or ``None``."""
    if stored is None:
        return None
    if attribute.type == "variable":
        return custom_text(stored)
    if attribute.type == "boolean":
        return _boolean_text(stored)
    if attribute.format == "date-time":
        return _datetime_text(stored)
    return str(stored)


def custom_text(stored: str | None) -> str | None:
    """Return the text in events of a custom attribute value, stored as JSON."""
    return None if stored is None else _json_text(json.loads(stored))


def _json_text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return _boolean_text(value)
    if isinstance(value, list):
        return ",".join(str(_json_text(item)) for item in value)
    if isinstance(value, Mapping) and "value" in value:
        return _datetime_text(str(value["value"]))
    return str(value)


def _boolean_text(value: object) -> str:
    """Return ``"1"`` or ``"0"``, which third parties compare booleans with."""
    return "1" if value else "0"


def _datetime_text(stored: str) -> str:
    """Return a time with microseconds, which the API leaves out (protocol 10, 25)."""
    return f"{stored}.000000"
