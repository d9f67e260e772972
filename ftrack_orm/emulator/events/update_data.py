"""The changes of one transaction as the data of one ``ftrack.update`` (8.6)."""

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
from ftrack_orm.types import JSONObject

if TYPE_CHECKING:
    from ftrack_orm.emulator.request import RequestContext

Texts: TypeAlias = dict[str, str | None]
"""Values by internal names."""

_CONFIGURATION: Final = "CustomAttributeConfiguration"

_MOVED: Final = ("Context", "Asset")
"""Families whose entities move when they get another parent."""


@dataclass(slots=True)
class _Difference:
    """One entity before and after; values of its custom attributes stand apart."""

    before: Row | None
    after: Row | None
    old: Texts = field(default_factory=dict)
    new: Texts = field(default_factory=dict)

    @property
    def row(self) -> Row | None:
        return self.after or self.before


def update_data(request: RequestContext, changes: Changes) -> JSONObject | None:
    """Return what is told of a transaction, at its end; ``None`` if nothing changed."""
    entities = list(_entities(request, changes))
    if not entities:
        return None
    parents = (each["entityId"] for entity in entities for each in entity["parents"])
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
    touched = _Touched(request, changes)
    for difference in touched.differences().values():
        entity = _entity(request, difference, touched.ancestry)
        if entity is not None:
            yield entity


def _entity(
    request: RequestContext, difference: _Difference, ancestry: Ancestry
) -> JSONObject | None:
    row = difference.row
    if row is None:
        return None
    changed = _changed(request, difference)
    is_update = difference.before is not None and difference.after is not None
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
        "parents": ancestry.way_up(row),
    }


def _object_type_id(row: Row) -> str | None:
    found: str | None = row.values.get("object_type_id")
    return found if "TypedContext" in row.bases else None


def _changed(request: RequestContext, difference: _Difference) -> dict[str, JSONObject]:
    """Return old and new value for each name that has changed."""
    old = _texts(request, difference.before) | difference.old
    new = _texts(request, difference.after) | difference.new
    return {
        name: {"old": old.get(name), "new": new.get(name)}
        for name in (old | new)
        if old.get(name) != new.get(name)
    }


def _texts(request: RequestContext, row: Row | None) -> Texts:
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


# -- what has changed ------------------------------------------------------------


class _Touched:
    """What a transaction has written, put together by entity."""

    def __init__(self, request: RequestContext, changes: Changes) -> None:
        self.ancestry = Ancestry(request)
        self._request = request
        self._changes = changes
        self._now = request.find_rows(changes.rows)
        self._found: dict[RowKey, _Difference] = {}
        for place, before in changes.rows.items():
            row = self._now.get(place) or before
            if row is not None:
                self.ancestry.learn(place, row)

    def differences(self) -> Mapping[RowKey, _Difference]:
        """Return every entity that was touched, in the order it was touched first."""
        for place in self._changes.rows:
            if place[0] == SPARSE_VALUES:
                self._add_custom_value(place)
            else:
                self._difference(place)
        for (collection, owner_id), members in self._changes.members.items():
            self._add_members(collection, owner_id, members)
        return self._found

    def _difference(self, place: RowKey) -> _Difference:
        if place not in self._found:
            if place in self._changes.rows:
                before, after = self._changes.rows[place], self._now.get(place)
            else:
                before = after = self.ancestry.row(place)
            self._found[place] = _Difference(before, after)
        return self._found[place]

    def _add_custom_value(self, place: RowKey) -> None:
        """Put the value of a custom attribute with its entity, under its key."""
        configuration_id, owner_id = (str(part) for part in place[1])
        place_of = self.ancestry.place_of
        configured = place_of(configuration_id, (_CONFIGURATION,))
        configuration = None if configured is None else self.ancestry.row(configured)
        owner = place_of(owner_id, OWNERS)
        if configuration is None or owner is None:
            return
        difference = self._difference(owner)
        key = str(configuration.values["key"])
        before, after = self._changes.rows[place], self._now.get(place)
        for texts, row in ((difference.old, before), (difference.new, after)):
            if row is not None:
                texts[key] = legacy.custom_text(row.values["value"])

    def _add_members(
        self, collection: Association, owner_id: str, members: list[str]
    ) -> None:
        """Put the members of a collection, which no type stands for, with its owner."""
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
