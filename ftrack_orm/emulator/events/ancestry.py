"""The parents of entities in an event, up to the project (protocol 8.6)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final

from ftrack_orm.emulator.events import legacy
from ftrack_orm.emulator.transaction import Row, RowKey
from ftrack_orm.types import JSONObject

if TYPE_CHECKING:
    from ftrack_orm.emulator.request import RequestContext

PARENTS: Final[Mapping[str, tuple[str, ...]]] = {
    "Appointment": ("context_id",),
    "Asset": ("context_id",),
    "AssetVersion": ("asset_id",),
    "AssetVersionLink": ("from_id",),
    "CalendarEvent": ("project_id",),
    "CalendarEventResource": ("calendar_event_id",),
    "Component": ("version_id", "container_id"),
    "ComponentLocation": ("component_id",),
    "Context": ("parent_id",),
    "CustomAttributeLink": ("from_id",),
    "EntitySetting": ("parent_id",),
    "JobComponent": ("job_id",),
    "List": ("project_id",),
    "ListObject": ("list_id",),
    "Manager": ("context_id",),
    "Metadata": ("parent_id",),
    "Note": ("parent_id", "in_reply_to_id"),
    "NoteComponent": ("note_id",),
    "NoteLabelLink": ("note_id",),
    "Recipient": ("note_id",),
    "ReviewSession": ("project_id",),
    "ReviewSessionFolder": ("project_id",),
    "ReviewSessionInvitee": ("review_session_id",),
    "ReviewSessionObject": ("review_session_id",),
    "ReviewSessionObjectAnnotation": ("review_session_object_id",),
    "ReviewSessionObjectStatus": ("review_session_object_id",),
    "SplitTaskPart": ("task_id",),
    "StatusChange": ("parent_id",),
    "Timelog": ("context_id",),
    "Timer": ("context_id",),
    "TypedContextLink": ("from_id",),
}
"""The attributes that hold the parent's id, by type; the first with a value is used.

Those of contexts, assets and versions come from samples of third parties; the rest is
assumed. Types that are not listed have no parent.
"""

_FAMILIES: Final = (
    "Context",
    "AssetVersion",
    "Asset",
    "Component",
    "List",
    "ListObject",
    "Note",
    "ReviewSession",
    "ReviewSessionObject",
    "Resource",
)
"""Base types searched for a parent whose attribute may hold an id of any type."""


class Ancestry:
    """Finds rows by place, including rows that the transaction has deleted.

    Rows are cached: one request reads each place once.
    """

    def __init__(self, request: RequestContext) -> None:
        self._request = request
        self._rows: dict[RowKey, Row | None] = {}

    def add(self, place: RowKey, row: Row) -> None:
        """Cache a row that has been read already."""
        self._rows[place] = row

    def row(self, place: RowKey) -> Row | None:
        """Return the row at a place, or the row deleted from it in the transaction."""
        if place not in self._rows:
            self._rows[place] = self._request.find_row(place)
        return self._rows[place]

    def place_of(self, entity_id: str, families: Iterable[str]) -> RowKey | None:
        """Return the place of an id, searched in those families that the schema has."""
        for family in families:
            if family in self._request.schema:
                place = self._request.storage.tables.root(family), (entity_id,)
                if self.row(place) is not None:
                    return place
        return None

    def path(self, row: Row) -> list[JSONObject]:
        """Return the entity and all entities above it, nearest first (protocol 8.6)."""
        entries: list[JSONObject] = []
        visited: set[int] = set()
        current: Row | None = row
        while current is not None and id(current) not in visited:
            # By identity: rows are cached, so a cycle leads back to the same object.
            visited.add(id(current))
            entries.append(
                {
                    "entityId": entity_id(current),
                    "entityType": legacy.entity_type(current),
                    "entity_type": current.entity_schema.name,
                    "parentId": parent_id(current),
                }
            )
            parent = self._parent(current)
            current = None if parent is None else self.row(parent)
        return entries

    def _parent(self, row: Row) -> RowKey | None:
        attribute = _parent_attribute(row)
        if attribute is None:
            return None
        key = str(row.values[attribute])
        return self.place_of(key, self._targets(row, attribute))

    def _targets(self, row: Row, attribute: str) -> Iterable[str]:
        """Return the families whose ids the attribute may hold."""
        # The type of a deleted row may be one that the transaction has renamed.
        if row.entity_schema.name not in self._request.schema:
            return _FAMILIES
        target = self._request.foreign_keys.of(row.entity_schema.name).get(attribute)
        return _FAMILIES if target is None else (target,)


def entity_id(row: Row) -> str:
    """Return the id of an entity; values of a composite key are joined by commas."""
    return ",".join(str(row.values[name]) for name in row.entity_schema.primary_key)


def parent_id(row: Row) -> str | None:
    """Return the id of an entity's parent, ``None`` if it has none."""
    attribute = _parent_attribute(row)
    return None if attribute is None else str(row.values[attribute])


def _parent_attribute(row: Row) -> str | None:
    names = (name for base in row.bases for name in PARENTS.get(base, ()))
    return next((name for name in names if row.values.get(name)), None)
