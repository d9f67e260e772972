"""The rows of a transaction: reading them, writing them, and noting what was written.

Handlers and side effects write here and nowhere else, so that whatever changes a row is
in the event that tells of it (protocol 8.6).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from ftrack_orm.emulator.clock import IdMaker
from ftrack_orm.emulator.errors import EntityNotFound
from ftrack_orm.emulator.storage.members import add_member, members_of, remove_member
from ftrack_orm.schema.model import EntitySchema, Schema
from ftrack_orm.schema.relations import Association
from ftrack_orm.types import EntityKey, JSONObject, KeyValue, Reference

if TYPE_CHECKING:
    from ftrack_orm.emulator.storage.storage import Connection, Storage


Place: TypeAlias = tuple[str, EntityKey]
"""Where a row stands: the root of its type's family, and its key."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row with its type, as both were at one moment: types can be renamed.

    Attributes:
        kind: its type.
        bases: names of its type and all that this inherits from, nearest first.
        values: stored values by column.
    """

    kind: EntitySchema
    bases: tuple[str, ...]
    values: JSONObject


@dataclass(slots=True)
class Changes:
    """Rows and memberships as they were when a transaction first touched them.

    What became of them is read at its end: whichever way a row was written, and how
    often, the difference is what there is to tell.

    Attributes:
        rows: what was there, ``None`` where nothing was.
        members: what was in collections that no entity type stands for, by
            collection and id of the owner.
    """

    rows: dict[Place, Row | None] = field(default_factory=dict)
    members: dict[tuple[Association, str], list[str]] = field(default_factory=dict)

    def note(self, place: Place, row: Row | None) -> None:
        """Remember what was there, unless something was noted before."""
        self.rows.setdefault(place, row)

    def note_members(
        self, collection: Association, owner_id: str, members: list[str]
    ) -> None:
        """Remember what was in a collection, unless something was noted before."""
        self.members.setdefault((collection, owner_id), members)


@dataclass(slots=True, kw_only=True)
class Transaction:
    """What one transaction reads and writes.

    Attributes:
        storage: where everything is.
        connection: the transaction.
        ids: makes ids.
        removed: rows that were removed, as a side effect too; a client may still send
            the delete for them.
        changes: what was written, kept when somebody wants to hear of it.
    """

    storage: Storage
    connection: Connection
    ids: IdMaker
    removed: set[Reference] = field(default_factory=set)
    changes: Changes | None = None

    @property
    def schema(self) -> Schema:
        """Return the schema served."""
        return self.storage.schema

    # -- types and keys ----------------------------------------------------------

    def is_kind(self, entity_type: str, base: str) -> bool:
        """Return whether `entity_type` is `base` or inherits from it."""
        return any(kind.name == base for kind in self.schema.bases(entity_type))

    def root(self, entity_type: str) -> str:
        """Return the type at the top of the family of `entity_type`."""
        return self.schema.bases(entity_type)[-1].name

    def key_of(self, entity_type: str, row: JSONObject) -> EntityKey:
        """Return the primary key in `row`."""
        return tuple(row[name] for name in self.schema[entity_type].primary_key)

    # -- reading -----------------------------------------------------------------

    def find(self, entity_type: str, *key: KeyValue) -> JSONObject | None:
        """Return the row with that key, read by type or base type, or ``None``."""
        return self.storage.find(self.connection, entity_type, key)

    def get(self, entity_type: str, key: EntityKey) -> JSONObject:
        """Return the row with that key.

        Raises:
            EntityNotFound: there is none, or it is of another type.
        """
        row = self.find(entity_type, *key)
        if row is None:
            raise EntityNotFound(entity_type, key)
        return row

    def where(self, entity_type: str, /, **equals: Any) -> list[JSONObject]:
        """Return the rows whose attributes have these values."""
        return self.storage.find_where(self.connection, entity_type, **equals)

    def row_at(self, place: Place) -> Row | None:
        """Return what stands at a place."""
        root, key = place
        row = self.find(root, *key)
        return None if row is None else self._row(row)

    def rows_at(self, places: Iterable[Place]) -> dict[Place, Row]:
        """Return what stands at places, with one query for each family of types."""
        wanted: dict[str, list[EntityKey]] = {}
        for root, key in places:
            wanted.setdefault(root, []).append(key)
        found: dict[Place, Row] = {}
        for root, keys in wanted.items():
            names = self.schema[root].primary_key
            parts = zip(names, zip(*keys, strict=True), strict=True)
            for row in self.where(root, **dict(parts)):
                found[root, self.key_of(root, row)] = self._row(row)
        return found

    # -- writing -----------------------------------------------------------------

    def insert(self, entity_type: str, values: JSONObject) -> None:
        """Add a row as it is."""
        self.storage.insert(self.connection, entity_type, values)
        if self.changes is not None:
            key = self.key_of(entity_type, values)
            self.changes.note(self._place(entity_type, key), None)

    def set(self, entity_type: str, key: EntityKey, values: JSONObject) -> None:
        """Change a row as it is."""
        self._note(entity_type, key)
        self.storage.update(self.connection, entity_type, key, values)

    def remove(self, entity_type: str, key: EntityKey) -> None:
        """Remove a row, and remember that this request did."""
        self._note(entity_type, key)
        self.storage.delete(self.connection, entity_type, key)
        self.removed.add(Reference(entity_type, key))

    def remove_all(self, entity_type: str, /, **equals: Any) -> None:
        """Remove the rows whose attributes have these values, and remember them."""
        for row in self.where(entity_type, **equals):
            kind = row["__type__"]
            self.removed.add(Reference(kind, self.key_of(kind, row)))
            self._note_row(row)
        self.storage.delete_where(self.connection, entity_type, **equals)

    def remove_ids(self, entity_type: str, ids: Sequence[KeyValue]) -> None:
        """Remove the rows with these ids, and remember them."""
        self.removed.update(Reference(entity_type, (each,)) for each in ids)
        if self.changes is not None:
            for row in self.where(entity_type, id=ids):
                self._note_row(row)
        self.storage.delete_where(self.connection, entity_type, id=ids)

    # -- members, joined to their owner by rows of their own -----------------------

    def members(self, relation: Association, owner_id: str) -> list[str]:
        """Return the keys of an owner's members, in the order they were joined."""
        return members_of(self.storage, self.connection, relation, owner_id)

    def join(self, relation: Association, owner_id: str, member_id: str) -> None:
        """Join a member to an owner that does not have it."""
        own: JSONObject = {}
        if relation.hidden:
            self._note_members(relation, owner_id)
        elif "id" in self.schema[relation.through].primary_key:
            own["id"] = self.ids()
        add_member(self.storage, self.connection, relation, owner_id, member_id, own)
        if self.changes is not None and not relation.hidden:
            row = {relation.near: owner_id, relation.far: member_id, **own}
            key = self.key_of(relation.through, row)
            self.changes.note(self._place(relation.through, key), None)

    def part(self, relation: Association, owner_id: str, member_id: str) -> None:
        """Part a member from an owner that no entity joins it to; both stay."""
        self._note_members(relation, owner_id)
        remove_member(self.storage, self.connection, relation, owner_id, member_id)

    # -- noting --------------------------------------------------------------------

    def _place(self, entity_type: str, key: EntityKey) -> Place:
        return self.storage.tables.root(entity_type), key

    def _row(self, row: JSONObject) -> Row:
        kinds = self.schema.bases(row["__type__"])
        return Row(kinds[0], tuple(kind.name for kind in kinds), row)

    def _note(self, entity_type: str, key: EntityKey) -> None:
        if self.changes is not None:
            place = self._place(entity_type, key)
            if place not in self.changes.rows:
                self.changes.note(place, self.row_at(place))

    def _note_row(self, row: JSONObject) -> None:
        if self.changes is not None:
            kind = row["__type__"]
            place = self._place(kind, self.key_of(kind, row))
            self.changes.note(place, self._row(row))

    def _note_members(self, relation: Association, owner_id: str) -> None:
        if self.changes is not None:
            self.changes.note_members(
                relation, owner_id, self.members(relation, owner_id)
            )
