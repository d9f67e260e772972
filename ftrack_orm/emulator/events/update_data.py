"""Data of the ``ftrack.update`` event of one transaction (protocol 8.6)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeAlias

from ftrack_orm.emulator.events import legacy
from ftrack_orm.emulator.events.ancestry import (
    PARENTS,
    Ancestry,
    entity_id,
    parent_id,
)
from ftrack_orm.emulator.storage.tables import OWNERS, SPARSE_VALUES
from ftrack_orm.emulator.transaction import Changes, Row, RowKey
from ftrack_orm.schema.relations import Association
from ftrack_orm.types import JSON, JSONObject

if TYPE_CHECKING:
    from ftrack_orm.emulator.request import RequestContext

Values: TypeAlias = dict[str, JSON]
"""Values by internal name."""

_CONFIGURATION: Final = "CustomAttributeConfiguration"

_MOVED: Final = ("Context", "Asset")
"""Families whose entities move when their parent changes."""


@dataclass(slots=True)
class _Difference:
    """An entity before and after a transaction.

    `old` and `new` hold the values that are not columns of its row: those of custom
    attributes and the members of collections.
    """

    before: Row | None
    after: Row | None
    old: Values = field(default_factory=dict)
    new: Values = field(default_factory=dict)

    @property
    def row(self) -> Row | None:
        return self.after or self.before


def update_data(request: RequestContext, changes: Changes) -> JSONObject | None:
    """Return the event data of a finished transaction; ``None`` if nothing changed."""
    entities = list(_entities(request, changes))
    if not entities:
        return None
    parents = (
        parent["entityId"] for entity in entities for parent in entity["parents"]
    )
    user = request.user
    names = (user.get("first_name"), user.get("last_name"))
    return {
        "pushToken": request.options.push_token,
        "clientToken": request.options.client_token,
        "user": {
            "userid": request.user_id,
            "name": " ".join(filter(None, names)) or user["username"],
        },
        "parents": list(dict.fromkeys(parents)),
        "entities": entities,
    }


def _entities(request: RequestContext, changes: Changes) -> Iterator[JSONObject]:
    collector = _DifferenceCollector(request, changes)
    for difference in collector.collect().values():
        entity = _entity(request, difference, collector.ancestry)
        if entity is not None:
            yield entity


def _entity(
    request: RequestContext, difference: _Difference, ancestry: Ancestry
) -> JSONObject | None:
    row = difference.row
    if row is None:
        return None
    changed = _changes(request, difference)
    is_update = difference.before is not None and difference.after is not None
    # Assumed: servers publish no update that changes nothing.
    if is_update and not changed:
        return None
    return {
        "entityType": legacy.entity_type(row),
        "entity_type": row.entity_schema.name,
        "entityId": entity_id(row),
        "objectTypeId": _object_type_id(row),
        "action": _action(difference),
        "keys": list(changed),
        "parentId": parent_id(row),
        "changes": changed,
        "parents": ancestry.path(row),
    }


def _object_type_id(row: Row) -> str | None:
    object_type_id: str | None = row.values.get("object_type_id")
    return object_type_id if "TypedContext" in row.bases else None


def _changes(request: RequestContext, difference: _Difference) -> dict[str, JSONObject]:
    """Return the old and new value of each name that has changed.

    A new entity has all its names, as in recorded events: null is a value there.
    """
    old = _values(request, difference.before) | difference.old
    new = _values(request, difference.after) | difference.new
    is_new = difference.before is None
    return {
        name: {"old": old.get(name), "new": new.get(name)}
        for name in (old | new)
        if is_new or old.get(name) != new.get(name)
    }


def _values(request: RequestContext, row: Row | None) -> Values:
    return {} if row is None else legacy.values(request, row)


def _action(difference: _Difference) -> str:
    before, after = difference.before, difference.after
    if before is None:
        return "add"
    if after is None:
        return "remove"
    is_moved = any(
        before.values.get(name) != after.values.get(name)
        for base in after.bases
        if base in _MOVED
        for name in PARENTS[base]
    )
    return "move" if is_moved else "update"


# -- differences by entity -------------------------------------------------------


class _DifferenceCollector:
    """Collects the changes of a transaction by entity."""

    def __init__(self, request: RequestContext, changes: Changes) -> None:
        self.ancestry = Ancestry(request)
        self._request = request
        self._changes = changes
        # Read together: one query for each family of types, not one for each row.
        self._after = request.find_rows(changes.rows)
        self._differences: dict[RowKey, _Difference] = {}
        for place, before in changes.rows.items():
            row = self._after.get(place) or before
            if row is not None:
                self.ancestry.add(place, row)

    def collect(self) -> Mapping[RowKey, _Difference]:
        """Return the difference of every entity, in the order of their first writes."""
        for place in self._changes.rows:
            if place[0] == SPARSE_VALUES:
                self._add_custom_value(place)
            else:
                self._difference(place)
        for (collection, owner_id), members in self._changes.members.items():
            self._add_members(collection, owner_id, members)
        return self._differences

    def _difference(self, place: RowKey) -> _Difference:
        if place not in self._differences:
            if place in self._changes.rows:
                before, after = self._changes.rows[place], self._after.get(place)
            else:
                before = after = self.ancestry.row(place)
            self._differences[place] = _Difference(before, after)
        return self._differences[place]

    def _add_custom_value(self, place: RowKey) -> None:
        """Add a custom attribute value to the difference of its entity, by key."""
        configuration_id, owner_id = (str(part) for part in place[1])
        place_of = self.ancestry.place_of
        configuration_place = place_of(configuration_id, (_CONFIGURATION,))
        configuration = (
            None
            if configuration_place is None
            else self.ancestry.row(configuration_place)
        )
        owner = place_of(owner_id, OWNERS)
        if configuration is None or owner is None:
            return
        difference = self._difference(owner)
        key = str(configuration.values["key"])
        before, after = self._changes.rows[place], self._after.get(place)
        for values, row in ((difference.old, before), (difference.new, after)):
            if row is not None:
                values[key] = legacy.custom_value(row.values["value"])

    def _add_members(
        self, collection: Association, owner_id: str, members: list[str]
    ) -> None:
        """Add a collection to the difference of its owner, as ids joined by commas.

        Only for associations without an entity type; rows of others are entities.
        """
        family, _, attribute = collection.through.partition(".")
        owner = self.ancestry.place_of(owner_id, (family,))
        difference = None if owner is None else self._difference(owner)
        if difference is None or difference.after is None:
            return
        name = legacy.collection_name(
            difference.after.entity_schema.attributes[attribute]
        )
        difference.old[name] = ",".join(members)
        difference.new[name] = ",".join(self._request.members(collection, owner_id))
