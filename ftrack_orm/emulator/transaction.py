"""Read and write rows in one transaction, and record the changes.

Handlers and rules write all rows through a `Transaction`, so the event about the
changes contains every one of them (protocol 8.6).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from ftrack_orm.emulator.clock import IdMaker
from ftrack_orm.emulator.errors import EntityNotFound
from ftrack_orm.emulator.row_cache import RowCache
from ftrack_orm.emulator.storage.members import add_member, members_of, remove_member
from ftrack_orm.schema.model import EntitySchema, Schema
from ftrack_orm.schema.relations import Association
from ftrack_orm.types import EntityKey, JSONObject, KeyValue, Reference

if TYPE_CHECKING:
    from ftrack_orm.emulator.storage.storage import Connection, Storage


RowKey: TypeAlias = tuple[str, EntityKey]
"""Identifies a row: the root of its type's family, and its key."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row with its type at one moment, because types can be renamed.

    Attributes:
        entity_schema: the schema of its type.
        bases: names of its type and the base types, nearest first.
        values: stored values by column.
    """

    entity_schema: EntitySchema
    bases: tuple[str, ...]
    values: JSONObject


@dataclass(slots=True)
class Changes:
    """The rows and memberships of a transaction before their first change.

    Compared with the rows at the end of the transaction, they give the changes,
    regardless of how often and by which method a row was written.

    Attributes:
        rows: former rows, ``None`` for new ones.
        members: former members of hidden associations, by association and id of the
            owner.
    """

    rows: dict[RowKey, Row | None] = field(default_factory=dict)
    members: dict[tuple[Association, str], list[str]] = field(default_factory=dict)

    def record(self, row_key: RowKey, row: Row | None) -> None:
        """Record a former row, unless the row has a record already."""
        self.rows.setdefault(row_key, row)

    def record_members(
        self, collection: Association, owner_id: str, members: list[str]
    ) -> None:
        """Record former members, unless the collection has a record already."""
        self.members.setdefault((collection, owner_id), members)


@dataclass(slots=True, kw_only=True)
class Transaction:
    """One transaction on the storage.

    Attributes:
        storage: the storage.
        connection: the open transaction of the storage.
        ids: creates ids.
        removed: removed rows, including those that a rule removed; a client may still
            send the delete for them.
        changes: the changed rows; ``None`` if no subscriber receives the event.
        rows: the rows that the transaction has read or written by key.
    """

    storage: Storage
    connection: Connection
    ids: IdMaker
    removed: set[Reference] = field(default_factory=set)
    changes: Changes | None = None
    rows: RowCache = field(init=False)

    def __post_init__(self) -> None:
        """Create the cache of rows."""
        self.rows = RowCache(self.storage)

    @property
    def schema(self) -> Schema:
        """Return the current schema."""
        return self.storage.schema

    # -- types and keys ----------------------------------------------------------

    def is_subtype(self, entity_type: str, base: str) -> bool:
        """Return whether `entity_type` is `base` or inherits from it."""
        return self.storage.tables.is_subtype(entity_type, base)

    def root(self, entity_type: str) -> str:
        """Return the topmost base type of `entity_type`."""
        return self.storage.tables.bases(entity_type)[-1]

    def key_of(self, entity_type: str, row: JSONObject) -> EntityKey:
        """Return the primary key in `row`."""
        return tuple(row[name] for name in self.schema[entity_type].primary_key)

    # -- reading -----------------------------------------------------------------

    def find(self, entity_type: str, *key: KeyValue) -> JSONObject | None:
        """Return the row with a key, read by type or base type, or ``None``.

        The row is shared with later reads: it must not be changed.
        """
        storage = self.storage
        root = storage.tables.root(entity_type)
        row = self.rows.find(root, key)
        if row is not None:
            return row if storage.is_of_type(entity_type, row) else None
        row = storage.find(self.connection, entity_type, key)
        if row is not None:
            self.rows.add(root, key, row)
        return row

    def get(self, entity_type: str, key: EntityKey) -> JSONObject:
        """Return the row with a key.

        Raises:
            EntityNotFound: there is no such row, or it is of another type.
        """
        row = self.find(entity_type, *key)
        if row is None:
            raise EntityNotFound(entity_type, key)
        return row

    def where(self, entity_type: str, /, **equals: Any) -> list[JSONObject]:
        """Return the rows whose attributes have these values."""
        return self.storage.find_where(self.connection, entity_type, **equals)

    def find_row(self, row_key: RowKey) -> Row | None:
        """Return a row with its type, or ``None``."""
        root, key = row_key
        row = self.find(root, *key)
        return None if row is None else self._row(row)

    def find_rows(self, row_keys: Iterable[RowKey]) -> dict[RowKey, Row]:
        """Return the existing rows, with one statement for each family of types."""
        keys_by_root: dict[str, list[EntityKey]] = {}
        for root, key in row_keys:
            keys_by_root.setdefault(root, []).append(key)
        rows: dict[RowKey, Row] = {}
        for root, keys in keys_by_root.items():
            names = self.schema[root].primary_key
            parts = zip(names, zip(*keys, strict=True), strict=True)
            for row in self.where(root, **dict(parts)):
                rows[root, self.key_of(root, row)] = self._row(row)
        return rows

    # -- writing -----------------------------------------------------------------

    def insert(self, entity_type: str, values: JSONObject) -> None:
        """Add a row, without checks or side effects."""
        self.storage.insert(self.connection, entity_type, values)
        row_key = self._row_key(entity_type, self.key_of(entity_type, values))
        self.rows.insert(*row_key, self.storage.full_row(entity_type, values))
        if self.changes is not None:
            self.changes.record(row_key, None)

    def set(self, entity_type: str, key: EntityKey, values: JSONObject) -> None:
        """Change a row, without checks or side effects."""
        self._record(entity_type, key)
        if self.storage.update(self.connection, entity_type, key, values):
            self.rows.update(*self._row_key(entity_type, key), values)

    def remove(self, entity_type: str, key: EntityKey) -> None:
        """Remove a row, and add it to `removed`."""
        self._record(entity_type, key)
        self.storage.delete(self.connection, entity_type, key)
        self._drop_cached(entity_type)
        self.removed.add(Reference(entity_type, key))

    def remove_all(self, entity_type: str, /, **equals: Any) -> None:
        """Remove the rows whose attributes have these values; add them to `removed`."""
        for row in self.where(entity_type, **equals):
            concrete_type = row["__type__"]
            self.removed.add(Reference(concrete_type, self.key_of(concrete_type, row)))
            self._record_row(row)
        self.storage.delete_where(self.connection, entity_type, **equals)
        self._drop_cached(entity_type)

    def remove_ids(self, entity_type: str, ids: Sequence[KeyValue]) -> None:
        """Remove the rows with these ids, and add them to `removed`."""
        self.removed.update(Reference(entity_type, (entity_id,)) for entity_id in ids)
        if self.changes is not None:
            for row in self.where(entity_type, id=ids):
                self._record_row(row)
        self.storage.delete_where(self.connection, entity_type, id=ids)
        self._drop_cached(entity_type)

    def _drop_cached(self, entity_type: str) -> None:
        self.rows.remove(self.storage.tables.root(entity_type))

    # -- members of associations ---------------------------------------------------

    def members(self, relation: Association, owner_id: str) -> list[str]:
        """Return the keys of an owner's members, in the order of their connection."""
        return members_of(self.storage, self.connection, relation, owner_id)

    def add_member(self, relation: Association, owner_id: str, member_id: str) -> None:
        """Connect a member to an owner that does not have it."""
        values: JSONObject = {}
        if relation.hidden:
            self._record_members(relation, owner_id)
        elif "id" in self.schema[relation.through].primary_key:
            values["id"] = self.ids()
        add_member(self.storage, self.connection, relation, owner_id, member_id, values)
        if not relation.hidden:
            self._drop_cached(relation.through)
        if self.changes is not None and not relation.hidden:
            row = {relation.near: owner_id, relation.far: member_id, **values}
            key = self.key_of(relation.through, row)
            self.changes.record(self._row_key(relation.through, key), None)

    def remove_member(
        self, relation: Association, owner_id: str, member_id: str
    ) -> None:
        """Disconnect a member of a hidden association; both entities stay."""
        self._record_members(relation, owner_id)
        remove_member(self.storage, self.connection, relation, owner_id, member_id)

    # -- records of changes --------------------------------------------------------

    def _row_key(self, entity_type: str, key: EntityKey) -> RowKey:
        return self.storage.tables.root(entity_type), key

    def _row(self, row: JSONObject) -> Row:
        bases = self.schema.bases(row["__type__"])
        return Row(bases[0], tuple(base.name for base in bases), row)

    def _record(self, entity_type: str, key: EntityKey) -> None:
        if self.changes is not None:
            row_key = self._row_key(entity_type, key)
            if row_key not in self.changes.rows:
                self.changes.record(row_key, self.find_row(row_key))

    def _record_row(self, row: JSONObject) -> None:
        if self.changes is not None:
            entity_type = row["__type__"]
            row_key = self._row_key(entity_type, self.key_of(entity_type, row))
            self.changes.record(row_key, self._row(row))

    def _record_members(self, relation: Association, owner_id: str) -> None:
        if self.changes is not None:
            self.changes.record_members(
                relation, owner_id, self.members(relation, owner_id)
            )
