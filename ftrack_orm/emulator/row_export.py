"""Return all rows of a storage in a server's form, in a stable order."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from operator import itemgetter
from typing import Any

from ftrack_orm.emulator.query_engine.response_encoder import Decode, decoder
from ftrack_orm.emulator.storage.storage import Connection, Storage
from ftrack_orm.emulator.storage.tables import HIDDEN, TYPE
from ftrack_orm.emulator.wire import TYPE_KEY
from ftrack_orm.schema.model import AttributeKind, EntitySchema
from ftrack_orm.schema.relations import Association, ForeignKey
from ftrack_orm.types import JSONObject

_SECRET = frozenset().union(*HIDDEN.values())


@dataclass(frozen=True, slots=True)
class _TypeExport:
    """The form of the rows of one type.

    Attributes:
        entity_type: the type.
        key: the attributes of its primary key.
        columns: by column, the attribute and the conversion of its values to JSON.
        collections: the associations without a type.
    """

    entity_type: str
    key: tuple[str, ...]
    columns: dict[str, tuple[str, Decode | None]]
    collections: tuple[str, ...]

    def entity(
        self, row: JSONObject, members: dict[tuple[str, str], list[JSONObject]]
    ) -> JSONObject:
        """Return a row in a server's form."""
        entity: JSONObject = {TYPE_KEY: self.entity_type}
        for column, (name, decode) in self.columns.items():
            value = row[column]
            entity[name] = value if value is None or decode is None else decode(value)
        for name in self.collections:
            found = members.get((name, str(row.get("id"))))
            if found:
                entity[name] = found
        return entity

    def position(self, entity: JSONObject) -> tuple[str, tuple[str, ...]]:
        """Return the place of an entity in the order of all rows."""
        # Numbers of events by value: padded, because keys of other types are text.
        parts = (entity[name] for name in self.key)
        return self.entity_type, tuple(
            f"{part:020}" if isinstance(part, int) else str(part) for part in parts
        )


def dump_rows(storage: Storage) -> list[JSONObject]:
    """Return all rows, ordered by type and key.

    A row has its type as ``__entity_type__`` and all stored attributes but API keys;
    datetimes have their wrapper, and links without a foreign key in the schema are
    references.
    """
    exports: dict[str, _TypeExport] = {}
    positioned: list[tuple[tuple[str, tuple[str, ...]], JSONObject]] = []
    with storage.transaction() as connection:
        members = dict(_members_by_owner(storage, connection))
        for root in storage.tables.families:
            for row in storage.find_where(connection, root):
                entity_type = row[TYPE]
                export = exports.get(entity_type)
                if export is None:
                    export = exports[entity_type] = _export_of(storage, entity_type)
                entity = export.entity(row, members)
                positioned.append((export.position(entity), entity))
    positioned.sort(key=itemgetter(0))
    return [entity for _, entity in positioned]


def _export_of(storage: Storage, entity_type: str) -> _TypeExport:
    entity_schema = storage.schema[entity_type]
    attributes = entity_schema.attributes
    links = _hidden_links(storage, entity_schema)
    columns: dict[str, tuple[str, Decode | None]] = {}
    for column in storage.tables.columns(entity_type):
        if column in links:
            link, target = links[column]
            columns[column] = link, partial(_reference, target)
        elif column in attributes and column not in _SECRET:
            columns[column] = column, decoder(attributes[column])
    collections = tuple(
        name
        for name, attribute in attributes.items()
        if attribute.is_relation
        and isinstance(relation := storage.relations.of(entity_type, name), Association)
        and relation.hidden
    )
    return _TypeExport(entity_type, entity_schema.primary_key, columns, collections)


def _reference(entity_type: str, entity_id: str) -> JSONObject:
    return {TYPE_KEY: entity_type, "id": entity_id}


def _hidden_links(
    storage: Storage, entity_schema: EntitySchema
) -> dict[str, tuple[str, str]]:
    """Return the links whose column is no attribute, by the column."""
    links: dict[str, tuple[str, str]] = {}
    for attribute in entity_schema.attributes.values():
        if attribute.kind is AttributeKind.LINK:
            relation = storage.relations.of(entity_schema.name, attribute.name)
            if isinstance(relation, ForeignKey) and relation.hidden and relation.local:
                links[relation.local] = attribute.name, relation.target
    return links


def _members_by_owner(
    storage: Storage, connection: Connection
) -> dict[tuple[str, str], list[JSONObject]]:
    """Return the members of associations without a type, by attribute and owner."""
    members: dict[tuple[str, str], list[JSONObject]] = {}
    for name, table in storage.tables.associations.items():
        root, _, attribute = name.partition(".")
        target = storage.relations.of(root, attribute).target
        rows: list[Any] = [*connection.execute(table.select()).mappings()]
        for row in sorted(rows, key=lambda row: (row["owner_id"], row["member_id"])):
            member = {TYPE_KEY: target, "id": row["member_id"]}
            members.setdefault((attribute, row["owner_id"]), []).append(member)
    return members
