"""Plant rows as a real server sends them, and report their gaps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from ftrack_orm.emulator.errors import Invalid
from ftrack_orm.emulator.rules.defaults import DISCRIMINATORS
from ftrack_orm.emulator.seed.planter import seeded_id
from ftrack_orm.emulator.storage.members import add_member
from ftrack_orm.emulator.storage.object_types import OBJECT_TYPE
from ftrack_orm.emulator.storage.storage import Connection, Storage
from ftrack_orm.emulator.storage.tables import SPARSE_VALUES, is_dense
from ftrack_orm.emulator.wire import TYPE_KEY, read_key, read_scalar
from ftrack_orm.schema.model import Attribute, AttributeKind, EntitySchema
from ftrack_orm.schema.relations import Association, ForeignKey, Reverse
from ftrack_orm.types import EntityKey, JSONObject

_Place: TypeAlias = tuple[str, EntityKey]
"""The root of a row's family, and its key."""

_VALUE_ATTRIBUTES: Final = ("configuration_id", "entity_id", "value")


@dataclass(frozen=True, slots=True)
class MissingReference:
    """An entity that loaded rows refer to and the emulator does not have.

    Attributes:
        entity_type: the type that the reference leads to.
        key: the key of the missing entity.
        referred_by: the attributes that refer to it, such as ``"Task.status_id"``.
    """

    entity_type: str
    key: EntityKey
    referred_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LoadReport:
    """The result of `Emulator.load`.

    Attributes:
        loaded: the number of rows that were added or changed, by type.
        missing: the entities that the rows refer to and that are not there.
        lacking: the number of new rows without an attribute that the schema requires,
            by ``"Type.attribute"``.
        skipped: the number of rows and values that were not loaded, by reason: an
            unknown type or attribute, a row without its key, or an invalid value.
    """

    loaded: Mapping[str, int]
    missing: tuple[MissingReference, ...] = ()
    lacking: Mapping[str, int] = field(default_factory=dict)
    skipped: Mapping[str, int] = field(default_factory=dict)

    @property
    def is_complete(self) -> bool:
        """Return whether nothing is missing, lacking or skipped."""
        return not (self.missing or self.lacking or self.skipped)


def load_rows(storage: Storage, rows: Iterable[Mapping[str, Any]]) -> LoadReport:
    """Add rows to a storage in one transaction; rows with a known key are changed.

    Args:
        storage: the storage.
        rows: rows as a server sends them, in any order; see `Emulator.load`.
    """
    collected = [dict(row) for row in rows]
    with storage.transaction() as connection:
        # Types of object types have to exist before their entities are read.
        object_types = [row for row in collected if row.get(TYPE_KEY) == OBJECT_TYPE]
        if object_types:
            _RowImport(storage, connection).run(object_types)
            storage.refresh_types()
        return _RowImport(storage, connection).run(collected)


@dataclass(slots=True)
class _Entity:
    """The collected columns of one entity."""

    entity_type: str
    columns: JSONObject


class _RowImport:
    """Collects entities from nested rows, then writes them by type."""

    def __init__(self, storage: Storage, connection: Connection) -> None:
        self._storage = storage
        self._schema = storage.schema
        self._connection = connection
        self._entities: dict[_Place, _Entity] = {}
        self._members: list[tuple[Association, str, str]] = []
        self._lacking: Counter[str] = Counter()
        self._skipped: Counter[str] = Counter()

    def run(self, rows: Iterable[JSONObject]) -> LoadReport:
        """Write the rows and return the report."""
        for row in rows:
            self._read(row, None)
        loaded: Counter[str] = Counter()
        by_type: dict[str, list[_Entity]] = {}
        for entity in self._entities.values():
            by_type.setdefault(entity.entity_type, []).append(entity)
        for entity_type, entities in by_type.items():
            self._write(entity_type, entities)
            loaded[entity_type] += len(entities)
        self._write_members()
        return LoadReport(
            loaded=dict(sorted(loaded.items())),
            missing=tuple(self._missing()),
            lacking=dict(sorted(self._lacking.items())),
            skipped=dict(sorted(self._skipped.items())),
        )

    # -- reading -------------------------------------------------------------------

    def _read(self, row: Mapping[str, Any], declared: str | None) -> EntityKey | None:
        """Collect a row and those nested in it; return its key, ``None`` if unusable.

        `declared` is the type of a nested row that names none.
        """
        name = row.get(TYPE_KEY, declared)
        if not isinstance(name, str) or name not in self._schema:
            self._skipped[f"unknown type {name}"] += 1
            return None
        if is_dense(name):
            return self._read_custom_value(row)
        entity_schema = self._schema[name]
        key = self._key(entity_schema, row)
        if key is None:
            self._skipped[f"{name} without its key"] += 1
            return None
        is_nested = declared is not None
        if not is_nested or not set(row) <= {TYPE_KEY, *entity_schema.primary_key}:
            self._collect(entity_schema, key, row)
        return key

    def _key(
        self, entity_schema: EntitySchema, row: Mapping[str, Any]
    ) -> EntityKey | None:
        try:
            parts = [row.get(name) for name in entity_schema.primary_key]
            return read_key(entity_schema, parts)
        except Invalid:
            return None

    def _collect(
        self, entity_schema: EntitySchema, key: EntityKey, row: Mapping[str, Any]
    ) -> None:
        place = self._storage.tables.root(entity_schema.name), key
        entity = self._entities.setdefault(place, _Entity(entity_schema.name, {}))
        # A relation may name the base type of an entity whose own row names its type.
        bases = [base.name for base in self._schema.bases(entity_schema.name)]
        if entity.entity_type in bases:
            entity.entity_type = entity_schema.name
        for name, value in row.items():
            if name.startswith("__"):
                continue
            attribute = entity_schema.attributes.get(name)
            if attribute is None:
                self._skipped[f"unknown attribute {entity_schema.name}.{name}"] += 1
            elif attribute.kind is AttributeKind.SCALAR:
                self._read_scalar(entity_schema, attribute, value, entity.columns)
            elif attribute.kind is AttributeKind.LINK:
                self._read_link(entity_schema, attribute, value, entity.columns)
            elif isinstance(value, list):
                self._read_collection(entity_schema, attribute, value, key)

    def _read_scalar(
        self,
        entity_schema: EntitySchema,
        attribute: Attribute,
        value: object,
        columns: JSONObject,
    ) -> None:
        name = attribute.name
        # Attributes that the server computes have no column.
        if not self._storage.has_column(entity_schema.name, name):
            return
        where = f"{entity_schema.name}.{name}"
        try:
            columns[name] = read_scalar(where, attribute, value)
        except Invalid:
            self._skipped[f"invalid value of {where}"] += 1

    def _read_link(
        self,
        entity_schema: EntitySchema,
        attribute: Attribute,
        value: object,
        columns: JSONObject,
    ) -> None:
        key: EntityKey | None = None
        if isinstance(value, Mapping):
            key = self._read(value, attribute.target)
            if key is None:
                return
        relation = self._storage.relations.of(entity_schema.name, attribute.name)
        if not isinstance(relation, ForeignKey):
            return
        names = relation.composite if relation.local is None else (relation.local,)
        for name, part in zip(names, key or [None] * len(names), strict=False):
            if self._storage.has_column(entity_schema.name, name):
                columns[name] = part

    def _read_collection(
        self,
        entity_schema: EntitySchema,
        attribute: Attribute,
        members: Iterable[object],
        key: EntityKey,
    ) -> None:
        relation = self._storage.relations.of(entity_schema.name, attribute.name)
        for member in members:
            if not isinstance(member, Mapping):
                continue
            if isinstance(relation, Reverse):
                # Members such as metadata have the owner's id in their key.
                member = {relation.remote: key[0], **relation.filters, **member}
            member_key = self._read(member, attribute.target or relation.target)
            if isinstance(relation, Association) and member_key is not None:
                self._members.append((relation, str(key[0]), str(member_key[0])))

    def _read_custom_value(self, row: Mapping[str, Any]) -> EntityKey | None:
        """Collect a value of a custom attribute; one without a value is a default."""
        if row.get("value") is None:
            return None
        values = {name: row[name] for name in _VALUE_ATTRIBUTES if name in row}
        return self._read({TYPE_KEY: SPARSE_VALUES, **values}, None)

    # -- writing -------------------------------------------------------------------

    def _write(self, entity_type: str, entities: list[_Entity]) -> None:
        """Insert the new rows of a type and change the others."""
        names = self._schema[entity_type].primary_key
        keys = [self._key_of(entity_type, entity) for entity in entities]
        stored = self._stored_keys(entity_type, keys)
        new: list[JSONObject] = []
        for key, entity in zip(keys, entities, strict=True):
            columns = {**dict(zip(names, key, strict=True)), **entity.columns}
            if key in stored:
                self._storage.update(self._connection, entity_type, key, columns)
                continue
            entity.columns = self._with_derived(entity_type, columns)
            self._count_lacking(entity)
            new.append(entity.columns)
        self._storage.insert_many(self._connection, entity_type, new)

    def _key_of(self, entity_type: str, entity: _Entity) -> EntityKey:
        names = self._schema[entity_type].primary_key
        return tuple(entity.columns[name] for name in names)

    def _stored_keys(
        self, entity_type: str, keys: Iterable[EntityKey]
    ) -> set[EntityKey]:
        root = self._storage.tables.root(entity_type)
        names = self._schema[root].primary_key
        first = {names[0]: [key[0] for key in keys]}
        rows = self._storage.find_where(self._connection, root, **first)
        return {tuple(row[name] for name in names) for row in rows}

    def _with_derived(self, entity_type: str, columns: JSONObject) -> JSONObject:
        """Return columns with those that follow from the type."""
        entity_schema = self._schema[entity_type]
        for base in self._schema.bases(entity_type):
            for name, value in DISCRIMINATORS.get(base.name, {}).items():
                if self._storage.has_column(entity_type, name):
                    columns.setdefault(name, value)
        if entity_type == "Project":
            columns.setdefault("project_id", columns["id"])
        object_type = entity_schema.attributes.get("object_type_id")
        if "object_type_id" in entity_schema.immutable and object_type is not None:
            # A type of an object type; others refer to one.
            columns.setdefault("object_type_id", object_type.default)
        return columns

    def _write_members(self) -> None:
        for relation, owner, member in dict.fromkeys(self._members):
            values: JSONObject = {}
            if (
                not relation.hidden
                and "id" in self._schema[relation.through].attributes
            ):
                values["id"] = seeded_id("loaded", relation.through, owner, member)
            add_member(self._storage, self._connection, relation, owner, member, values)

    # -- reporting -----------------------------------------------------------------

    def _missing(self) -> Iterator[MissingReference]:
        """Yield the references of the collected rows that lead nowhere."""
        foreign_keys = self._storage.tables.foreign_keys
        referring: dict[str, dict[Any, set[str]]] = {}
        for entity in self._entities.values():
            for name, target in foreign_keys.of(entity.entity_type).items():
                value = entity.columns.get(name)
                if value is not None and not is_dense(target):
                    by_key = referring.setdefault(target, {})
                    by_key.setdefault(value, set()).add(f"{entity.entity_type}.{name}")
        for target, by_key in sorted(referring.items()):
            present = self._stored_keys(target, [(value,) for value in by_key])
            for value in sorted(by_key, key=str):
                if (value,) not in present:
                    names = tuple(sorted(by_key[value]))
                    yield MissingReference(target, (value,), names)

    def _count_lacking(self, entity: _Entity) -> None:
        entity_type = entity.entity_type
        self._lacking.update(
            f"{entity_type}.{name}"
            for name in self._schema[entity_type].required
            if name not in entity.columns
            and self._storage.has_column(entity_type, name)
        )
