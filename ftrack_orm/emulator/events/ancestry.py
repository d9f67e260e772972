"""Where entities of an event belong: the way from each up to its project."""

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
"""Type to the attributes that name the parent, the first that is set counts.

The ways of contexts, assets and versions are those of third parties' samples; the rest
is assumed. Types that are not here stand alone.
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
"""Where the parent is looked for when its attribute may name anything."""


class Ancestry:
    """Finds rows by place, those that the transaction has removed too."""

    def __init__(self, request: RequestContext) -> None:
        self._request = request
        self._known: dict[RowKey, Row | None] = {}

    def learn(self, place: RowKey, row: Row) -> None:
        """Take note of a row that need not be looked for."""
        self._known[place] = row

    def row(self, place: RowKey) -> Row | None:
        """Return what stands at a place, or stood there before the transaction."""
        if place not in self._known:
            self._known[place] = self._request.find_row(place)
        return self._known[place]

    def place_of(self, entity_id: str, families: Iterable[str]) -> RowKey | None:
        """Return where an id stands, of those families of types that there are."""
        for family in families:
            if family in self._request.schema:
                place = self._request.storage.tables.root(family), (entity_id,)
                if self.row(place) is not None:
                    return place
        return None

    def way_up(self, row: Row) -> list[JSONObject]:
        """Return the entity and all those above it, nearest first (protocol 8.6)."""
        found: list[JSONObject] = []
        seen: set[int] = set()
        current: Row | None = row
        while current is not None and id(current) not in seen:
            seen.add(id(current))
            found.append(
                {
                    "entityId": entity_id(current),
                    "entityType": legacy.entity_type(current),
                    "entity_type": current.entity_schema.name,
                    "parentId": parent_id(current),
                }
            )
            above = self._above(current)
            current = None if above is None else self.row(above)
        return found

    def _above(self, row: Row) -> RowKey | None:
        attribute = _parent_attribute(row)
        if attribute is None:
            return None
        key = str(row.values[attribute])
        return self.place_of(key, self._targets(row, attribute))

    def _targets(self, row: Row, attribute: str) -> Iterable[str]:
        """Return the families that an attribute may name an entity of."""
        if row.entity_schema.name not in self._request.schema:
            return _FAMILIES
        target = self._request.foreign_keys.of(row.entity_schema.name).get(attribute)
        return _FAMILIES if target is None else (target,)


def entity_id(row: Row) -> str:
    """Return the id of an entity; of a key of several values, all with commas."""
    return ",".join(str(row.values[name]) for name in row.entity_schema.primary_key)


def parent_id(row: Row) -> str | None:
    """Return the id of what an entity belongs to, ``None`` if it stands alone."""
    attribute = _parent_attribute(row)
    return None if attribute is None else str(row.values[attribute])


def _parent_attribute(row: Row) -> str | None:
    names = (name for base in row.bases for name in PARENTS.get(base, ()))
    return next((name for name in names if row.values.get(name)), None)
